/**
 * Markdown as Telegram shows it: a plain text, and beside it which of its spans are bold, code, links …
 * Nothing is escaped, because nothing in the text is markup. Telegram makes a mention of every `@name`
 * that it finds outside of code; an invisible character after the `@` keeps it from that.
 */
import { type Dialect, renderMarkdown } from '../markdown.ts'
import { addressOf } from '../plain.ts'

/** Of UTF-16 units, in which Telegram counts offsets; a text has never fewer of them than characters. */
export const MAX_TELEGRAM_CHARS = 4_096
/** Telegram drops what is over. */
const MAX_SPANS = 100

type Emphasis = 'bold' | 'italic' | 'strikethrough'
type Style =
  | { readonly type: Emphasis | 'code' | 'blockquote' }
  | { readonly type: 'pre'; readonly language?: string }
  | { readonly type: 'text_link'; readonly url: string }
export type TextSpan = Style & { readonly offset: number; readonly length: number }

export interface TelegramText {
  readonly text: string
  readonly entities: readonly TextSpan[]
}

/** Noncharacters: no text has them for anything else, and ours is rid of them before. */
const OPEN = '\ufdd0'
const OPENED = '\ufdd1'
const CLOSE = '\ufdd2'
const MARKS = /[\ufdd0-\ufdd2]/g
const PARTS = /(\ufdd0\d+\ufdd1|\ufdd2)/

const WORD_JOINER = '\u2060'

/** An address of mail stays one: no mention begins behind a letter. */
export const inert = (text: string): string =>
  text.replaceAll(/(?<![A-Za-z0-9_])@(?!\u2060)/g, `@${WORD_JOINER}`)

export function toTelegram(markdown: string): TelegramText {
  const clean = markdown.toWellFormed().replaceAll(MARKS, '\ufffd')
  const styles: Style[] = []
  const shown = separate(renderMarkdown(clean, dialectOf(styles)), styles)
  // A text without a word is refused: one that is markup alone is shown as it was written.
  return shown.text.trim() === '' ? { text: inert(clean), entities: [] } : shown
}

/** Of what is drawn and not read, and holds none of our marks: spans are ended by nothing in them. */
export function drawTelegram(compose: (dialect: Dialect) => string): TelegramText {
  const styles: Style[] = []
  return separate(compose(dialectOf(styles)), styles)
}

export const measureTelegram = (markdown: string): number => toTelegram(markdown).text.length

function dialectOf(styles: Style[]): Dialect {
  const mark = (style: Style, content: string): string =>
    `${OPEN}${styles.push(style) - 1}${OPENED}${content}${CLOSE}`
  return {
    text: (text) => text,
    strong: (content) => mark({ type: 'bold' }, content),
    emphasis: (content) => mark({ type: 'italic' }, content),
    deleted: (content) => mark({ type: 'strikethrough' }, content),
    code: (text) => mark({ type: 'code' }, text),
    fence: (text, info) => {
      const language = info.replaceAll(/[^\w+#-]/g, '').slice(0, 64)
      return mark({ type: 'pre', ...(language === '' ? {} : { language }) }, text)
    },
    heading: (content) => mark({ type: 'bold' }, content),
    quote: (content) => mark({ type: 'blockquote' }, content),
    link: (label, href, isBare) => {
      const address = addressOf(href)
      if (isLinkable(href)) {
        return mark({ type: 'text_link', url: href }, isBare ? address : label)
      }
      return isBare ? address : `${label} (${address})`
    },
    rule: '———',
  }
}

/** Telegram refuses a whole message for a link to mail, or to a host without a dot. */
function isLinkable(href: string): boolean {
  const { protocol, hostname } = new URL(href)
  return /^https?:$/.test(protocol) && hostname.includes('.')
}

interface Opened {
  /** Null for what is not shown. */
  style: Style | null
  start: number
}

const isCode = (style: Style | null): boolean => style?.type === 'code' || style?.type === 'pre'
const isEmphasis = ({ style }: Opened): boolean =>
  ['bold', 'italic', 'strikethrough'].includes(style?.type ?? '')

/** Spans as Telegram wants them: none in another of its kind, and none that crosses or holds code. */
function separate(marked: string, styles: readonly Style[]): TelegramText {
  let text = ''
  let left = MAX_SPANS
  const entities: TextSpan[] = []
  const stack: Opened[] = []
  const end = ({ style, start }: Opened): void => {
    const length = text.length - start
    if (style !== null && length > 0) entities.push({ ...style, offset: start, length })
  }
  const open = (style: Style): void => {
    const isIn = (type: Style['type']) => stack.some((outer) => outer.style?.type === type)
    const isShown = left > 0 && !isIn(style.type) && !(isCode(style) && isIn('text_link'))
    if (isShown) left -= 1
    if (isShown && isCode(style)) for (const outer of stack.filter(isEmphasis)) end(outer)
    stack.push({ style: isShown ? style : null, start: text.length })
  }
  const close = (): void => {
    const closed = stack.pop()
    if (closed === undefined) return
    end(closed)
    if (!isCode(closed.style)) return
    for (const outer of stack.filter(isEmphasis)) {
      outer.start = text.length
      if (left === 0) outer.style = null
      else left -= 1
    }
  }
  for (const part of marked.split(PARTS)) {
    if (part === CLOSE) close()
    else if (part.startsWith(OPEN)) open(styles[Number(part.slice(1, -1))] as Style)
    else text += isCode(stack.at(-1)?.style ?? null) ? part : inert(part)
  }
  return { text, entities: entities.toSorted((a, b) => a.offset - b.offset || b.length - a.length) }
}
