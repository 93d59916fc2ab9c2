import { createCipheriv, createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { decryptFeishu } from '../../../../src/channels/feishu/decrypt.ts'
import { verifyFeishu, verifyFeishuToken } from '../../../../src/channels/feishu/verify.ts'
import { delivery, holdsAsProof, NOW_MS, SIGNED_AT } from '../proof.ts'

const KEY = 'an encrypt key of nobody'

const sign = (body: Uint8Array, at = `${SIGNED_AT}`, nonce = '40a8n') => ({
  'x-lark-request-timestamp': at,
  'x-lark-request-nonce': nonce,
  'x-lark-signature': createHash('sha256').update(`${at}${nonce}${KEY}`).update(body).digest('hex'),
})

describe("Feishu's signature", () => {
  holdsAsProof({ secret: KEY, sign, verify: verifyFeishu, signsBody: true, signsTime: true })

  it('lets no digit move between timestamp and nonce', async () => {
    const body = Buffer.from('{}')
    const headers = sign(body, `${SIGNED_AT}`, '123')
    const moved = {
      ...headers,
      'x-lark-request-timestamp': `${SIGNED_AT}1`,
      'x-lark-request-nonce': '23',
    }
    expect(await verifyFeishu(delivery(moved, '{}'), KEY, NOW_MS)).toEqual({
      ok: false,
      error: 'timestamp_stale',
    })
  })
})

describe("Feishu's verification token", () => {
  it('is the one we were given, and nothing passes where none was', async () => {
    expect(await verifyFeishuToken('v-token', 'v-token')).toMatchObject({ ok: true })
    expect(await verifyFeishuToken('v-tokem', 'v-token')).toMatchObject({ ok: false })
    expect(await verifyFeishuToken(null, 'v-token')).toMatchObject({ ok: false })
    expect(await verifyFeishuToken('', '')).toEqual({ ok: false, error: 'secret_missing' })
  })
})

describe("Feishu's encrypted body", () => {
  const seal = (plain: string | Uint8Array): Buffer => {
    const iv = Buffer.alloc(16, 7)
    const cipher = createCipheriv('aes-256-cbc', createHash('sha256').update(KEY).digest(), iv)
    return Buffer.concat([iv, cipher.update(plain), cipher.final()])
  }

  it('opens with the key that closed it', async () => {
    const text = '{"event":"Grüße 🎉"}'
    expect(await decryptFeishu(seal(text).toString('base64'), KEY)).toBe(text)
  })

  it('opens to nothing with another key, a changed padding, other bytes or no key', async () => {
    const sealed = seal('{"event":1}')
    const changed = Buffer.from(sealed)
    changed[sealed.length - 1] = (changed[sealed.length - 1] ?? 0) ^ 1
    expect(await decryptFeishu(sealed.toString('base64'), 'another key')).toBeNull()
    expect(await decryptFeishu(changed.toString('base64'), KEY)).toBeNull()
    expect(await decryptFeishu(seal(Buffer.from([0xff, 0xfe])).toString('base64'), KEY)).toBeNull()
    expect(await decryptFeishu(sealed.subarray(0, 24).toString('base64'), KEY)).toBeNull()
    for (const garbage of ['', 'AAAA', 'not base64!']) {
      expect(await decryptFeishu(garbage, KEY), garbage).toBeNull()
    }
    expect(await decryptFeishu(sealed.toString('base64'), '')).toBeNull()
  })
})
