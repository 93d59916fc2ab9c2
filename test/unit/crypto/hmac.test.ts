import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hmacSha256, hmacSha256Hex, isHmacSha256 } from '../../../src/crypto/hmac.ts'

describe('hmacSha256', () => {
  it('agrees with Node on keys and messages of every length', async () => {
    const bytes = (minLength: number) => fc.uint8Array({ minLength, maxLength: 200 })
    await fc.assert(
      fc.asyncProperty(bytes(1), bytes(0), async (key, message) => {
        const expected = createHmac('sha256', key).update(message).digest('hex')
        expect(await hmacSha256Hex(new Uint8Array(key), new Uint8Array(message))).toBe(expected)
      }),
    )
  })

  it('takes texts as UTF-8', async () => {
    const expected = createHmac('sha256', 'schlüssel').update('grüße').digest('hex')
    expect(await hmacSha256Hex('schlüssel', 'grüße')).toBe(expected)
  })

  it('rejects an empty key: anybody could compute its tags', async () => {
    await expect(hmacSha256('', 'message')).rejects.toThrow(RangeError)
  })
})

describe('isHmacSha256', () => {
  it('allows the right tag', async () => {
    expect(await isHmacSha256('key', 'message', await hmacSha256('key', 'message'))).toBe(true)
  })

  it('rejects tags of another message or key, cut, empty or longer', async () => {
    const tag = await hmacSha256('key', 'message')
    expect(await isHmacSha256('key', 'Message', tag)).toBe(false)
    expect(await isHmacSha256('Key', 'message', tag)).toBe(false)
    expect(await isHmacSha256('key', 'message', tag.slice(0, 16))).toBe(false)
    expect(await isHmacSha256('key', 'message', new Uint8Array())).toBe(false)
    expect(await isHmacSha256('key', 'message', new Uint8Array([...tag, 0]))).toBe(false)
  })
})
