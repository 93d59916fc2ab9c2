import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sha256Hex } from '../../../src/crypto/digest.ts'

it('agrees with Node on texts and bytes', async () => {
  const ofNode = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex')
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
      expect(await sha256Hex(text)).toBe(ofNode(text))
      expect(await sha256Hex(new Uint8Array(Buffer.from(text)))).toBe(ofNode(text))
    }),
  )
})
