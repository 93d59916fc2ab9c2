/** How far a moment is, in the viewer's language; one that is far away as its date. */
const short = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'short' })
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' })

export const MINUTE = 60_000
const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 24 * 60 * MINUTE],
  ['hour', 60 * MINUTE],
  ['minute', MINUTE],
]
/** Older than that, a date says more than a distance. */
const RELATIVE_WITHIN_MS = 7 * 24 * 60 * MINUTE

/** What ends in seven days does not end in six a second later. */
const wholes = (count: number): number => (count < 0 ? Math.trunc(count) : Math.round(count))

export function distance(at: number, now: number): string {
  const elapsed = at - now
  if (Math.abs(elapsed) > RELATIVE_WITHIN_MS) return short.format(at)
  for (const [unit, size] of UNITS)
    if (Math.abs(elapsed) >= size) return relative.format(wholes(elapsed / size), unit)
  return elapsed > 0 ? 'in a moment' : 'just now'
}
