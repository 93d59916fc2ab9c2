import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { verifySlack } from '../../../../src/channels/slack/verify.ts'
import { delivery, holdsAsProof, NOW_MS, SIGNED_AT } from '../proof.ts'

const SECRET = 'not-a-secret-but-a-signing-key'

const sign = (body: Uint8Array, at = `${SIGNED_AT}`, version = 'v0') => ({
  'x-slack-request-timestamp': at,
  'x-slack-signature': `${version}=${createHmac('sha256', SECRET)
    .update(`${version}:${at}:`)
    .update(body)
    .digest('hex')}`,
})

describe("Slack's signature", () => {
  holdsAsProof({ secret: SECRET, sign, verify: verifySlack, signsBody: true, signsTime: true })

  it('tells when it was signed, and knows a replay by it', async () => {
    const answer = await verifySlack(delivery(sign(Buffer.from('a')), 'a'), SECRET, NOW_MS)
    const again = await verifySlack(delivery(sign(Buffer.from('a')), 'a'), SECRET, NOW_MS)
    expect(answer).toMatchObject({ ok: true, value: { signedAtMs: 1_000 * SIGNED_AT } })
    expect(again).toEqual(answer)
  })

  it('refuses another version, another spelling of a tag, a list of tags', async () => {
    const body = Buffer.from('{}')
    const genuine = sign(body)['x-slack-signature']
    const forms = [
      sign(body, undefined, 'v1')['x-slack-signature'],
      genuine.slice('v0='.length),
      `v0=${genuine.slice('v0='.length).toUpperCase()}`,
      `${genuine}00`,
      `${genuine},${genuine}`,
      `v0=${'0'.repeat(64)},${genuine}`,
    ]
    for (const form of forms) {
      const forged = delivery({ ...sign(body), 'x-slack-signature': form }, '{}')
      expect(await verifySlack(forged, SECRET, NOW_MS), form).toEqual({
        ok: false,
        error: 'signature_malformed',
      })
    }
  })

  it('refuses a time that is no count of seconds, though it was signed', async () => {
    for (const at of [`0${SIGNED_AT}`, `${SIGNED_AT}.0`, `+${SIGNED_AT}`, '1e9', 'NaN', '-1']) {
      const headers = sign(Buffer.from('{}'), at)
      expect(await verifySlack(delivery(headers, '{}'), SECRET, NOW_MS), at).toEqual({
        ok: false,
        error: 'timestamp_malformed',
      })
    }
  })
})
