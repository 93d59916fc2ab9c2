/** The payload of the wire's `agent` event: protocol v3's names for what a run tells. */
import type { RunId, UserId } from '../domain/ids.ts'
import type { Message, Usage } from '../domain/message.ts'
import type { HistoryMessage, RunEnding, RunEvent } from '../domain/run-event.ts'
import { lineageOf, type RunOrigin } from '../domain/run-origin.ts'
import { cutHead } from '../domain/text-cut.ts'
import type { PricedUsage } from '../domain/usage.ts'

/** A result longer than this is cut on the wire; the transcript keeps more. */
export const MAX_EVENT_RESULT_CHARS = 1_000

export interface RunIdentity {
  readonly runId: RunId
  readonly agentKey: string
  readonly sessionKey: string
  readonly channel: string
  readonly userId: UserId
  /** Undefined for a run that a caller's message began. */
  readonly origin?: RunOrigin | undefined
}

/** Of a run that no caller began: which kind it is, and for which agent it acts. */
function originFields(origin: RunOrigin | undefined): Record<string, string> {
  if (origin === undefined) return {}
  const parent = lineageOf(origin).at(-1)
  return {
    runKind: origin.kind,
    ...(parent === undefined ? {} : { parentAgentId: parent.agentKey }),
  }
}

export const toWireUsage = (usage: Usage) => ({
  prompt_tokens: usage.promptTokens,
  completion_tokens: usage.completionTokens,
  total_tokens: usage.promptTokens + usage.completionTokens,
  cache_creation_tokens: usage.cacheCreationTokens,
  cache_read_tokens: usage.cacheReadTokens,
})

const MICRO = 1_000_000

/** Beside the usage of a run: who answered, and what it comes to where all prices are known. */
export function toWireSpending(models: readonly PricedUsage[] | undefined) {
  if (models === undefined) return {}
  const costs = models.flatMap(({ costMicroUsd: cost }) => (cost === null ? [] : [cost]))
  const total = costs.reduce((sum, cost) => sum + cost, 0)
  return {
    models: models.map(({ provider, name, usage, costMicroUsd: cost }) => ({
      provider,
      model: name,
      usage: toWireUsage(usage),
      ...(cost === null ? {} : { cost_usd: cost / MICRO }),
    })),
    ...(costs.length === models.length ? { cost_usd: total / MICRO } : {}),
  }
}

function toPayload(event: RunEvent): Record<string, unknown> {
  switch (event.type) {
    case 'run.started':
      return { message: event.message }
    case 'thinking':
    case 'chunk':
      return { content: event.content }
    case 'tool.call':
      return { name: event.name, id: event.id, arguments: event.arguments }
    case 'tool.result':
      return {
        name: event.name,
        id: event.id,
        is_error: event.isError,
        arguments: event.arguments,
        result: cutHead(event.result, MAX_EVENT_RESULT_CHARS),
      }
    case 'activity':
      return { phase: event.phase, ...event.detail }
    case 'run.retrying':
      return { attempt: event.attempt, maxAttempts: event.maxAttempts }
    case 'run.completed':
      return {
        content: event.content,
        ...(event.thinking ? { thinking: event.thinking } : {}),
        usage: toWireUsage(event.usage),
        ...toWireSpending(event.models),
      }
    case 'run.failed':
      return { error: event.error, code: event.code }
    case 'run.cancelled':
      return {}
  }
}

export const toAgentEvent = (event: RunEvent, run: RunIdentity) => ({
  type: event.type,
  agentId: run.agentKey,
  runId: run.runId,
  sessionKey: run.sessionKey,
  channel: run.channel,
  userId: run.userId,
  ...originFields(run.origin),
  payload: toPayload(event),
})

const toWireEnding = ({ runId, result, at }: RunEnding) => ({
  run_id: runId,
  ...(result.kind === 'failed'
    ? { type: 'run.failed', error: result.error, code: result.code }
    : { type: 'run.cancelled' }),
  ended_at: new Date(at).toISOString(),
})

/** A transcript message as `chat.history` shows it. */
export const toWireMessage = (message: HistoryMessage): Record<string, unknown> =>
  message.ending
    ? { ...toWireWords(message), run_end: toWireEnding(message.ending) }
    : toWireWords(message)

function toWireWords(message: Message): Record<string, unknown> {
  const created_at = new Date(message.createdAt).toISOString()
  switch (message.role) {
    case 'user':
      return { role: 'user', content: message.content, created_at }
    case 'assistant':
      return {
        role: 'assistant',
        content: message.content,
        ...(message.thinking ? { thinking: message.thinking } : {}),
        ...(message.toolCalls?.length
          ? {
              tool_calls: message.toolCalls.map(({ id, name, arguments: args }) => ({
                id,
                name,
                arguments: args,
              })),
            }
          : {}),
        created_at,
      }
    case 'tool':
      return {
        role: 'tool',
        content: message.content,
        tool_call_id: message.toolCallId,
        ...(message.isError ? { is_error: true } : {}),
        created_at,
      }
  }
}
