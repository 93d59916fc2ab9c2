/** For platforms whose text has no markup: nothing of the markdown is left but its words and addresses. */
import { type Dialect, renderMarkdown } from './markdown.ts'

const itself = (text: string): string => text

export const addressOf = (href: string): string => href.replace(/^mailto:/, '')

export const PLAIN: Dialect = {
  text: itself,
  strong: itself,
  emphasis: itself,
  deleted: itself,
  code: itself,
  fence: itself,
  heading: itself,
  quote: (content) => content.replaceAll(/^/gm, '> '),
  link: (label, href, isBare) => (isBare ? addressOf(href) : `${label} (${addressOf(href)})`),
  rule: '---',
}

export const toPlain = (markdown: string): string => renderMarkdown(markdown, PLAIN)

/** For platforms that know no escape for a fence inside of a fence: no text put into one ends it. */
export const apart = (text: string): string => text.replaceAll('``', '`\u200b`')
