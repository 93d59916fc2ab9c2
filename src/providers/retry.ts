/**
 * When a failed model call is tried again. Only before its first token: a repeated answer would say
 * things twice, and a repeated tool call would do them twice.
 */
import { NO_USAGE } from '../domain/message.ts'
import type { ModelEvent, ModelFailure, ModelPort, ModelRequest } from '../domain/model.ts'
import { abortedFailure } from './failure.ts'

export interface RetryPolicy {
  /** Tries in all, the first included. */
  readonly attempts: number
  readonly baseDelayMs: number
  readonly maxDelayMs: number
  /** A vendor that asks for more than this is not waited for: the user is told instead. */
  readonly maxRetryAfterMs: number
}

/** Rides out a burst or a restart at the vendor within a minute; a longer outage is the user's to see. */
export const RETRY_POLICY: RetryPolicy = {
  attempts: 3,
  baseDelayMs: 1_000,
  maxDelayMs: 15_000,
  maxRetryAfterMs: 60_000,
}

/**
 * How long to wait before try `attempt + 1`, or null to give up. Full jitter over the upper half of
 * an exponential step, so that many runs that failed together do not return together.
 */
export function retryDelayMs(
  failure: ModelFailure,
  attempt: number,
  policy: RetryPolicy,
  random: () => number,
): number | null {
  if (!failure.isRetryable || attempt >= policy.attempts) return null
  const step = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempt - 1))
  const backOffMs = Math.round(step / 2 + (random() * step) / 2)
  if (failure.retryAfterMs === undefined) return backOffMs
  if (failure.retryAfterMs > policy.maxRetryAfterMs) return null
  // A vendor that says "now" still gets a breath; one that says when is not asked earlier.
  return Math.max(failure.retryAfterMs, Math.round(backOffMs / 2))
}

export interface Retrying {
  readonly type: 'retrying'
  /** The try that begins now, from 2. */
  readonly attempt: number
  readonly maxAttempts: number
  readonly delayMs: number
  readonly failure: ModelFailure
}

/** Resolves after `ms`; rejects as soon as the signal aborts. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>

export const sleepFor: Sleep = (ms, signal) =>
  new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason)
      return
    }
    const onAbort = (): void => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    signal.addEventListener('abort', onAbort, { once: true })
  })

export interface RetryOptions {
  readonly policy?: RetryPolicy
  readonly sleep?: Sleep
  readonly random?: () => number
  readonly onRetry?: (event: Retrying) => void
}

/** The same model port, with failures before the first token retried. */
export function withRetries(model: ModelPort, options: RetryOptions = {}): ModelPort {
  const { policy = RETRY_POLICY, sleep = sleepFor, random = Math.random, onRetry } = options

  /** One try: its events, except a failure that is to be retried, which it returns with the wait. */
  async function* tryOnce(
    request: ModelRequest,
    signal: AbortSignal,
    attempt: number,
  ): AsyncGenerator<ModelEvent, Retrying | null> {
    let hasSpoken = false
    for await (const event of model.stream(request, signal)) {
      if (event.type === 'error' && !hasSpoken) {
        const delayMs = retryDelayMs(event.failure, attempt, policy, random)
        if (delayMs !== null) {
          const { usage, model = null } = event
          if (usage) yield { type: 'in_vain', usage, model }
          return {
            type: 'retrying',
            attempt: attempt + 1,
            maxAttempts: policy.attempts,
            delayMs,
            failure: event.failure,
          }
        }
      }
      if (event.type !== 'asked' && event.type !== 'in_vain') hasSpoken = true
      yield event
    }
    return null
  }

  async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    for (let attempt = 1; ; attempt++) {
      const retrying = yield* tryOnce(request, signal, attempt)
      if (retrying === null) return
      onRetry?.(retrying)
      try {
        await sleep(retrying.delayMs, signal)
      } catch {
        yield { type: 'error', failure: abortedFailure(), usage: NO_USAGE }
        return
      }
    }
  }
  return { stream }
}
