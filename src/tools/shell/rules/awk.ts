/** Reads awk programs as far as needed to find what they run, connect to or dump. */
export interface AwkReading {
  /** Commands of `print | "…"` and `"…" | getline`; null where the command is no literal. */
  readonly commands: readonly (string | null)[]
  readonly runsProgram: boolean
  readonly connects: boolean
  readonly readsEnvironment: boolean
  /** Files of `print > "…"`; null where the name is no literal. */
  readonly files: readonly (string | null)[]
}

type Token =
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'sign'; readonly text: string }
  | { readonly kind: 'regex' }

export function readAwkProgram(program: string): AwkReading {
  const tokens = tokenize(program)
  const commands: (string | null)[] = []
  const files: (string | null)[] = []
  let runsProgram = false
  let connects = false
  let readsEnvironment = false
  let prints = false
  tokens.forEach((token, at) => {
    const next = tokens[at + 1]
    const previous = tokens[at - 1]
    switch (token.kind) {
      case 'string':
        if (/^\/inet[46]?\//.test(token.text)) connects = true
        break
      case 'word':
        if (token.text === 'system') runsProgram = true
        if (token.text === 'ENVIRON' && !(next?.kind === 'sign' && next.text === '[')) {
          readsEnvironment = true
        }
        if (token.text === 'print' || token.text === 'printf') prints = true
        break
      case 'sign':
        if (token.text === '@') runsProgram = true
        if (token.text === ';' || token.text === '}' || token.text === '\n') prints = false
        if (token.text === '|' || token.text === '|&') {
          const side = next?.kind === 'word' && next.text === 'getline' ? previous : next
          commands.push(side?.kind === 'string' ? side.text : null)
        }
        if (prints && (token.text === '>' || token.text === '>>')) {
          files.push(next?.kind === 'string' ? next.text : null)
        }
        break
      case 'regex':
        break
    }
  })
  return { commands, runsProgram, connects, readsEnvironment, files }
}

function tokenize(program: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < program.length) {
    const char = program[at] ?? ''
    if (char === '#') {
      const end = program.indexOf('\n', at)
      at = end < 0 ? program.length : end
    } else if (char === '"') {
      const end = endOf(program, at + 1, '"')
      tokens.push({ kind: 'string', text: decodeEscapes(program.slice(at + 1, end - 1)) })
      at = end
    } else if (char === '/' && isOperandNext(tokens.at(-1))) {
      at = endOf(program, at + 1, '/')
      tokens.push({ kind: 'regex' })
    } else if (/[A-Za-z_0-9$]/.test(char)) {
      const from = at
      while (at < program.length && /[A-Za-z_0-9$.]/.test(program[at] ?? '')) at++
      tokens.push({ kind: 'word', text: program.slice(from, at) })
    } else if (/[ \t\r]/.test(char)) {
      at++
    } else {
      const two = program.slice(at, at + 2)
      const text = /^(?:\|\||\|&|&&|>=|<=|==|!=|>>|\+\+|--)$/.test(two) ? two : char
      tokens.push({ kind: 'sign', text })
      at += text.length
    }
  }
  return tokens
}

/** Behind an operand a slash divides; elsewhere it opens a regular expression. */
const isOperandNext = (last: Token | undefined): boolean => {
  if (last === undefined || last.kind === 'regex') return true
  if (last.kind === 'string') return false
  if (last.kind === 'word') return /^(?:print|printf|return|in|getline|case)$/.test(last.text)
  return !/^(?:\)|\]|\+\+|--)$/.test(last.text)
}

function endOf(program: string, from: number, quote: string): number {
  for (let at = from; at < program.length; at++) {
    if (program[at] === '\\') at++
    else if (program[at] === quote || (quote === '/' && program[at] === '\n')) return at + 1
  }
  return program.length + 1
}

const AWK_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['\n', ''],
])

const decodeEscapes = (text: string): string =>
  text.replace(/\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3})|([\s\S]))/g, (_, hex, octal, char) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 255)
    return AWK_ESCAPES.get(String(char)) ?? String(char)
  })
