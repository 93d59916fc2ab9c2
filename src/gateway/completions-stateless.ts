/** A completion without a session: inspect → think → release, and nothing kept. */
import { estimateText, fitContext } from '../agent/context-window.ts'
import { createCallMeter } from '../agent/estimated-usage.ts'
import { buildSystemPrompt } from '../agent/prompt.ts'
import { think } from '../agent/think.ts'
import { newId } from '../crypto/random.ts'
import { hasLimits } from '../domain/budget.ts'
import { modelSettings } from '../domain/config/effective.ts'
import { describeStop, stopOfRuns } from '../domain/emergency-stop.ts'
import type { RunId } from '../domain/ids.ts'
import { addUsage, type Message, NO_USAGE } from '../domain/message.ts'
import type { ModelEvent, ModelFailure, ModelRequest } from '../domain/model.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { ok, type Result } from '../domain/result.ts'
import { epochOf } from '../domain/tenant-snapshot.ts'
import type { Spent } from '../domain/usage.ts'
import { createSecretDictionary } from '../output/secret-dictionary.ts'
import type { Teller } from '../protocol/openai-teller.ts'
import { contextWindowTokens } from '../providers/models.ts'
import { type Completion, eventStreamResponse } from './completion.ts'
import { agentFilesOf } from './context-files.ts'
import { createReporter, type Report } from './emit.ts'
import { askPromptHooks } from './hooks/prompt-hooks.ts'
import { jsonResponse, refusalResponse } from './http-response.ts'
import { admitMessages, createTextGate } from './inbound.ts'
import { modelsOf, openModel, releasedModel } from './model.ts'
import { createRunRelease } from './release.ts'
import { meteredEvents, reserveRun, spendingOf } from './spending.ts'
import { samplingOf } from './turn.ts'
import { httpStatusOf } from './wire.ts'

export async function answerStateless(completion: Completion): Promise<Response> {
  const { agent, snapshot, principal, services, settings } = completion
  const stop = stopOfRuns(snapshot.stops)
  if (stop !== null) return refuse(refusal('FAILED_PRECONDITION', describeStop(stop)))
  const report = createReporter(services, {
    tenantId: principal.tenantId,
    userId: principal.userId,
    agentKey: agent.key,
  })
  const said = await askPromptHooks(
    {
      agentKey: agent.key,
      session: null,
      origin: null,
      message: completion.conversation.message,
      history: completion.conversation.history.flatMap(({ role, content }) =>
        role === 'user' ? [content] : [],
      ),
      instructions: completion.conversation.instructions,
      isNew: false,
    },
    { snapshot, principal, services, settings, report },
  )
  if (!said.ok) return refuse(said.error)
  const request = buildRequest(completion, said.value, report)
  if (!request.ok) return refuse(request.error)
  const dictionary = createSecretDictionary()
  const { acceptPlaintext } = settings
  const model = await openModel({ agent, snapshot, services, dictionary, acceptPlaintext })
  if (!model.ok) return refuse(refusal('UNAVAILABLE', model.error))
  const meter = await openMeter(completion)
  if (!meter.ok) return refuse(meter.error)
  const release = createRunRelease(snapshot.config, dictionary, report)
  const abort = new AbortController()
  completion.signal.addEventListener('abort', () => abort.abort())
  const events = meteredEvents(
    releasedModel(model.value, release, () => undefined).stream(request.value, abort.signal),
    createCallMeter(request.value),
    meter.value,
  )
  // Whoever leaves reads no end: it is read for them, and what they heard is counted.
  const readEnd = async () => void (await events.return(undefined))
  abort.signal.addEventListener('abort', () => services.inBackground(readEnd()))
  const teller = await completion.tellerFor(null)
  return completion.isStreamed ? streamed(teller, events, abort) : whole(teller, events)
}

const refuse = (refused: Refusal): Response =>
  refusalResponse(refused, httpStatusOf(refused.code), 'openai')

type Meter = (spent: readonly Spent[]) => Promise<void>

/**
 * Takes the request from the budgets, and answers whom to tell what it cost. Only a tenant with
 * budgets waits for either: its next request must find them as this one leaves them.
 */
async function openMeter(completion: Completion): Promise<Result<Meter, Refusal>> {
  const { agent, principal, services, snapshot } = completion
  const { tenantId } = principal
  const model = { provider: agent.provider, name: agent.model }
  const run = {
    runId: newId('run') as RunId,
    startedAt: services.now(),
    agentKey: agent.key,
    model,
  }
  const isBudgeted = hasLimits(snapshot.config.budgets)
  if (isBudgeted) {
    const spending = spendingOf(principal, { ...run, usage: NO_USAGE })
    const reserved = await reserveRun(services, tenantId, spending, epochOf(snapshot))
    if (!reserved.ok) return reserved
  }
  let isTold = false
  return ok(async (spent) => {
    if (isTold) return
    isTold = true
    const usage = spent.reduce((sum, one) => addUsage(sum, one.usage), NO_USAGE)
    const models = spent.map((one) => ({ ...(one.model ?? model), usage: one.usage }))
    const answered = spent.at(-1)?.model ?? model
    const spending = spendingOf(principal, { ...run, model: answered, usage, models })
    const told = services.tenant(tenantId).runEnded(run.runId, spending)
    services.inBackground(told)
    if (isBudgeted) await told
  })
}

/** Every text of the caller passes the gate, not only the last: all of it reaches the model. */
function buildRequest(
  completion: Completion,
  /** What hooks have to say of it. */
  said: string,
  report: Report,
): Result<ModelRequest, Refusal> {
  const { agent, conversation, snapshot, services } = completion
  const admitText = createTextGate(snapshot, report)
  const messages = admitMessages(
    [
      ...conversation.history,
      { role: 'user', content: conversation.message, createdAt: services.now() },
    ],
    admitText,
  )
  if (!messages.ok) return messages
  const callerInstructions = admitText(conversation.instructions)
  if (!callerInstructions.ok) return callerInstructions
  const system = buildSystemPrompt({
    agentName: agent.displayName,
    agentPrompt: agent.systemPrompt,
    agentFiles: agentFilesOf(snapshot, agent),
    userFiles: [],
    callerInstructions: callerInstructions.value,
    hasTools: false,
    isSandboxAvailable: false,
    programs: [],
    skills: [],
  })
  const ofModel = modelSettings(snapshot.config, agent.settings)
  const window =
    ofModel.context_window_tokens ??
    Math.min(...modelsOf(agent, snapshot).map(({ name }) => contextWindowTokens(name)))
  const sampling = samplingOf(ofModel, completion.sampling)
  const reserved = estimateText(system) + (sampling.maxOutputTokens ?? 4_096)
  const asked = said === '' ? messages.value : withSaid(messages.value, said)
  const fitted = fitContext(asked, window, reserved)
  return ok({ model: agent.model, system, messages: fitted.messages, tools: [], ...sampling })
}

const withSaid = (messages: readonly Message[], said: string): readonly Message[] =>
  messages.map((message, at) =>
    at === messages.length - 1 && message.role === 'user'
      ? {
          ...message,
          content: `${message.content}

${said}`,
        }
      : message,
  )

async function whole(teller: Teller, events: AsyncIterable<ModelEvent>): Promise<Response> {
  const thought = await think(events, () => undefined)
  if (thought.kind === 'failed') return refuse(ofModelFailure(thought.failure))
  return jsonResponse(teller.body(thought), 200)
}

/**
 * The first event decides the status: a vendor that refuses at once is an HTTP error; one that fails
 * in mid-stream is an error event, since the 200 is out.
 */
async function streamed(
  teller: Teller,
  events: AsyncIterable<ModelEvent>,
  abort: AbortController,
): Promise<Response> {
  const iterator = events[Symbol.asyncIterator]()
  const first = await iterator.next()
  if (!first.done && first.value.type === 'error')
    return refuse(ofModelFailure(first.value.failure))
  const encoder = new TextEncoder()
  let next: IteratorResult<ModelEvent> | null = first
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(teller.start())),
    pull: async (controller) => {
      const step: IteratorResult<ModelEvent> = next ?? (await iterator.next())
      next = null
      const event = step.done ? null : step.value
      const send = (part: string): void => controller.enqueue(encoder.encode(part))
      switch (event?.type) {
        case 'text':
          return send(teller.text(event.delta))
        case 'thinking':
          return send(teller.thinking(event.delta))
        case 'tool_call':
          return send(teller.toolCall())
        case 'finish':
          send(teller.finish({ content: '', ...event }))
          return controller.close()
        case 'error':
          send(teller.fail(ofModelFailure(event.failure)))
          return controller.close()
        case undefined:
          return controller.close()
      }
    },
    cancel: () => abort.abort(),
  })
  return eventStreamResponse(body)
}

/** What the vendor did to us, as our caller sees it: our key is not theirs to mend. */
export function ofModelFailure(failure: ModelFailure): Refusal {
  switch (failure.kind) {
    case 'rate_limited':
      return {
        code: 'RESOURCE_EXHAUSTED',
        message: failure.message,
        retryable: true,
        ...(failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs }),
      }
    case 'invalid_request':
      return refusal('INVALID_REQUEST', failure.message)
    case 'timeout':
      return refusal('AGENT_TIMEOUT', failure.message)
    case 'unauthorized':
    case 'not_found':
    case 'overloaded':
    case 'network':
    case 'cut':
    case 'garbage':
    case 'aborted':
      return refusal('UNAVAILABLE', failure.message)
  }
}
