/**
 * What is known of variables: every value that the text itself assigns, wherever it does. Order and
 * conditions are not followed; what has several values, or an unknown one, is unknown.
 */
import { type Arg, OPAQUE, UNKNOWN } from './arg.ts'

/** What all assignments to a name come to. */
interface Assigned {
  /** The one value; null when there are several. */
  readonly text: string | null
  /** No value, and no piece of one, is an option or several words. */
  readonly isHarmless: boolean
  /** Values that are known, where there are several. */
  readonly several: readonly string[]
}

/** What variables with several values are taken for just now; one for all scopes of a text. */
interface Choice {
  /** Null: for none of them. */
  at: number | null
  /** The most values that a variable had which was asked for. */
  most: number
}

const MAX_SEVERAL = 8
const MARKS = /[\uE000\uE001]/

/** Variables that bash or the sandbox sets; every other one is unset until the text sets it. */
const SHELL_SET =
  /^(?:PATH|HOME|LANG|LC_[A-Z]+|PWD|OLDPWD|SHLVL|UID|EUID|PPID|HOSTNAME|HOSTTYPE|OSTYPE|MACHTYPE|BASH\w*|RANDOM|SRANDOM|SECONDS|EPOCH\w+|LINENO|OPT[A-Z]+|PS[0-4]|TERM|SHELL|SHELLOPTS|USER|LOGNAME|TMPDIR|GROUPS|DIRSTACK|FUNCNAME|PIPESTATUS|COLUMNS|LINES|REPLY|COPROC|MAPFILE|_)$/
/** Expansions within expansions; each level takes several frames of the stack. */
const MAX_NESTING = 24
const WHITE_SPACE = ' \t\n'
const HARMFUL = /[-\s\uE000]/

export class Scope {
  readonly #parent: Scope | null
  readonly #choice: Choice
  readonly #assigned = new Map<string, Assigned>()
  readonly functions = new Set<string>()
  /** `$0 $1 …`; null where nobody passed any. */
  positional: readonly Arg[] | null
  /** Some assignment is made under a name or value that is not to be seen. */
  isDynamic = false
  /** The text writes something like an option into a file, which a later read brings back. */
  #hasOptionFiles = false
  /** Rises whenever something new is learnt. */
  version = 0
  #nesting = 0
  /** Arrays that are assigned once, element by element; null for all others. */
  readonly #lists = new Map<string, { readonly by: object; readonly args: readonly Arg[] | null }>()
  #positionalBy: object | null = null
  readonly #outputs = new WeakMap<object, { readonly version: number; readonly text: string }>()

  constructor(parent: Scope | null, positional: readonly Arg[] | null) {
    this.#parent = parent
    this.#choice = parent === null ? { at: null, most: 0 } : parent.#choice
    this.positional = positional
  }

  assign(name: string, text: string): void {
    const known = this.#assigned.get(name)
    if (known?.text === text) return
    const isHarmless = !HARMFUL.test(text) && (known?.isHarmless ?? true)
    const old = known?.several ?? []
    const isNew = !MARKS.test(text) && !old.includes(text) && old.length < MAX_SEVERAL
    const isSame = known?.text === null && known.isHarmless === isHarmless
    if (isSame && !isNew) return
    const several = isNew ? [...old, text] : old
    this.#assigned.set(name, { text: known === undefined ? text : null, isHarmless, several })
    this.version++
  }

  /**
   * Expands once for what holds whatever the values are, and once more for each of the values that
   * the variables in it are known to take.
   */
  forEachChoice(expand: () => unknown): void {
    const choice = this.#choice
    choice.most = 0
    expand()
    const { most } = choice
    for (let at = 0; at < most; at++) {
      choice.at = at
      this.version++
      expand()
    }
    if (most > 0) this.version++
    choice.at = null
  }

  /** The one value that the text gives it; null for any other number of values. */
  soleTextOf(name: string): string | null {
    return this.#assigned.get(name)?.text ?? null
  }

  /** What stands too deep within expansions is unknown: the stack is no place to look for it. */
  nested(compute: () => string): string {
    if (this.#nesting >= MAX_NESTING) return UNKNOWN
    this.#nesting++
    const text = compute()
    this.#nesting--
    return text
  }

  /** Computes the output of a nested script once: nesting would double the work with every level. */
  outputOf(script: object, compute: () => string): string {
    const known = this.#outputs.get(script)
    if (known !== undefined && known.version === this.version) return known.text
    const text = this.nested(compute)
    this.#outputs.set(script, { version: this.version, text })
    return text
  }

  /** Files are nobody's own: what one script writes, all of them read. */
  noteOptionFile(): void {
    if (this.#parent !== null) this.#parent.noteOptionFile()
    else if (!this.#hasOptionFiles) {
      this.#hasOptionFiles = true
      this.version++
    }
  }

  get hasOptionFiles(): boolean {
    return this.#parent?.hasOptionFiles ?? this.#hasOptionFiles
  }

  /** `by` is the place in the text: a second pass over it changes nothing, a second place does. */
  assignList(name: string, by: object, args: readonly Arg[]): void {
    const known = this.#lists.get(name)
    if (known === undefined) this.#lists.set(name, { by, args })
    else if (known.by !== by) this.#lists.set(name, { by: known.by, args: null })
  }

  /** The array is changed in a way that is not followed. */
  forgetList(name: string): void {
    this.#lists.set(name, { by: this, args: null })
  }

  /** The elements of an array; null where they are not to be seen. */
  listOf(name: string): readonly Arg[] | null {
    if (this.#isDynamic()) return null
    const own = this.#lists.get(name)
    return own === undefined ? (this.#parent?.listOf(name) ?? null) : own.args
  }

  /** `set -- a b`, once, is what it says; anything more is unknown. False for more. */
  setPositional(by: object, args: readonly Arg[]): boolean {
    if (this.#positionalBy !== null && this.#positionalBy !== by) return false
    this.#positionalBy = by
    this.positional = args
    return true
  }

  /** Whether the variable has a value before the text gives it one. */
  isSetByShell(name: string): boolean {
    return SHELL_SET.test(name)
  }

  isAssigned(name: string): boolean {
    return this.#assigned.has(name) || (this.#parent?.isAssigned(name) ?? false)
  }

  isFunction(name: string): boolean {
    return this.functions.has(name) || (this.#parent?.isFunction(name) ?? false)
  }

  /** The variable's text: its one value, or a mark. */
  textOf(name: string): string {
    if (this.#isDynamic()) return UNKNOWN
    const assigned = this.#find(name)
    if (assigned === null) {
      if (name === 'HOME') return '~'
      if (name === 'IFS') return WHITE_SPACE
      return name === '_' ? UNKNOWN : OPAQUE
    }
    if (assigned.text !== null) return assigned.text
    const { several } = assigned
    const { at } = this.#choice
    if (at !== null && several.length > 0)
      return several[Math.min(at, several.length - 1)] ?? OPAQUE
    this.#choice.most = Math.max(this.#choice.most, several.length)
    return assigned.isHarmless ? OPAQUE : UNKNOWN
  }

  /** The text of an expansion that cuts or changes the variable's value. */
  changedTextOf(name: string): string {
    if (this.#isDynamic()) return UNKNOWN
    const assigned = this.#find(name)
    if (assigned === null) return SHELL_SET.test(name) ? UNKNOWN : OPAQUE
    return assigned.isHarmless ? OPAQUE : UNKNOWN
  }

  #isDynamic(): boolean {
    if (this.isDynamic || this.#parent === null) return this.isDynamic
    return this.#parent.#isDynamic()
  }

  #find(name: string): Assigned | null {
    const own = this.#assigned.get(name) ?? null
    const outer = this.#parent === null ? null : this.#parent.#find(name)
    if (own === null || outer === null) return own ?? outer
    return {
      text: own.text === outer.text ? own.text : null,
      isHarmless: own.isHarmless && outer.isHarmless,
      several: [...new Set([...own.several, ...outer.several])].slice(0, MAX_SEVERAL),
    }
  }
}
