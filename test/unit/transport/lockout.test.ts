import { describe, expect, it } from 'vitest'
import {
  FAILURE_WINDOW_MS,
  type FailureRow,
  LOCKOUT_MS,
  LockoutTable,
  lockoutKey,
  MAX_FAILURES,
  MAX_TRACKED_KEYS,
} from '../../../src/transport/lockout.ts'

const START = 1_800_000_000_000

function fail(table: LockoutTable, key: string, times: number, now = START): void {
  for (let i = 0; i < times; i++) table.recordFailure(key, now)
}

describe('LockoutTable', () => {
  it('locks at the fifth failure, not at the fourth', () => {
    const table = new LockoutTable()
    fail(table, 'a', MAX_FAILURES - 1)
    expect(table.state('a', START).isLocked).toBe(false)
    expect(table.recordFailure('a', START).state).toEqual({
      isLocked: true,
      retryAfterMs: LOCKOUT_MS,
    })
  })

  it('unlocks after five minutes, not a millisecond before, and counts anew', () => {
    const table = new LockoutTable()
    fail(table, 'a', MAX_FAILURES)
    expect(table.state('a', START + LOCKOUT_MS - 1)).toEqual({ isLocked: true, retryAfterMs: 1 })
    expect(table.state('a', START + LOCKOUT_MS).isLocked).toBe(false)
    expect(table.recordFailure('a', START + LOCKOUT_MS).state.isLocked).toBe(false)
  })

  it('is not prolonged by failures while locked', () => {
    const table = new LockoutTable()
    fail(table, 'a', MAX_FAILURES)
    fail(table, 'a', 50, START + LOCKOUT_MS - 1_000)
    expect(table.state('a', START + LOCKOUT_MS).isLocked).toBe(false)
  })

  it('forgets failures that lie far apart', () => {
    const table = new LockoutTable()
    for (let i = 0; i < 20; i++) table.recordFailure('a', START + i * FAILURE_WINDOW_MS)
    expect(table.state('a', START + 20 * FAILURE_WINDOW_MS).isLocked).toBe(false)
  })

  it('counts each address and kind of credential by itself', () => {
    const table = new LockoutTable()
    fail(table, lockoutKey('203.0.113.7', 'api_key'), MAX_FAILURES)
    expect(table.state(lockoutKey('203.0.113.7', 'pairing'), START).isLocked).toBe(false)
    expect(table.state(lockoutKey('203.0.113.8', 'api_key'), START).isLocked).toBe(false)
    expect(table.state(lockoutKey('203.0.113.7', 'api_key'), START).isLocked).toBe(true)
  })

  it('keeps an active lockout under a flood of 20,000 keys', () => {
    const table = new LockoutTable()
    fail(table, 'guesser', MAX_FAILURES)
    for (let i = 0; i < 20_000; i++) table.recordFailure(`flood-${i}`, START)
    expect(table.size).toBe(MAX_TRACKED_KEYS)
    expect(table.state('guesser', START).isLocked).toBe(true)
  })

  it('drops the oldest count first', () => {
    const table = new LockoutTable([], 3)
    for (const key of ['a', 'b', 'c']) table.recordFailure(key, START)
    table.recordFailure('a', START + 1)
    expect(table.recordFailure('d', START + 2).change.dropped).toEqual(['b'])
  })

  it('drops expired lockouts before counts', () => {
    const table = new LockoutTable([], 3)
    fail(table, 'locked', MAX_FAILURES)
    table.recordFailure('a', START + LOCKOUT_MS - 1)
    table.recordFailure('b', START + LOCKOUT_MS - 1)
    expect(table.recordFailure('c', START + LOCKOUT_MS).change.dropped).toEqual(['locked'])
  })

  it('answers further keys as locked while every tracked key is locked', () => {
    const table = new LockoutTable([], 10)
    for (let i = 0; i < 10; i++) fail(table, `locked-${i}`, MAX_FAILURES, START + i)
    const { state, change } = table.recordFailure('one-more', START + 60_000)
    expect(state).toEqual({ isLocked: true, retryAfterMs: LOCKOUT_MS - 60_000 })
    expect(change).toEqual({ written: new Map(), dropped: [] })
    for (let i = 0; i < 10; i++) {
      expect(table.state(`locked-${i}`, START + 60_000).isLocked).toBe(true)
    }
    const later = table.recordFailure('one-more', START + LOCKOUT_MS)
    expect(later.state.isLocked).toBe(false)
  })

  it('goes on from stored rows in whatever order they come', () => {
    const stored = new Map<string, FailureRow>()
    const table = new LockoutTable([], 5)
    for (const [key, times] of [
      ['z', 5],
      ['a', 4],
      ['m', 1],
    ] as const) {
      for (let i = 0; i < times; i++) {
        const { change } = table.recordFailure(key, START)
        for (const [written, row] of change.written) stored.set(written, row)
      }
    }
    const revived = new LockoutTable([...stored].sort(), 5)
    expect(revived.state('z', START).isLocked).toBe(true)
    expect(revived.recordFailure('a', START).state.isLocked).toBe(true)
    expect(revived.recordFailure('m', START).state.isLocked).toBe(false)
  })

  it('reports a key as dropped and written when it expired and failed again', () => {
    const table = new LockoutTable()
    table.recordFailure('a', START)
    const { change } = table.recordFailure('a', START + FAILURE_WINDOW_MS)
    expect(change.dropped).toEqual(['a'])
    expect(change.written.get('a')?.failures).toBe(1)
  })
})
