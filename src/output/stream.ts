/**
 * The scrubber over a stream: what it lets out is what `scrub` makes of the whole text, however the
 * text was cut. Ordinary text is held back by at most MAX_HOLD_BACK characters; a secret is held
 * until it is recognised, then swallowed as it comes. One stream per text: text, thinking and tool
 * arguments never share one.
 */
import type { Scrubber } from './scrub.ts'

/** Upper bound of what a stream without secrets is behind, in characters. */
export const MAX_HOLD_BACK = 256

export interface StreamScrubber {
  push(delta: string): string
  /** What was still held. After it nothing may be pushed. */
  end(): string
  readonly count: number
  readonly kinds: Readonly<Record<string, number>>
}

export const createStreamScrubber = (scrubber: Scrubber): StreamScrubber => {
  const redactor = scrubber.open()
  return {
    push: (delta) => redactor.feed(delta, false),
    end: () => redactor.feed('', true),
    get count() {
      return redactor.count
    },
    get kinds() {
      return Object.fromEntries(redactor.kinds)
    },
  }
}
