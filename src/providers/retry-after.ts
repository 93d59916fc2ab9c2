/** How long a vendor asks to be left alone, as its headers say it. */

/** A later moment than this is no advice to wait for but a broken clock or a quota. */
const MAX_RETRY_AFTER_MS = 24 * 60 * 60_000

/** RFC 9110 §10.2.3: seconds or a date; `retry-after-ms` is what some vendors send beside it. */
export function parseRetryAfter(
  headers: Readonly<Record<string, string>> | undefined,
  now: () => number,
): number | undefined {
  const milliseconds = headers?.['retry-after-ms']
  const seconds = headers?.['retry-after']
  const wait = (ms: number): number | undefined =>
    Number.isFinite(ms) && ms >= 0 && ms <= MAX_RETRY_AFTER_MS ? Math.ceil(ms) : undefined
  if (milliseconds !== undefined && milliseconds.trim() !== '') return wait(Number(milliseconds))
  if (seconds === undefined || seconds.trim() === '') return undefined
  const count = Number(seconds)
  return wait(Number.isFinite(count) ? count * 1_000 : Math.max(0, Date.parse(seconds) - now()))
}
