import { describe, expect, it } from 'vitest'
import { type Subject, takeTurns } from '../../bench/sandbox/turns.ts'

describe('taking turns', () => {
  it('alternates the order, settles after each sample, and drops what warms up', async () => {
    const heard: string[] = []
    const subject = (id: string): Subject => {
      let next = 0
      return {
        id,
        sample: async () => {
          heard.push(id)
          next += 1
          return next
        },
        settle: async () => {
          heard.push(`${id} rests`)
        },
      }
    }
    const rounds: string[] = []
    const samples = await takeTurns(
      [subject('a'), subject('b')],
      { warmUp: 1, measured: 2 },
      (done, of) => rounds.push(`${done}/${of}`),
    )
    expect(heard.filter((word) => !word.includes('rests')).join('')).toBe('abbaab')
    expect(heard.slice(0, 4)).toEqual(['a', 'a rests', 'b', 'b rests'])
    expect([...samples]).toEqual([
      ['a', [2, 3]],
      ['b', [2, 3]],
    ])
    expect(rounds).toEqual(['0/3', '1/3', '2/3'])
  })

  it('ends with the first subject that fails', async () => {
    const failing = { id: 'a', sample: () => Promise.reject(new Error('no answer')) }
    const turns = takeTurns([failing], { warmUp: 0, measured: 1 }, () => {})
    await expect(turns).rejects.toThrow('no answer')
  })
})
