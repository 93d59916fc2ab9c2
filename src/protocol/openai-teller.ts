/** How a door of OpenAI's tells what an agent says: the same course of things, in each wire's words. */
import type { Usage } from '../domain/message.ts'
import type { FinishReason } from '../domain/model.ts'
import type { Refusal } from '../domain/refusal.ts'
import { type CompletionIdentity, completionBody, completionStream } from './openai.ts'

export interface Said {
  /** All of it, or of a run its last words; empty where only the deltas were heard. */
  readonly content: string
  readonly thinking?: string
  readonly reason: FinishReason
  readonly usage: Usage
}

/** Of one answer. Its stream's parts are handed out in order: start, deltas, then finish or fail. */
export interface Teller {
  start(): string
  text(delta: string): string
  thinking(delta: string): string
  /** The agent turns to a tool, which the caller has no part in. */
  toolCall(): string
  finish(said: Said): string
  fail(refusal: Refusal): string
  /** The answer that is no stream. */
  body(said: Said): unknown
}

/** A comment keeps proxies from closing a connection that only waits. */
export const STILL_HERE = ': \n\n'

export function completionTeller(
  identity: CompletionIdentity,
  options: { readonly includeUsage: boolean },
): Teller {
  let hasContent = false
  return {
    start: () => completionStream.start(identity),
    text: (delta) => {
      hasContent = true
      return completionStream.delta(identity, delta)
    },
    thinking: () => STILL_HERE,
    toolCall: () => STILL_HERE,
    finish: ({ content, reason, usage }) =>
      [
        // Of a run that had ended before its stream began, the chunks are no longer kept.
        ...(hasContent || content === '' ? [] : [completionStream.delta(identity, content)]),
        completionStream.finish(identity, reason),
        ...(options.includeUsage ? [completionStream.usage(identity, usage)] : []),
        completionStream.done(),
      ].join(''),
    fail: (refusal) => completionStream.error(refusal),
    body: ({ content, reason, usage }) => completionBody(identity, content, reason, usage),
  }
}
