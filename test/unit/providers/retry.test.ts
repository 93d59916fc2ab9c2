import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NO_USAGE } from '../../../src/domain/message.ts'
import type { ModelEvent, ModelFailure, ModelPort } from '../../../src/domain/model.ts'
import { failure } from '../../../src/providers/failure.ts'
import {
  RETRY_POLICY,
  type Retrying,
  retryDelayMs,
  withRetries,
} from '../../../src/providers/retry.ts'
import { collect, modelRequest } from '../../support/vendors/model.ts'

const finish: ModelEvent = { type: 'finish', reason: 'stop', usage: NO_USAGE }
const text: ModelEvent = { type: 'text', delta: 'hi' }
const error = (fields: Partial<ModelFailure> = {}): ModelEvent => ({
  type: 'error',
  failure: { ...failure('overloaded', 'busy'), ...fields },
})

/** Plays one list of events per call. */
function scripted(
  ...calls: readonly (readonly ModelEvent[])[]
): ModelPort & { count: () => number } {
  let count = 0
  return {
    count: () => count,
    async *stream() {
      yield* calls[count++] ?? []
    },
  }
}

function retried(model: ModelPort) {
  const waits: number[] = []
  const notices: Retrying[] = []
  const port = withRetries(model, {
    sleep: async (ms) => {
      waits.push(ms)
    },
    random: () => 0.5,
    onRetry: (notice) => notices.push(notice),
  })
  return { port, waits, notices }
}

describe('retryDelayMs', () => {
  test('grows with the attempts up to its ceiling', () => {
    const delay = (attempt: number) =>
      retryDelayMs(failure('network', ''), attempt, { ...RETRY_POLICY, attempts: 99 }, () => 1)
    expect([1, 2, 3].map(delay)).toEqual([1_000, 2_000, 4_000])
    expect(delay(50)).toBe(RETRY_POLICY.maxDelayMs)
  })

  test('gives up after the last attempt', () => {
    expect(retryDelayMs(failure('network', ''), 2, RETRY_POLICY, () => 0)).not.toBeNull()
    expect(retryDelayMs(failure('network', ''), 3, RETRY_POLICY, () => 0)).toBeNull()
  })

  test.each(['unauthorized', 'invalid_request', 'not_found', 'aborted'] as const)(
    'never retries %s',
    (kind) => {
      expect(retryDelayMs(failure(kind, ''), 1, RETRY_POLICY, () => 0)).toBeNull()
    },
  )

  test.each(['rate_limited', 'overloaded', 'timeout', 'network', 'cut', 'garbage'] as const)(
    'retries %s',
    (kind) => {
      expect(retryDelayMs(failure(kind, ''), 1, RETRY_POLICY, () => 0)).toBeGreaterThan(0)
    },
  )

  test('never asks earlier than the vendor allows, and never waits longer than the cap', () => {
    fc.assert(
      fc.property(
        fc.nat(200_000),
        fc.integer({ min: 1, max: 2 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (retryAfterMs, attempt, random) => {
          const asked = { ...failure('rate_limited', ''), retryAfterMs }
          const delay = retryDelayMs(asked, attempt, RETRY_POLICY, () => random)
          if (retryAfterMs > RETRY_POLICY.maxRetryAfterMs) return delay === null
          return delay !== null && delay >= retryAfterMs && delay <= RETRY_POLICY.maxRetryAfterMs
        },
      ),
    )
  })
})

describe('withRetries', () => {
  test('tries again until it works and tells each time', async () => {
    const model = scripted([error()], [error()], [text, finish])
    const { port, waits, notices } = retried(model)
    expect(await collect(port)).toEqual([text, finish])
    expect(waits).toEqual([750, 1_500])
    expect(notices).toMatchObject([
      { type: 'retrying', attempt: 2, maxAttempts: 3 },
      { type: 'retrying', attempt: 3, maxAttempts: 3 },
    ])
  })

  test('ends with the last failure when no attempt is left', async () => {
    const model = scripted([error()], [error()], [error({ message: 'still busy' })])
    expect(await collect(retried(model).port)).toMatchObject([
      { type: 'error', failure: { message: 'still busy' } },
    ])
    expect(model.count()).toBe(3)
  })

  test.each([
    text,
    { type: 'thinking', delta: 'hm' },
    { type: 'tool_call', id: 'a', name: 'exec', arguments: {} },
  ] as const)('does not repeat an answer that has begun with $type', async (first) => {
    const model = scripted([first, error()], [text, finish])
    expect(await collect(retried(model).port)).toEqual([first, error()])
    expect(model.count()).toBe(1)
  })

  test('says what a try has cost as soon as it has failed', async () => {
    const usage = { ...NO_USAGE, promptTokens: 5, completionTokens: 1 }
    const costly: ModelEvent = { type: 'error', failure: failure('cut', 'cut'), usage }
    const ended: ModelEvent = { type: 'finish', reason: 'stop', usage }
    const events = await collect(retried(scripted([costly], [error()], [text, ended])).port)
    expect(events).toEqual([{ type: 'in_vain', usage, model: null }, text, ended])
    const failed = await collect(retried(scripted([costly], [costly], [error()])).port)
    const wasted = { type: 'in_vain', usage, model: null }
    expect(failed).toEqual([wasted, wasted, error()])
  })

  test('does not retry what no retry mends', async () => {
    const refused = error({ kind: 'unauthorized', isRetryable: false })
    const model = scripted([refused], [finish])
    expect(await collect(retried(model).port)).toEqual([refused])
  })

  test('ends with aborted when the caller aborts while it waits', async () => {
    const controller = new AbortController()
    const port = withRetries(scripted([error()], [finish]), {
      onRetry: () => controller.abort(),
    })
    expect(await collect(port, modelRequest(), controller.signal)).toMatchObject([
      // Nobody was at work meanwhile: that nothing was spent is known, and not to be estimated.
      { type: 'error', failure: { kind: 'aborted' }, usage: NO_USAGE },
    ])
  })

  test('waits for real when it is given no clock', async () => {
    const port = withRetries(scripted([error()], [finish]), {
      policy: { ...RETRY_POLICY, baseDelayMs: 1 },
    })
    expect(await collect(port)).toEqual([finish])
  })
})
