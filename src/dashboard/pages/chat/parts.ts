/**
 * What a conversation is drawn from: the gateway's messages and events, read tolerantly into parts.
 * A field that is missing or of another kind is left out; nothing here is trusted to be well-formed.
 */
import { type JsonObject, objectOf, textOf } from '../../client/json.ts'

export type Fields = JsonObject

interface Keyed {
  /** The same for the same thing, whether it came as an event or from the history. */
  readonly key: string
}

export interface UserPart extends Keyed {
  readonly kind: 'user'
  /** Null: somebody added a message to the run, and what it says is not known yet. */
  readonly text: string | null
  readonly at: string | null
}

export interface TextPart extends Keyed {
  readonly kind: 'text' | 'thinking'
  readonly text: string
  readonly at: string | null
}

export interface ToolPart extends Keyed {
  readonly kind: 'tool'
  readonly id: string
  readonly name: string
  readonly arguments: unknown
  /** Null while it runs. */
  readonly result: string | null
  readonly isError: boolean
  /** An event carries the beginning of a result; the history has all of it. */
  readonly isCut: boolean
}

/** What the gateway did beside: summarised, asked another model, tried again. */
export interface NotePart extends Keyed {
  readonly kind: 'note'
  readonly text: string
}

/** A run that came to no answer, as the history tells it. */
export interface EndPart extends Keyed {
  readonly kind: 'failed' | 'stopped'
  /** Why it failed. */
  readonly text: string
}

export type Part = UserPart | TextPart | ToolPart | NotePart | EndPart

interface WireCall {
  readonly id: string
  readonly name: string
  readonly arguments: unknown
}

export const callsOf = ({ tool_calls: calls }: Fields): readonly WireCall[] =>
  (Array.isArray(calls) ? calls : []).map((call) => {
    const { id, name, arguments: args } = objectOf(call)
    return { id: textOf(id), name: textOf(name), arguments: args }
  })

/**
 * Messages as `chat.history` shows them → parts in order; results stand with their calls.
 *
 * @param textKey names the n-th text among these messages
 */
export function partsOf(
  messages: readonly Fields[],
  textKey: (message: Fields, nth: number, kind: Part['kind']) => string,
): readonly Part[] {
  const parts: Part[] = []
  const places = new Map<string, number>()
  let nth = 0
  for (const message of messages) {
    const at = textOf(message['created_at']) || null
    const content = textOf(message['content'])
    const key = (kind: Part['kind']) => textKey(message, nth++, kind)
    if (message['role'] === 'user')
      parts.push({ kind: 'user', key: key('user'), text: content, at })
    if (message['role'] === 'assistant') {
      const thinking = textOf(message['thinking'])
      if (thinking !== '')
        parts.push({ kind: 'thinking', key: key('thinking'), text: thinking, at })
      if (content !== '') parts.push({ kind: 'text', key: key('text'), text: content, at })
      for (const call of callsOf(message)) {
        const earlier = places.has(call.id) ? `:${parts.length}` : ''
        places.set(call.id, parts.length)
        parts.push({
          kind: 'tool',
          key: `tool:${call.id}${earlier}`,
          ...call,
          result: null,
          isError: false,
          isCut: false,
        })
      }
    }
    if (message['role'] === 'tool') {
      const place = places.get(textOf(message['tool_call_id']))
      const call = place === undefined ? undefined : parts[place]
      if (place !== undefined && call?.kind === 'tool')
        parts[place] = { ...call, result: content, isError: message['is_error'] === true }
    }
    const end = objectOf(message['run_end'])
    if (end['type'] === 'run.failed')
      parts.push({ kind: 'failed', key: key('failed'), text: textOf(end['error']) })
    if (end['type'] === 'run.cancelled')
      parts.push({ kind: 'stopped', key: key('stopped'), text: '' })
  }
  return parts
}
