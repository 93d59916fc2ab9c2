import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { KEPT_LINES, LogRing, MAX_FOLLOWERS } from '../../../../src/objects/tenant/log-ring.ts'
import { MemoryKv } from '../../../support/memory-kv.ts'

const NOW = 1_700_000_000_000

function openRing(storage = new MemoryKv()) {
  const admins = new Set<string>()
  const gone = new Set<string>()
  const told: { readonly id: string; readonly frame: string }[] = []
  const work: Promise<unknown>[] = []
  const ring = new LogRing({
    storage,
    now: () => NOW,
    admins: async () => [...admins],
    connection: (id) => ({
      deliver: async (frames) => {
        for (const frame of frames) told.push({ id, frame })
        return !gone.has(id)
      },
    }),
    inBackground: (each) => void work.push(each),
  })
  const settled = () => Promise.all(work.splice(0))
  return { ring, storage, admins, gone, told, settled }
}

const ALL = { limit: 500, after: 0, least: 'info', follower: null } as const
const eventsOf = (ring: LogRing, query: Partial<Parameters<LogRing['tail']>[0]> = {}) =>
  ring.tail({ ...ALL, ...query }).lines.map(({ event }) => event)

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('the log of a tenant', () => {
  it('tells the newest lines, those after one, and those of a level', () => {
    const { ring } = openRing()
    ring.note('info', 'a', {})
    ring.note('warn', 'b', {})
    ring.note('error', 'c', {})
    expect(eventsOf(ring)).toEqual(['a', 'b', 'c'])
    expect(eventsOf(ring, { limit: 2 })).toEqual(['b', 'c'])
    expect(eventsOf(ring, { after: 2 })).toEqual(['c'])
    expect(eventsOf(ring, { least: 'warn' })).toEqual(['b', 'c'])
    expect(ring.tail(ALL)).toMatchObject({ next: 3, isFollowing: false })
  })

  it('is bounded, in memory and in storage, and outlives its object', () => {
    const { ring, storage } = openRing()
    for (let i = 0; i < 3 * KEPT_LINES; i++) ring.note('info', `e${i}`, {})
    expect(eventsOf(ring)).toHaveLength(KEPT_LINES)
    vi.runAllTimers()
    expect([...storage.list({ prefix: '' })]).toHaveLength(KEPT_LINES)
    const next = openRing(storage).ring
    expect(eventsOf(next).at(-1)).toBe(`e${3 * KEPT_LINES - 1}`)
    next.note('info', 'later', {})
    expect(next.tail({ ...ALL, limit: 1 }).lines[0]?.seq).toBe(3 * KEPT_LINES + 1)
  })

  it('keeps no secret, and no line that somebody made long', () => {
    const { ring, storage } = openRing()
    const secret = `sk-proj-${'aB3dE5gH7jK9mN1p'.repeat(3)}`
    ring.note('warn', 'leak', { target: `it was ${secret}` })
    ring.note('warn', 'long', { target: 'x'.repeat(10_000) })
    vi.runAllTimers()
    const kept = JSON.stringify([...storage.list({ prefix: '' })])
    expect(kept).toContain('it was')
    expect(kept).not.toContain(secret)
    expect(kept.length).toBeLessThan(2_000)
  })

  it('is told on to followers that may hear it now, and to nobody else', async () => {
    const { ring, admins, gone, told, settled } = openRing()
    ring.note('info', 'before', {})
    for (const id of ['ada', 'demoted', 'left']) ring.tail({ ...ALL, follower: id })
    admins.add('ada').add('left').add('elsewhere')
    gone.add('left')
    ring.note('info', 'first', { run: 'run_1' })
    await settled()
    expect(told.map(({ id }) => id)).toEqual(['ada', 'left'])
    expect(JSON.parse(told[0]?.frame ?? '')).toMatchObject({
      event: 'log',
      payload: { event: 'first', level: 'info', fields: { run: 'run_1' } },
    })
    // Whoever was demoted must ask again, and is judged anew.
    admins.add('demoted')
    ring.note('info', 'second', {})
    await settled()
    expect(told.slice(2).map(({ id }) => id)).toEqual(['ada'])
  })

  it('has a bounded number of followers', async () => {
    const { ring, admins, told, settled } = openRing()
    for (let i = 0; i <= MAX_FOLLOWERS; i++) {
      ring.tail({ ...ALL, follower: `c${i}` })
      admins.add(`c${i}`)
    }
    ring.note('info', 'x', {})
    await settled()
    expect(told.map(({ id }) => id)).toHaveLength(MAX_FOLLOWERS)
    expect(told.map(({ id }) => id)).not.toContain('c0')
  })

  it('writes nothing after the end of its tenant', () => {
    const { ring, storage } = openRing()
    ring.note('info', 'last', {})
    ring.forget()
    vi.runAllTimers()
    expect([...storage.list({ prefix: '' })]).toEqual([])
  })
})
