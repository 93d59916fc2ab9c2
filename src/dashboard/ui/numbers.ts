/** Numbers as people read them, in the viewer's language. */
const plain = new Intl.NumberFormat()
const compact = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 })
const money = new Intl.NumberFormat(undefined, {
  style: 'currency',
  currency: 'USD',
  maximumFractionDigits: 4,
})

const KIB = 1024
const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const COMPACT_FROM = 10_000

export const formatCount = (count: number): string =>
  count < COMPACT_FROM ? plain.format(count) : compact.format(count)

export const formatUsd = (usd: number): string => money.format(usd)

export function formatBytes(bytes: number): string {
  if (bytes < KIB) return `${bytes} B`
  const power = Math.min(3, Math.floor(Math.log(bytes) / Math.log(KIB)))
  return `${(bytes / KIB ** power).toFixed(1)} ${['B', 'KB', 'MB', 'GB'][power]}`
}

export function formatDuration(ms: number): string {
  if (ms < SECOND_MS) return `${Math.round(ms)} ms`
  if (ms < MINUTE_MS) return `${(ms / SECOND_MS).toFixed(1)} s`
  return `${Math.floor(ms / MINUTE_MS)} min ${Math.round((ms % MINUTE_MS) / SECOND_MS)} s`
}
