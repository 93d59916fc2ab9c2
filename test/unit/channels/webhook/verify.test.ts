import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Delivery } from '../../../../src/channels/delivery.ts'
import { verifyWebhook, type WebhookProof } from '../../../../src/channels/webhook/verify.ts'
import { delivery, holdsAsProof, NOW_MS, SIGNED_AT } from '../proof.ts'

const SECRET = 'a-shared-hook-secret-of-nobody'
const STANDARD = `whsec_${Buffer.from('a-standard-hook-secret-of-nobody').toString('base64')}`
const ID = 'msg_7Hk2'

const mac = (key: string | Buffer, ...parts: readonly (string | Uint8Array)[]) => {
  const hmac = createHmac('sha256', key)
  for (const part of parts) hmac.update(part)
  return hmac
}
const timestamped = (body: Uint8Array) => ({
  'x-webhook-signature': `t=${SIGNED_AT},v1=${mac(SECRET, `${SIGNED_AT}.`, body).digest('hex')}`,
})
const standardTag = (body: Uint8Array): string =>
  mac(Buffer.from(STANDARD.slice('whsec_'.length), 'base64'), `${ID}.${SIGNED_AT}.`, body).digest(
    'base64',
  )
const standard = (body: Uint8Array) => ({
  'webhook-id': ID,
  'webhook-timestamp': `${SIGNED_AT}`,
  'webhook-signature': `v1,${standardTag(body)}`,
})
const hub = (body: Uint8Array) => ({
  'x-hub-signature-256': `sha256=${mac(SECRET, body).digest('hex')}`,
})

const verifyBy = (proof: WebhookProof) => (given: Delivery, secret: string, nowMs: number) =>
  verifyWebhook(given, { proof, secret }, nowMs)

const signed = { signsBody: true, signsTime: true }
const shared = { signsBody: false, signsTime: false }

describe('a hook with a time and a tag', () => {
  holdsAsProof({ secret: SECRET, sign: timestamped, verify: verifyBy('timestamped'), ...signed })

  it('takes either tag while its secret is being changed', async () => {
    const body = Buffer.from('{}')
    const old = mac('the old secret', `${SIGNED_AT}.`, body).digest('hex')
    const both = `${timestamped(body)['x-webhook-signature']},v1=${old}`
    const answer = verifyBy('timestamped')(
      delivery({ 'x-webhook-signature': both }, '{}'),
      SECRET,
      NOW_MS,
    )
    expect(await answer).toMatchObject({ ok: true })
  })

  it('knows a replay that carries a tag of its own beside the right one', async () => {
    const body = Buffer.from('{}')
    const header = timestamped(body)['x-webhook-signature']
    const answers = [header, `${header},v1=${'0'.repeat(64)}`].map((text) =>
      verifyBy('timestamped')(delivery({ 'x-webhook-signature': text }, '{}'), SECRET, NOW_MS),
    )
    const [first, second] = await Promise.all(answers)
    expect(first).toMatchObject({ ok: true })
    expect(second).toEqual(first)
  })

  it('refuses two times, too many tags, and a tag without a time', async () => {
    const header = timestamped(Buffer.from('{}'))['x-webhook-signature']
    const tag = header.slice(header.indexOf('v1='))
    const forms = [`t=1,${header}`, `${header}${',v1=0'.repeat(4)}`, tag, `t=${SIGNED_AT}`]
    for (const form of forms) {
      const forged = delivery({ 'x-webhook-signature': form }, '{}')
      expect(await verifyBy('timestamped')(forged, SECRET, NOW_MS), form).toMatchObject({
        ok: false,
      })
    }
  })
})

describe('a hook with Standard Webhooks', () => {
  holdsAsProof({ secret: STANDARD, sign: standard, verify: verifyBy('standard'), ...signed })

  it('knows a replay by its signed id', async () => {
    const given = delivery(standard(Buffer.from('{}')), '{}')
    expect(await verifyBy('standard')(given, STANDARD, NOW_MS)).toEqual({
      ok: true,
      value: { signedAtMs: 1_000 * SIGNED_AT, replayKey: ID },
    })
  })

  it('takes one of several tags, and passes over asymmetric ones', async () => {
    const genuine = standard(Buffer.from('{}'))
    const several = `v1a,AAAA v1,${'A'.repeat(43)}= ${genuine['webhook-signature']}`
    const given = delivery({ ...genuine, 'webhook-signature': several }, '{}')
    expect(await verifyBy('standard')(given, STANDARD, NOW_MS)).toMatchObject({ ok: true })
  })

  it('is closed when the secret is no base64', async () => {
    const given = delivery(standard(Buffer.from('{}')), '{}')
    expect(await verifyBy('standard')(given, 'whsec_not base64', NOW_MS)).toEqual({
      ok: false,
      error: 'secret_missing',
    })
  })
})

describe('a hook with a hub signature', () => {
  holdsAsProof({
    secret: SECRET,
    sign: hub,
    verify: verifyBy('hub'),
    signsBody: true,
    signsTime: false,
  })
})

describe('a hook with a shared secret', () => {
  holdsAsProof({
    secret: SECRET,
    sign: () => ({ 'x-webhook-secret': SECRET }),
    verify: verifyBy('secret'),
    ...shared,
  })
})

describe('a hook with a bearer token', () => {
  const bearer = (token: string) => delivery({ authorization: `Bearer ${token}` }, '{}')

  it('takes the token and no other, no other scheme, and none unset', async () => {
    const verify = verifyBy('bearer')
    expect(await verify(bearer(SECRET), SECRET, NOW_MS)).toMatchObject({ ok: true })
    expect(await verify(bearer(`${SECRET}x`), SECRET, NOW_MS)).toMatchObject({ ok: false })
    expect(await verify(bearer(SECRET), '', NOW_MS)).toMatchObject({ ok: false })
    const basic = delivery({ authorization: `Basic ${SECRET}` }, '{}')
    expect(await verify(basic, SECRET, NOW_MS)).toMatchObject({ ok: false })
  })
})

describe('the ways of a hook', () => {
  it('stand alone: a right proof in a way that was not chosen opens nothing', async () => {
    const body = Buffer.from('{}')
    const everything = delivery(
      {
        ...hub(body),
        ...timestamped(body),
        'x-webhook-secret': SECRET,
        authorization: `Bearer ${SECRET}`,
      },
      '{}',
    )
    expect(await verifyBy('standard')(everything, STANDARD, NOW_MS)).toMatchObject({ ok: false })
    const onlyHub = delivery(hub(body), '{}')
    for (const proof of ['bearer', 'secret', 'timestamped', 'standard'] as const) {
      expect(await verifyBy(proof)(onlyHub, SECRET, NOW_MS), proof).toMatchObject({ ok: false })
    }
  })
})
