/** Markdown as WhatsApp shows it. It knows no escape, no masked link and no heading. */
import { type Dialect, renderMarkdown } from '../markdown.ts'
import { apart, PLAIN } from '../plain.ts'

export const MAX_WHATSAPP_CHARS = 4_096

const FENCE = '```'

const dialect: Dialect = {
  ...PLAIN,
  strong: (content) => `*${content}*`,
  emphasis: (content) => `_${content}_`,
  deleted: (content) => `~${content}~`,
  code: (text) => (text.includes('`') ? `${FENCE}${apart(text)}${FENCE}` : `\`${text}\``),
  fence: (text) => `${FENCE}\n${apart(text)}\n${FENCE}`,
  heading: (content) => (content.includes('*') ? content : `*${content}*`),
}

/** Of what is drawn and not read: a fence holds whatever is in it. */
export const drawWhatsapp = (compose: (dialect: Dialect) => string): string => compose(dialect)

export const toWhatsapp = (markdown: string): string => renderMarkdown(markdown, dialect)

export const measureWhatsapp = (markdown: string): number => toWhatsapp(markdown).length
