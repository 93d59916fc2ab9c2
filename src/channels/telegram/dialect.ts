/** Markdown as Telegram's HTML style (core.telegram.org/bots/api, "HTML style"). */
import { type Dialect, renderMarkdown } from '../markdown.ts'
import { addressOf, PLAIN } from '../plain.ts'

/** In UTF-16 units of what is shown: tags do not count. */
export const MAX_TELEGRAM_CHARS = 4_096

/** Telegram makes a mention of every @name that it finds: with a joiner in it, it is a word. */
const quiet = (text: string): string => text.replaceAll(/@(?=\w)/g, '@\u2060')

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const attribute = (text: string): string => escaped(text).replaceAll('"', '&quot;')

/** A quote in a quote is refused; a mark within its own kind is nothing new. */
const without = (content: string, tag: string): string =>
  content.replaceAll(`<${tag}>`, '').replaceAll(`</${tag}>`, '')
const wrapped = (tag: string, content: string): string =>
  `<${tag}>${without(content, tag)}</${tag}>`

const html: Dialect = {
  text: (text) => escaped(quiet(text)),
  strong: (content) => wrapped('b', content),
  emphasis: (content) => wrapped('i', content),
  deleted: (content) => wrapped('s', content),
  code: (text) => `<code>${escaped(text)}</code>`,
  fence: (text, language) =>
    /^[\w+#-]{1,30}$/.test(language)
      ? `<pre><code class="language-${language}">${escaped(text)}</code></pre>`
      : `<pre>${escaped(text)}</pre>`,
  heading: (content) => wrapped('b', content),
  quote: (content) => wrapped('blockquote', content),
  link: (label, href, isBare) =>
    isBare ? escaped(addressOf(href)) : `<a href="${attribute(href)}">${label}</a>`,
  rule: '———',
}

/** The same to the character, without a tag. */
const shown: Dialect = {
  ...PLAIN,
  text: quiet,
  quote: (content) => content,
  link: (label, href, isBare) => (isBare ? addressOf(href) : label),
  rule: '———',
}

export const toTelegram = (markdown: string): string => renderMarkdown(markdown, html)
export const toTelegramText = (markdown: string): string => renderMarkdown(markdown, shown)
export const measureTelegram = (markdown: string): number => toTelegramText(markdown).length
