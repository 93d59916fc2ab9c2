/**
 * A page's elements as Markdown or plain text, for a model to read. Bounded by what it writes, not by
 * what the page holds. Images become their descriptions: whoever repeats the text loads nothing.
 */
import { cutHead } from '../../domain/text-cut.ts'
import { isBlock } from './html-elements.ts'
import { Lines } from './lines.ts'
import type { Keep } from './main-content.ts'
import { isElement, type MarkupElement, type MarkupNode, textOf } from './markup.ts'
import { isDataTable, tableRows } from './table.ts'

export interface RenderOptions {
  readonly style: 'markdown' | 'text'
  /** Where relative links start. */
  readonly base: string
  readonly maxChars: number
  readonly keep: Keep
}

export interface Rendered {
  readonly text: string
  readonly isCut: boolean
}

const HEADING = /^h([1-6])$/
/** A longer address is data, not a place to go to. */
const MAX_LINK_CHARS = 2_000
const STRONG = new Set(['b', 'strong'])
const EMPHASIS = new Set(['em', 'i'])
const LISTS = new Set(['ul', 'ol', 'menu', 'dir'])
/** Their content begins a line, without a blank one before. */
const LINES = new Set(['tr', 'li', 'dt', 'dd'])
const CODE = new Set(['code', 'kbd', 'samp', 'tt'])

/** An absolute web or mail address without credentials, in which Markdown sees no end; else null. */
export function linkTarget(href: string, base: string): string | null {
  if (href === '' || href.startsWith('#') || href.length > MAX_LINK_CHARS) return null
  const url = URL.parse(href, base)
  if (url === null || !/^(?:https?|mailto):$/.test(url.protocol)) return null
  url.username = ''
  url.password = ''
  const target = url.href.replaceAll('(', '%28').replaceAll(')', '%29')
  return target.length > MAX_LINK_CHARS ? null : target
}

const collapsed = (text: string): string => text.replaceAll(/\s+/g, ' ')

/** Longer than any run inside, so that the text cannot end it. */
function fence(text: string, least: number): string {
  const runs = text.match(/`+/g) ?? []
  return '`'.repeat(runs.reduce((most, run) => Math.max(most, run.length + 1), least))
}

interface Inline {
  readonly isStrong: boolean
  readonly isEmphasis: boolean
  readonly isCode: boolean
  readonly isLink: boolean
}
const PLAIN: Inline = { isStrong: false, isEmphasis: false, isCode: false, isLink: false }

class Renderer {
  readonly #lines: Lines
  readonly #options: RenderOptions
  readonly #isMarkdown: boolean
  readonly #hasBlocks = new Map<MarkupElement, boolean>()
  #isInList = false

  constructor(options: RenderOptions) {
    this.#options = options
    this.#lines = new Lines(options.maxChars)
    this.#isMarkdown = options.style === 'markdown'
  }

  render(root: MarkupElement): string {
    this.#flow(root.children)
    return this.#lines.toString()
  }

  /** Blocks each for itself, the inline content between them as paragraphs. */
  #flow(nodes: readonly MarkupNode[]): void {
    for (const node of nodes) {
      if (this.#lines.isFull) return
      if (isElement(node) && !this.#options.keep(node)) continue
      if (isElement(node) && this.#holdsBlocks(node)) this.#block(node)
      else this.#lines.write(this.#inline(node, PLAIN))
    }
  }

  #holdsBlocks(element: MarkupElement): boolean {
    const known = this.#hasBlocks.get(element)
    if (known !== undefined) return known
    const found =
      isBlock(element.name) ||
      element.children.some((child) => isElement(child) && this.#holdsBlocks(child))
    this.#hasBlocks.set(element, found)
    return found
  }

  #block(element: MarkupElement): void {
    const { name, children } = element
    const level = HEADING.exec(name)?.[1]
    if (level !== undefined) this.#heading(element, Number(level))
    else if (LISTS.has(name)) this.#list(element)
    else if (LINES.has(name)) this.#line(children)
    else if (name === 'pre') this.#verbatim(element)
    else if (name === 'blockquote') this.#quote(children)
    else if (name === 'hr') this.#apart(() => this.#lines.write(this.#isMarkdown ? '---' : ''))
    else if (name === 'table') this.#table(element)
    else if (isBlock(name)) this.#apart(() => this.#flow(children))
    else this.#around(element)
  }

  #line(children: readonly MarkupNode[]): void {
    this.#lines.break(1)
    this.#flow(children)
    this.#lines.break(1)
  }

  #quote(children: readonly MarkupNode[]): void {
    const prefix = this.#isMarkdown ? '> ' : '  '
    this.#apart(() => this.#lines.indented(prefix, () => this.#flow(children)))
  }

  /** An inline element with blocks inside shows as these; a link around a card follows it. */
  #around(element: MarkupElement): void {
    this.#flow(element.children)
    const target = this.#isMarkdown && element.name === 'a' ? this.#targetOf(element) : null
    if (target === null) return
    this.#lines.break(1)
    this.#lines.write(`<${target}>`)
    this.#lines.break(2)
  }

  #apart(write: () => void): void {
    this.#lines.break(2)
    write()
    this.#lines.break(2)
  }

  #heading(element: MarkupElement, level: number): void {
    const text = collapsed(this.#inlineAll(element.children, { ...PLAIN, isStrong: true })).trim()
    if (text === '') return
    this.#apart(() => this.#lines.write(this.#isMarkdown ? `${'#'.repeat(level)} ${text}` : text))
  }

  #list(list: MarkupElement): void {
    const start = Number(list.attributes.get('start') ?? 1)
    let number = Number.isSafeInteger(start) ? start : 1
    const around = this.#isInList ? 1 : 2
    this.#lines.break(around)
    this.#isInList = true
    for (const item of list.children) {
      if (this.#lines.isFull) break
      if (!isElement(item) || !this.#options.keep(item)) continue
      const marker = list.name === 'ol' ? `${number++}. ` : '- '
      this.#lines.break(1)
      this.#lines.indented(' '.repeat(marker.length), () => {
        this.#lines.mark(marker)
        this.#flow(item.name === 'li' ? item.children : [item])
      })
    }
    this.#isInList = around === 1
    this.#lines.break(around)
  }

  #verbatim(element: MarkupElement): void {
    const text = textOf(element).replace(/^\n/, '').trimEnd().slice(0, this.#options.maxChars)
    if (text === '') return
    const mark = this.#isMarkdown ? fence(text, 3) : ''
    this.#apart(() => this.#lines.writeVerbatim(mark === '' ? text : `${mark}\n${text}\n${mark}`))
  }

  #table(table: MarkupElement): void {
    const rows = tableRows(table, this.#options.keep)
    if (!isDataTable(rows)) {
      this.#apart(() => this.#flow(table.children))
      return
    }
    const columns = Math.max(...rows.map((row) => row.length))
    this.#apart(() => {
      for (const [index, row] of rows.entries()) {
        if (this.#lines.isFull) return
        const cells = Array.from({ length: columns }, (_, column) =>
          collapsed(this.#inlineAll(row[column]?.children ?? [], PLAIN))
            .trim()
            .replaceAll('|', '\\|'),
        )
        this.#lines.write(this.#isMarkdown ? `| ${cells.join(' | ')} |` : cells.join('\t'))
        this.#lines.break(1)
        if (index === 0 && this.#isMarkdown) {
          this.#lines.write(`|${' --- |'.repeat(columns)}`)
          this.#lines.break(1)
        }
      }
    })
  }

  #inlineAll(nodes: readonly MarkupNode[], around: Inline): string {
    let text = ''
    for (const node of nodes) {
      if (text.length > this.#options.maxChars) break
      if (!isElement(node)) text += collapsed(node)
      else if (this.#options.keep(node)) text += this.#inline(node, around)
    }
    return text
  }

  #inline(node: MarkupNode, around: Inline): string {
    if (!isElement(node)) return collapsed(node)
    const { name, children, attributes } = node
    if (name === 'br') return '\n'
    if (name === 'img') return this.#image(attributes.get('alt') ?? '')
    if (!this.#isMarkdown) return this.#inlineAll(children, around)
    if (name === 'a' && !around.isLink) return this.#link(node, around)
    if (STRONG.has(name) && !around.isStrong) {
      return wrapped(this.#inlineAll(children, { ...around, isStrong: true }), '**')
    }
    if (EMPHASIS.has(name) && !around.isEmphasis) {
      return wrapped(this.#inlineAll(children, { ...around, isEmphasis: true }), '*')
    }
    if (CODE.has(name) && !around.isCode) {
      const text = collapsed(textOf(node)).trim().slice(0, this.#options.maxChars)
      return text === '' ? '' : wrapped(text, fence(text, 1))
    }
    const text = this.#inlineAll(children, around)
    // A block inside of inline content: the line ends, the paragraph does not.
    return isBlock(name) ? ` ${text} ` : text
  }

  #targetOf(element: MarkupElement): string | null {
    return linkTarget((element.attributes.get('href') ?? '').trim(), this.#options.base)
  }

  #image(alt: string): string {
    const text = collapsed(alt).trim()
    return text === '' ? '' : `[image: ${text}]`
  }

  #link(element: MarkupElement, around: Inline): string {
    const inside = collapsed(this.#inlineAll(element.children, { ...around, isLink: true }))
    const text = inside.trim()
    const target = this.#targetOf(element)
    if (text === '' || target === null) return inside
    return inside.replace(text, () => `[${text.replaceAll(/[[\]]/g, '\\$&')}](${target})`)
  }
}

/** The mark goes next to the words: Markdown reads `** a**` as asterisks. */
function wrapped(inside: string, mark: string): string {
  const text = inside.trim()
  return text === '' ? inside : inside.replace(text, () => `${mark}${text}${mark}`)
}

export function renderMarkup(root: MarkupElement, options: RenderOptions): Rendered {
  const text = new Renderer(options).render(root).trimEnd()
  if (text.length <= options.maxChars) return { text, isCut: false }
  return { text: cutHead(text, options.maxChars), isCut: true }
}
