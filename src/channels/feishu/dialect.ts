/** Markdown as a text message of Feishu shows it: words, with the one tag that would call people inert. */
import { toPlain } from '../plain.ts'

/** A screenful; Feishu's own bound is 150 KB of JSON. */
export const MAX_FEISHU_CHARS = 4_000

/** `<at user_id="all">` calls a whole group. */
const AT_TAG = /<(?=[\s/\u200b-\u200f\ufeff]*at)/gi

export const toFeishu = (markdown: string): string =>
  toPlain(markdown).replaceAll(AT_TAG, '<\u200b')

export const measureFeishu = (markdown: string): number => toFeishu(markdown).length
