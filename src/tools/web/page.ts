/** An answer from the web as text for a model: which kind it is, its title, and what it says. */
import type { WebAnswer } from '../../domain/ports/web.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import { cutHead } from '../../domain/text-cut.ts'
import { decodeBody } from './charset.ts'
import { readXml } from './feed.ts'
import { findMainContent } from './main-content.ts'
import { type Rendered, renderMarkup } from './markdown.ts'
import { findElement, MAX_MARKUP_CHARS, parseMarkup, textOf } from './markup.ts'
import { kindOf, type MediaType, parseMediaType } from './media-type.ts'

export const PAGE_FORMATS = ['markdown', 'text', 'raw'] as const
export type PageFormat = (typeof PAGE_FORMATS)[number]

export interface Page extends Rendered {
  readonly mediaType: string
  /** Empty where there is none. */
  readonly title: string
}

const MAX_TITLE_CHARS = 300
/** In every encoding that browsers read; what is beyond is not even decoded. */
const MAX_BYTES_A_CHAR = 4

export interface ReadOptions {
  readonly format: PageFormat
  readonly maxChars: number
}

/** @returns the page, or why there is nothing to read, in words for the model */
export function readPage(answer: WebAnswer, options: ReadOptions): Result<Page, string> {
  const header = answer.headers.find(([name]) => name === 'content-type')?.[1]
  const type = parseMediaType(header)
  const kind = kindOf(type, answer.body)
  if (kind === 'binary') return err(describeBinary(type, answer))
  const isShownAsItIs = kind === 'text' || options.format === 'raw'
  const neededChars = isShownAsItIs ? options.maxChars : MAX_MARKUP_CHARS
  // One more than is needed shows that there is more.
  const source = decodeBody(answer.body.subarray(0, MAX_BYTES_A_CHAR * (neededChars + 1)), type)
  const mediaType = type.name || 'text (not declared)'
  if (isShownAsItIs) {
    const text = cutHead(source, options.maxChars)
    return ok({ mediaType, title: '', text, isCut: text !== source })
  }
  if (kind === 'xml') {
    const read = readXml(source, answer.url, options.maxChars)
    return read.ok ? ok({ mediaType, ...read.value }) : read
  }
  return ok({ mediaType, ...readHtml(source, answer.url, options.format, options.maxChars) })
}

function readHtml(
  source: string,
  url: string,
  style: 'markdown' | 'text',
  maxChars: number,
): Omit<Page, 'mediaType'> {
  const { root, isCut } = parseMarkup(source, 'html')
  const titleElement = findElement(root, ({ name }) => name === 'title')
  const baseElement = findElement(root, ({ name }) => name === 'base')
  const base = URL.parse(baseElement?.attributes.get('href') ?? '', url)?.href ?? url
  const { element, keep } = findMainContent(root)
  const rendered = renderMarkup(element, { style, base, maxChars, keep })
  const title = titleElement === null ? '' : textOf(titleElement).replaceAll(/\s+/g, ' ').trim()
  return {
    title: cutHead(title, MAX_TITLE_CHARS),
    text: rendered.text,
    isCut: isCut || rendered.isCut,
  }
}

function describeBinary({ name }: MediaType, { body, isTruncated }: WebAnswer): string {
  const size = `${isTruncated ? 'more than ' : ''}${body.length} bytes`
  return `The address answers ${name || 'data of an unnamed type'}, ${size}; it is no text and is not shown.`
}
