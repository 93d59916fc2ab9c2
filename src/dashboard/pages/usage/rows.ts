/** Rows of what was consumed: named, sorted, and as a file. */
import type { ResultOf } from '../../client/gateway.ts'
import { CHOICES } from '../../client/operations/usage.ts'
import { toCsv } from '../../ui/csv.ts'

export const { group_by: GROUPS } = CHOICES['usage.get']
export type Group = (typeof GROUPS)[number]

export interface Sums {
  readonly requests: number
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cache_creation_tokens: number
  readonly cache_read_tokens: number
  readonly cost_usd: number
}
/** With the names of its group beside the sums. */
export type UsageRow = ResultOf<'usage.get'>['usage'][number]

export const MEASURES = [
  ['requests', 'Requests'],
  ['input_tokens', 'Input tokens'],
  ['output_tokens', 'Output tokens'],
  ['cache_read_tokens', 'Cache reads'],
  ['cache_creation_tokens', 'Cache writes'],
  ['cost_usd', 'Cost'],
] as const satisfies readonly (readonly [keyof Sums, string])[]

export type Column = 'name' | keyof Sums

export interface Sorting {
  readonly column: Column
  readonly isRising: boolean
}

const NAMED_BY: Readonly<Record<Group, readonly string[]>> = {
  day: ['day'],
  user: ['user_id'],
  agent: ['agent'],
  model: ['provider', 'model'],
  key: ['key_id'],
}

/** Nothing stands where no key was used: somebody was signed in otherwise. */
export function nameOf(row: UsageRow, group: Group): string {
  const said = NAMED_BY[group].map((part) => String(row[part] ?? '')).filter((part) => part !== '')
  return said.length === 0 ? (group === 'key' ? 'Without a key' : 'Unknown') : said.join(' / ')
}

export function sorted(
  rows: readonly UsageRow[],
  group: Group,
  { column, isRising }: Sorting,
): UsageRow[] {
  const order = (a: UsageRow, b: UsageRow): number =>
    column === 'name'
      ? nameOf(a, group).localeCompare(nameOf(b, group), undefined, { numeric: true })
      : a[column] - b[column]
  return rows.toSorted((a, b) => (isRising ? order(a, b) : order(b, a)))
}

/** A first press on figures shows the most, on names the first of them. */
export const pressed = (now: Sorting, column: Column): Sorting =>
  now.column === column
    ? { column, isRising: !now.isRising }
    : { column, isRising: column === 'name' }

export const csvOf = (rows: readonly UsageRow[], group: Group): string =>
  toCsv([
    [...NAMED_BY[group], ...MEASURES.map(([measure]) => measure)],
    ...rows.map((row) => [
      ...NAMED_BY[group].map((part) => String(row[part] ?? '')),
      ...MEASURES.map(([measure]) => row[measure]),
    ]),
  ])

const DAY_MS = 24 * 3_600_000
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

/** So many days up to today, as the gateway counts them: in UTC. */
export const lastDays = (count: number, now: number) => ({
  from: dayOf(now - (count - 1) * DAY_MS),
  to: dayOf(now),
})

const MAX_DAYS = 400

/** One figure for each day, also for those on which nothing was consumed. */
export function byDay(
  rows: readonly UsageRow[],
  from: string,
  to: string,
): readonly { readonly at: number; readonly row: UsageRow | null }[] {
  const known = new Map(rows.map((row) => [String(row['day']), row]))
  const days: { at: number; row: UsageRow | null }[] = []
  const end = Date.parse(to)
  for (let at = Date.parse(from); at <= end && days.length < MAX_DAYS; at += DAY_MS)
    days.push({ at, row: known.get(dayOf(at)) ?? null })
  return days
}
