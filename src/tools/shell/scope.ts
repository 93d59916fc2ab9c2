/**
 * What is known of variables: every value that the text itself assigns, wherever it does. Order and
 * conditions are not followed; what has several values, or an unknown one, is unknown.
 */
import type { Arg } from './arg.ts'
import { OPAQUE, UNKNOWN } from './arg.ts'

/** `null` for a value that only the run knows. */
type Assigned = string | null

/** Variables that bash sets by itself to something an option could be cut out of. */
const SHELL_SET = /^(?:[A-Z]|_$)/
const WHITE_SPACE = ' \t\n'

export class Scope {
  readonly #parent: Scope | null
  readonly #values = new Map<string, Set<Assigned>>()
  readonly functions = new Set<string>()
  /** `$0 $1 …`; null where nobody passed any. */
  positional: readonly Arg[] | null
  /** Some assignment is made under a name or value that is not to be seen. */
  isDynamic = false

  constructor(parent: Scope | null, positional: readonly Arg[] | null) {
    this.#parent = parent
    this.positional = positional
  }

  assign(name: string, value: Assigned): void {
    const known = this.#values.get(name)
    if (known === undefined) this.#values.set(name, new Set([value]))
    else known.add(value)
  }

  /** How many values are known; rises while passes still find some. */
  get size(): number {
    let size = 0
    for (const values of this.#values.values()) size += values.size
    return size
  }

  isAssigned(name: string): boolean {
    return this.#values.has(name) || (this.#parent?.isAssigned(name) ?? false)
  }

  isFunction(name: string): boolean {
    return this.functions.has(name) || (this.#parent?.isFunction(name) ?? false)
  }

  #all(name: string): readonly Assigned[] {
    return [
      ...(this.#values.get(name) ?? []),
      ...(this.#parent === null ? [] : this.#parent.#all(name)),
    ]
  }

  #dynamic(): boolean {
    return this.isDynamic || (this.#parent !== null && this.#parent.#dynamic())
  }

  /** The variable's text: its one value, or a mark. */
  textOf(name: string): string {
    const values = this.#all(name)
    const only = values[0]
    if (values.length === 0) {
      if (name === 'HOME') return '~'
      if (name === 'IFS') return WHITE_SPACE
      if (name === '_' || this.#dynamic()) return UNKNOWN
      return OPAQUE
    }
    if (values.length === 1 && only !== null && only !== undefined) return only
    return values.every(isHarmless) ? OPAQUE : UNKNOWN
  }

  /** The text of an expansion that cuts or changes the variable's value. */
  changedTextOf(name: string): string {
    if (!this.isAssigned(name)) {
      return SHELL_SET.test(name) || this.#dynamic() ? UNKNOWN : OPAQUE
    }
    return this.#all(name).every(isHarmless) ? OPAQUE : UNKNOWN
  }
}

/** Neither an option nor several words can be made of it by cutting. */
const isHarmless = (value: Assigned): boolean =>
  value !== null && !value.includes('-') && !value.includes(UNKNOWN) && !/\s/.test(value)
