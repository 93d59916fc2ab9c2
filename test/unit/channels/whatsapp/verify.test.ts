import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  verifyWhatsapp,
  verifyWhatsappChallenge,
} from '../../../../src/channels/whatsapp/verify.ts'
import { delivery, holdsAsProof } from '../proof.ts'

const SECRET = 'an-app-secret-of-nobody'
const hubTag = (body: Uint8Array): string =>
  `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`
const sign = (body: Uint8Array) => ({ 'x-hub-signature-256': hubTag(body) })

describe("WhatsApp's signature", () => {
  holdsAsProof({
    secret: SECRET,
    sign,
    verify: verifyWhatsapp,
    signsBody: true,
    signsTime: false,
  })

  it('is over the bytes: the same JSON written otherwise is refused', async () => {
    const headers = sign(Buffer.from('{"a":1}'))
    expect(await verifyWhatsapp(delivery(headers, '{ "a": 1 }'), SECRET)).toMatchObject({
      ok: false,
    })
  })

  it('takes no SHA-1, no bare tag, no capitals and no list', async () => {
    const genuine = hubTag(Buffer.from('{}'))
    const bare = genuine.slice('sha256='.length)
    const sha1 = createHmac('sha1', SECRET).update('{}').digest('hex')
    for (const form of [`sha1=${sha1}`, bare, `sha256=${bare.toUpperCase()}`, `${genuine}, x`]) {
      const forged = delivery({ 'x-hub-signature-256': form }, '{}')
      expect(await verifyWhatsapp(forged, SECRET), form).toEqual({
        ok: false,
        error: 'signature_malformed',
      })
    }
    const old = delivery({ 'x-hub-signature': `sha1=${sha1}` }, '{}')
    expect(await verifyWhatsapp(old, SECRET)).toEqual({ ok: false, error: 'signature_missing' })
  })
})

describe("WhatsApp's challenge", () => {
  const query = (changes: Readonly<Record<string, string>> = {}) =>
    new URLSearchParams({
      'hub.mode': 'subscribe',
      'hub.verify_token': 'ours',
      'hub.challenge': '1158201444',
      ...changes,
    })

  it('is answered to whoever knows the verify token', async () => {
    expect(await verifyWhatsappChallenge(query(), 'ours')).toEqual({
      ok: true,
      value: '1158201444',
    })
  })

  it('is refused to others, in another mode, and without a token of ours', async () => {
    for (const token of ['theirs', 'our', 'ours ', 'OURS']) {
      expect(
        await verifyWhatsappChallenge(query({ 'hub.verify_token': token }), 'ours'),
      ).toMatchObject({ ok: false })
    }
    expect(
      await verifyWhatsappChallenge(query({ 'hub.mode': 'unsubscribe' }), 'ours'),
    ).toMatchObject({ ok: false })
    expect(await verifyWhatsappChallenge(query({ 'hub.verify_token': '' }), '')).toEqual({
      ok: false,
      error: 'secret_missing',
    })
    expect(await verifyWhatsappChallenge(new URLSearchParams(), 'ours')).toMatchObject({
      ok: false,
    })
  })

  it('echoes no markup', async () => {
    const answer = await verifyWhatsappChallenge(
      query({ 'hub.challenge': '<script>alert(1)</script>' }),
      'ours',
    )
    expect(answer).toEqual({ ok: false, error: 'signature_malformed' })
  })
})
