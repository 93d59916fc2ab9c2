/** One kind of credential that begins with a literal: the shape of the lists beside this file. */
import type { CharClass } from './char-class.ts'

export interface TokenKind {
  readonly kind: string
  readonly anchors: readonly string[]
  readonly body: CharClass
  /** Characters after the anchor. With `max` the token ends there, or is none. */
  readonly min: number
  readonly max?: number
  /** A letter or digit just before the anchor rules it out (`task-…` holds `sk-`). */
  readonly boundary?: true
  /** The body holds a digit or a capital: `sk-this-is-a-slug` is no key. */
  readonly mixed?: true
  /** The body holds digits: behind an anchor so short, a name in camel case is no key either. */
  readonly digits?: true
  readonly ignoreCase?: true
}
