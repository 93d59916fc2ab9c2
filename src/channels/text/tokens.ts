/**
 * Markdown read into its parts, in a time that grows with the text: the lexer looks through the rest of
 * a paragraph from each mark in it, so that a paragraph of little else costs the cube of its length.
 * Such a one is left as it was written; the rest of the text is read.
 */
import { Lexer, type Token } from 'marked'

/** Deeper than anyone writes; the lexer's own recursion would end in an overflow of the stack. */
const NESTED = /^[ \t]*(?:(?:>|[-*+]|\d{1,9}[.)])[ \t]*){32}/m

/** Twice the longest chunk of any platform. */
export const MAX_MARKDOWN_CHARS = 8_192
/** Of emphasis, in one paragraph; a page of prose has a few dozen. */
export const MAX_MARKS = 128
/** Of all that may be markup, in one paragraph. */
const MAX_SPECIALS = 800
/** Lines between a table's head and its body, and the like: the lexer looks from each to the end. */
const MAX_RULES = 64

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0

const isParagraphReadable = (text: string): boolean =>
  count(text, /[*_~]/g) <= MAX_MARKS && count(text, /[!"&'()<>@[\\\]`|]/g) <= MAX_SPECIALS

const isReadable = (markdown: string): boolean =>
  markdown.length <= MAX_MARKDOWN_CHARS &&
  count(markdown, /^[ \t>]*[-:|=][-:|= \t]*$/gm) <= MAX_RULES &&
  !NESTED.test(markdown)

/** Null for what is too much to be read at all. */
export function readMarkdown(markdown: string): readonly Token[] | null {
  if (!isReadable(markdown)) return null
  const lexer = new Lexer()
  lexer.blockTokens(markdown.replaceAll(/\r\n?/g, '\n'), lexer.tokens)
  // As `lex` does it.
  for (const { src, tokens } of lexer.inlineQueue) {
    lexer.state.inRawBlock = false
    if (isParagraphReadable(src)) lexer.inlineTokens(src, tokens)
    else tokens.push({ type: 'text', raw: src, text: src, escaped: false })
  }
  return lexer.tokens
}
