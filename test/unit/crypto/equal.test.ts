import { expect, it } from 'vitest'
import { isEqualBytes, isEqualSecret } from '../../../src/crypto/equal.ts'

it('allows the same secret', async () => {
  expect(await isEqualSecret('s3cret-ü', 's3cret-ü')).toBe(true)
  expect(await isEqualSecret('', '')).toBe(true)
})

it('rejects every other secret, of the same length or another', async () => {
  for (const wrong of ['s3cret-u', 's3cret', 's3cret-ü ', '', 'S3cret-ü']) {
    expect(await isEqualSecret('s3cret-ü', wrong)).toBe(false)
  }
})

it('compares bytes over their whole length', () => {
  const bytes = (...values: number[]) => new Uint8Array(values)
  expect(isEqualBytes(bytes(1, 2), bytes(1, 2))).toBe(true)
  expect(isEqualBytes(bytes(1, 2), bytes(1, 3))).toBe(false)
  expect(isEqualBytes(bytes(1, 2), bytes(9, 2))).toBe(false)
  expect(isEqualBytes(bytes(1, 2), bytes(1, 2, 0))).toBe(false)
  expect(isEqualBytes(bytes(), bytes())).toBe(true)
})
