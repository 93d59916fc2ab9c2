/**
 * Markdown as Discord shows it. Its own markup in plain text is escaped, so that it shows what was
 * written; mentions are broken up beside being switched off in every payload.
 */
import { type Dialect, renderMarkdown } from '../markdown.ts'
import { addressOf, apart } from '../plain.ts'

/** Discord counts characters; in UTF-16 units a text is never shorter than that. */
export const MAX_DISCORD_CHARS = 2_000

const ZERO_WIDTH_SPACE = '\u200b'
const MAX_HEADING_DEPTH = 3

const escaped = (text: string): string =>
  text.replaceAll(/[\\*_~`|[\]]/g, '\\$&').replaceAll(/<(?=[@#:/ti])/gi, '\\<')

const dialect: Dialect = {
  text: escaped,
  strong: (content) => `**${content}**`,
  emphasis: (content) => `*${content}*`,
  deleted: (content) => `~~${content}~~`,
  code: (text) => (text.includes('`') ? `\`\` ${apart(text)} \`\`` : `\`${text}\``),
  fence: (text, language) =>
    `\`\`\`${language.replaceAll(/[^\w+#-]/g, '')}\n${apart(text)}\n\`\`\``,
  heading: (content, depth) =>
    depth > MAX_HEADING_DEPTH ? `**${content}**` : `${'#'.repeat(depth)} ${content}`,
  quote: (content) => content.replaceAll(/^/gm, '> '),
  // Mail addresses are no links there.
  link: (label, href, isBare) => {
    if (href.startsWith('mailto:'))
      return isBare ? addressOf(href) : `${label} (${addressOf(href)})`
    return isBare ? `<${href}>` : `[${label}](<${href}>)`
  },
  rule: '---',
}

const inert = (text: string): string =>
  text.replaceAll(/@(?=everyone|here)/gi, `@${ZERO_WIDTH_SPACE}`)

/** Of what is drawn and not read: a fence holds whatever is in it. */
export const drawDiscord = (compose: (dialect: Dialect) => string): string =>
  inert(compose(dialect))

export const toDiscord = (markdown: string): string => inert(renderMarkdown(markdown, dialect))

export const measureDiscord = (markdown: string): number => toDiscord(markdown).length
