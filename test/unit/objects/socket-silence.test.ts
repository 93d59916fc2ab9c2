import { describe, expect, it } from 'vitest'
import { isWorthNoting, silentFrom } from '../../../src/objects/socket-silence.ts'

const START = 1_800_000_000_000
const MINUTE = 60_000

describe('silentFrom', () => {
  it('never comes before ten minutes after the last request', () => {
    expect(silentFrom(START, null) - START).toBeGreaterThanOrEqual(10 * MINUTE)
    expect(silentFrom(START, null) - START).toBeLessThanOrEqual(11 * MINUTE)
  })

  it('is put off by a ping that the runtime answered, not by an older one', () => {
    const pinged = new Date(START + 5 * MINUTE)
    expect(silentFrom(START, pinged)).toBe(START + 15 * MINUTE)
    expect(silentFrom(START, new Date(START - MINUTE))).toBe(silentFrom(START, null))
  })
})

describe('isWorthNoting', () => {
  it('spares a busy socket a write a frame', () => {
    expect(isWorthNoting(START, START + 1_000)).toBe(false)
    expect(isWorthNoting(START, START + 30_000)).toBe(true)
  })
})
