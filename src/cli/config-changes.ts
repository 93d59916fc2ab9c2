/** Two configuration documents side by side: which settings differ, and how that looks in rows. */
import { leavesOf } from '../domain/config/presets.ts'
import { type Palette, toOneLine } from './terminal.ts'

export interface Change {
  readonly path: string
  /** Absent where there is no such setting on that side. */
  readonly from?: unknown
  readonly to?: unknown
}

type Tree = Readonly<Record<string, unknown>>

/** In the order of the new document, what went last. An empty section says nothing. */
export function changesBetween(before: Tree, after: Tree): readonly Change[] {
  const [from, to] = [settingsOf(before), settingsOf(after)]
  return [...new Set([...to.keys(), ...from.keys()])].flatMap((path) => {
    const [old, fresh] = [from.get(path), to.get(path)]
    if (JSON.stringify(old) === JSON.stringify(fresh)) return []
    return [
      {
        path,
        ...(old === undefined ? {} : { from: old }),
        ...(fresh === undefined ? {} : { to: fresh }),
      },
    ]
  })
}

const settingsOf = (document: Tree): ReadonlyMap<string, unknown> =>
  new Map(leavesOf(document).filter(([, value]) => JSON.stringify(value) !== '{}'))

const NOT_SET = 'not set'
/** A longer value would push its successor out of sight. */
const MAX_OLD_CHARS = 32
const MIN_NEW_CHARS = 24
/** Indentation, two gaps and the arrow. */
const BESIDE_VALUES = 8

/** `  path   old → new`, aligned; what does not fit is cut: --json has it whole. */
export function toChangeRows(
  changes: readonly Change[],
  { bold, dim, red, green }: Palette,
  width: number,
): string {
  const rows = changes.map(({ path, from }) => ({
    path: toOneLine(path, width),
    old: toOneLine(textOf(from), MAX_OLD_CHARS),
  }))
  const pathWidth = Math.max(...rows.map(({ path }) => path.length))
  const oldWidth = Math.max(...rows.map(({ old }) => old.length))
  const newWidth = Math.max(MIN_NEW_CHARS, width - pathWidth - oldWidth - BESIDE_VALUES)
  return changes
    .map(({ from, to }, i) => {
      const before = (rows[i]?.old ?? '').padEnd(oldWidth)
      const after = toOneLine(textOf(to), newWidth)
      return [
        `  ${bold((rows[i]?.path ?? '').padEnd(pathWidth))}   `,
        from === undefined ? dim(before) : red(before),
        ` ${dim('→')} `,
        to === undefined ? dim(after) : green(after),
      ].join('')
    })
    .join('\n')
}

function textOf(value: unknown): string {
  if (value === undefined) return NOT_SET
  if (typeof value === 'string') return value === '' ? '""' : value
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) {
    return value.length === 0 ? 'empty' : value.join(', ')
  }
  return JSON.stringify(value)
}
