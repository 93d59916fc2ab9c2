/**
 * The AI SDK's stream parts → model events, as a small state machine without I/O. Tool calls are held
 * back until the vendor said that the answer is complete: a call from a cut stream is never acted on.
 */

import type { Usage } from '../domain/message.ts'
import type { FinishReason, ModelEvent } from '../domain/model.ts'
import {
  cutFailure,
  type FailureContext,
  failureFromEvent,
  notAnEventStream,
  OversizedAnswerError,
} from './failure.ts'
import type { StreamPart } from './language-model.ts'
import { CALL_OVERHEAD_CHARS, MAX_CALL_CHARS } from './limits.ts'

type FinishPart = Extract<StreamPart, { type: 'finish' }>
type ToolCallPart = Extract<StreamPart, { type: 'tool-call' }>
type ToolCallEvent = Extract<ModelEvent, { type: 'tool_call' }>

const count = (tokens: number | undefined): number =>
  tokens !== undefined && Number.isFinite(tokens) && tokens > 0 ? Math.floor(tokens) : 0

const toUsage = ({ inputTokens, outputTokens }: FinishPart['usage']): Usage => ({
  promptTokens: count(inputTokens.total),
  completionTokens: count(outputTokens.total),
  cacheCreationTokens: count(inputTokens.cacheWrite),
  cacheReadTokens: count(inputTokens.cacheRead),
})

const REASONS: Readonly<Record<FinishPart['finishReason']['unified'], FinishReason>> = {
  stop: 'stop',
  length: 'length',
  'content-filter': 'content_filter',
  'tool-calls': 'tool_calls',
  error: 'other',
  other: 'other',
}

/** The JSON a model wrote, or the text itself when it is none: the tool's schema then refuses it. */
function parseArguments(input: string): { readonly value: unknown; readonly isJson: boolean } {
  if (input.trim() === '') return { value: {}, isJson: true }
  try {
    return { value: JSON.parse(input), isJson: true }
  } catch {
    return { value: input, isJson: false }
  }
}

export interface PartTranslator {
  translate(part: StreamPart): readonly ModelEvent[]
  /** The stream ended without a finish part. */
  end(): readonly ModelEvent[]
}

export function createPartTranslator(contentType: string, context: FailureContext): PartTranslator {
  const calls: { readonly event: ToolCallEvent; readonly isJson: boolean }[] = []
  const ids = new Set<string>()
  let hasContent = false
  let callChars = 0

  const holdBack = ({ toolCallId, toolName, input }: ToolCallPart): readonly ModelEvent[] => {
    hasContent = true
    callChars += CALL_OVERHEAD_CHARS + toolCallId.length + toolName.length + input.length
    if (callChars > MAX_CALL_CHARS) {
      return [{ type: 'error', failure: failureFromEvent(new OversizedAnswerError(), context) }]
    }
    const { value, isJson } = parseArguments(input)
    // Some servers number every call 0 or leave the id out; results are matched by it.
    const id =
      toolCallId === '' || ids.has(toolCallId)
        ? `${toolCallId || 'call'}_${calls.length}`
        : toolCallId
    ids.add(id)
    calls.push({ event: { type: 'tool_call', id, name: toolName, arguments: value }, isJson })
    return []
  }
  const end = (usage?: Usage): readonly ModelEvent[] => {
    const isForeign = contentType !== '' && !contentType.includes('event-stream')
    const failure = !hasContent && isForeign ? notAnEventStream(contentType) : cutFailure()
    const isKnown = usage !== undefined && Object.values(usage).some((tokens) => tokens > 0)
    return [{ type: 'error', failure, ...(isKnown ? { usage } : {}) }]
  }
  const finish = ({ finishReason, usage }: FinishPart): readonly ModelEvent[] => {
    // Without the vendor's own word for it there was no end, only a closed connection.
    if (finishReason.raw === undefined || finishReason.unified === 'error')
      return end(toUsage(usage))
    const reason = REASONS[finishReason.unified]
    // A call that the output limit cut in half is dropped; a badly written one is for the tool to refuse.
    const kept = calls
      .filter(({ isJson }) => isJson || reason !== 'length')
      .map(({ event }) => event)
    const isCalling = kept.length > 0 && (reason === 'stop' || reason === 'other')
    return [
      ...kept,
      { type: 'finish', reason: isCalling ? 'tool_calls' : reason, usage: toUsage(usage) },
    ]
  }

  return {
    translate(part) {
      switch (part.type) {
        case 'text-delta':
          hasContent = true
          return part.delta === '' ? [] : [{ type: 'text', delta: part.delta }]
        case 'reasoning-delta':
          hasContent = true
          return part.delta === '' ? [] : [{ type: 'thinking', delta: part.delta }]
        case 'tool-call':
          return part.providerExecuted === true ? [] : holdBack(part)
        case 'finish':
          return finish(part)
        case 'error':
          if (part.error instanceof Error && part.error.name === 'AI_InvalidResponseDataError') {
            return end()
          }
          return [{ type: 'error', failure: failureFromEvent(part.error, context) }]
        default:
          return []
      }
    },
    end,
  }
}
