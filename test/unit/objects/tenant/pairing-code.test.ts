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
  return Array.from({ length: times }, () => open().attempt(mac, null).kind)
}

describe('the pairing code in storage', () => {
  it('is absent until it is set, and used up by the right one', () => {
    const { kept, open } = world()
    const code = open()
    expect(code.attempt('right', null)).toEqual({ kind: 'absent' })
    expect(kept.size).toBe(0)
    expect(code.set('right')).toBe(NOW + 10 * MINUTE)
    expect(code.attempt('right', null)).toEqual({ kind: 'right' })
    expect(code.attempt('right', null)).toEqual({ kind: 'absent' })
    expect(kept.size).toBe(0)
  })

  it('ends after ten minutes', () => {
    const { clock, open } = world()
    open().set('right')
    clock.now += 10 * MINUTE
    expect(open().attempt('right', null)).toEqual({ kind: 'absent' })
  })

  it('keeps its wrong tries over restarts: the twentieth burns it', () => {
    const { open } = world()
    open().set('right')
    expect(new Set(tryTimes(open, 'wrong', 20))).toEqual(new Set(['wrong']))
    expect(open().attempt('right', null)).toEqual({ kind: 'absent' })
    // Another million to guess in: whoever burnt the first has gained nothing.
    expect(open().set('another')).toBe(NOW + 10 * MINUTE)
    expect(open().attempt('another', null)).toEqual({ kind: 'right' })
  })

  it('still works after nineteen', () => {
    const { open } = world()
    open().set('right')
    tryTimes(open, 'wrong', 19)
    expect(open().attempt('right', null)).toEqual({ kind: 'right' })
  })

  it('takes ten tries a minute, and those that came too fast for none', () => {
    const { clock, open } = world()
    const code = open()
    code.set('right')
    for (let i = 0; i < 10; i++) expect(code.attempt('wrong', null).kind).toBe('wrong')
    for (let i = 0; i < 30; i++) expect(code.attempt('wrong', null).kind).toBe('limited')
    expect(code.attempt('right', null)).toMatchObject({ kind: 'limited', retryAfterMs: 6_000 })
    clock.now += 6_000
    expect(code.attempt('right', null)).toEqual({ kind: 'right' })
  })

  it('takes what can be no code for no try', () => {
    const { open } = world()
    open().set('right')
    for (let i = 0; i < 30; i++) expect(open().attempt(null, null)).toEqual({ kind: 'malformed' })
    expect(open().attempt('right', null)).toEqual({ kind: 'right' })
  })

  it('is burnt by no address alone, which is told to wait, and holds up no other', () => {
    const { open } = world()
    const code = open()
    code.set('right')
    for (let i = 0; i < 5; i++) expect(code.attempt('wrong', '192.0.2.1').kind).toBe('wrong')
    for (let i = 0; i < 40; i++) {
      expect(open().attempt('wrong', '192.0.2.1')).toMatchObject({ kind: 'limited' })
    }
    expect(open().attempt('right', '192.0.2.1')).toMatchObject({ kind: 'limited' })
    expect(code.attempt('right', '192.0.2.2')).toEqual({ kind: 'right' })
  })

  it('is burnt by many addresses together', () => {
    const { open } = world()
    open().set('right')
    for (let i = 0; i < 20; i++) expect(open().attempt('wrong', `192.0.2.${i}`).kind).toBe('wrong')
    expect(open().attempt('right', '192.0.2.99')).toEqual({ kind: 'absent' })
  })
})
