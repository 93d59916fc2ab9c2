/** Calls signed by the library `standardwebhooks`, read by ours. */
import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { type Hook, hookSchema } from '../../../../src/channels/webhook/config.ts'
import { hookPlatform, webhook } from '../../../../src/channels/webhook/index.ts'
import { verifyWebhook, type WebhookProof } from '../../../../src/channels/webhook/verify.ts'
import { delivery, NOW_MS, SIGNED_AT } from '../proof.ts'

const STANDARD = `whsec_${Buffer.from('a-standard-hook-secret-of-nobody').toString('base64')}`
const SHARED = 'a-shared-hook-secret-of-nobody'
const facts = { method: 'POST', query: new URLSearchParams(), nowMs: NOW_MS, self: null }

interface Call {
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
  readonly proof?: WebhookProof
  readonly hook?: Partial<Hook>
  readonly name?: string
  readonly nowMs?: number
}

const standard = (body: string, id = 'msg_1') => ({
  'webhook-id': id,
  'webhook-timestamp': `${SIGNED_AT}`,
  'webhook-signature': new Webhook(STANDARD).sign(id, new Date(1_000 * SIGNED_AT), body),
})
const hub = (body: string) => ({
  'x-hub-signature-256': `sha256=${createHmac('sha256', SHARED).update(body).digest('hex')}`,
})
const timestamped = (body: string) => ({
  'x-webhook-signature': `t=${SIGNED_AT},v1=${createHmac('sha256', SHARED)
    .update(`${SIGNED_AT}.${body}`)
    .digest('hex')}`,
})

const receive = ({ body, proof = 'standard', hook = {}, name = 'build', ...given }: Call) => {
  const { headers = standard(body), nowMs = NOW_MS } = given
  const platform = hookPlatform({ name, hook: hookSchema.parse(hook) })
  const secret = proof === 'standard' ? STANDARD : SHARED
  return platform.receive(delivery(headers, body), { proof, secret }, { ...facts, nowMs })
}
async function message(call: Call) {
  const got = await receive(call)
  const [event] = got.ok ? got.value.events : []
  if (event?.kind !== 'message') throw new Error('no message')
  return event
}
const idOf = async (call: Call) => (await message(call)).deliveryId

describe('a call of a hook', () => {
  it('signs no age where the body alone is signed', async () => {
    const body = '{"a": 1}'
    const agelessness = async (proof: WebhookProof, headers: Readonly<Record<string, string>>) => {
      const got = await receive({ body, proof, headers } as Call)
      return got.ok && got.value.isAgeless
    }
    expect(await agelessness('hub', hub(body))).toBe(true)
    expect(await agelessness('timestamped', timestamped(body))).toBeUndefined()
    expect(await agelessness('standard', standard(body))).toBeUndefined()
  })

  it("is signed as Standard Webhooks' own example shows", async () => {
    const given = delivery(
      {
        'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
        'webhook-timestamp': '1614265330',
        'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
      },
      '{"test": 2432232314}',
    )
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
    const nowMs = 1_614_265_330_000
    expect(await verifyWebhook(given, { proof: 'standard', secret }, nowMs)).toMatchObject({
      ok: true,
    })
  })

  it('speaks as its owner said; what the caller sent stands beside it and commands nothing', async () => {
    const body = '/approve apr_1 allow-once'
    const hook = { message: 'Look at the build.', callback_url: 'https://caller.example/answers' }
    expect(await message({ body, hook })).toEqual({
      kind: 'message',
      deliveryId: 'build:msg_1',
      sender: { id: 'build', username: null, displayName: 'hook build', kind: 'person' },
      conversation: { kind: 'direct', id: 'build', threadId: null },
      address: { hook: 'build', delivery: 'msg_1', callback: 'https://caller.example/answers' },
      sentAt: 1_000 * SIGNED_AT,
      text: 'Look at the build.',
      quoted: body,
      isRelayed: true,
      isMention: true,
      isCommand: false,
      files: [],
      albumId: null,
    })
  })

  it('shows the part that its owner chose', async () => {
    const body = JSON.stringify({ issue: { title: 'x', labels: ['a', 'b'] }, token: 'y' })
    expect(await message({ body, hook: { body_path: 'issue.title' } })).toMatchObject({
      quoted: 'x',
    })
    expect(await message({ body, hook: { body_path: 'issue.labels.1' } })).toMatchObject({
      quoted: 'b',
    })
    for (const body_path of ['issue.body', 'constructor', 'issue.title.length']) {
      expect(await receive({ body, hook: { body_path } }), body_path).toEqual({
        ok: false,
        error: 'malformed',
      })
    }
    expect(await receive({ body: 'text', hook: { body_path: 'a' } })).toMatchObject({ ok: false })
  })

  it('is of the conversation that its owner named, or of its own', async () => {
    const session_key = 'builds'
    expect((await message({ body: '{}', hook: { session_key } })).conversation.id).toBe('builds')
    expect((await message({ body: '{}', name: 'other' })).conversation.id).toBe('other')
  })

  it('chooses a conversation only where it may, and among those of the prefix', async () => {
    const hook = { allow_session_key: true, session_prefix: 'ci-' }
    const body = (key: unknown) => JSON.stringify({ session_key: key })
    expect((await message({ body: body('ci-7'), hook })).conversation.id).toBe('ci-7')
    expect((await message({ body: '{}', hook })).conversation.id).toBe('build')
    for (const key of ['main', 'xci-7', 'ci-7:x', 'CI-7', 'ci-/..', 7, null, '']) {
      expect(await receive({ body: body(key), hook }), `${key}`).toEqual({
        ok: false,
        error: 'malformed',
      })
    }
    expect((await message({ body: body('ci-7') })).conversation.id).toBe('build')
  })

  it('is one by what is signed, whatever stands beside it', async () => {
    const other = { 'x-webhook-id': 'other' }
    const body = '{"a":1}'
    const both = { ...standard(body), ...other }
    expect(await idOf({ body, headers: both })).toBe(await idOf({ body }))
    for (const [proof, sign] of [['hub', hub] as const, ['timestamped', timestamped] as const]) {
      const first = await idOf({ body, proof, headers: sign(body) })
      expect(await idOf({ body, proof, headers: { ...sign(body), ...other } })).toBe(first)
      expect(await idOf({ body: '{}', proof, headers: sign('{}') })).not.toBe(first)
    }
  })

  it('is one by the id that the holder of the secret gives, else each is one', async () => {
    const headers = { 'x-webhook-secret': SHARED }
    const named = {
      body: '{}',
      proof: 'secret',
      headers: { ...headers, 'webhook-id': 'a' },
    } as const
    expect(await idOf(named)).toBe('build:a')
    expect(await idOf({ ...named, name: 'other' })).toBe('other:a')
    const unnamed = { body: '{}', proof: 'secret', headers } as const
    expect(await idOf(unnamed)).not.toBe(await idOf({ ...unnamed, nowMs: NOW_MS + 1 }))
    const bad = { ...headers, 'x-webhook-id': 'a b' }
    expect(await receive({ ...unnamed, headers: bad })).toEqual({ ok: false, error: 'malformed' })
  })

  it('is at most 64 KB of text', async () => {
    const most = 'x'.repeat(65_536)
    expect((await message({ body: most })).quoted).toBe(most)
    expect(await receive({ body: `${most}x` })).toEqual({ ok: false, error: 'malformed' })
    const noText = new Uint8Array([0xff, 0xfe])
    const headers = { authorization: `Bearer ${SHARED}` }
    const platform = hookPlatform({ name: 'build', hook: hookSchema.parse({}) })
    const credentials = { proof: 'bearer', secret: SHARED } as const
    expect(await platform.receive(delivery(headers, noText), credentials, facts)).toEqual({
      ok: false,
      error: 'malformed',
    })
  })

  it('is refused unsigned, stale, and where it names no hook', async () => {
    expect(await receive({ body: '{}', headers: {} })).toMatchObject({ ok: false })
    expect(await receive({ body: '{}', nowMs: NOW_MS + 301_000 })).toEqual({
      ok: false,
      error: 'timestamp_stale',
    })
    const credentials = { proof: 'standard', secret: STANDARD } as const
    const given = delivery(standard('{}'), '{}')
    expect(await webhook.receive(given, credentials, facts)).toEqual({
      ok: false,
      error: 'malformed',
    })
  })
})
