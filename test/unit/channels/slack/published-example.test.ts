/** The one request that Slack itself has signed for everybody: docs.slack.dev, "Verifying requests from Slack". */
import { describe, expect, it } from 'vitest'
import { slack } from '../../../../src/channels/slack/index.ts'
import { delivery } from '../proof.ts'

describe("Slack's published example", () => {
  const secret = '8f742231b10e8888abcd99yyyzzz85a5'
  const time = '1531420618'
  const tag = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503'
  const body =
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V' +
    '&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=' +
    '&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554' +
    '%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c'
  const receiveExample = (text: string | Uint8Array, at = time, sent = tag, key = secret) => {
    const headers = { 'x-slack-request-timestamp': at, 'x-slack-signature': sent }
    const nowMs = 1_000 * Number(time)
    const facts = { method: 'POST', query: new URLSearchParams(), nowMs, self: null }
    return slack.receive(
      delivery(headers, text),
      { bot_token: 'xoxb-of-nobody', signing_secret: key },
      facts,
    )
  }

  it('verifies, and is a command', async () => {
    expect(await receiveExample(body)).toMatchObject({
      ok: true,
      value: { events: [{ kind: 'message', text: '/help', sender: { id: 'U2CERLKJA' } }] },
    })
  })

  it('does not verify with any one byte of it flipped', async () => {
    const bytes = Buffer.from(body)
    for (let at = 0; at < bytes.length; at++) {
      const flipped = Buffer.from(bytes)
      flipped[at] = (flipped[at] ?? 0) ^ 1
      expect(await receiveExample(flipped), `body ${at}`).toEqual({
        ok: false,
        error: 'signature_wrong',
      })
    }
    const flipAt = (text: string, at: number) =>
      text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1)
    for (let at = 0; at < tag.length; at++) {
      const forged = await receiveExample(body, time, flipAt(tag, at))
      expect(forged.ok, `tag ${at}`).toBe(false)
    }
    for (let at = 0; at < time.length; at++) {
      const forged = await receiveExample(body, flipAt(time, at))
      expect(forged.ok, `time ${at}`).toBe(false)
    }
    for (let at = 0; at < secret.length; at++) {
      const forged = await receiveExample(body, time, tag, flipAt(secret, at))
      expect(forged.ok, `secret ${at}`).toBe(false)
    }
  })
})
