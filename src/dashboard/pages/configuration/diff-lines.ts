/** What a change comes to, as lines that are read like a diff. */

export interface SettingChange {
  readonly path: string
  readonly before?: unknown
  readonly after?: unknown
}

export interface DiffLine {
  readonly sign: '-' | '+' | ' '
  readonly text: string
}

export interface DiffEntry {
  readonly path: string
  readonly kind: 'added' | 'removed' | 'changed'
  readonly lines: readonly DiffLine[]
}

const WIDE = 60

/** On one line while it is short. */
function linesOf(value: unknown): readonly string[] {
  const short = JSON.stringify(value) ?? ''
  return short.length <= WIDE ? [short] : JSON.stringify(value, null, 2).split('\n')
}

const signed = (sign: DiffLine['sign'], texts: readonly string[]): readonly DiffLine[] =>
  texts.map((text) => ({ sign, text }))

/** Of lists only what came and what went: the rest is counted. */
function ofLists(before: readonly unknown[], after: readonly unknown[]): readonly DiffLine[] {
  const [old, fresh] = [before, after].map((list) => list.map((entry) => JSON.stringify(entry)))
  const gone = old?.filter((entry) => !fresh?.includes(entry)) ?? []
  const come = fresh?.filter((entry) => !old?.includes(entry)) ?? []
  // Another order alone is a change as well.
  if (gone.length === 0 && come.length === 0)
    return [...signed('-', linesOf(before)), ...signed('+', linesOf(after))]
  const kept = before.length - gone.length
  const rest = kept === 0 ? [] : [{ sign: ' ', text: `${kept} unchanged` } as const]
  return [...rest, ...signed('-', gone), ...signed('+', come)]
}

function kindOf({ before, after }: SettingChange): DiffEntry['kind'] {
  if (before === undefined) return 'added'
  return after === undefined ? 'removed' : 'changed'
}

export const diffEntries = (changes: readonly SettingChange[]): readonly DiffEntry[] =>
  changes.map((change) => {
    const { path, before, after } = change
    const lines =
      Array.isArray(before) && Array.isArray(after)
        ? ofLists(before, after)
        : [
            ...(before === undefined ? [] : signed('-', linesOf(before))),
            ...(after === undefined ? [] : signed('+', linesOf(after))),
          ]
    return { path, kind: kindOf(change), lines }
  })
