/**
 * An answer of the gateway for a person: rows in columns, or one thing as fields. Every cell is made
 * harmless, and nothing is shortened that goes to a file or a pipe.
 */
import type { Column } from './commands/command.ts'
import { type Palette, toOneLine, toPlainText, toRows } from './terminal.ts'

type Row = Readonly<Record<string, unknown>>

const GAP = '  '
/** Below it a column tells nothing any more. */
const MIN_COLUMN = 10
/** Enough for whatever one line may hold. */
const MAX_CELL = 2_000
const MANY = 3
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/

export function cellText(value: unknown): string {
  if (value === null || value === undefined || value === '') return '-'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'string')
    return ISO_TIME.test(value) ? value.slice(0, 16).replace('T', ' ') : toOneLine(value, MAX_CELL)
  if (Array.isArray(value) && value.every((entry) => typeof entry !== 'object'))
    return value.length === 0 ? '-' : toOneLine(value.join(', '), MAX_CELL)
  if (isFlat(value)) {
    const members = Object.entries(value).map(([name, member]) => `${name}=${cellText(member)}`)
    return members.length === 0 ? '-' : toOneLine(members.join(' '), MAX_CELL)
  }
  return typeof value === 'object' ? toOneLine(JSON.stringify(value), MAX_CELL) : String(value)
}

const isPlainObject = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An object that holds nothing but single values: it fits on a line. */
const isFlat = (value: unknown): value is Row =>
  isPlainObject(value) &&
  Object.values(value).every((member) => typeof member !== 'object' || member === null)

export function valueAt(row: unknown, path: string): unknown {
  let at = row
  for (const step of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined
    at = (at as Row)[step]
  }
  return at
}

function shownOf(row: unknown, column: Column): unknown {
  if (typeof column === 'string') return valueAt(row, column)
  const [path] = column
  if (!path.startsWith('!')) return valueAt(row, path)
  const value = valueAt(row, path.slice(1))
  return typeof value === 'boolean' ? !value : value
}

/** `expires_at` and `agentType` are the wire's names; people read EXPIRES and AGENT TYPE. */
export function titleOf(column: Column): string {
  if (typeof column !== 'string') return column[1].toUpperCase()
  return (column.split('.').at(-1) ?? column)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .replace(/ at$/i, '')
    .toUpperCase()
}

/** Those of the wanted that some row has; the rows' own plain members when none is wanted. */
export function columnsOf(rows: readonly unknown[], wanted: readonly Column[]): readonly Column[] {
  const present = wanted.filter((column) => rows.some((row) => shownOf(row, column) !== undefined))
  if (present.length > 0) return present
  const [first] = rows
  return typeof first === 'object' && first !== null ? Object.keys(first) : []
}

export function toTable(
  rows: readonly unknown[],
  wanted: readonly Column[],
  palette: Palette,
  width: number | undefined,
): string {
  const columns = columnsOf(rows, wanted)
  const titles = columns.map((column) => toPlainText(titleOf(column)))
  const cells = rows.map((row) => columns.map((column) => cellText(shownOf(row, column))))
  const natural = titles.map((title, i) =>
    Math.max(title.length, ...cells.map((line) => line[i]?.length ?? 0)),
  )
  const widths = width === undefined ? natural : fitted(natural, width)
  const lineOf = (line: readonly string[]): string =>
    line
      .map((cell, i) => toOneLine(cell, widths[i] ?? 0).padEnd(widths[i] ?? 0))
      .join(GAP)
      .trimEnd()
  return `${[palette.dim(lineOf(titles)), ...cells.map(lineOf)].join('\n')}\n`
}

/** Takes from the widest until all fit; the first names the row, and is copied: it stays whole. */
function fitted(natural: readonly number[], width: number): readonly number[] {
  const widths = [...natural]
  const total = () => widths.reduce((sum, each) => sum + each, GAP.length * (widths.length - 1))
  while (total() > width) {
    const rest = widths.slice(1)
    const widest = Math.max(0, ...rest)
    if (widest <= MIN_COLUMN) return widths
    const next = Math.max(MIN_COLUMN, ...rest.filter((each) => each < widest))
    const index = rest.indexOf(widest) + 1
    widths[index] = Math.max(next < widest ? next : MIN_COLUMN, widest - (total() - width))
  }
  return widths
}

const deepText = (value: unknown, palette: Palette): string =>
  Array.isArray(value) && value.every(isFlat)
    ? toTable(value, [], palette, undefined).trimEnd()
    : toPlainText(JSON.stringify(value, null, 2))

/** One thing: its plain members in rows, lists of things as tables, what lies deeper as JSON below its name. */
export function toFields(answer: unknown, palette: Palette): string {
  if (typeof answer !== 'object' || answer === null) return `${cellText(answer)}\n`
  const isDeep = (value: unknown): boolean =>
    typeof value === 'object' &&
    value !== null &&
    !isFlat(value) &&
    (!Array.isArray(value) ||
      value.some((entry) => typeof entry === 'object' || value.length > MANY)) &&
    JSON.stringify(value).length > MIN_COLUMN
  const entries = Object.entries(answer).filter(([name]) => name !== 'ok')
  const plain = entries.filter(([, value]) => !isDeep(value))
  const rows = plain.map(([name, value]) => [toPlainText(name), cellText(value)] as const)
  const blocks = entries
    .filter(([, value]) => isDeep(value))
    .map(
      ([name, value]) =>
        `  ${palette.dim(toPlainText(name))}\n${deepText(value, palette).replace(/^/gm, '    ')}`,
    )
  const parts = [...(rows.length === 0 ? [] : [toRows(rows, palette)]), ...blocks]
  return parts.length === 0 ? 'done\n' : `${parts.join('\n')}\n`
}
