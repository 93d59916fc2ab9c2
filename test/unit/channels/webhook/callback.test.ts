/** Callbacks as their receiver sees them, judged by the library `standardwebhooks`. */
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { CALLBACK_RETRY_MS, sendCallback } from '../../../../src/channels/webhook/callback.ts'
import type { WebhookCredentials } from '../../../../src/channels/webhook/credentials.ts'
import { webhook } from '../../../../src/channels/webhook/index.ts'
import { serveWire } from '../../../support/channels/wire-server.ts'

const SECRET = `whsec_${Buffer.from('a-callback-secret-of-nobody-at-all').toString('base64')}`
const receiver = () => serveWire(() => ({ status: 204 }))
const unsigned = { proof: 'bearer', secret: 'a-shared-hook-secret-of-nobody' } as const
const client = (credentials: WebhookCredentials = { ...unsigned, callback_secret: SECRET }) =>
  webhook.client(credentials, { fetch, baseUrl: '' })
const address = (url: string | null) => ({ hook: 'build', delivery: 'msg_1', callback: url })

describe('a callback', () => {
  it('is signed for its receiver, and says what was answered to what', async () => {
    await using server = await receiver()
    expect(await client().send(address(`${server.url}/x`), 'All **green**.')).toMatchObject({
      ok: true,
    })
    const [call] = server.calls
    const read = new Webhook(SECRET).verify(call?.text ?? '', { ...call?.headers })
    expect(read).toMatchObject({
      type: 'hook.answered',
      data: { hook: 'build', delivery_id: 'msg_1', text: 'All **green**.' },
    })
    expect(() => new Webhook(SECRET).verify(`${call?.text} `, { ...call?.headers })).toThrow()
    expect(call).toMatchObject({ method: 'POST', path: '/x' })
    expect(call?.headers['content-type']).toBe('application/json')
  })

  it('has one id however often it is sent, and another one for another answer', async () => {
    await using server = await receiver()
    const to = address(server.url)
    for (const text of ['a', 'a', 'b']) await client().send(to, text)
    await client().send({ ...to, delivery: 'msg_2' }, 'a')
    const ids = server.calls.map(({ headers }) => headers['webhook-id'])
    expect(ids[1]).toBe(ids[0])
    expect(new Set(ids).size).toBe(3)
  })

  it('is tried again after every failure but the last word of its receiver', async () => {
    const server = await receiver()
    const send = () => client().send(address(server.url), 'x')
    for (const status of [400, 404, 302, 500]) {
      server.answerNext({ status, json: {} })
      expect(await send(), `${status}`).toMatchObject({ error: { kind: 'unavailable' } })
    }
    server.answerNext({ status: 429, headers: { 'retry-after': '3' } })
    expect(await send()).toEqual({
      ok: false,
      error: { kind: 'rate_limited', retryAfterMs: 3_000 },
    })
    server.answerNext({ status: 410 })
    expect(await send()).toMatchObject({ error: { kind: 'refused' } })
    await server[Symbol.asyncDispose]()
    expect(await send()).toMatchObject({ error: { kind: 'unavailable' } })
  })

  it('follows the schedule that was promised', () => {
    expect(CALLBACK_RETRY_MS.map((ms) => ms / 60_000)).toEqual([0.5, 2, 10, 60, 360])
  })

  it('does not go where none was asked for, nor unsigned', async () => {
    await using server = await receiver()
    expect(await client().send(address(null), 'x')).toMatchObject({ error: { kind: 'refused' } })
    expect(await client(unsigned).send(address(server.url), 'x')).toMatchObject({
      error: { kind: 'refused' },
    })
    expect(server.calls).toEqual([])
  })

  it('carries the time of its own attempt', async () => {
    await using server = await receiver()
    const nowMs = 1_772_323_200_999
    const callback = { url: server.url, secret: SECRET, hook: 'build', delivery: 'd', text: 't' }
    await sendCallback(fetch, { ...callback, nowMs })
    expect(server.calls[0]?.headers['webhook-timestamp']).toBe('1772323200')
  })
})
