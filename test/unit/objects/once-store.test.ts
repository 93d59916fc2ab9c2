import { describe, expect, it } from 'vitest'
import type { UserId } from '../../../src/domain/ids.ts'
import { MAX_KEPT, MAX_KEPT_OF_USER, OnceStore } from '../../../src/objects/tenant/once-store.ts'
import { MemoryKv } from '../../support/memory-kv.ts'

const MINUTE = 60_000

const kept = (body: string, userId = 'anna', kind: 'ticket' | 'handoff' = 'ticket') => ({
  kind,
  userId: userId as UserId,
  body,
})

function open() {
  const state = { clock: 1_000_000, kv: new MemoryKv() }
  return { state, store: new OnceStore(state.kv, () => state.clock) }
}

describe('OnceStore', () => {
  it('hands out what it keeps once, also in another life of the object', () => {
    const { state, store } = open()
    expect(store.keep('hash', kept('body'), MINUTE)).toBe(state.clock + MINUTE)
    const reborn = new OnceStore(state.kv, () => state.clock)
    expect(reborn.take('hash')).toBe('body')
    expect(reborn.take('hash')).toBeNull()
    expect(store.take('hash')).toBeNull()
  })

  it('hands out nothing after its time, and forgets it', () => {
    const { state, store } = open()
    store.keep('in time', kept('a'), MINUTE)
    store.keep('late', kept('b'), MINUTE)
    state.clock += MINUTE - 1
    expect(store.take('in time')).toBe('a')
    state.clock += 1
    expect(store.take('late')).toBeNull()
    expect(state.kv.entries.size).toBe(0)
  })

  it('writes nothing for what is not there', () => {
    const { state, store } = open()
    expect(store.take('unknown')).toBeNull()
    expect(state.kv.writes).toBe(0)
  })

  it('sweeps what is over and says what is left', () => {
    const { state, store } = open()
    store.keep('short', kept('a'), MINUTE)
    store.keep('long', kept('b'), 2 * MINUTE)
    expect(store.sweep()).toBe(2)
    state.clock += MINUTE
    expect(store.sweep()).toBe(1)
    expect([...state.kv.entries.keys()]).toEqual(['once/long'])
  })

  it('is full at its limit, and has room again when time has passed', () => {
    const { state, store } = open()
    // Not one by one: each of them looks through all that are there.
    const expiresAt = state.clock + MINUTE
    for (let i = 0; i < MAX_KEPT; i++) {
      state.kv.put(`once/h${i}`, { ...kept('x', `user-${i}`), expiresAt })
    }
    expect(store.keep('one more', kept('x'), MINUTE)).toBeNull()
    // Tickets that nobody uses keep nobody from signing in.
    expect(store.keep('sign-in', kept('x', 'anna', 'handoff'), MINUTE)).not.toBeNull()
    expect(store.take('h0')).toBe('x')
    expect(store.keep('one more', kept('x'), MINUTE)).not.toBeNull()
    state.clock += MINUTE
    expect(store.keep('later', kept('x'), MINUTE)).not.toBeNull()
  })

  it('has so much room for one person, and room for the next', () => {
    const { store } = open()
    for (let i = 0; i < MAX_KEPT_OF_USER; i++) {
      expect(store.keep(`h${i}`, kept('x', 'eve'), MINUTE)).not.toBeNull()
    }
    expect(store.keep('one more', kept('x', 'eve'), MINUTE)).toBeNull()
    expect(store.keep('hers', kept('x', 'anna'), MINUTE)).not.toBeNull()
    expect(store.keep('sign-in', kept('x', 'eve', 'handoff'), MINUTE)).not.toBeNull()
  })
})
