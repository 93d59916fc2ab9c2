import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { verifyZalo } from '../../../../src/channels/zalo/verify.ts'
import { delivery, NOW_MS, SIGNED_AT } from '../proof.ts'

const secret = { app_id: '360846524940903967', oa_secret: 'an-oa-secret-of-nobody' }
const AT_MS = 1_000 * SIGNED_AT
const BODY = JSON.stringify({ app_id: secret.app_id, event_name: 'x', timestamp: `${AT_MS}` })

const tagOf = (body: string, timestamp = `${AT_MS}`, appId = secret.app_id) =>
  createHash('sha256').update(`${appId}${body}${timestamp}${secret.oa_secret}`).digest('hex')
const sign = (body: string, timestamp?: string) => ({
  'x-zevent-signature': `mac=${tagOf(body, timestamp)}`,
})

describe("Zalo's signature", () => {
  it('holds for what was signed, with the time as text or as a number', async () => {
    const number = BODY.replace(`"${AT_MS}"`, `${AT_MS}`)
    for (const body of [BODY, number]) {
      const headers = sign(body)
      expect(await verifyZalo(delivery(headers, body), secret, NOW_MS)).toEqual({
        ok: true,
        value: { signedAtMs: AT_MS, replayKey: headers['x-zevent-signature'] },
      })
    }
  })

  it('does not hold with one flipped bit anywhere', async () => {
    const bytes = Buffer.from(BODY)
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(
        await verifyZalo(delivery(sign(BODY), changed), secret, NOW_MS),
        `${at}`,
      ).toMatchObject({ ok: false })
    }
    const tag = tagOf(BODY)
    for (let at = 0; at < tag.length; at++) {
      const digit = tag[at] === '0' ? '1' : '0'
      const forged = { 'x-zevent-signature': `mac=${tag.slice(0, at)}${digit}${tag.slice(at + 1)}` }
      expect(await verifyZalo(delivery(forged, BODY), secret, NOW_MS), `${at}`).toEqual({
        ok: false,
        error: 'signature_wrong',
      })
    }
  })

  it('does not hold for another app, another secret, another form, or none', async () => {
    const given = delivery(sign(BODY), BODY)
    for (const changes of [{ app_id: '360846524940903968' }, { oa_secret: 'another' }]) {
      expect(await verifyZalo(given, { ...secret, ...changes }, NOW_MS)).toEqual({
        ok: false,
        error: 'signature_wrong',
      })
    }
    for (const changes of [{ app_id: '' }, { oa_secret: '' }]) {
      expect(await verifyZalo(given, { ...secret, ...changes }, NOW_MS)).toEqual({
        ok: false,
        error: 'secret_missing',
      })
    }
    for (const form of [tagOf(BODY), `mac=${tagOf(BODY).toUpperCase()}`, 'mac=', 'mac=00']) {
      const forged = delivery({ 'x-zevent-signature': form }, BODY)
      expect(await verifyZalo(forged, secret, NOW_MS)).toEqual({
        ok: false,
        error: 'signature_malformed',
      })
    }
    expect(await verifyZalo(delivery({}, BODY), secret, NOW_MS)).toEqual({
      ok: false,
      error: 'signature_missing',
    })
  })

  it('takes five minutes either way and not a second more', async () => {
    const given = delivery(sign(BODY), BODY)
    for (const seconds of [-300, 300]) {
      expect(await verifyZalo(given, secret, AT_MS + 1_000 * seconds)).toMatchObject({ ok: true })
    }
    for (const seconds of [-301, 301, Number.NaN]) {
      expect(await verifyZalo(given, secret, AT_MS + 1_000 * seconds)).toEqual({
        ok: false,
        error: 'timestamp_stale',
      })
    }
  })

  it('needs a time, in the body alone', async () => {
    for (const body of ['{}', 'no json', '[]', '{"timestamp":null}']) {
      expect(await verifyZalo(delivery(sign(body), body), secret, NOW_MS), body).toEqual({
        ok: false,
        error: 'timestamp_missing',
      })
    }
    for (const timestamp of ['', '-1', '1e3', '0', ' 1']) {
      const body = JSON.stringify({ timestamp })
      expect(await verifyZalo(delivery(sign(body, timestamp), body), secret, NOW_MS)).toEqual({
        ok: false,
        error: 'timestamp_malformed',
      })
    }
  })
})
