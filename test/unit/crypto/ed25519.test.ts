import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { isEd25519Signature } from '../../../src/crypto/ed25519.ts'
import { utf8 } from '../../../src/crypto/encoding.ts'

const pair = generateKeyPairSync('ed25519')
const publicKey = new Uint8Array(
  pair.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32),
)
const message = utf8('timestamp and body')
const signature = new Uint8Array(sign(null, message, pair.privateKey))

describe('isEd25519Signature', () => {
  it('allows a signature of the key', async () => {
    expect(await isEd25519Signature(publicKey, message, signature)).toBe(true)
  })

  it('rejects another message, an altered or a cut signature', async () => {
    const altered = Uint8Array.from(signature, (byte, i) => (i === 5 ? byte ^ 1 : byte))
    expect(await isEd25519Signature(publicKey, utf8('other'), signature)).toBe(false)
    expect(await isEd25519Signature(publicKey, message, altered)).toBe(false)
    expect(await isEd25519Signature(publicKey, message, signature.slice(0, 63))).toBe(false)
    expect(await isEd25519Signature(publicKey, message, new Uint8Array())).toBe(false)
  })

  it('rejects another key and what is no key', async () => {
    const other = generateKeyPairSync('ed25519').publicKey
    const otherKey = new Uint8Array(other.export({ type: 'spki', format: 'der' }).subarray(-32))
    expect(await isEd25519Signature(otherKey, message, signature)).toBe(false)
    expect(await isEd25519Signature(new Uint8Array(31), message, signature)).toBe(false)
  })
})
