/** Which tables hold data and which only place the page's parts beside each other. */
import { isBlock } from './html-elements.ts'
import type { Keep } from './main-content.ts'
import { isElement, type MarkupElement } from './markup.ts'

/** More of either is no table that can be read as text. */
const MAX_COLUMNS = 30
const MAX_CELL_CHARS = 500

export type TableRow = readonly MarkupElement[]

const GROUPS = new Set(['thead', 'tbody', 'tfoot'])
const CELLS = new Set(['td', 'th'])

export function tableRows(table: MarkupElement, keep: Keep): readonly TableRow[] {
  const rows: TableRow[] = []
  const collect = (parent: MarkupElement): void => {
    for (const child of parent.children) {
      if (!isElement(child) || !keep(child)) continue
      if (GROUPS.has(child.name)) collect(child)
      if (child.name !== 'tr') continue
      const cells = child.children.filter(isElement).filter(({ name }) => CELLS.has(name))
      if (cells.length > 0) rows.push(cells)
    }
  }
  collect(table)
  return rows
}

/** Counts until there is too much, so that a page inside of a page is not read again and again. */
function isShort(cell: MarkupElement): boolean {
  let left = MAX_CELL_CHARS
  const visit = (element: MarkupElement): boolean => {
    for (const child of element.children) {
      left -= isElement(child) ? 1 : child.length
      if (left < 0) return false
      if (!isElement(child)) continue
      if (isBlock(child.name) && child.name !== 'p' && child.name !== 'div') return false
      if (!visit(child)) return false
    }
    return true
  }
  return visit(cell)
}

export const isDataTable = (rows: readonly TableRow[]): boolean =>
  rows.length > 1 &&
  rows.some((row) => row.length > 1) &&
  rows.every((row) => row.length <= MAX_COLUMNS && row.every(isShort))
