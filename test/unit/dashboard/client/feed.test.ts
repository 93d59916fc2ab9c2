import { describe, expect, it } from 'vitest'
import { withHead, withOlder } from '../../../../src/dashboard/client/feed.ts'

const id = (row: string): string => row

describe('withHead', () => {
  it('puts what is new in front, and keeps what was read', () => {
    const feed = { rows: ['c', 'b', 'a'], next: 'a' }
    expect(withHead(feed, { rows: ['d', 'c'], next: 'c' }, id)).toEqual({
      rows: ['d', 'c', 'b', 'a'],
      next: 'a',
    })
  })

  it('is the same feed where nothing is new: nobody draws it again', () => {
    const feed = { rows: ['b', 'a'], next: null }
    expect(withHead(feed, { rows: ['b'], next: 'b' }, id)).toBe(feed)
  })

  it('begins anew where rows may lie between the head and what was read', () => {
    const head = { rows: ['z', 'y'], next: 'y' }
    expect(withHead({ rows: ['b', 'a'], next: null }, head, id)).toEqual(head)
  })

  it('joins a head that is all there is', () => {
    const feed = { rows: ['a'], next: null }
    expect(withHead(feed, { rows: ['b'], next: null }, id).rows).toEqual(['b', 'a'])
  })

  it('takes the first page as it is', () => {
    const head = { rows: ['a'], next: null }
    expect(withHead(null, head, id)).toBe(head)
    expect(withHead({ rows: [], next: null }, head, id)).toBe(head)
  })
})

describe('withOlder', () => {
  it('goes on where the last page ended, and shows nothing twice', () => {
    const feed = { rows: ['d', 'c'], next: 'c' }
    expect(withOlder(feed, { rows: ['c', 'b'], next: 'b' }, id)).toEqual({
      rows: ['d', 'c', 'b'],
      next: 'b',
    })
  })
})
