/**
 * When a socket was last heard of, over hibernation. Requests are written down in its attachment,
 * pings are answered by the runtime, which remembers the last one. A client that pings keeps its
 * socket; one that says nothing for ten minutes is gone, or holds a connection for nothing.
 */
export const MAX_SILENCE_MS = 10 * 60_000
/** A busy socket writes its attachment no more often; it may live as much longer. */
export const HEARD_PRECISION_MS = 30_000
export const SILENT_CLOSE = { code: 1001, reason: 'silent for ten minutes' } as const

export const isWorthNoting = (heardAt: number, now: number): boolean =>
  now - heardAt >= HEARD_PRECISION_MS

/** @returns when the socket counts as silent, if nothing more is heard of it */
export const silentFrom = (heardAt: number, pingedAt: Date | null): number =>
  Math.max(heardAt + HEARD_PRECISION_MS, pingedAt?.getTime() ?? 0) + MAX_SILENCE_MS
