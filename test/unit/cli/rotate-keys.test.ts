import { describe, expect, it } from 'vitest'
import { judgeRotation } from '../../../src/cli/rotate-keys.ts'

const rotation = (
  rewritten: number,
  failed: number,
  finished_at: string | null,
  remaining = 0,
) => ({
  rotation: { id: 'rot_1', rewritten, failed, remaining, finished_at },
})

describe('a rotation', () => {
  it('goes on until it says that it has finished', () => {
    expect(judgeRotation(rotation(10, 0, null, 5))).toEqual({
      line: '10 secrets sealed anew, 5 to go',
      end: null,
    })
    expect(judgeRotation(rotation(15, 0, '2026-11-26T00:00:00Z')).end).toBe('whole')
  })

  it('that left something under the old key is not whole', () => {
    expect(judgeRotation(rotation(14, 1, '2026-11-26T00:00:00Z'))).toEqual({
      line: '14 secrets sealed anew, 1 failed',
      end: 'failed',
    })
  })

  it.each([null, {}, { rotation: null }, 'done'])('is not finished by %j', (answer) => {
    expect(judgeRotation(answer).end).toBeNull()
  })
})
