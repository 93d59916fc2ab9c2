/** An answer that is a run of a session: durable, with tools, told in OpenAI's words. */
import { newId } from '../crypto/random.ts'
import type { RunId } from '../domain/ids.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import type { RunEvent, TerminalRunEvent } from '../domain/run-event.ts'
import { isTerminal } from '../domain/run-event.ts'
import { webSessionKey } from '../domain/session-key.ts'
import { epochOf } from '../domain/tenant-snapshot.ts'
import { readLines } from '../protocol/ndjson.ts'
import type { Teller } from '../protocol/openai-teller.ts'
import { runAnswer } from '../protocol/run-answer.ts'
import { parseTraceparent } from '../telemetry/trace.ts'
import { type Completion, eventStreamResponse } from './completion.ts'
import { jsonResponse, refusalResponse } from './http-response.ts'
import { httpStatusOf } from './wire.ts'

const refuse = (refused: Refusal): Response =>
  refusalResponse(refused, httpStatusOf(refused.code), 'openai')

/** A request that may come again: it finds the first one's conversation, and its answer there. */
export interface Repeatable {
  readonly idempotencyKey: string
  readonly conversationId: string
}

export async function answerJournalled(
  completion: Completion,
  wished: string | null,
  repeatable?: Repeatable,
): Promise<Response> {
  const { agent, principal, services, conversation, isStreamed } = completion
  const sessionKey = wished ?? webSessionKey(agent.key, repeatable?.conversationId ?? newId('cnv'))
  const started = await services.session(principal.tenantId, sessionKey).converse({
    principal,
    sessionKey,
    message: conversation.message,
    // A session that goes on has its own memory of what was said.
    ...(wished === null ? { preamble: conversation.history } : {}),
    callerInstructions: conversation.instructions,
    sampling: completion.sampling,
    ...(repeatable ? { idempotencyKey: repeatable.idempotencyKey } : {}),
    epoch: epochOf(completion.snapshot),
    trace: {
      name: 'chat.completions',
      receivedAt: services.now(),
      parent: parseTraceparent(completion.traceparent),
    },
    replyTo: { kind: 'none' },
  })
  if (!started.ok) return refuse(started.error)
  const { runId, events } = started.value
  const headers = [
    ['x-edgeclaw-session-key', sessionKey],
    ['x-edgeclaw-run-id', runId],
  ] as const
  const teller = await completion.tellerFor({ sessionKey, runId })
  return isStreamed
    ? eventStreamResponse(translate(teller, runId, events), headers)
    : whole(teller, runId, events, headers)
}

async function whole(
  teller: Teller,
  runId: RunId,
  events: ReadableStream<Uint8Array>,
  headers: readonly (readonly [string, string])[],
): Promise<Response> {
  const end = await lastEvent(events)
  if (end?.type !== 'run.completed') return refuse(endRefusal(runId, end))
  return jsonResponse(teller.body({ ...end, reason: 'stop' }), 200, headers)
}

async function lastEvent(events: ReadableStream<Uint8Array>): Promise<TerminalRunEvent | null> {
  for await (const line of readLines(events)) {
    const event = JSON.parse(line) as RunEvent
    if (isTerminal(event)) return event
  }
  return null
}

/** The stream can only end without an end when the session's object was lost; the run goes on. */
function endRefusal(runId: RunId, end: TerminalRunEvent | null): Refusal {
  if (end?.type === 'run.failed') {
    const answer = runAnswer(runId, { kind: 'failed', code: end.code, error: end.error })
    if (!answer.ok) return answer.error
  }
  if (end?.type === 'run.cancelled') return refusal('UNAVAILABLE', 'the run was cancelled')
  return refusal(
    'UNAVAILABLE',
    `the connection to run ${runId} was lost; the run goes on in its session`,
  )
}

function translate(
  teller: Teller,
  runId: RunId,
  events: ReadableStream<Uint8Array>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const lines = readLines(events)
  return new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(teller.start())),
    pull: async (controller) => {
      const send = (part: string): void => controller.enqueue(encoder.encode(part))
      for (;;) {
        const step = await lines.next()
        const event = step.done ? null : (JSON.parse(step.value) as RunEvent)
        if (event?.type === 'chunk') return send(teller.text(event.content))
        if (event?.type === 'thinking') return send(teller.thinking(event.content))
        if (event && !isTerminal(event)) {
          if (event.type === 'tool.call') return send(teller.toolCall())
          continue
        }
        if (event?.type === 'run.completed') send(teller.finish({ ...event, reason: 'stop' }))
        else send(teller.fail(endRefusal(runId, event)))
        return controller.close()
      }
    },
    cancel: async () => {
      await lines.return(undefined)
    },
  })
}
