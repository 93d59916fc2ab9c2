/**
 * When room is made in the model's window, and of what. Pure: a transcript and what stands for its
 * beginning in, the next step out. What the model sees changes at these steps alone, so that between
 * them every request begins with the one before it and a vendor's cache stays warm.
 */
import type { Message, UserMessage } from '../domain/message.ts'
import { estimateAll, estimateTokens, fitContext, groupTurns } from './context-window.ts'
import { CONTEXT_FILL } from './limits.ts'

/** What stands for the beginning of a transcript; places are indexes into its messages. */
export interface Condensed {
  /** As the model reads it; null while nothing was summarised. */
  readonly summary: string | null
  /** Text from outside went into it. */
  readonly isUntrusted: boolean
  /** Messages before this one are summarised. */
  readonly from: number
  /** Results before this one are shown short. */
  readonly shortTo: number
}

export const NOTHING_CONDENSED: Condensed = {
  summary: null,
  isUntrusted: false,
  from: 0,
  shortTo: 0,
}

export interface Transcript {
  readonly messages: readonly Message[]
  readonly runStart: number
}

/** Of the budget: what is kept whole behind a summary. */
const TAIL_SHARE = 0.4
/** Of the budget: shortening alone is enough when it leaves no more than this. */
const SHORT_SHARE = 0.6
/** The newest calls, whose results the model may still be working with. */
const FRESH_GROUPS = 3
/** Asked for by hand: turns of the user that stay whole. */
const FORCED_TAIL_TURNS = 2

export type Step =
  | { readonly kind: 'none' }
  | { readonly kind: 'shorten'; readonly shortTo: number }
  /** `groups` are those from `condensed.from` up to the tail. */
  | {
      readonly kind: 'summarise'
      readonly groups: readonly (readonly Message[])[]
      readonly shortTo: number
    }

/** Shows an old result short; null when it is short enough. */
export type Shorten = (content: string) => string | null

export interface View {
  /** The summary, and the message that began the run when it is older than the tail. */
  readonly head: readonly Message[]
  readonly tail: readonly Message[]
  /** The message that began the run, in the user's own words; null for a run that asks nothing. */
  readonly asked: Message | null
}

/** A message is shortened once: the same text each time is what caches live on. */
export class Shortener {
  readonly #shorten: Shorten
  readonly #shown = new WeakMap<Message, Message>()

  constructor(shorten: Shorten) {
    this.#shorten = shorten
  }

  shown(message: Message): Message {
    if (message.role !== 'tool') return message
    const known = this.#shown.get(message)
    if (known) return known
    const content = this.#shorten(message.content)
    const shown = content === null ? message : { ...message, content }
    this.#shown.set(message, shown)
    return shown
  }
}

export function viewOf(
  { messages, runStart }: Transcript,
  { summary, from, shortTo }: Condensed,
  shortener: Shortener,
): View {
  const tail = messages
    .slice(from)
    .map((message, index) => (from + index < shortTo ? shortener.shown(message) : message))
  const asked = messages[runStart] ?? null
  if (summary === null) return { head: [], tail, asked }
  const summarised: UserMessage = { role: 'user', content: summary, createdAt: 0 }
  // What the run was asked stays in the user's own words, however long it works on it.
  return { head: asked && from > runStart ? [summarised, asked] : [summarised], tail, asked }
}

/**
 * The view as it is sent; where no step could make room, the oldest of the tail leave. Never what the
 * run was asked: without it the model would go on with nothing to do.
 */
export function fitView(
  { head, tail, asked }: View,
  windowTokens: number,
  reserved: number,
): Message[] {
  const fittedBehind = (before: readonly Message[]): Message[] => {
    const fitted = fitContext(tail, windowTokens, reserved + estimateAll(before), before.length > 0)
    return [...before, ...fitted.messages]
  }
  const fitted = fittedBehind(head)
  return asked === null || fitted.includes(asked) ? fitted : fittedBehind([...head, asked])
}

export const contextBudget = (windowTokens: number, reservedTokens: number): number =>
  Math.max(0, windowTokens * CONTEXT_FILL - reservedTokens)

/** @param isForced whether somebody asked for it: then it need not be tight */
export function planStep(
  transcript: Transcript,
  condensed: Condensed,
  budget: number,
  shortener: Shortener,
  isForced = false,
): Step {
  const { head, tail } = viewOf(transcript, condensed, shortener)
  const total = estimateAll(head) + estimateAll(tail)
  if (!isForced && total <= budget) return { kind: 'none' }
  const { messages, runStart } = transcript
  const { from } = condensed
  const groups = groupTurns(messages.slice(from))
  const starts = startsOf(groups, from)
  const shortTo = Math.max(condensed.shortTo, starts.at(-FRESH_GROUPS) ?? from)
  const sizes = groups.map((group, index) =>
    group.reduce((sum, message, at) => {
      const isShort = (starts[index] ?? 0) + at < shortTo
      return sum + estimateTokens(isShort ? shortener.shown(message) : message)
    }, 0),
  )
  if (!isForced && shortTo > condensed.shortTo) {
    const left = estimateAll(head) + sizes.reduce((sum, size) => sum + size, 0)
    if (left <= budget * SHORT_SHARE) return { kind: 'shorten', shortTo }
  }
  let first = groups.length - 1
  let kept = sizes[first] ?? 0
  while (first > 0 && kept + (sizes[first - 1] ?? 0) <= budget * TAIL_SHARE)
    kept += sizes[--first] ?? 0
  // Turns of earlier runs stay whole: the tail begins where a user speaks.
  const beginsTurn = (index: number): boolean => groups[index]?.[0]?.role === 'user'
  while (first < groups.length - 1 && (starts[first] ?? 0) < runStart && !beginsTurn(first)) first++
  if (isForced) first = Math.max(first, lastTurns(groups, FORCED_TAIL_TURNS))
  return first <= 0
    ? { kind: 'none' }
    : { kind: 'summarise', groups: groups.slice(0, first), shortTo }
}

const startsOf = (groups: readonly (readonly Message[])[], from: number): readonly number[] => {
  let next = from
  return groups.map(({ length }) => {
    const start = next
    next += length
    return start
  })
}

/** Where the last turns begin; 0 when there are no more than these. */
function lastTurns(groups: readonly (readonly Message[])[], turns: number): number {
  const begins = groups.flatMap(([message], index) => (message?.role === 'user' ? [index] : []))
  return begins.at(-turns) ?? 0
}
