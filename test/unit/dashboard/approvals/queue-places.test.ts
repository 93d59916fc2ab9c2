import { describe, expect, it } from 'vitest'
import {
  chosenAfter,
  foundAt,
  GONE_MS,
  isSettled,
  NOT_SCROLLED,
  nextChange,
  onScroll,
  type Place,
  placesOf,
  SETTLE_MS,
  withBoxes,
} from '../../../../src/dashboard/pages/approvals/queue-places.ts'

const ids = (places: readonly Place[]) => places.map(({ id }) => id)
const settled = (places: readonly Place[], now: number) =>
  places.filter((place) => isSettled(place, now)).map(({ id }) => id)
const boxes = (tops: Readonly<Record<string, number>>, height = 100) =>
  new Map(Object.entries(tops).map(([id, top]) => [id, { top, height }]))

const THREE = placesOf([], ['a', 'b', 'c'], 0)
const LATER = SETTLE_MS * 10

describe('the places of waiting calls', () => {
  it('take no answer until they were seen for a while', () => {
    expect(settled(THREE, SETTLE_MS - 1)).toEqual([])
    expect(settled(THREE, SETTLE_MS)).toEqual(['a', 'b', 'c'])
  })

  it('stay when one goes, so that nothing moves under a press that was meant for it', () => {
    const gone = placesOf(THREE, ['b', 'c'], LATER)
    expect(ids(gone)).toEqual(['a', 'b', 'c'])
    expect(settled(gone, LATER)).toEqual(['b', 'c'])
  })

  it('move up after a while, and take no answer again until they were seen there', () => {
    const gone = placesOf(THREE, ['a', 'c'], LATER)
    const before = placesOf(gone, ['a', 'c'], LATER + GONE_MS - 1)
    expect(ids(before)).toEqual(['a', 'b', 'c'])
    const now = LATER + GONE_MS
    const closed = placesOf(before, ['a', 'c'], now)
    expect(ids(closed)).toEqual(['a', 'c'])
    expect(settled(closed, now + SETTLE_MS - 1)).toEqual(['a'])
    expect(settled(closed, now + SETTLE_MS)).toEqual(['a', 'c'])
  })

  it('come last when they are new, whoever was first, and settle for themselves', () => {
    const more = placesOf(THREE, ['new', 'a', 'b', 'c'], LATER)
    expect(ids(more)).toEqual(['a', 'b', 'c', 'new'])
    expect(settled(more, LATER)).toEqual(['a', 'b', 'c'])
  })

  it('of one that comes back settle again', () => {
    const back = placesOf(placesOf(THREE, ['b', 'c'], LATER), ['a', 'b', 'c'], LATER + 1)
    expect(ids(back)).toEqual(['a', 'b', 'c'])
    expect(settled(back, LATER + 1)).toEqual(['b', 'c'])
  })

  it('settle again when what stands above them grows', () => {
    const drawn = withBoxes(THREE, boxes({ a: 0, b: 110, c: 220 }), 1)
    expect(settled(drawn, LATER)).toEqual(['a', 'b', 'c'])
    const grown = withBoxes(drawn, boxes({ a: 0, b: 300, c: 410 }), LATER)
    expect(settled(grown, LATER)).toEqual(['a'])
    expect(withBoxes(grown, boxes({ a: 0, b: 300, c: 410 }), LATER + 1)).toBe(grown)
  })

  it('settle again when all of them move, or creep, and not for a shiver', () => {
    const drawn = withBoxes(THREE, boxes({ a: 0, b: 110, c: 220 }), 1)
    const shifted = withBoxes(drawn, boxes({ a: 40, b: 150, c: 260 }), LATER)
    expect(settled(shifted, LATER)).toEqual([])
    const shivered = withBoxes(drawn, boxes({ a: 0.6, b: 110, c: 219.2 }), LATER)
    expect(shivered).toBe(drawn)
    const crept = withBoxes(
      withBoxes(drawn, boxes({ a: 0.9 }, 101), LATER),
      boxes({ a: 1.8 }),
      LATER,
    )
    expect(settled(crept, LATER)).toEqual(['b', 'c'])
  })

  it('stay where they are while the reader scrolls, and not when it scrolls by itself', () => {
    const read = onScroll(onScroll(NOT_SCROLLED, 30), 100)
    expect(read).toEqual({ byReader: 100, offset: 100 })
    // A list that became too short is put back, and the event of that comes after it was looked at.
    const back = onScroll(foundAt(read, 60), 60)
    expect(back).toEqual({ byReader: 100, offset: 60 })
  })

  it('settle from when they came, whenever they are first measured', () => {
    const drawn = withBoxes(THREE, boxes({ a: 0, b: 110, c: 220 }), SETTLE_MS)
    expect(settled(drawn, SETTLE_MS)).toEqual(['a', 'b', 'c'])
  })

  it('keep their height when they go', () => {
    const drawn = withBoxes(THREE, boxes({ a: 0, b: 110, c: 220 }), 1)
    const gone = placesOf(drawn, ['b', 'c'], LATER)
    expect(withBoxes(gone, boxes({ a: 0 }, 20), LATER)[0]?.box).toEqual({ top: 0, height: 100 })
  })

  it('tell when one of them settles or closes next', () => {
    expect(nextChange(THREE, 0)).toBe(SETTLE_MS)
    expect(nextChange(THREE, SETTLE_MS)).toBeNull()
    expect(nextChange(placesOf(THREE, ['a'], LATER), LATER)).toBe(LATER + GONE_MS)
  })
})

describe('the choice in the queue', () => {
  it('moves from one to the next and stays inside the list', () => {
    expect(chosenAfter(THREE, null, 'next')).toBe('a')
    expect(chosenAfter(THREE, null, 'previous')).toBeNull()
    expect(chosenAfter(THREE, 'a', 'next')).toBe('b')
    expect(chosenAfter(THREE, 'c', 'next')).toBe('c')
    expect(chosenAfter(THREE, 'a', 'previous')).toBe('a')
  })

  it('goes on from where the one stood that went, and never to one that went', () => {
    const gone = placesOf(THREE, ['a', 'c'], LATER)
    expect(chosenAfter(gone, 'b', 'next')).toBe('c')
    expect(chosenAfter(gone, 'b', 'previous')).toBe('a')
    expect(chosenAfter(gone, 'a', 'next')).toBe('c')
    expect(chosenAfter(placesOf(THREE, ['a', 'b'], LATER), 'c', 'next')).toBeNull()
  })
})
