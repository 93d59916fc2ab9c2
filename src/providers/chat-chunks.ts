/**
 * The chunks of a streamed chat completion → stream parts. Servers that call themselves compatible
 * differ: fields are null or missing, content is text or a list, calls come whole or in pieces and
 * with or without index. What has another shape altogether is garbage.
 */
import { isJsonObject, type JsonObject } from '../domain/json-object.ts'
import { MalformedAnswerError, OversizedAnswerError } from './failure.ts'
import type { StreamPart } from './language-model.ts'
import { CALL_OVERHEAD_CHARS, MAX_CALL_CHARS } from './limits.ts'

type FinishPart = Extract<StreamPart, { type: 'finish' }>
type Unified = FinishPart['finishReason']['unified']

const fieldsOf = (value: unknown): JsonObject => (isJsonObject(value) ? value : {})
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const countOf = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : undefined

const REASONS: ReadonlyMap<string, Unified> = new Map([
  ['stop', 'stop'],
  ['length', 'length'],
  ['content_filter', 'content-filter'],
  ['tool_calls', 'tool-calls'],
  ['function_call', 'tool-calls'],
])

function toUsage(usage: JsonObject): FinishPart['usage'] {
  const details = fieldsOf(usage['prompt_tokens_details'])
  return {
    inputTokens: {
      total: countOf(usage['prompt_tokens']),
      noCache: undefined,
      cacheRead: countOf(details['cached_tokens']) ?? countOf(usage['prompt_cache_hit_tokens']),
      cacheWrite: undefined,
    },
    outputTokens: {
      total: countOf(usage['completion_tokens']),
      text: undefined,
      reasoning: undefined,
    },
  }
}

const text = (delta: string): readonly StreamPart[] =>
  delta === '' ? [] : [{ type: 'text-delta', id: '0', delta }]
const thinking = (delta: string): readonly StreamPart[] =>
  delta === '' ? [] : [{ type: 'reasoning-delta', id: '0', delta }]

/** Content as text, or as a list of typed parts that may hold thinking. */
const contentParts = (content: unknown): readonly StreamPart[] =>
  typeof content === 'string'
    ? text(content)
    : listOf(content).flatMap((item) => {
        const part = fieldsOf(item)
        if (part['type'] === 'text') return text(textOf(part['text']))
        if (part['type'] !== 'thinking') return []
        return listOf(part['thinking']).flatMap((piece) =>
          thinking(textOf(fieldsOf(piece)['text'])),
        )
      })

/** Arguments as text; null when they are nested deeper than they can be written down. */
function inputOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return textOf(value)
  try {
    return JSON.stringify(value)
  } catch {
    return null
  }
}

interface PendingCall {
  readonly id: string
  name: string
  input: string
}

export interface ChunkReader {
  read(data: string): readonly StreamPart[]
  /** The calls and the finish, once the stream has ended; nothing when the server never finished. */
  end(): readonly StreamPart[]
}

export function createChunkReader(): ChunkReader {
  const calls: PendingCall[] = []
  const callAt = new Map<number, PendingCall>()
  let finishReason: string | undefined
  let usage: JsonObject = {}
  let callChars = 0

  /** False when there is more than may be gathered; it is not taken then. */
  const takeCall = (value: unknown): boolean => {
    const delta = fieldsOf(value)
    const called = fieldsOf(delta['function'])
    const id = textOf(delta['id'])
    const name = textOf(called['name'])
    const input = inputOf(called['arguments'])
    if (input === null) return false
    const index = countOf(delta['index'])
    let call = index === undefined ? calls.at(-1) : callAt.get(index)
    // A new id with a name begins another call, also where a server numbers every call 0.
    const isNew =
      call === undefined || (name !== '' && call.name !== '' && id !== '' && id !== call.id)
    callChars +=
      input.length +
      (isNew ? CALL_OVERHEAD_CHARS + id.length : 0) +
      (isNew || call?.name === '' ? name.length : 0)
    if (callChars > MAX_CALL_CHARS) return false
    if (call === undefined || isNew) {
      call = { id, name: '', input: '' }
      calls.push(call)
      if (index !== undefined) callAt.set(index, call)
    }
    call.name ||= name
    call.input += input
    return true
  }

  const readChunk = (chunk: JsonObject): readonly StreamPart[] => {
    const { choices } = chunk
    if (choices !== undefined && choices !== null && !Array.isArray(choices)) {
      return [{ type: 'error', error: new MalformedAnswerError() }]
    }
    if (chunk['usage'] !== undefined && chunk['usage'] !== null) usage = fieldsOf(chunk['usage'])
    const choice = fieldsOf(listOf(choices)[0])
    const delta = fieldsOf(choice['delta'])
    if (typeof choice['finish_reason'] === 'string') finishReason = choice['finish_reason']
    if (!listOf(delta['tool_calls']).every(takeCall)) {
      return [{ type: 'error', error: new OversizedAnswerError() }]
    }
    const reasoning = textOf(delta['reasoning_content']) || textOf(delta['reasoning'])
    return [...thinking(reasoning), ...contentParts(delta['content'])]
  }

  return {
    read(data) {
      if (data === '[DONE]') return []
      let chunk: unknown
      try {
        chunk = JSON.parse(data)
      } catch {
        return [{ type: 'error', error: new MalformedAnswerError() }]
      }
      const fields = fieldsOf(chunk)
      const error = fields['error'] ?? null
      return error === null ? readChunk(fields) : [{ type: 'error', error }]
    },
    end() {
      // Cut off, but not without a word of what it cost.
      if (finishReason === undefined && Object.keys(usage).length > 0) {
        const cut = { unified: 'other', raw: undefined } as const
        return [{ type: 'finish', finishReason: cut, usage: toUsage(usage) }]
      }
      if (finishReason === undefined) return []
      return [
        ...calls.map(
          ({ id, name, input }): StreamPart => ({
            type: 'tool-call',
            toolCallId: id,
            toolName: name,
            input,
          }),
        ),
        {
          type: 'finish',
          finishReason: { unified: REASONS.get(finishReason) ?? 'other', raw: finishReason },
          usage: toUsage(usage),
        },
      ]
    },
  }
}
