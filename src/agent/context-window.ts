/**
 * Fits a transcript into the model's window. The oldest turns leave whole: a tool result without
 * its call, or a call without its result, is refused by every vendor.
 */
import type { Message } from '../domain/message.ts'
import { CONTEXT_FILL } from './limits.ts'

/** Rough on purpose: exact tokenizers differ by vendor, and the fill share leaves room. */
const CHARS_PER_TOKEN = 4
/** Role, separators and call framing of one message. */
const MESSAGE_OVERHEAD_TOKENS = 8

export interface TextSize {
  readonly ascii: number
  readonly beyond: number
}

export function sizeOfText(text: string): TextSize {
  const beyond = text.replace(/[\0-\x7f]+/g, '').length
  return { ascii: text.length - beyond, beyond }
}

/** Scripts beyond ASCII take up to a token a character: too much is counted rather than too little. */
export const tokensOfSize = ({ ascii, beyond }: TextSize): number =>
  Math.ceil(ascii / CHARS_PER_TOKEN) + beyond

export const estimateText = (text: string): number => tokensOfSize(sizeOfText(text))

/** Messages do not change, and each is counted again for every request that it stands in. */
const counted = new WeakMap<Message, number>()

export function estimateTokens(message: Message): number {
  const known = counted.get(message)
  if (known !== undefined) return known
  const calls =
    message.role === 'assistant' && message.toolCalls ? JSON.stringify(message.toolCalls) : ''
  const tokens = MESSAGE_OVERHEAD_TOKENS + estimateText(message.content) + estimateText(calls)
  counted.set(message, tokens)
  return tokens
}

export const estimateAll = (messages: readonly Message[]): number =>
  messages.reduce((sum, message) => sum + estimateTokens(message), 0)

/** Splits into groups that stay or leave together: a user message, or an assistant's with its results. */
export function groupTurns(messages: readonly Message[]): Message[][] {
  const groups: Message[][] = []
  for (const message of messages) {
    const group = groups.at(-1)
    if (message.role === 'tool' && group) group.push(message)
    else groups.push([message])
  }
  return groups
}

export interface FittedContext {
  readonly messages: readonly Message[]
  readonly droppedCount: number
}

/**
 * @param windowTokens the model's window
 * @param reservedTokens what system prompt, tool schemas and the answer need
 * @param isLed whether the caller puts a user's message before them: then they may begin anywhere
 */
export function fitContext(
  messages: readonly Message[],
  windowTokens: number,
  reservedTokens: number,
  isLed = false,
): FittedContext {
  const budget = Math.max(0, windowTokens * CONTEXT_FILL - reservedTokens)
  const groups = groupTurns(messages)
  const sizes = groups.map(estimateAll)
  let total = sizes.reduce((sum, size) => sum + size, 0)
  let first = 0
  while (first < groups.length - 1 && total > budget) total -= sizes[first++] ?? 0
  // A conversation that begins with an assistant's message is refused by some vendors.
  const beginsTurn = (): boolean => isLed || groups[first]?.[0]?.role === 'user'
  while (first > 0 && first < groups.length - 1 && !beginsTurn()) first++
  const kept = groups.slice(first).flat()
  return { messages: kept, droppedCount: messages.length - kept.length }
}
