/**
 * HTML and XML into a small tree, in one pass and in time linear in the text: whoever wrote the
 * markup is hostile. The tokenizer is a library's; the tree is ours, because parsers made for
 * browsers nest as deep as the markup says and look through all that is open again with every tag.
 * It runs nothing, loads nothing, and reads no document type definition.
 */
import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2'
import { closedBy, isHeadContent, isHtml, isRawText, isVoid } from './html-elements.ts'

export interface MarkupElement {
  /** Lower case in HTML; as written, prefix and all, in XML. */
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: MarkupNode[]
}

export type MarkupNode = MarkupElement | string

export interface Markup {
  /** Nameless; holds the whole document. */
  readonly root: MarkupElement
  /** Text or elements beyond the limits were left out. */
  readonly isCut: boolean
  /** XML only: it declares a document type or entities, so what its text means is not in its text. */
  readonly hasDeclarations: boolean
}

/** Some 40 times an ordinary page; what is beyond is not read. */
export const MAX_MARKUP_CHARS = 2_000_000
/** Real pages stay below 50. Deeper tags are left out, and their content belongs to the deepest. */
export const MAX_MARKUP_DEPTH = 200
/** The longest encyclopedia articles have a quarter of this. */
export const MAX_MARKUP_ELEMENTS = 100_000
const MAX_ATTRIBUTES = 32
const MAX_ATTRIBUTE_CHARS = 4_096

const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map()

/** The open elements, innermost last. Tags that are too deep are counted, so that they still match. */
class OpenElements {
  readonly root: MarkupElement = { name: '', attributes: NO_ATTRIBUTES, children: [] }
  readonly #stack: MarkupElement[] = [this.root]
  /** How many of a name are open, so that an end tag of nothing costs nothing. */
  readonly #open = new Map<string, number>()
  #tooDeep = 0

  get top(): MarkupElement {
    return this.#stack.at(-1) ?? this.root
  }

  add(element: MarkupElement, isEmpty: boolean): void {
    if (this.#stack.length <= MAX_MARKUP_DEPTH) {
      this.top.children.push(element)
      if (!isEmpty) this.#push(element)
    } else if (!isEmpty) {
      this.#tooDeep++
    }
  }

  close(name: string): void {
    if (this.#tooDeep > 0) {
      this.#tooDeep--
      return
    }
    if ((this.#open.get(name) ?? 0) === 0) return
    this.#cutTo(this.#stack.findLastIndex((element) => element.name === name))
  }

  /** HTML lets many end tags out: `<li>` ends the `<li>` before it, unless a list lies between. */
  closeImplied(name: string): void {
    if (this.top.name === 'head' && !isHeadContent(name)) this.close('head')
    const rule = closedBy(name)
    if (rule === null || this.#tooDeep > 0) return
    for (let index = this.#stack.length - 1; index > 0; index--) {
      const open = this.#stack[index]?.name ?? ''
      if (rule.until.has(open)) return
      if (rule.ends.has(open)) this.#cutTo(index)
    }
  }

  #push(element: MarkupElement): void {
    this.#stack.push(element)
    this.#open.set(element.name, (this.#open.get(element.name) ?? 0) + 1)
  }

  #cutTo(length: number): void {
    for (const { name } of this.#stack.splice(length)) {
      this.#open.set(name, (this.#open.get(name) ?? 0) - 1)
    }
  }
}

class TreeBuilder implements TokenizerCallbacks {
  readonly open = new OpenElements()
  hasDeclarations = false
  isCut = false
  readonly #text: string
  readonly #isXml: boolean
  #elements = 0
  #name = ''
  #attributes = new Map<string, string>()
  #attribute = ''
  #value = ''

  constructor(text: string, isXml: boolean) {
    this.#text = text
    this.#isXml = isXml
  }

  ontext(start: number, end: number): void {
    this.#append(this.#text.slice(start, end))
  }

  ontextentity(codePoint: number): void {
    this.#append(String.fromCodePoint(codePoint))
  }

  oncdata(start: number, end: number, endOffset: number): void {
    // In HTML it is a comment.
    if (this.#isXml) this.#append(this.#text.slice(start, end - endOffset))
  }

  onopentagname(start: number, end: number): void {
    const name = this.#text.slice(start, end)
    this.#name = this.#isXml ? name : name.toLowerCase()
    this.#attributes = new Map()
  }

  onattribname(start: number, end: number): void {
    const name = this.#text.slice(start, Math.min(end, start + MAX_ATTRIBUTE_CHARS))
    this.#attribute = this.#isXml ? name : name.toLowerCase()
    this.#value = ''
  }

  onattribdata(start: number, end: number): void {
    const room = MAX_ATTRIBUTE_CHARS - this.#value.length
    if (room > 0) this.#value += this.#text.slice(start, Math.min(end, start + room))
  }

  onattribentity(codePoint: number): void {
    if (this.#value.length < MAX_ATTRIBUTE_CHARS) this.#value += String.fromCodePoint(codePoint)
  }

  onattribend(): void {
    // The first of two counts, as in browsers.
    if (this.#attributes.size >= MAX_ATTRIBUTES || this.#attributes.has(this.#attribute)) return
    this.#attributes.set(this.#attribute, this.#value)
  }

  onopentagend(): void {
    this.#openElement(!this.#isXml && isVoid(this.#name))
  }

  onselfclosingtag(): void {
    // In HTML the slash means nothing, but for what is embedded from elsewhere: `<path/>`.
    this.#openElement(this.#isXml || isVoid(this.#name) || !isHtml(this.#name))
  }

  onclosetag(start: number, end: number): void {
    const name = this.#text.slice(start, end)
    this.open.close(this.#isXml ? name : name.toLowerCase())
  }

  ondeclaration(): void {
    this.hasDeclarations = true
  }

  oncomment(): void {}
  onprocessinginstruction(): void {}
  onend(): void {}

  #openElement(isEmpty: boolean): void {
    if (this.#elements >= MAX_MARKUP_ELEMENTS) {
      this.isCut = true
      return
    }
    this.#elements++
    if (!this.#isXml) this.open.closeImplied(this.#name)
    const attributes = this.#attributes.size === 0 ? NO_ATTRIBUTES : this.#attributes
    this.open.add({ name: this.#name, attributes, children: [] }, isEmpty)
  }

  #append(text: string): void {
    const { top } = this.open
    if (this.#isXml || !isRawText(top.name)) top.children.push(text)
  }
}

export function parseMarkup(source: string, syntax: 'html' | 'xml'): Markup {
  const isTooLong = source.length > MAX_MARKUP_CHARS
  const text = isTooLong ? source.slice(0, MAX_MARKUP_CHARS) : source
  const isXml = syntax === 'xml'
  const builder = new TreeBuilder(text, isXml)
  const tokenizer = new Tokenizer({ xmlMode: isXml, decodeEntities: true }, builder)
  tokenizer.write(text)
  tokenizer.end()
  return {
    root: builder.open.root,
    isCut: isTooLong || builder.isCut,
    hasDeclarations: isXml && builder.hasDeclarations,
  }
}

/** All text below a node, as it stands there. */
export function textOf(node: MarkupNode): string {
  if (typeof node === 'string') return node
  return node.children.map(textOf).join('')
}

export const isElement = (node: MarkupNode): node is MarkupElement => typeof node !== 'string'

/** The first element in document order that fits. */
export function findElement(
  from: MarkupElement,
  fits: (element: MarkupElement) => boolean,
): MarkupElement | null {
  for (const child of from.children) {
    if (!isElement(child)) continue
    if (fits(child)) return child
    const found = findElement(child, fits)
    if (found !== null) return found
  }
  return null
}
