/**
 * Markdown of a model as text of a platform: the walk is the same for all, a dialect says how each kind
 * of passage is spelled. Raw HTML is text, an image is a link, and a link leads to the web or to mail.
 */
import type { Token, Tokens } from 'marked'
import { allowedLink, isMisleadingLabel } from './text/links.ts'
import { readMarkdown } from './text/tokens.ts'

export interface Dialect {
  /** What is not markup: escaped where the platform has an escape. */
  text(text: string): string
  strong(content: string): string
  emphasis(content: string): string
  deleted(content: string): string
  code(text: string): string
  fence(text: string, language: string): string
  heading(content: string, depth: number): string
  quote(content: string): string
  /** `isBare`: the label says nothing but the address. */
  link(label: string, href: string, isBare: boolean): string
  readonly rule: string
}

/** What is too much to be read is shown as it was written. */
export function renderMarkdown(markdown: string, dialect: Dialect): string {
  const tokens = readMarkdown(markdown)
  return tokens === null ? dialect.text(markdown) : blocks(tokens, dialect)
}

const blocks = (tokens: readonly Token[], dialect: Dialect): string =>
  tokens
    .filter(({ type }) => type !== 'space' && type !== 'def')
    .map((token) => block(token, dialect))
    .filter((text) => text !== '')
    .join('\n\n')

function block(token: Token, dialect: Dialect): string {
  switch (token.type) {
    case 'code':
      return dialect.fence(token['text'] as string, String(token['lang'] ?? ''))
    case 'heading':
      return dialect.heading(inlines(token, dialect), Number(token['depth']))
    case 'hr':
      return dialect.rule
    case 'blockquote':
      return dialect.quote(blocks(token.tokens ?? [], dialect))
    case 'list':
      return list(token as Tokens.List, dialect)
    case 'table':
      return dialect.fence(table(token as Tokens.Table), '')
    case 'html':
      return dialect.text(token.raw.trimEnd())
    default:
      return inlines(token, dialect)
  }
}

function list({ ordered, start, items }: Tokens.List, dialect: Dialect): string {
  const first = typeof start === 'number' ? start : 1
  return items
    .map((item, i) => {
      const mark = ordered ? `${first + i}. ` : '- '
      const box = item.task ? `[${item.checked ? 'x' : ' '}] ` : ''
      const content = item.tokens
        .filter(({ type }) => type !== 'space' && type !== 'checkbox')
        .map((token) => block(token, dialect))
        .join('\n')
      return mark + box + content.replaceAll('\n', `\n${' '.repeat(mark.length)}`)
    })
    .join('\n')
}

/** Columns of one width, for platforms that have no tables. */
function table({ header, rows }: Tokens.Table): string {
  const lines = [header, ...rows].map((row) => row.map(({ text }) => text))
  const widths = header.map((_, i) => Math.max(...lines.map((line) => (line[i] ?? '').length)))
  return lines
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join(' | ')
        .trimEnd(),
    )
    .join('\n')
}

/** A token without parts is its own text. */
const inlines = (token: Token, dialect: Dialect): string =>
  'tokens' in token && token.tokens !== undefined
    ? token.tokens.map((part) => inline(part, dialect)).join('')
    : dialect.text('text' in token ? String(token.text) : token.raw)

function inline(token: Token, dialect: Dialect): string {
  switch (token.type) {
    case 'strong':
      return dialect.strong(inlines(token, dialect))
    case 'em':
      return dialect.emphasis(inlines(token, dialect))
    case 'del':
      return dialect.deleted(inlines(token, dialect))
    case 'codespan':
      return dialect.code(token['text'] as string)
    case 'br':
      return '\n'
    case 'link':
    case 'image':
      return link(token, dialect)
    case 'html':
      return dialect.text(token.raw)
    default:
      return inlines(token, dialect)
  }
}

function link(token: Token, dialect: Dialect): string {
  const { href, text } = token as Tokens.Link
  const label = token.type === 'image' ? dialect.text(text) : inlines(token, dialect)
  const safe = allowedLink(href)
  if (safe === null) return refusedLink(label, href, dialect)
  const isBare = text === '' || text === href || `mailto:${text}` === href
  // `[bank.example](https://evil.example)`: both are shown, and only the true one is clicked on.
  if (!isBare && isMisleadingLabel(text, safe)) return `${label} (${dialect.link('', safe, true)})`
  return dialect.link(label, safe, isBare)
}

/** An address of the web that reads as another one is shown and not offered; of any other the words stay. */
function refusedLink(label: string, href: string, dialect: Dialect): string {
  const url = URL.parse(href)
  const isWeb = url !== null && ['http:', 'https:'].includes(url.protocol)
  return isWeb ? `${label} (${dialect.text(url.href)})` : label
}
