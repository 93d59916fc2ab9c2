/**
 * Text that grows block by block, up to a limit: what is written beyond it is dropped, and the writer
 * can be asked whether to go on. Blank lines, indents and quote marks are put where they belong.
 */

/** Deeper nesting of lists and quotes is shown at this depth: each level costs every line a prefix. */
const MAX_PREFIXES = 8

export class Lines {
  readonly #maxChars: number
  readonly #parts: string[] = []
  #prefixes: string[] = []
  #chars = 0
  #breaks = 0
  #marker = ''
  #hasSpace = false
  #lastPrefix = ''

  constructor(maxChars: number) {
    this.#maxChars = maxChars
  }

  get isFull(): boolean {
    return this.#chars > this.#maxChars
  }

  /** At least so many line ends before what comes next; 2 leave a blank line. */
  break(count: 1 | 2): void {
    this.#breaks = Math.max(this.#breaks, count)
    this.#hasSpace = false
  }

  /** Once, before the next text of this line: a list's bullet. */
  mark(marker: string): void {
    this.#marker = marker
  }

  indented(prefix: string, write: () => void): void {
    const outer = this.#prefixes
    if (outer.length < MAX_PREFIXES) this.#prefixes = [...outer, prefix]
    write()
    this.#prefixes = outer
    this.#marker = ''
  }

  /** A part of a line, or of several: `\n` ends one. White space around is a gap between words. */
  write(text: string): void {
    for (const [index, line] of text.split('\n').entries()) {
      if (index > 0) this.break(1)
      if (this.isFull) return
      this.#writeWords(line)
    }
  }

  #writeWords(line: string): void {
    const words = line.trim()
    const isLineStart = this.#chars === 0 || this.#breaks > 0
    if (words === '') {
      this.#hasSpace = !isLineStart && (this.#hasSpace || line !== '')
      return
    }
    const isApart = this.#hasSpace || /^\s/.test(line)
    this.#emit(isApart && !isLineStart ? ` ${words}` : words)
    this.#hasSpace = /\s$/.test(line)
  }

  /** As it stands, line by line. */
  writeVerbatim(text: string): void {
    for (const line of text.split('\n')) {
      if (this.isFull) return
      this.#emit(line)
      this.break(1)
    }
  }

  #emit(text: string): void {
    const lead = this.#lead()
    this.#parts.push(lead, text)
    this.#chars += lead.length + text.length
    this.#breaks = 0
    this.#marker = ''
  }

  /** Line ends and prefixes; the marker stands where the innermost prefix would. */
  #lead(): string {
    if (this.#chars > 0 && this.#breaks === 0) return ''
    const prefix = this.#prefixes.join('')
    const first = this.#marker === '' ? prefix : this.#prefixes.slice(0, -1).join('') + this.#marker
    const before = this.#lastPrefix
    this.#lastPrefix = prefix
    if (this.#chars === 0) return first
    // A blank line belongs to what both of its neighbours belong to.
    const shared = before.startsWith(prefix) ? prefix : prefix.startsWith(before) ? before : ''
    return this.#breaks === 2 ? `\n${shared.trimEnd()}\n${first}` : `\n${first}`
  }

  toString(): string {
    return this.#parts.join('')
  }
}
