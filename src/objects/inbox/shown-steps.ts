/**
 * What led to an answer, where its conversation asked to see that: kept in mind while the run goes on,
 * and put before its words. What a run did before this object's life is not told again.
 */
import type { RunEvent, RunResult } from '../../domain/run-event.ts'
import { reasoningText, type ShownKind, stepText } from '../../gateway/channels/shown-text.ts'

const MAX_STEPS = 40
const MAX_THINKING_CHARS = 50_000

export type Shown = Readonly<Record<ShownKind, boolean>>

export const NOTHING_SHOWN: Shown = { reasoning: false, verbose: false }

export class ShownSteps {
  readonly #shown: Shown
  readonly #steps: string[] = []
  #left = 0
  #thinking = ''
  #last: 'step' | 'words' | null = null

  constructor(shown: Shown) {
    this.#shown = shown
  }

  /** @returns what a growing answer shows of the event */
  hear(event: RunEvent): string {
    if (event.type === 'thinking') this.#think(event.content)
    if (event.type === 'chunk') {
      const gap = this.#last === 'step' ? '\n' : ''
      this.#last = 'words'
      return `${gap}${event.content}`
    }
    const step = this.#shown.verbose ? stepText(event) : null
    if (step === null) return ''
    if (this.#steps.length >= MAX_STEPS) {
      this.#left += 1
      return ''
    }
    this.#steps.push(step)
    const gap = this.#last === 'words' ? '\n\n' : ''
    this.#last = 'step'
    return `${gap}${step}\n`
  }

  before(words: string, result: RunResult): string {
    const last = result.kind === 'completed' ? (result.thinking ?? '') : ''
    const thinking = this.#shown.reasoning ? reasoningText(this.#thinking || last) : ''
    const more = this.#left === 0 ? [] : [`- … and ${this.#left} more`]
    const parts = [[...this.#steps, ...more].join('\n'), thinking, words]
    return parts.filter((part) => part !== '').join('\n\n')
  }

  #think(content: string): void {
    if (this.#shown.reasoning && this.#thinking.length < MAX_THINKING_CHARS)
      this.#thinking += content
  }
}
