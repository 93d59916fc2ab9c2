/** What a change of configuration comes to, as the gateway tells it, in rows for people. */
import type { ChangedConfig } from '../api/config-change.ts'
import { type Palette, toOneLine } from './terminal.ts'

export type Change = ChangedConfig['diff'][number]

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
  const rows = changes.map(({ path, before }) => ({
    path: toOneLine(path, width),
    old: toOneLine(textOf(before), MAX_OLD_CHARS),
  }))
  const pathWidth = Math.max(...rows.map(({ path }) => path.length))
  const oldWidth = Math.max(...rows.map(({ old }) => old.length))
  const newWidth = Math.max(MIN_NEW_CHARS, width - pathWidth - oldWidth - BESIDE_VALUES)
  return changes
    .map(({ before, after }, i) => {
      const old = (rows[i]?.old ?? '').padEnd(oldWidth)
      const fresh = toOneLine(textOf(after), newWidth)
      return [
        `  ${bold((rows[i]?.path ?? '').padEnd(pathWidth))}   `,
        before === undefined ? dim(old) : red(old),
        ` ${dim('→')} `,
        after === undefined ? dim(fresh) : green(fresh),
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
