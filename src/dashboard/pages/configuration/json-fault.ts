/**
 * Where a text stops being JSON, for people who write one: browsers word it differently and
 * do not always say the line. What it passes, `JSON.parse` reads.
 */

/** What the whole is to be. */
export type JsonRoot = 'object' | 'any'

export interface JsonFault {
  /** From 1. */
  readonly line: number
  readonly column: number
  readonly message: string
}

class Fault extends Error {
  readonly at: number

  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

const MAX_DEPTH = 50
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const LITERAL = /true|false|null/y
const WHITE = ' \t\r\n'
const ESCAPED = '"\\/bfnrtu'
const HEX = '0123456789abcdefABCDEF'
const FIRST_PRINTED = ' '

class Scanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  document(root: JsonRoot): void {
    this.#skip()
    if (root === 'object' && this.#peek() !== '{') throw this.#fault('The document begins with {.')
    this.#value(0)
    this.#skip()
    if (this.#at < this.#text.length)
      throw this.#fault(`Nothing may follow the ${root === 'object' ? 'last }' : 'value'}.`)
  }

  #peek(): string {
    return this.#text.charAt(this.#at)
  }

  #fault(message: string, at = this.#at): Fault {
    const isOver = at >= this.#text.length
    return new Fault(isOver ? `The text ends too early. ${message}` : message, at)
  }

  #skip(): void {
    while (this.#at < this.#text.length && WHITE.includes(this.#peek())) this.#at += 1
  }

  #expect(char: string, message: string): void {
    this.#skip()
    if (this.#peek() !== char) throw this.#fault(message)
    this.#at += 1
    this.#skip()
  }

  #value(depth: number): void {
    if (depth > MAX_DEPTH) throw this.#fault('Nested too deep.')
    const char = this.#peek()
    if (char === '{') this.#object(depth)
    else if (char === '[') this.#list(depth)
    else if (char === '"') this.#string()
    else if (!this.#matches(NUMBER) && !this.#matches(LITERAL))
      throw this.#fault('A value is missing here: "text", a number, true, false, null, { or [.')
  }

  #matches(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at
    const [found] = pattern.exec(this.#text) ?? []
    this.#at += found?.length ?? 0
    return found !== undefined
  }

  #object(depth: number): void {
    const names = new Set<string>()
    this.#expect('{', 'A { is missing.')
    if (this.#peek() === '}') {
      this.#at += 1
      return
    }
    for (;;) {
      const start = this.#at
      if (this.#peek() !== '"') throw this.#fault('A name in double quotes is missing here.')
      const name = this.#string()
      if (names.has(name)) throw this.#fault(`${name} stands here a second time.`, start)
      names.add(name)
      this.#expect(':', 'A : is missing after the name.')
      this.#value(depth + 1)
      if (this.#isLast('}')) return
    }
  }

  #list(depth: number): void {
    this.#expect('[', 'A [ is missing.')
    if (this.#peek() === ']') {
      this.#at += 1
      return
    }
    for (;;) {
      this.#value(depth + 1)
      if (this.#isLast(']')) return
    }
  }

  /** Past a comma, or past the end of what it is in. */
  #isLast(end: string): boolean {
    this.#skip()
    const char = this.#peek()
    if (char !== ',' && char !== end) throw this.#fault(`A comma or ${end} is missing here.`)
    const comma = this.#at
    this.#at += 1
    if (char === end) return true
    this.#skip()
    if (this.#peek() === end) throw this.#fault(`No comma before ${end}.`, comma)
    return false
  }

  /** @returns it as it is written. */
  #string(): string {
    const start = this.#at
    this.#at += 1
    for (;;) {
      const char = this.#peek()
      if (char === '') throw this.#fault('The closing " is missing.')
      if (char < FIRST_PRINTED) throw this.#fault('A text goes on one line; write \\n in it.')
      this.#at += 1
      if (char === '"') return this.#text.slice(start, this.#at)
      if (char === '\\') this.#escape()
    }
  }

  #escape(): void {
    const char = this.#peek()
    if (char === '' || !ESCAPED.includes(char)) throw this.#fault('No such escape after \\.')
    this.#at += 1
    if (char !== 'u') return
    for (let count = 0; count < 4; count++) {
      if (this.#peek() === '' || !HEX.includes(this.#peek()))
        throw this.#fault('\\u needs four hexadecimal digits.')
      this.#at += 1
    }
  }
}

/** Null: it is what it is to be. */
export function faultOfJson(text: string, root: JsonRoot = 'object'): JsonFault | null {
  try {
    new Scanner(text).document(root)
    return null
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const before = text.slice(0, error.at).split('\n')
    return {
      line: before.length,
      column: (before.at(-1)?.length ?? 0) + 1,
      message: error.message,
    }
  }
}

/** Where a line begins in the text, to place the cursor there. */
export const startOfLine = (text: string, line: number): number =>
  text
    .split('\n')
    .slice(0, line - 1)
    .reduce((at, each) => at + each.length + 1, 0)
