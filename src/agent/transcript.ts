/** Where a run stands, read off its messages. */
import type { AssistantMessage, Message, ToolCall } from '../domain/message.ts'

export interface PendingCall {
  readonly call: ToolCall
  /** Index within its assistant message. */
  readonly position: number
}

export type Standing =
  /** The last assistant message asked for tools that have no result yet. */
  | {
      readonly kind: 'acting'
      readonly pending: readonly PendingCall[]
      /** Results of earlier messages: with a call's position they number it alike in every life. */
      readonly earlierResults: number
    }
  /** It is the model's turn. */
  | { readonly kind: 'thinking' }
  /** The model's last message asks for nothing: it is the answer. */
  | { readonly kind: 'answered'; readonly answer: AssistantMessage }

/** @param ownMessages the run's messages, from the user's on */
export function standingOf(ownMessages: readonly Message[]): Standing {
  const last = ownMessages.findLastIndex((message) => message.role === 'assistant')
  const assistant = ownMessages[last]
  if (assistant?.role !== 'assistant') return { kind: 'thinking' }
  const after = ownMessages.slice(last + 1)
  const answered = new Set(after.flatMap((m) => (m.role === 'tool' ? [m.toolCallId] : [])))
  const pending = (assistant.toolCalls ?? [])
    .map((call, position) => ({ call, position }))
    .filter(({ call }) => !answered.has(call.id))
  if (pending.length > 0) {
    return { kind: 'acting', pending, earlierResults: countToolResults(ownMessages.slice(0, last)) }
  }
  return after.length === 0 ? { kind: 'answered', answer: assistant } : { kind: 'thinking' }
}

export const countModelCalls = (ownMessages: readonly Message[]): number =>
  ownMessages.filter((message) => message.role === 'assistant').length

export const countToolResults = (ownMessages: readonly Message[]): number =>
  ownMessages.filter((message) => message.role === 'tool').length

/** Model-made ids may repeat or be empty; results are paired by id, so each gets a unique one. */
export function withUniqueCallIds(
  calls: readonly ToolCall[],
  taken: ReadonlySet<string>,
): ToolCall[] {
  const used = new Set(taken)
  // Where the last search for a free number ended: many calls of one id do not begin it anew.
  const nextNumber = new Map<string, number>()
  return calls.map((call) => {
    const wished = call.id || 'call'
    let id = wished
    let n = nextNumber.get(wished) ?? 2
    for (; used.has(id); n++) id = `${wished}-${n}`
    nextNumber.set(wished, n)
    used.add(id)
    return { ...call, id }
  })
}

export const callIdsOf = (messages: readonly Message[]): ReadonlySet<string> =>
  new Set(
    messages.flatMap((m) => (m.role === 'assistant' ? (m.toolCalls ?? []).map((c) => c.id) : [])),
  )
