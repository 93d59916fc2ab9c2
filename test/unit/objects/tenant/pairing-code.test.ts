import { describe, expect, it } from 'vitest'
import { type CodeStore, PairingCode } from '../../../../src/objects/tenant/pairing-code.ts'

const NOW = 1_700_000_000_000
const MINUTE = 60_000

function world() {
  const kept = new Map<string, unknown>()
  const store: CodeStore = {
    get: <Value>(key: string) => structuredClone(kept.get(key)) as Value | undefined,
    put: (key, value) => void kept.set(key, structuredClone(value)),
    delete: (key) => kept.delete(key),
  }
  const clock = { now: NOW }
  const open = () => new PairingCode(store, () => clock.now)
  return { kept, clock, open }
}

/** As fast as is allowed, over as many lives of the object. */
function tryTimes(open: () => PairingCode, mac: string, times: number): readonly string[] {
  return Array.from({ length: times }, () => open().attempt(mac).kind)
}

describe('the pairing code in storage', () => {
  it('is absent until it is set, and used up by the right one', () => {
    const { kept, open } = world()
    const code = open()
    expect(code.attempt('right')).toEqual({ kind: 'absent' })
    expect(kept.size).toBe(0)
    expect(code.set('right')).toBe(NOW + 10 * MINUTE)
    expect(code.attempt('right')).toEqual({ kind: 'right' })
    expect(code.attempt('right')).toEqual({ kind: 'absent' })
    expect(kept.size).toBe(0)
  })

  it('ends after ten minutes', () => {
    const { clock, open } = world()
    open().set('right')
    clock.now += 10 * MINUTE
    expect(open().attempt('right')).toEqual({ kind: 'absent' })
  })

  it('keeps its wrong tries over restarts: the twentieth burns it', () => {
    const { open } = world()
    open().set('right')
    expect(new Set(tryTimes(open, 'wrong', 20))).toEqual(new Set(['wrong']))
    expect(open().attempt('right')).toEqual({ kind: 'absent' })
    expect(open().set('another')).toBeNull()
  })

  it('still works after nineteen', () => {
    const { open } = world()
    open().set('right')
    tryTimes(open, 'wrong', 19)
    expect(open().attempt('right')).toEqual({ kind: 'right' })
  })

  it('takes ten tries a minute, and those that came too fast for none', () => {
    const { clock, open } = world()
    const code = open()
    code.set('right')
    for (let i = 0; i < 10; i++) expect(code.attempt('wrong').kind).toBe('wrong')
    for (let i = 0; i < 30; i++) expect(code.attempt('wrong').kind).toBe('limited')
    expect(code.attempt('right')).toMatchObject({ kind: 'limited', retryAfterMs: 6_000 })
    clock.now += 6_000
    expect(code.attempt('right')).toEqual({ kind: 'right' })
  })

  it('takes what can be no code for no try', () => {
    const { open } = world()
    open().set('right')
    for (let i = 0; i < 30; i++) expect(open().attempt(null)).toEqual({ kind: 'malformed' })
    expect(open().attempt('right')).toEqual({ kind: 'right' })
  })
})
