/**
 * A text cut where a block begins that has nothing to do with the ones before it: after an empty line,
 * or at fenced code. Each piece reads alone as it does in the whole; only a long list may be cut, between
 * two of its items. Pure.
 */

/** A list that is longer is cut at its next item. */
const LONG_CHARS = 4_096

const FENCE = /^(?:`{3,}(?=[^`]*$)|~{3,})/
/** What a line of a quote or a list begins with. */
const CONTAINER = /^[ \t]*(?:(?:>|[-*+]|\d{1,9}[.)])[ \t]*)*/
const ITEM = /^(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)/

interface Fence {
  readonly mark: string
  /** In a quote or a list, with which it ends at the latest. */
  readonly isNested: boolean
}

function fenceOf(line: string): Fence | null {
  const mark = FENCE.exec(line)?.[0]
  if (mark !== undefined) return { mark, isNested: false }
  const nested = FENCE.exec(line.replace(CONTAINER, ''))?.[0]
  return nested === undefined ? null : { mark: nested, isNested: true }
}

const closes = (line: string, { mark }: Fence): boolean => {
  const said = line.replace(/^[ \t>]+/, '').trimEnd()
  return said.length >= mark.length && said === mark.charAt(0).repeat(said.length)
}

export interface Code {
  readonly language: string
  readonly text: string
}

/** Of a piece that is fenced code as a whole, closed or still coming in. */
export function codeOf(piece: string): Code | null {
  const [first = '', ...rest] = piece.split('\n')
  const fence = fenceOf(first)
  if (fence === null || fence.isNested) return null
  const isClosed = closes(rest.at(-1) ?? '', fence)
  const text = (isClosed ? rest.slice(0, -1) : rest).join('\n')
  return { language: first.slice(fence.mark.length).trim(), text }
}

/** @param markdown its lines end with `\n` alone */
export function piecesOf(markdown: string): readonly string[] {
  const pieces: string[] = []
  let lines: string[] = []
  let length = 0
  let open: Fence | null = null
  let isAfterEmpty = false
  let isList = false
  const cut = () => {
    if (lines.some((line) => line.trim() !== '')) pieces.push(lines.join('\n'))
    lines = []
    length = 0
    isList = false
  }
  for (const line of markdown.split('\n')) {
    if (open?.isNested && /^[^\s>]/.test(line)) open = null
    const began: Fence | null = open === null ? fenceOf(line) : null
    const isItem = ITEM.test(line)
    if (open === null) {
      const isOwnBlock = isAfterEmpty && /^\S/.test(line) && !(isItem && isList)
      const isFenced = began !== null && !began.isNested
      if (isOwnBlock || isFenced || (isItem && length > LONG_CHARS)) cut()
    }
    isList ||= isItem && open === null
    lines.push(line)
    length += line.length + 1
    isAfterEmpty = line.trim() === ''
    if (open !== null && closes(line, open)) {
      if (!open.isNested) cut()
      open = null
    } else open ??= began
  }
  cut()
  return pieces
}
