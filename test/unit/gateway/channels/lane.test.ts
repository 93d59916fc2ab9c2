import { describe, expect, it } from 'vitest'
import { laneOf, placeOfWords } from '../../../../src/gateway/channels/lane.ts'
import { inGroup, written } from './world.ts'

const decision = {
  ...written('42'),
  kind: 'decision',
  approvalId: 'apr_1',
  decision: 'deny',
} as never

describe('the order of what comes in', () => {
  it('is kept within one conversation, and in no other', () => {
    const lane = laneOf(written('42'), null)
    expect(laneOf(written('42', 'again'), null)).toBe(lane)
    const others = [
      written('43'),
      written('42', 'x', inGroup('42')),
      written('42', 'x', inGroup('42', 't')),
      written('42", null]'),
    ].map((event) => laneOf(event, null))
    expect(new Set([lane, ...others]).size).toBe(5)
  })

  it('is kept apart from the place that a message was said in, where it begins a thread', () => {
    const begins = written('42', 'x', { ...inGroup('g', 't'), beginsThread: true })
    expect(laneOf(begins, null)).toBe(laneOf(written('43', 'y', inGroup('g', 't')), null))
    expect(placeOfWords(begins)).toBe(placeOfWords(written('43', 'y', inGroup('g'))))
    expect(placeOfWords(written('43', 'y', inGroup('g', 't')))).not.toBe(placeOfWords(begins))
    expect(placeOfWords(written('g', 'y'))).not.toBe(placeOfWords(begins))
  })

  it('is not waited for by commands and answers to questions', () => {
    const lane = laneOf(written('42'), null)
    for (const event of [written('42', '/stop'), decision]) {
      expect(laneOf(event, null)).not.toBe(lane)
      expect(laneOf(event, null)).toBe(laneOf(written('42', '/status'), null))
    }
    expect(laneOf(written('43', '/stop'), null)).not.toBe(laneOf(decision, null))
  })

  it('is kept by what is no command, or another bot’s', () => {
    const lane = laneOf(written('42'), 'ours')
    for (const text of ['/stop it please', 'please /stop', '/stop@another', '//stop'])
      expect(laneOf(written('42', text), 'ours')).toBe(lane)
    expect(laneOf(written('42', '/stop@ours'), 'ours')).not.toBe(lane)
  })
})
