/**
 * Text → tokens, in a time that grows with the text; what the lexer is not up to is shown as it was
 * written. The lexer looks from many marks to the end of what it was given, so it is given little at
 * a time: pieces that stand for themselves, of which only those that changed are read anew. Pure.
 */
import { Lexer, type Token, Tokenizer, type Tokens } from 'marked'
import { codeOf, piecesOf } from './markdown-pieces.ts'

/** A page of prose has a few thousand characters; beyond this nobody waits for the lexer. */
const MAX_CHARS = 100_000
/** Of a piece that is no code. */
const MAX_PIECE_CHARS = 8_192
/** Of emphasis, in one paragraph: the lexer pairs them in more than the square of their number. */
const MAX_MARKS = 128
/** Of all that may be markup, in one paragraph. */
const MAX_SPECIALS = 800
/** Lines between a table's head and its body, and the like: the lexer looks from each to the end. */
const MAX_RULES = 64
/** Deeper than anyone writes; the lexer's own recursion would end in an overflow of the stack. */
const NESTED = /^[ \t]*(?:(?:>|[-*+]|\d{1,9}[.)])[ \t]*){24}/m

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0

const isPieceReadable = (piece: string): boolean =>
  piece.length <= MAX_PIECE_CHARS &&
  count(piece, /^[ \t>]*[-:|=*_][-:|=*_ \t]*$/gm) <= MAX_RULES &&
  !NESTED.test(piece)

const isParagraphReadable = (text: string): boolean =>
  count(text, /[*_~]/g) <= MAX_MARKS && count(text, /[!"&'()<>@[\\\]`|]/g) <= MAX_SPECIALS

/** Where plain text ends: at a mark, at a line's end that breaks, at an address. */
const NEXT = /[\\<![`*~_]| {2}\n|https?:\/\/|ftp:\/\/|www\./g
const ADDRESS = /^(?:https?:\/\/|ftp:\/\/|www\.)/i

/** Bare mail addresses stay text: to find them the lexer looks ahead from every character. */
class WithoutMail extends Tokenizer {
  override url(src: string): Tokens.Link | undefined {
    return ADDRESS.test(src) ? super.url(src) : undefined
  }

  override inlineText(src: string): Tokens.Text {
    NEXT.lastIndex = /^(?:`+|~+)/.exec(src)?.[0].length ?? 1
    const raw = src.slice(0, NEXT.exec(src)?.index)
    return { type: 'text', raw, text: raw, escaped: this.lexer.state.inRawBlock }
  }
}

/** Tokens of one piece. */
export type Piece = readonly Token[]
type Links = Lexer['tokens']['links']

interface Blocks {
  /** What it gives names to; a link anywhere in the text may go by one. */
  readonly names: Links
  finish(links: Links): Piece
}

const finished = (token: Token): Blocks => ({ names: {}, finish: () => [token] })

function blocksOf(piece: string): Blocks {
  const code = codeOf(piece)
  if (code !== null)
    return finished({ type: 'code', raw: piece, lang: code.language, text: code.text })
  if (!isPieceReadable(piece)) return finished({ type: 'written', raw: piece })
  const lexer = new Lexer({ gfm: true, tokenizer: new WithoutMail() })
  lexer.blockTokens(piece, lexer.tokens)
  const finish = (links: Links): Piece => {
    Object.assign(lexer.tokens.links, links)
    // As `lex` does it.
    for (const { src, tokens } of lexer.inlineQueue) {
      lexer.state.inRawBlock = false
      if (isParagraphReadable(src)) lexer.inlineTokens(src, tokens)
      else tokens.push({ type: 'text', raw: src, text: src, escaped: false })
    }
    return lexer.tokens
  }
  return { names: { ...lexer.tokens.links }, finish }
}

interface Known {
  readonly names: Links
  readonly piece: Piece
}

/** Reads one text as it grows: a piece that it has read before is the same one again. */
export function markdownReader(): (markdown: string) => readonly Piece[] | null {
  let known: ReadonlyMap<string, Known> = new Map()
  let knownLinks = '{}'
  return (markdown) => {
    if (markdown.length > MAX_CHARS) return null
    const texts = piecesOf(markdown.replaceAll(/\r\n?/g, '\n'))
    const begun = new Map<string, Blocks>()
    for (const text of texts)
      if (!known.has(text) && !begun.has(text)) begun.set(text, blocksOf(text))
    const links: Links = {}
    for (const text of texts) Object.assign(links, (known.get(text) ?? begun.get(text))?.names)
    const isSame = JSON.stringify(links) === knownLinks
    const read = new Map<string, Known>()
    for (const text of texts) {
      const before = isSame ? known.get(text) : undefined
      if (before !== undefined) read.set(text, before)
      if (read.has(text)) continue
      const { names, finish } = begun.get(text) ?? blocksOf(text)
      read.set(text, { names, piece: finish(links) })
    }
    known = read
    knownLinks = JSON.stringify(links)
    return texts.map((text) => read.get(text)?.piece ?? [])
  }
}

/** Null: too much for anybody. */
export const tokensOf = (markdown: string): readonly Token[] | null =>
  markdownReader()(markdown)?.flat() ?? null

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
