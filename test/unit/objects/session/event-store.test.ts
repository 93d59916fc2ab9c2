import { describe, expect, it } from 'vitest'
import { runIdSchema } from '../../../../src/domain/ids.ts'
import { NO_USAGE } from '../../../../src/domain/message.ts'
import { MAX_REPLAY_BYTES, MAX_REPLAY_EVENTS } from '../../../../src/objects/session/event-store.ts'
import { replayFrames } from '../../../../src/objects/session/replay.ts'
import { openSessionStores, type SessionStores } from '../../../support/session-stores.ts'
import { AGENT, type Frame, KEY, NOW, principal, TENANT } from './world.ts'

const RUN = runIdSchema.parse('run_1')
/** Three bytes a character, six of JSON. */
const HUGE = '€\u0000'.repeat(30_000)
const WEEK_MS = 7 * 24 * 3_600_000
const META = {
  tenantId: TENANT,
  sessionKey: KEY,
  agentKey: 'main',
  channel: 'ws',
  owner: principal('ada').userId,
  createdAt: NOW,
  label: null,
  model: AGENT.model,
  provider: AGENT.provider,
}
const chunk = (content: string) => ({ type: 'chunk', content }) as const
const append = ({ events }: SessionStores, count: number, now = NOW) => {
  for (let i = 0; i < count; i++) events.append(RUN, chunk(`${i}`), now)
}
const replay = ({ events, runs }: SessionStores, afterSeq: number) =>
  replayFrames(events, runs, META, afterSeq)
const seqs = (frames: readonly string[]) => frames.map((frame) => (JSON.parse(frame) as Frame).seq)

describe('seq', () => {
  it('rises by one per event, over all lives of the object', () => {
    const stores = openSessionStores()
    expect(stores.events.lastSeq()).toBe(0)
    append(stores, 2)
    expect(stores.reopen().events.append(RUN, { type: 'run.cancelled' }, NOW)).toBe(3)
    expect(stores.events.lastSeq()).toBe(3)
  })

  it('is never used again after events were dropped', () => {
    const stores = openSessionStores()
    append(stores, 5)
    stores.events.dropProgress(RUN)
    expect(stores.events.append(RUN, { type: 'run.cancelled' }, NOW)).toBe(6)
  })
})

describe('replay', () => {
  it('sends what came after the last seq that was seen', () => {
    const stores = openSessionStores()
    append(stores, 4)
    const missed = replay(stores, 2)
    expect(missed).toMatchObject({ isGap: false, lastSeq: 4, isComplete: true })
    expect(missed.isGap ? [] : seqs(missed.frames)).toEqual([3, 4])
  })

  it('has nothing for who has seen all, and takes its word for it', () => {
    const stores = openSessionStores()
    append(stores, 2)
    expect(replay(stores, 2)).toEqual({
      isGap: false,
      frames: [],
      lastSeq: 2,
      isComplete: true,
    })
    expect(replay(stores, 9)).toMatchObject({ frames: [], lastSeq: 9 })
    expect(replay(openSessionStores(), 0)).toMatchObject({ frames: [], lastSeq: 0 })
  })

  it("names the run's user, and the session's owner for a run that is not known", () => {
    const stores = openSessionStores()
    const options = { callerInstructions: '', sampling: {} }
    stores.runs.create({
      id: RUN,
      principal: principal('bob'),
      options,
      firstMessageId: 1,
      now: NOW,
    })
    stores.events.append(RUN, chunk('a'), NOW)
    stores.events.append(runIdSchema.parse('run_old'), chunk('b'), NOW)
    const missed = replay(stores, 0)
    const users = missed.isGap
      ? []
      : missed.frames.map((frame) => JSON.parse(frame).payload.userId as string)
    expect(users).toEqual(['bob', 'ada'])
  })

  it('keeps what a finished run came to when its progress is dropped', () => {
    const stores = openSessionStores()
    stores.events.append(RUN, { type: 'run.started', message: 'hi' }, NOW)
    append(stores, 3)
    stores.events.append(RUN, { type: 'activity', phase: 'thinking' }, NOW)
    stores.events.append(RUN, { type: 'run.cancelled' }, NOW)
    stores.events.dropProgress(RUN)
    const missed = replay(stores, 0)
    expect(missed.isGap ? [] : seqs(missed.frames)).toEqual([1, 6])
  })

  it('answers at most a page; the next one goes on where it ended', () => {
    const stores = openSessionStores()
    append(stores, MAX_REPLAY_EVENTS + 3)
    const page = replay(stores, 0)
    if (page.isGap) throw new Error('a gap')
    expect(page.frames).toHaveLength(MAX_REPLAY_EVENTS)
    expect(page.isComplete).toBe(false)
    const rest = replay(stores, page.lastSeq)
    expect(rest.isGap ? [] : rest.frames).toHaveLength(3)
  })
})

describe('the size of a replay', () => {
  it('is bounded, and the pages hold all events in order', () => {
    const stores = openSessionStores()
    for (let i = 0; i < 40; i++) stores.events.append(RUN, chunk('x'.repeat(30_000)), NOW)
    const seen: (number | undefined)[] = []
    let pages = 0
    for (let afterSeq = 0, isComplete = false; !isComplete; pages++) {
      const page = replay(stores, afterSeq)
      if (page.isGap) throw new Error('a gap')
      expect(page.frames.join('').length).toBeLessThanOrEqual(MAX_REPLAY_BYTES)
      seen.push(...seqs(page.frames))
      ;({ lastSeq: afterSeq, isComplete } = page)
    }
    expect(pages).toBe(3)
    expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => i + 1))
  })
})

describe('pruning', () => {
  it('drops what is older than a week, and says so to who missed it', () => {
    const stores = openSessionStores()
    append(stores, 3, NOW)
    append(stores, 2, NOW + WEEK_MS)
    stores.events.prune(NOW + WEEK_MS)
    expect(replay(stores, 0).isGap).toBe(false)
    stores.events.prune(NOW + WEEK_MS + 1)
    expect(replay(stores, 0)).toEqual({ isGap: true, fromSeq: 4 })
    expect(replay(stores, 2)).toEqual({ isGap: true, fromSeq: 4 })
    const complete = replay(stores, 3)
    expect(complete.isGap ? [] : seqs(complete.frames)).toEqual([4, 5])
  })

  it('keeps the newest ten thousand', () => {
    const stores = openSessionStores()
    stores.atomically(() => append(stores, 10_002))
    stores.events.prune(NOW)
    expect(stores.events.prunedThrough()).toBe(2)
    expect(stores.events.after(2)[0]?.seq).toBe(3)
  })

  it('remembers the gap in the next life, and forgets nothing by pruning again', () => {
    const stores = openSessionStores()
    append(stores, 3, NOW)
    stores.events.prune(NOW + 2 * WEEK_MS)
    stores.events.prune(NOW + 2 * WEEK_MS)
    expect(replay(stores.reopen(), 1)).toEqual({ isGap: true, fromSeq: 4 })
    expect(replay(stores, 3).isGap).toBe(false)
  })

  it('takes dropped progress for no gap', () => {
    const stores = openSessionStores()
    append(stores, 3)
    stores.events.dropProgress(RUN)
    stores.events.prune(NOW)
    expect(replay(stores, 0).isGap).toBe(false)
  })
})

describe('the size of an event', () => {
  it('is bounded for calls and results, and the event is told all the same', () => {
    const { events } = openSessionStores()
    const huge = 'x'.repeat(100_000)
    events.append(RUN, { type: 'tool.call', id: 'c', name: 'n', arguments: { huge } }, NOW)
    const result = {
      type: 'tool.result',
      id: 'c',
      name: 'n',
      isError: false,
      arguments: { huge },
      result: huge,
    } as const
    events.append(RUN, result, NOW)
    const [call, answer] = events.ofRun(RUN).map(({ event }) => event)
    expect(JSON.stringify(call).length).toBeLessThan(64 * 1024)
    expect(JSON.stringify(answer).length).toBeLessThan(64 * 1024)
    expect(call).toMatchObject({ id: 'c', name: 'n' })
    expect(answer).toMatchObject({ id: 'c', isError: false })
  })

  it.each([
    { type: 'run.started', message: HUGE },
    { type: 'chunk', content: HUGE },
    { type: 'thinking', content: HUGE },
    { type: 'activity', phase: 'thinking', detail: { HUGE } },
    { type: 'run.failed', error: HUGE, code: 'MODEL' },
    { type: 'tool.call', id: HUGE, name: HUGE, arguments: {} },
    { type: 'tool.result', id: HUGE, name: HUGE, isError: true, arguments: {}, result: HUGE },
  ] as const)('is bounded in bytes: $type', (event) => {
    const { events } = openSessionStores()
    events.append(RUN, event, NOW)
    const stored = events.ofRun(RUN)[0]?.event
    expect(stored?.type).toBe(event.type)
    expect(new TextEncoder().encode(JSON.stringify(stored)).length).toBeLessThan(64 * 1024)
    expect(JSON.stringify(stored)).toContain('cut')
  })

  it('cuts the id of a call and of its result alike', () => {
    const { events } = openSessionStores()
    const call = { id: HUGE, name: 'n', arguments: {} }
    events.append(RUN, { type: 'tool.call', ...call }, NOW)
    events.append(RUN, { type: 'tool.result', ...call, isError: false, result: '' }, NOW)
    const ids = events.ofRun(RUN).map(({ event }) => 'id' in event && event.id)
    expect(ids[0]).toBe(ids[1])
  })

  it('leaves the answer of a run whole', () => {
    const { events } = openSessionStores()
    const event = { type: 'run.completed', content: HUGE, usage: NO_USAGE } as const
    events.append(RUN, event, NOW)
    expect(events.ofRun(RUN)[0]?.event).toEqual(event)
  })

  it('does not change what is small', () => {
    const { events } = openSessionStores()
    const event = { type: 'tool.call', id: 'c', name: 'n', arguments: { a: 1 } } as const
    events.append(RUN, event, NOW)
    expect(events.ofRun(RUN)[0]?.event).toEqual(event)
  })
})
