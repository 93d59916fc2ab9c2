import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editDistance, nearestKey } from '../../../../src/domain/config/nearest-key.ts'

describe('editDistance', () => {
  it('counts insertions, deletions, replacements and swapped neighbours once each', () => {
    expect(editDistance('', 'abc')).toBe(3)
    expect(editDistance('abc', 'abc')).toBe(0)
    expect(editDistance('abc', 'abxc')).toBe(1)
    expect(editDistance('abc', 'axc')).toBe(1)
    expect(editDistance('abc', 'acb')).toBe(1)
    expect(editDistance('kitten', 'sitting')).toBe(3)
  })

  it('is the same from either side, and zero for nothing but the same word', () => {
    const word = fc.string({ maxLength: 12 })
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a))
        expect(editDistance(a, b) === 0).toBe(a === b)
      }),
    )
  })
})

describe('nearestKey', () => {
  const KNOWN = ['scrub_credentials', 'execApproval', 'deny', 'allow', 'profile']

  it.each([
    ['scrub_credential', 'scrub_credentials'],
    ['exec_approval', 'execApproval'],
    ['EXEC-APPROVAL', 'execApproval'],
    ['dney', 'deny'],
    ['prof', 'profile'],
    ['alow', 'allow'],
    ['prfle', 'profile'],
    ['pr', 'profile'],
  ])('%s was meant to be %s', (word, meant) => {
    expect(nearestKey(word, KNOWN)).toBe(meant)
  })

  it.each(['', '--', 'p', 'dxx', 'zzz', 'owner_ids', 'x'.repeat(100_000), '__proto__'])(
    'suggests nothing for %.20s',
    (word) => {
      expect(nearestKey(word, KNOWN)).toBeNull()
    },
  )
})
