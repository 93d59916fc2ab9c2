/** The agent's model, ready to be called: its key opened, its calls guarded, its words released. */
import type { Services } from '../api/context.ts'
import { openProviderKey } from '../crypto/provider-key.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import type { ModelEvent, ModelPort, ModelRequest } from '../domain/model.ts'
import { err, type Result } from '../domain/result.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { createGuardedFetch } from '../egress/guarded-fetch.ts'
import type { SecretDictionary } from '../output/secret-dictionary.ts'
import { createModel } from '../providers/create-model.ts'
import { withRetries } from '../providers/retry.ts'
import type { RunRelease } from './release.ts'

/** The provider's own watchdog is stricter; this one ends what slips past it. */
const CALL_TIMEOUT_MS = 11 * 60_000

export interface ModelParts {
  readonly agent: AgentRecord
  readonly snapshot: TenantSnapshot
  readonly services: Services
  /** Registered with the key from the moment of its decryption. */
  readonly dictionary: SecretDictionary
  readonly acceptPlaintext: boolean
}

export async function openModel(parts: ModelParts): Promise<Result<ModelPort, string>> {
  const { agent, snapshot, services, dictionary, acceptPlaintext } = parts
  const record = snapshot.providers.find(({ name }) => name === agent.provider)
  if (!record) return err(`the provider ${agent.provider} of this agent does not exist`)
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
  const model = createModel({ record, apiKey, fetch, now: services.now })
  return model.ok ? model : err(model.error.message)
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
  const retried = withRetries(model, {
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
