import { describe, expect, it } from 'vitest'
import { type RunId, runIdSchema, userIdSchema } from '../../../../src/domain/ids.ts'
import { NO_USAGE } from '../../../../src/domain/message.ts'
import { JOURNAL_VERSION, StaleGenerationError } from '../../../../src/objects/session/run-store.ts'
import { openSessionStores } from '../../../support/session-stores.ts'
import { NOW, principal } from './world.ts'

const RUN = runIdSchema.parse('run_1')
const ADA = userIdSchema.parse('ada')
const DAY_MS = 24 * 3_600_000

function withRun(id: RunId = RUN) {
  const stores = openSessionStores()
  const options = { callerInstructions: 'be brief', sampling: { temperature: 0.5 } }
  stores.runs.create({ id, principal: principal('ada'), options, firstMessageId: 3, now: NOW })
  return stores
}

describe('a stored run', () => {
  it('remembers that it is to be cancelled, in another life of the object', () => {
    const stores = withRun()
    stores.runs.requestCancel(RUN)
    expect(stores.reopen().runs.running()?.isCancelRequested).toBe(true)
  })

  it('comes back as it was asked, in another life of the object', () => {
    expect(withRun().reopen().runs.running()).toEqual({
      id: RUN,
      generation: 0,
      isCancelRequested: false,
      journalVersion: JOURNAL_VERSION,
      state: 'running',
      principal: principal('ada'),
      options: { callerInstructions: 'be brief', sampling: { temperature: 0.5 } },
      firstMessageId: 3,
      usage: NO_USAGE,
      result: null,
      startedAt: NOW,
    })
  })

  it('is no longer running once it has a result', () => {
    const { runs } = withRun()
    runs.finish(RUN, { kind: 'cancelled' }, NOW)
    expect(runs.running()).toBeNull()
    expect(runs.find(RUN)).toMatchObject({ state: 'cancelled', result: { kind: 'cancelled' } })
    expect(runs.find(runIdSchema.parse('run_other'))).toBeNull()
  })

  it('sums its tokens, and the session those of all runs', () => {
    const { runs } = withRun()
    const usage = { ...NO_USAGE, promptTokens: 2 }
    runs.addUsage(RUN, usage)
    runs.addUsage(RUN, usage)
    runs.addUsage(runIdSchema.parse('run_other'), usage)
    expect(runs.find(RUN)?.usage.promptTokens).toBe(4)
    expect(runs.totalUsage().promptTokens).toBe(4)
  })
})

describe('generations', () => {
  it('allow writes of the newest, and reject those of every older one', () => {
    const { runs } = withRun()
    const first = runs.nextGeneration(RUN)
    expect(() => runs.assertCurrent(RUN, first)).not.toThrow()
    const second = runs.nextGeneration(RUN)
    expect(second).toBe(first + 1)
    expect(() => runs.assertCurrent(RUN, first)).toThrow(StaleGenerationError)
    expect(() => runs.assertCurrent(RUN, second)).not.toThrow()
  })

  it('reject writes once the run is over, and of a run that is gone', () => {
    const { runs } = withRun()
    const generation = runs.nextGeneration(RUN)
    runs.finish(RUN, { kind: 'cancelled' }, NOW)
    expect(() => runs.assertCurrent(RUN, generation)).toThrow(StaleGenerationError)
    expect(() => runs.assertCurrent(runIdSchema.parse('run_gone'), 1)).toThrow(StaleGenerationError)
  })

  it('rise over the lives of the object', () => {
    const stores = withRun()
    stores.runs.nextGeneration(RUN)
    expect(stores.reopen().runs.nextGeneration(RUN)).toBe(2)
  })
})

describe('tool calls', () => {
  it('are fresh once, and then known in every life', () => {
    const stores = withRun()
    expect(stores.runs.markToolStarted(RUN, 'k1', NOW)).toBe(false)
    expect(stores.runs.markToolStarted(RUN, 'k1', NOW)).toBe(true)
    expect(stores.reopen().runs.markToolStarted(RUN, 'k1', NOW)).toBe(true)
    expect(stores.runs.markToolStarted(RUN, 'k2', NOW)).toBe(false)
  })
})

describe('waiters', () => {
  it('are answered once, in the order in which they came', () => {
    const { runs } = withRun()
    const first = { kind: 'socket', socketId: 's', requestId: 1 } as const
    const second = { kind: 'connection', connectionId: 'c', requestId: 'r' } as const
    runs.addWaiter(RUN, first)
    runs.addWaiter(RUN, { kind: 'none' })
    runs.addWaiter(RUN, second)
    runs.addWaiter(runIdSchema.parse('run_other'), first)
    expect(runs.takeWaiters(RUN)).toEqual([first, second])
    expect(runs.takeWaiters(RUN)).toEqual([])
  })
})

describe('recorded sends', () => {
  const send = { bodyHash: 'h', runId: RUN, kind: 'started' } as const

  it('belong to a user: another one with the same key is not in its way', () => {
    const { runs } = withRun()
    runs.recordSend(ADA, 'k', send, NOW)
    expect(runs.findSend(ADA, 'k')).toEqual(send)
    expect(runs.findSend(userIdSchema.parse('bob'), 'k')).toBeNull()
    expect(runs.findSend(ADA, 'other')).toBeNull()
  })

  it('are forgotten after a day, not before', () => {
    const { runs } = withRun()
    runs.recordSend(ADA, 'old', send, NOW)
    runs.recordSend(ADA, 'within', send, NOW + DAY_MS)
    expect(runs.findSend(ADA, 'old')).toEqual(send)
    runs.recordSend(ADA, 'after', send, NOW + DAY_MS + 1)
    expect(runs.findSend(ADA, 'old')).toBeNull()
    expect(runs.findSend(ADA, 'within')).toEqual(send)
  })
})

describe('injections', () => {
  it('are handed out once, in order, and can be dropped', () => {
    const { runs } = withRun()
    runs.inject('one', NOW)
    runs.inject('two', NOW + 1)
    expect(runs.takeInjections()).toEqual([
      { message: 'one', createdAt: NOW },
      { message: 'two', createdAt: NOW + 1 },
    ])
    expect(runs.takeInjections()).toEqual([])
    runs.inject('three', NOW)
    runs.clearInjections()
    expect(runs.takeInjections()).toEqual([])
  })
})

describe('a session that was deleted', () => {
  it('stops a loop that outlives it, as one that was superseded, until a new one begins', () => {
    const { runs } = withRun()
    const generation = runs.nextGeneration(RUN)
    runs.close()
    expect(() => runs.assertCurrent(RUN, generation)).toThrow(StaleGenerationError)
    expect(() => runs.takeInjections()).toThrow(StaleGenerationError)
    runs.open()
    expect(() => runs.assertCurrent(RUN, generation)).not.toThrow()
  })
})
