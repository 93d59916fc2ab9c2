/**
 * Watches one vendor call: first byte, silence, and the call as a whole. It counts bytes and not
 * events, so a vendor that pings while it thinks is alive, and one that keeps the socket open and
 * says nothing is not. Time in which nobody waits for the vendor does not count.
 */
import type { ModelTimeouts } from './limits.ts'

/** How soon to look again when the time is over but nobody waits for the vendor just now. */
const RECHECK_MS = 1_000

/** Made once: every call ends with it, and making one records where. */
const OVER = new DOMException('the model call is over', 'AbortError')

export type WatchdogVerdict = 'first_byte' | 'idle' | 'call' | 'aborted'

export interface Watchdog {
  /** Aborts when the caller aborts, a time-out strikes, or the call is over. */
  readonly signal: AbortSignal
  /** Why the call was ended; null while it goes on. */
  verdict(): WatchdogVerdict | null
  /** Bytes arrived. */
  touch(): void
  /** Waits for the vendor; rejects as soon as the call is ended. One wait at a time. */
  wait<Value>(begin: () => Promise<Value>): Promise<Value>
  /** `isComplete`: the answer was read to its end, so that nothing is left to be cancelled. */
  stop(isComplete: boolean): void
}

export function createWatchdog(
  timeouts: ModelTimeouts,
  caller: AbortSignal,
  now: () => number = Date.now,
): Watchdog {
  const controller = new AbortController()
  let ended: WatchdogVerdict | null = null
  let isStopped = false
  let isWaiting = false
  let hasBytes = false
  let lastLifeMs = now()
  let rejectWait: (reason: unknown) => void = () => {}

  const end = (verdict: WatchdogVerdict): void => {
    if (ended !== null || isStopped) return
    ended = verdict
    const reason = new DOMException('the model call was ended', 'AbortError')
    controller.abort(reason)
    rejectWait(reason)
  }
  /** Compares times instead of setting a timer anew for every read: there are thousands of reads. */
  const silence = (): void => {
    if (ended !== null || isStopped) return
    const limitMs = hasBytes ? timeouts.idleMs : timeouts.firstByteMs
    const leftMs = lastLifeMs + limitMs - now()
    if (leftMs <= 0 && isWaiting) end(hasBytes ? 'idle' : 'first_byte')
    else silenceTimer = setTimeout(silence, leftMs > 0 ? leftMs : RECHECK_MS)
  }
  const onAbort = (): void => end('aborted')

  let silenceTimer = setTimeout(silence, Math.min(timeouts.firstByteMs, timeouts.idleMs))
  const callTimer = setTimeout(() => end('call'), timeouts.callMs)
  if (caller.aborted) onAbort()
  else caller.addEventListener('abort', onAbort)

  return {
    signal: controller.signal,
    verdict: () => ended,
    touch() {
      hasBytes = true
      lastLifeMs = now()
    },
    wait(begin) {
      if (ended !== null) return Promise.reject(controller.signal.reason)
      isWaiting = true
      // What the reader did with the last piece is no silence of the vendor.
      if (hasBytes) lastLifeMs = now()
      return new Promise((resolve, reject) => {
        rejectWait = reject
        begin()
          .finally(() => {
            isWaiting = false
          })
          .then(resolve, reject)
      })
    },
    stop(isComplete) {
      isStopped = true
      clearTimeout(silenceTimer)
      clearTimeout(callTimer)
      caller.removeEventListener('abort', onAbort)
      if (!isComplete) controller.abort(OVER)
    },
  }
}
