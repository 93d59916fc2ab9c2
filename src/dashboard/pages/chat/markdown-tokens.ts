/** Text → tokens, where the lexer is up to it; anything else is shown as it was written. Pure. */
import { lexer, type Token } from 'marked'

/** A page of prose has a few thousand characters; beyond this nobody waits for the lexer. */
const MAX_CHARS = 100_000
/** The lexer pairs marks in more than the square of their number, block by block. */
const MAX_MARKS_OF_BLOCK = 400
/** Deeper than anyone writes; the lexer's own recursion would end in an overflow of the stack. */
const MAX_NESTING = 24

const MARKS = '*_~[]()`<>!'
const NESTING = '>-*+'

function nestingOf(line: string): number {
  let depth = 0
  for (const char of line) {
    if (NESTING.includes(char)) depth++
    else if (
      char !== ' ' &&
      char !== '\t' &&
      char !== '.' &&
      char !== ')' &&
      !(char >= '0' && char <= '9')
    )
      break
    else if (char === '.' || char === ')') depth++
  }
  return depth
}

const isRule = (line: string): boolean => /^[-*_\s]+$/.test(line)

function isReadable(markdown: string): boolean {
  if (markdown.length > MAX_CHARS) return false
  let marks = 0
  let isFenced = false
  for (const line of markdown.split('\n')) {
    const start = line.trimStart()
    if (start.startsWith('```') || start.startsWith('~~~')) isFenced = !isFenced
    if (start === '') marks = 0
    if (isFenced) continue
    if (nestingOf(line) > MAX_NESTING && !isRule(line)) return false
    for (const char of line) if (MARKS.includes(char)) marks++
    if (marks > MAX_MARKS_OF_BLOCK) return false
  }
  return true
}

/** Null: too much for the lexer. */
export function tokensOf(markdown: string): readonly Token[] | null {
  if (!isReadable(markdown)) return null
  try {
    return lexer(markdown)
  } catch {
    return null
  }
}

const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
}

/** The lexer leaves entities for whoever writes HTML; here they are written out. */
export const withoutEntities = (text: string): string =>
  text.includes('&')
    ? text
        .replace(/&(amp|lt|gt|quot|apos|nbsp);/g, (whole, name: string) => NAMED[name] ?? whole)
        .replaceAll('&#39;', "'")
    : text

/** The words of a token that are seen, without what makes them strong or code. */
export function drawnOf(token: Token): string {
  const { tokens, text } = token as { readonly tokens?: readonly Token[]; readonly text?: string }
  if (tokens) return tokens.map(drawnOf).join('')
  return withoutEntities(text ?? token.raw)
}
