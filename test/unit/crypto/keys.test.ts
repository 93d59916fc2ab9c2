import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseEncryptionKey } from '../../../src/crypto/encryption-key.ts'
import { hmacSha256Hex } from '../../../src/crypto/hmac.ts'
import { parseKeyRing } from '../../../src/crypto/keys.ts'
import type { TenantId } from '../../../src/domain/ids.ts'

const KEY = randomBytes(32)
const A = 'ten_a' as TenantId
const B = 'ten_b' as TenantId

function ringOf(current: string | Uint8Array, previous?: string) {
  const ring = parseKeyRing({ current, previous })
  if (!ring.ok) throw new Error(ring.error)
  return ring.value
}

describe('parseEncryptionKey', () => {
  it.for([
    ['64 hex digits', KEY.toString('hex')],
    ['64 hex digits in upper case', KEY.toString('hex').toUpperCase()],
    ['44 characters of base64', KEY.toString('base64')],
    ['32 raw bytes', new Uint8Array(KEY)],
  ] as const)('allows %s', ([, value]) => {
    expect(parseEncryptionKey(value)).toEqual({ ok: true, value: new Uint8Array(KEY) })
  })

  it('allows a text of 32 bytes', () => {
    const text = 'abcdefghijklmnopqrstuvwxyz0123ü'
    expect(parseEncryptionKey(text)).toMatchObject({ ok: true })
  })

  it.for([
    ['nothing', ''],
    ['a short text', 'secret'],
    ['63 hex digits', KEY.toString('hex').slice(1)],
    ['64 characters that are not hex', 'g'.repeat(64)],
    ['44 characters that are not base64', '*'.repeat(44)],
    ['base64 of 33 bytes', Buffer.alloc(33).toString('base64')],
    ['base64 without padding', KEY.toString('base64').slice(0, 43)],
    ['a line break at the end', `${KEY.toString('hex')}\n`],
    ['32 characters of more than 32 bytes', 'ü'.repeat(32)],
    ['31 bytes', new Uint8Array(31)],
    ['33 bytes', new Uint8Array(33)],
  ] as const)('rejects %s', ([, value]) => {
    expect(parseEncryptionKey(value).ok).toBe(false)
  })
})

describe('parseKeyRing', () => {
  it('names the setting that is wrong, and shows nothing of it', () => {
    const wrong = parseKeyRing({ current: 'hunter2' })
    expect(wrong).toMatchObject({ error: expect.stringMatching(/^EDGECLAW_ENCRYPTION_KEY must/) })
    expect(JSON.stringify(wrong)).not.toContain('hunter2')
    const previous = parseKeyRing({ current: KEY, previous: 'x' })
    expect(previous).toMatchObject({ error: expect.stringContaining('KEY_PREVIOUS') })
  })
})

describe('derived keys', () => {
  const macOf = async (
    tenantId: TenantId,
    purpose: 'file-link' | 'webhook-id',
    ring = ringOf(KEY),
  ) => hmacSha256Hex(await ring.current.macKey(tenantId, purpose), 'message')

  it('are the same in every isolate', async () => {
    expect(await macOf(A, 'file-link')).toBe(
      await macOf(A, 'file-link', ringOf(KEY.toString('hex'))),
    )
  })

  it('differ by tenant, purpose and master key', async () => {
    const macs = await Promise.all([
      macOf(A, 'file-link'),
      macOf(B, 'file-link'),
      macOf(A, 'webhook-id'),
      macOf(A, 'file-link', ringOf(randomBytes(32))),
    ])
    expect(new Set(macs).size).toBe(4)
  })

  it('cannot be read back', async () => {
    const ring = ringOf(KEY)
    for (const key of [
      await ring.current.envelopeKey(A),
      await ring.current.macKey(A, 'pairing'),
    ]) {
      expect(key.extractable).toBe(false)
      await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow()
    }
    expect(JSON.stringify(ring)).not.toContain(KEY.toString('hex'))
  })

  it('serve more tenants than are kept in memory', async () => {
    const ring = ringOf(KEY)
    const first = await macOf(A, 'file-link', ring)
    for (let i = 0; i < 1_100; i++) await ring.current.macKey(`ten_${i}` as TenantId, 'file-link')
    expect(await macOf(A, 'file-link', ring)).toBe(first)
  })
})
