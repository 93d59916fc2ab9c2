/**
 * XML for a model to read: feeds (RSS, Atom) as a list, everything else as an outline. A document
 * with a type definition or entities is not read at all: what it says would depend on expanding
 * them, which is how small documents become endless ones and name files.
 */
import { err, ok, type Result } from '../../domain/result.ts'
import { cutHead } from '../../domain/text-cut.ts'
import { isInvisible } from './html-elements.ts'
import { Lines } from './lines.ts'
import { linkTarget, type Rendered, renderMarkup } from './markdown.ts'
import {
  findElement,
  isElement,
  type MarkupElement,
  type MarkupNode,
  parseMarkup,
  textOf,
} from './markup.ts'

export interface ReadXml extends Rendered {
  readonly title: string
}

const MAX_ITEMS = 100
const MAX_TITLE_CHARS = 300
const MAX_SUMMARY_CHARS = 500
/** Of a description, which is HTML in itself. */
const MAX_DESCRIPTION_CHARS = 20_000
const MAX_OUTLINE_DEPTH = 12
const MAX_VALUE_CHARS = 2_000

/** Without its namespace's prefix, which documents choose freely. */
const localName = ({ name }: MarkupElement): string => name.slice(name.lastIndexOf(':') + 1)

const childrenNamed = (parent: MarkupElement, ...names: readonly string[]): MarkupElement[] =>
  parent.children.filter(isElement).filter((child) => names.includes(localName(child)))

const oneLine = (text: string, maxChars: number): string =>
  cutHead(text.replaceAll(/\s+/g, ' ').trim(), maxChars)

function firstValue(parent: MarkupElement, maxChars: number, ...names: readonly string[]): string {
  for (const name of names) {
    const [found] = childrenNamed(parent, name)
    const text = found === undefined ? '' : oneLine(textOf(found), maxChars)
    if (text !== '') return text
  }
  return ''
}

function summaryOf(item: MarkupElement, base: string): string {
  const [found] = ['description', 'summary', 'encoded', 'content'].flatMap((name) =>
    childrenNamed(item, name),
  )
  if (found === undefined) return ''
  const html = parseMarkup(textOf(found).slice(0, MAX_DESCRIPTION_CHARS), 'html').root
  const { text } = renderMarkup(html, {
    style: 'text',
    base,
    maxChars: MAX_SUMMARY_CHARS,
    keep: ({ name }) => !isInvisible(name),
  })
  return oneLine(text, MAX_SUMMARY_CHARS)
}

function linkOf(item: MarkupElement, base: string): string | null {
  const links = childrenNamed(item, 'link')
  const isAlternate = ({ attributes }: MarkupElement): boolean =>
    (attributes.get('rel') ?? 'alternate') === 'alternate'
  const link = links.find(isAlternate) ?? links[0]
  if (link === undefined) return null
  return linkTarget((link.attributes.get('href') ?? textOf(link)).trim(), base)
}

function writeItem(lines: Lines, item: MarkupElement, number: number, base: string): void {
  const title = firstValue(item, MAX_TITLE_CHARS, 'title') || 'Untitled'
  const link = linkOf(item, base)
  const date = firstValue(item, 40, 'pubDate', 'published', 'updated', 'date')
  const summary = summaryOf(item, base)
  const head = link === null ? title : `[${title.replaceAll(/[[\]]/g, '\\$&')}](${link})`
  lines.break(1)
  lines.write(`${number}. ${head}${date === '' ? '' : ` (${date})`}`)
  if (summary === '') return
  lines.indented('   ', () => {
    lines.break(1)
    lines.write(summary)
  })
}

function readFeed(root: MarkupElement, base: string, maxChars: number): ReadXml | null {
  const feed = ['rss', 'RDF'].includes(localName(root))
    ? (childrenNamed(root, 'channel')[0] ?? null)
    : localName(root) === 'feed'
      ? root
      : null
  if (feed === null) return null
  const items = [...childrenNamed(feed, 'item', 'entry'), ...childrenNamed(root, 'item')]
  const lines = new Lines(maxChars)
  const about = firstValue(feed, MAX_SUMMARY_CHARS, 'description', 'subtitle')
  if (about !== '') lines.write(about)
  lines.break(2)
  for (const [index, item] of items.slice(0, MAX_ITEMS).entries()) {
    writeItem(lines, item, index + 1, base)
  }
  if (items.length > MAX_ITEMS) {
    lines.break(2)
    lines.write(`${items.length - MAX_ITEMS} more entries are not shown.`)
  }
  return { title: firstValue(feed, MAX_TITLE_CHARS, 'title'), text: lines.toString(), isCut: false }
}

function outline(lines: Lines, node: MarkupNode, depth: number): void {
  if (lines.isFull) return
  const indent = '  '.repeat(depth)
  if (!isElement(node)) {
    const text = oneLine(node, MAX_VALUE_CHARS)
    if (text !== '') lines.writeVerbatim(`${indent}- ${text}`)
    return
  }
  const attributes = [...node.attributes].map(
    ([name, value]) => ` ${name}="${oneLine(value, MAX_TITLE_CHARS)}"`,
  )
  const isLeaf = !node.children.some(isElement)
  const text = isLeaf ? oneLine(textOf(node), MAX_VALUE_CHARS) : ''
  const value = text === '' ? '' : `: ${text}`
  lines.writeVerbatim(`${indent}- ${node.name}${attributes.join('')}${value}`)
  if (isLeaf) return
  for (const child of node.children) outline(lines, child, Math.min(depth + 1, MAX_OUTLINE_DEPTH))
}

/** @returns the text, or why the document is not read, in words for the model */
export function readXml(source: string, base: string, maxChars: number): Result<ReadXml, string> {
  const { root: document, isCut, hasDeclarations } = parseMarkup(source, 'xml')
  if (hasDeclarations) {
    return err(
      'The document was not read: it declares a document type or entities (DOCTYPE, ENTITY), which are never expanded here.',
    )
  }
  const root = findElement(document, () => true)
  if (root === null) return err('The document holds no XML element.')
  const feed = readFeed(root, base, maxChars)
  if (feed !== null) {
    const text = cutHead(feed.text, maxChars)
    return ok({ ...feed, text, isCut: isCut || text !== feed.text })
  }
  const lines = new Lines(maxChars)
  outline(lines, root, 0)
  const text = cutHead(lines.toString(), maxChars)
  return ok({ title: '', text, isCut: isCut || lines.isFull })
}
