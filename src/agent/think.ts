/** One model call: streams it out, and gathers the message it comes to. */
import { NO_USAGE, type ToolCall, type Usage } from '../domain/message.ts'
import type { FinishReason, ModelEvent, ModelFailure, ModelRequest } from '../domain/model.ts'
import type { RunEvent } from '../domain/run-event.ts'
import type { SpendingModel } from '../domain/usage.ts'
import { createCallMeter } from './estimated-usage.ts'
import { isDeeperThan } from './nesting.ts'

export type Thought =
  | {
      readonly kind: 'message'
      readonly content: string
      readonly thinking: string
      readonly toolCalls: readonly ToolCall[]
      readonly reason: FinishReason
      readonly usage: Usage
      readonly model: SpendingModel | null
    }
  | {
      readonly kind: 'failed'
      readonly failure: ModelFailure
      readonly content: string
      readonly usage: Usage
      /** It was hung up on here: its vendor never came to say what it cost. */
      readonly isRefused: boolean
      readonly model: SpendingModel | null
    }

/**
 * A vendor chosen by a tenant may stream for ever. The answer becomes one row of the journal, which
 * holds 2 MB, and one frame for its listeners. Counted as it is written down: a control character
 * takes six bytes of JSON.
 */
const MAX_ANSWER_BYTES = 400 * 1024
/** Calls of one answer; a run makes fewer of them in all. */
const MAX_CALLS = 64
/** Names that could be a tool's: vendors allow 64 characters. None carries control characters on. */
const CALL_NAME = /^[\x20-\x7e]{1,64}$/
/** Vendors' ids have some forty characters; an id is kept and sent with every later request. */
const MAX_CALL_ID_CHARS = 128
/** Deeper than any tool's schema; what walks arguments later recurses. */
const MAX_ARGUMENT_DEPTH = 64

const refused = (words: string): ModelFailure => ({
  kind: 'garbage',
  message: `the model's answer ${words}`,
  isRetryable: false,
})

const TOO_LONG = refused(`exceeded ${MAX_ANSWER_BYTES / 1024} KB`)

const encoder = new TextEncoder()
/** Sizes in the journal. All deltas of a text come to one string there: quotes do not count. */
const jsonBytes = (value: unknown): number => encoder.encode(JSON.stringify(value)).length
const textBytes = (delta: string): number => jsonBytes(delta) - 2

type CallEvent = Extract<ModelEvent, { type: 'tool_call' }>

/** Why a call cannot stand in the journal, before its size is counted; null when it can. */
function callRefusal(call: CallEvent, earlierCalls: number): ModelFailure | null {
  if (earlierCalls >= MAX_CALLS) return refused(`asked for more than ${MAX_CALLS} tool calls`)
  if (!CALL_NAME.test(call.name)) return refused('named a tool as none can be named')
  if (call.id.length > MAX_CALL_ID_CHARS)
    return refused(`held a tool call whose id exceeded ${MAX_CALL_ID_CHARS} characters`)
  if (isDeeperThan(call.arguments, MAX_ARGUMENT_DEPTH))
    return refused(`nested a tool call's arguments deeper than ${MAX_ARGUMENT_DEPTH} levels`)
  return null
}

/** Hears what a try cost that came to nothing, once it has: it is to be counted whatever comes next. */
type OnWaste = (usage: Usage, model: SpendingModel | null) => void

/** As `think`, and what an answer that was hung up on here has cost: its vendor never came to say. */
export async function meteredThink(
  stream: AsyncIterable<ModelEvent>,
  request: ModelRequest,
  emit: (event: RunEvent) => void,
  onWaste: OnWaste,
): Promise<Thought> {
  const meter = createCallMeter(request)
  const thought = await think(meter.metered(stream), emit, onWaste)
  return thought.kind === 'failed' && thought.isRefused
    ? { ...thought, usage: meter.estimate() }
    : thought
}

export async function think(
  events: AsyncIterable<ModelEvent>,
  emit: (event: RunEvent) => void,
  onWaste: OnWaste = () => undefined,
): Promise<Thought> {
  let asked: SpendingModel | null = null
  let content = ''
  let thinking = ''
  let answerBytes = 0
  const toolCalls: ToolCall[] = []
  const fits = (bytes: number): boolean => {
    answerBytes += bytes
    return answerBytes <= MAX_ANSWER_BYTES
  }
  // What the refused answer said so far is not kept: it would be a row of its own size.
  const refuse = (failure: ModelFailure): Thought => ({
    kind: 'failed',
    failure,
    content: '',
    usage: NO_USAGE,
    isRefused: true,
    model: asked,
  })
  for await (const event of events) {
    switch (event.type) {
      case 'asked':
        asked = event.model
        break
      case 'in_vain':
        onWaste(event.usage, event.model)
        break
      case 'text':
        if (!fits(textBytes(event.delta))) return refuse(TOO_LONG)
        content += event.delta
        emit({ type: 'chunk', content: event.delta })
        break
      case 'thinking':
        if (!fits(textBytes(event.delta))) return refuse(TOO_LONG)
        thinking += event.delta
        emit({ type: 'thinking', content: event.delta })
        break
      case 'tool_call': {
        const refusal = callRefusal(event, toolCalls.length)
        if (refusal !== null) return refuse(refusal)
        const call: ToolCall = { id: event.id, name: event.name, arguments: event.arguments }
        if (!fits(jsonBytes(call))) return refuse(TOO_LONG)
        toolCalls.push(call)
        break
      }
      case 'finish':
        return {
          kind: 'message',
          content,
          thinking,
          toolCalls,
          reason: event.reason,
          usage: event.usage,
          model: event.model ?? asked,
        }
      case 'error':
        return {
          kind: 'failed',
          failure: event.failure,
          content,
          usage: event.usage ?? NO_USAGE,
          isRefused: false,
          model: event.model ?? asked,
        }
    }
  }
  const failure: ModelFailure = {
    kind: 'cut',
    message: 'the model ended its answer without finishing it',
    isRetryable: true,
  }
  return { kind: 'failed', failure, content, usage: NO_USAGE, isRefused: true, model: asked }
}
