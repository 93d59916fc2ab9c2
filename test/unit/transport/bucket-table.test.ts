import { describe, expect, it } from 'vitest'
import { BucketTable } from '../../../src/transport/bucket-table.ts'

const START = 1_800_000_000_000
const runs = (bucket: string) => ({ bucket, ratePerMinute: 60, burst: 3 })

describe('BucketTable', () => {
  it('tells its owner what to store, and goes on from what was stored', () => {
    const first = new BucketTable()
    const { change } = first.take([runs('a')], START)
    const second = new BucketTable(change.written)
    const verdicts = [1, 2, 3].map(() => second.take([runs('a')], START).verdict.isAllowed)
    expect(verdicts).toEqual([true, true, false])
  })

  it('writes nothing for a refusal', () => {
    const table = new BucketTable()
    for (let i = 0; i < 3; i++) table.take([runs('a')], START)
    expect(table.take([runs('a')], START).change).toEqual({ written: new Map(), dropped: [] })
  })

  it('makes room among full buckets first', () => {
    const table = new BucketTable([], 10)
    for (let i = 0; i < 10; i++) table.take([runs(`old-${i}`)], START)
    for (let i = 0; i < 3; i++) table.take([runs('busy')], START + 10_000)
    expect(table.size).toBe(1)
    expect(table.take([runs('busy')], START + 10_000).verdict.isAllowed).toBe(false)
  })

  it('stays bounded under a flood, and forgets a drained bucket last', () => {
    const table = new BucketTable([], 100)
    for (let i = 0; i < 3; i++) table.take([runs('attacker')], START)
    for (let i = 0; i < 5_000; i++) table.take([runs(`flood-${i}`)], START)
    expect(table.size).toBeLessThanOrEqual(100)
    expect(table.take([runs('attacker')], START).verdict.isAllowed).toBe(false)
  })

  it('never forgets the bucket that it just took from', () => {
    const table = new BucketTable([], 1)
    table.take([runs('a')], START)
    const { change } = table.take([runs('b')], START)
    expect(change.dropped).toEqual(['a'])
    expect([...change.written.keys()]).toEqual(['b'])
  })

  it('takes back what was not used, and tells its owner', () => {
    const table = new BucketTable()
    table.take([{ ...runs('a'), tokens: 3 }], START)
    const { written } = table.giveBack({ ...runs('a'), tokens: 2 }, START)
    expect([...written.keys()]).toEqual(['a'])
    const again = new BucketTable(written)
    const verdicts = [1, 2, 3].map(() => again.take([runs('a')], START).verdict.isAllowed)
    expect(verdicts).toEqual([true, true, false])
  })

  it('holds no more than the burst, whatever is given back', () => {
    const table = new BucketTable()
    table.take([runs('a')], START)
    for (let i = 0; i < 5; i++) table.giveBack({ ...runs('a'), tokens: 3 }, START)
    const verdicts = [1, 2, 3, 4].map(() => table.take([runs('a')], START).verdict.isAllowed)
    expect(verdicts).toEqual([true, true, true, false])
  })

  it('spills what the time has filled up already', () => {
    const table = new BucketTable()
    table.take([{ ...runs('a'), tokens: 2 }], START)
    // One of the two has flowed in again.
    table.giveBack({ ...runs('a'), tokens: 2 }, START + 1_000)
    const verdicts = [1, 2, 3, 4].map(
      () => table.take([runs('a')], START + 1_000).verdict.isAllowed,
    )
    expect(verdicts).toEqual([true, true, true, false])
  })

  it('makes no bucket out of what is given back to none', () => {
    const table = new BucketTable()
    const nothing = { written: new Map(), dropped: [] }
    expect(table.giveBack({ ...runs('a'), tokens: 2 }, START)).toEqual(nothing)
    expect(table.size).toBe(0)
    table.take([runs('a')], START)
    expect(table.giveBack({ ...runs('a'), ratePerMinute: 0 }, START)).toEqual(nothing)
  })

  it.each([0, -1, 4, 1.5, Number.NaN])('is given back no %d tokens', (tokens) => {
    const table = new BucketTable()
    table.take([runs('a')], START)
    expect(() => table.giveBack({ ...runs('a'), tokens }, START)).toThrow(RangeError)
  })
})
