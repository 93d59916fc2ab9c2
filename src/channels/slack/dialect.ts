/**
 * Markdown as Slack shows it (`mrkdwn`). `&`, `<` and `>` are escaped wherever a model wrote them, so
 * that nothing but our own links is a control sequence: no `<!channel>`, no `<@U…>`.
 */
import { type Dialect, renderMarkdown } from '../markdown.ts'
import { addressOf, apart, PLAIN } from '../plain.ts'

/** Of a message that is to be edited as well; counted as rendered. */
export const MAX_SLACK_CHARS = 4_000

const FENCE = '```'

export const escapeSlack = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** An address ends at `|` or `>`; those that stand for mail may hold either. */
const escapeHref = (href: string): string =>
  href.replaceAll('&', '&amp;').replaceAll('<', '%3C').replaceAll('>', '%3E').replaceAll('|', '%7C')

const dialect: Dialect = {
  ...PLAIN,
  text: escapeSlack,
  strong: (content) => `*${content}*`,
  emphasis: (content) => `_${content}_`,
  deleted: (content) => `~${content}~`,
  code: (text) => {
    const shown = apart(escapeSlack(text))
    return text.includes('`') ? `${FENCE}${shown}${FENCE}` : `\`${shown}\``
  },
  fence: (text) => `${FENCE}\n${apart(escapeSlack(text))}\n${FENCE}`,
  heading: (content) => (content.includes('*') ? content : `*${content}*`),
  link: (label, href, isBare) => {
    const target = escapeHref(href)
    if (isBare)
      return `<${target}${href.startsWith('mailto:') ? `|${escapeSlack(addressOf(href))}` : ''}>`
    // A link inside of a label would end it.
    if (label.includes('<')) return `${label} <${target}>`
    return `<${target}|${label.replaceAll(/\s+/g, ' ')}>`
  },
}

/** Of what is drawn and not read: a fence holds whatever is in it. */
export const drawSlack = (compose: (dialect: Dialect) => string): string => compose(dialect)

export const toSlack = (markdown: string): string => renderMarkdown(markdown, dialect)

export const measureSlack = (markdown: string): number => toSlack(markdown).length
