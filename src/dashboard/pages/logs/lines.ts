/** The lines of a log as they come in: in order, none twice, and not more than can be looked at. */

export const LEVELS = ['info', 'warn', 'error'] as const
export type Level = (typeof LEVELS)[number]

export interface Line {
  readonly seq: number
  /** Milliseconds. */
  readonly at: number
  readonly level: Level
  readonly event: string
  readonly fields: Readonly<Record<string, unknown>>
}

export const MAX_LINES = 5_000

/** The oldest make room. */
export function withLines(
  kept: readonly Line[],
  come: readonly Line[],
  most = MAX_LINES,
): readonly Line[] {
  const last = kept.at(-1)?.seq ?? 0
  const isInOrder = come.every(({ seq }, at) => seq > (come[at - 1]?.seq ?? last))
  const all = isInOrder
    ? [...kept, ...come]
    : [...new Map([...kept, ...come].map((line) => [line.seq, line])).values()].toSorted(
        (a, b) => a.seq - b.seq,
      )
  return all.slice(-most)
}

/** What is written behind the event: `run=run_1 agent=default`. */
export const fieldsText = ({ fields }: Line): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ')

export interface LineFilter {
  readonly least: Level
  readonly text: string
}

export function filtered(lines: readonly Line[], { least, text }: LineFilter): readonly Line[] {
  const wanted = text.trim().toLowerCase()
  const from = LEVELS.indexOf(least)
  return lines.filter(
    (line) =>
      LEVELS.indexOf(line.level) >= from &&
      (wanted === '' || `${line.event} ${fieldsText(line)}`.toLowerCase().includes(wanted)),
  )
}
