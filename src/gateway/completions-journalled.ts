/** A completion that is a run of a session: durable, with tools, told in OpenAI's words. */
import { newId } from '../crypto/random.ts'
import type { RunId } from '../domain/ids.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import type { RunEvent, TerminalRunEvent } from '../domain/run-event.ts'
import { isTerminal } from '../domain/run-event.ts'
import { webSessionKey } from '../domain/session-key.ts'
import { epochOf } from '../domain/tenant-snapshot.ts'
import { readLines } from '../protocol/ndjson.ts'
import { completionBody, completionStream } from '../protocol/openai.ts'
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
  const { agent, principal, services, conversation, request } = completion
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
  return request.stream
    ? eventStreamResponse(translate(completion, runId, events), headers)
    : whole(completion, runId, events, headers)
}

async function whole(
  { identity }: Completion,
  runId: RunId,
  events: ReadableStream<Uint8Array>,
  headers: readonly (readonly [string, string])[],
): Promise<Response> {
  const end = await lastEvent(events)
  if (end?.type === 'run.completed') {
    return jsonResponse(completionBody(identity, end.content, 'stop', end.usage), 200, headers)
  }
  return refuse(endRefusal(runId, end))
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
  { identity, request }: Completion,
  runId: RunId,
  events: ReadableStream<Uint8Array>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const lines = readLines(events)
  let hasContent = false
  return new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(completionStream.start(identity))),
    pull: async (controller) => {
      const send = (...parts: string[]): void => controller.enqueue(encoder.encode(parts.join('')))
      for (;;) {
        const step = await lines.next()
        const event = step.done ? null : (JSON.parse(step.value) as RunEvent)
        if (event?.type === 'chunk') {
          hasContent = true
          return send(completionStream.delta(identity, event.content))
        }
        if (event && !isTerminal(event)) {
          // A comment keeps proxies from closing a connection that is only waiting for a tool.
          if (event.type === 'tool.call') return send(': tool call\n\n')
          continue
        }
        if (event?.type === 'run.completed') {
          send(
            // Of a run that had ended before its stream began, the chunks are no longer kept.
            ...(hasContent || event.content === ''
              ? []
              : [completionStream.delta(identity, event.content)]),
            completionStream.finish(identity, 'stop'),
            ...(request.stream_options?.include_usage
              ? [completionStream.usage(identity, event.usage)]
              : []),
            completionStream.done(),
          )
        } else send(completionStream.error(endRefusal(runId, event)))
        return controller.close()
      }
    },
    cancel: async () => {
      await lines.return(undefined)
    },
  })
}
