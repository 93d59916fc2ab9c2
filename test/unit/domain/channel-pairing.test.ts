import { describe, expect, it } from 'vitest'
import { newPairingCode } from '../../../src/crypto/random.ts'
import {
  CHANNEL_PAIRING_MS,
  PAIRING_ALPHABET,
  parsePairingCode,
} from '../../../src/domain/channel-pairing.ts'

describe('a pairing code', () => {
  it('is made of letters that nobody mistakes for another', () => {
    expect(PAIRING_ALPHABET).toBe('ABCDEFGHJKLMNPQRSTUVWXYZ23456789')
    expect(CHANNEL_PAIRING_MS).toBe(3_600_000)
    for (let time = 0; time < 200; time += 1) {
      const code = newPairingCode()
      expect(parsePairingCode(code)).toBe(code)
      expect(code).toHaveLength(8)
    }
  })

  it.each(['ABCD2345', 'abcd2345', ' AbCd-2345 ', 'ab cd 23 45'])('is read from %j', (typed) =>
    expect(parsePairingCode(typed)).toBe('ABCD2345'),
  )

  it.each([
    '',
    'ABCD234',
    'ABCD23456',
    'ABCD234O',
    'ABCDI345',
    'ABCD_345',
    'ſBCD2345',
    ' '.repeat(1_000),
  ])('is not read from %j', (typed) => expect(parsePairingCode(typed)).toBeNull())
})
