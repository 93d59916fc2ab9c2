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

/** In the order of the document, new settings last. */
export function changesBetween(before: Tree, after: Tree): readonly Change[] {
  const [from, to] = [new Map(leavesOf(before)), new Map(leavesOf(after))]
  return [...new Set([...from.keys(), ...to.keys()])].flatMap((path) => {
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

const NOT_SET = 'not set'
/** A longer value would push its successor out of sight. */
const MAX_OLD_CHARS = 32

/** `  path   old → new`, aligned; a list's new value says what came and what went. */
export function toChangeRows(
  changes: readonly Change[],
  { bold, dim, red, green }: Palette,
  width: number,
): string {
  const rows = changes.map(({ path, from, to }) => ({
    path,
    old: toOneLine(textOf(from), MAX_OLD_CHARS),
    fresh: toOneLine(textOf(to), Math.max(MAX_OLD_CHARS, width - 60)),
    isSet: from !== undefined,
    isRemoved: to === undefined,
  }))
  const pathWidth = Math.max(...rows.map(({ path }) => path.length))
  const oldWidth = Math.max(...rows.map(({ old }) => old.length))
  return rows
    .map(({ path, old, fresh, isSet, isRemoved }) => {
      const before = old.padEnd(oldWidth)
      return [
        `  ${bold(path.padEnd(pathWidth))}   `,
        isSet ? red(before) : dim(before),
        ` ${dim('→')} `,
        isRemoved ? dim(fresh) : green(fresh),
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
