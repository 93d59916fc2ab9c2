/** The agent's model, ready to be called: its key opened, its calls guarded, its words released. */
import { meteredModel } from '../agent/estimated-usage.ts'
import type { Services } from '../api/context.ts'
import { openProviderKey } from '../crypto/provider-key.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import { limitsOf } from '../domain/budget.ts'
import { modelFallbacks } from '../domain/config/effective.ts'
import type { ModelEvent, ModelPort, ModelRequest } from '../domain/model.ts'
import type { ActiveSpan } from '../domain/ports/tracer.ts'
import { priceOf } from '../domain/prices.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import type { SpendingModel } from '../domain/usage.ts'
import { createGuardedFetch } from '../egress/guarded-fetch.ts'
import type { SecretDictionary } from '../output/secret-dictionary.ts'
import { createModel } from '../providers/create-model.ts'
import { CoolDowns, withFallbacks } from '../providers/fallback.ts'
import { withRetries } from '../providers/retry.ts'
import type { RunRelease } from './release.ts'
import { traceModel } from './traced-model.ts'

/** The provider's own watchdog is stricter; this one ends what slips past it. */
const CALL_TIMEOUT_MS = 11 * 60_000

/** A hint for this isolate alone: whoever has not got it asks a provider once more than needed. */
const coolDowns = new CoolDowns()

export interface ModelParts {
  readonly agent: AgentRecord
  readonly snapshot: TenantSnapshot
  readonly services: Services
  /** Registered with the key from the moment of its decryption. */
  readonly dictionary: SecretDictionary
  readonly acceptPlaintext: boolean
  /** Called when another model than the agent's own is asked. */
  readonly onFallback?: (model: SpendingModel) => void
  /** Under which each call to a vendor is a span of its own. */
  readonly span?: ActiveSpan
}

/** The agent's own model, with its fallbacks behind it. */
export async function openModel(parts: ModelParts): Promise<Result<ModelPort, string>> {
  const { agent, snapshot, services, onFallback } = parts
  const models = modelsOf(agent, snapshot)
  const [own, ...others] = models
  const first = await openOne(own, parts)
  if (!first.ok) return first
  const keyOf = ({ provider }: SpendingModel): string => `${snapshot.tenantId}/${provider}`
  return ok(
    withFallbacks(
      [
        { model: own, coolDownKey: keyOf(own), open: async () => first },
        ...others.map((model) => ({
          model,
          coolDownKey: keyOf(model),
          open: () => openOne(model, parts),
        })),
      ],
      { coolDowns, now: services.now, ...(onFallback ? { onFallback } : {}) },
    ),
  )
}

/** Under a budget of money no model is asked that nobody has named a price for. */
export function modelsOf(
  agent: AgentRecord,
  { config, providers }: TenantSnapshot,
): readonly [SpendingModel, ...SpendingModel[]] {
  const own = { provider: agent.provider, name: agent.model }
  const needsPrice = limitsOf(config.budgets).some(({ measure }) => measure === 'usd')
  const isPriced = ({ provider, name }: SpendingModel): boolean => {
    const type = providers.find((row) => row.name === provider)?.type ?? null
    return priceOf(config.budgets.prices, { name: provider, type }, name) !== null
  }
  const others = modelFallbacks(agent.settings).filter(
    (model) =>
      (model.provider !== own.provider || model.name !== own.name) &&
      (!needsPrice || isPriced(model)),
  )
  return [own, ...others]
}

async function openOne(
  { provider }: SpendingModel,
  { snapshot, services, dictionary, acceptPlaintext, span }: ModelParts,
): Promise<Result<ModelPort, string>> {
  const record = snapshot.providers.find(({ name }) => name === provider)
  if (!record) return err(`the provider ${provider} of this agent does not exist`)
  let apiKey: string | null = null
  if (record.sealedApiKey !== null) {
    const opened = await openProviderKey(
      services.keyRing,
      snapshot.tenantId,
      record.id,
      record.sealedApiKey,
      {
        acceptPlaintext,
      },
    )
    if (!opened.ok) return err(`the key of provider ${record.name} cannot be read; set it again`)
    apiKey = opened.value.text
    dictionary.register(apiKey)
  }
  const fetch = createGuardedFetch({
    allowPrivateNetwork: record.allowPrivateNetwork,
    maxRedirects: 0,
    // The provider counts and times what it reads.
    maxBytes: null,
    timeoutMs: CALL_TIMEOUT_MS,
  })
  const traced = traceModel({
    span,
    provider: record.name,
    type: record.type,
    isPropagated: snapshot.config.traces.propagate_to_models,
  })
  const model = createModel({ record, apiKey, fetch: traced.fetch(fetch), now: services.now })
  // Each of several that stand in for each other: one that was asked in vain has cost something.
  return model.ok ? ok(meteredModel(traced.model(model.value))) : err(model.error.message)
}

/**
 * The model with retries before its first word, and with secrets taken out of what it says. Text
 * and thinking are separate streams; the arguments of tool calls stay as they are, since a tool
 * must get what was meant: they are scrubbed where they are shown. Their ids only pair them with
 * results, and a name that is no tool's names nothing: a vendor could write the key there.
 */
export function releasedModel(
  model: ModelPort,
  release: RunRelease,
  onRetry: (attempt: number, maxAttempts: number) => void,
): ModelPort {
  // Whoever asks it, for an answer, a summary or a note: one that is cut off costs what was heard.
  const retried = withRetries(meteredModel(model), {
    onRetry: ({ attempt, maxAttempts }) => onRetry(attempt, maxAttempts),
  })
  return { stream: (request, signal) => releaseEvents(retried, release, request, signal) }
}

async function* releaseEvents(
  model: ModelPort,
  release: RunRelease,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  const streams = { text: release.stream(), thinking: release.stream() }
  function* rest(): Generator<ModelEvent> {
    for (const type of ['thinking', 'text'] as const) {
      const delta = streams[type].end()
      streams[type] = release.stream()
      if (delta !== '') yield { type, delta }
    }
  }
  for await (const event of model.stream(request, signal)) {
    switch (event.type) {
      case 'text':
      case 'thinking': {
        const delta = streams[event.type].push(event.delta)
        if (delta !== '') yield { type: event.type, delta }
        break
      }
      case 'tool_call': {
        yield* rest()
        const isTool = request.tools.some(({ name }) => name === event.name)
        const name = isTool ? event.name : release.text(event.name)
        yield { ...event, id: release.text(event.id), name }
        break
      }
      case 'asked':
      case 'in_vain':
        yield event
        break
      case 'finish':
        yield* rest()
        yield event
        break
      case 'error':
        yield* rest()
        yield {
          ...event,
          failure: { ...event.failure, message: release.text(event.failure.message) },
        }
    }
  }
}
