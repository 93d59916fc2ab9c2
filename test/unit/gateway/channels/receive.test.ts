import { createHmac } from 'node:crypto'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { receiveDelivery, receiveHook } from '../../../../src/gateway/channels/receive.ts'
import type { App } from '../../../../src/gateway/door.ts'
import { ADDRESS, useQuietLog } from '../world.ts'
import { HOOKS, openChannels, WHATSAPP } from './world.ts'

const lines = useQuietLog()

const NOBODY = `chn_${'x'.repeat(20)}`

/** As Meta documents it. */
const deliveryOf = (...ids: readonly string[]) => ({
  object: 'whatsapp_business_account',
  entry: [
    {
      id: '1',
      changes: [
        {
          field: 'messages',
          value: {
            messaging_product: 'whatsapp',
            metadata: {
              display_phone_number: '15550000000',
              phone_number_id: WHATSAPP.phone_number_id,
            },
            messages: ids.map((id) => ({
              from: '491700000001',
              id,
              timestamp: '1700000000',
              type: 'text',
              text: { body: `says ${id}` },
            })),
          },
        },
      ],
    },
  ],
})

async function open() {
  const channels = await openChannels()
  const { world } = channels
  const instance = await channels.add('whatsapp')
  const hooks = await channels.add('webhook', {
    config: { hooks: { ci: { message: 'See to it.' }, cd: {} } },
  })
  const app = new Hono<App>()
  app.use(async (c, next) => {
    const door = { services: world.services, admitted: { clientAddress: ADDRESS } }
    c.set('door', door as never)
    await next()
  })
  app.on(['GET', 'POST'], '/channels/:type/:id', receiveDelivery)
  app.post('/hooks/:id/:name', receiveHook)
  const ask = async (path: string, init: RequestInit) => {
    const response = await app.request(path, init)
    return { status: response.status, text: await response.text(), headers: response.headers }
  }
  /** As the platform does. */
  const deliver = (body: unknown, fields: { secret?: string; path?: string } = {}) => {
    const { secret = WHATSAPP.app_secret, path = `/channels/whatsapp/${instance.id}` } = fields
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const tag = createHmac('sha256', secret).update(text).digest('hex')
    const headers = { 'x-hub-signature-256': `sha256=${tag}` }
    return ask(path, { method: 'POST', body: text, headers })
  }
  const hook = (name: string, secret: string | null = HOOKS.secret, id = hooks.id) =>
    ask(`/hooks/${id}/${name}`, {
      method: 'POST',
      body: JSON.stringify({ build: 7, text: '/approve apr_1 allow-once' }),
      headers: secret === null ? {} : { 'x-webhook-secret': secret },
    })
  return { ...channels, own: channels, instance, hooks, ask, deliver, hook }
}

describe('a delivery of a platform', () => {
  it('is stored before it is answered, in its order', async () => {
    const { deliver, filed, instance } = await open()
    expect((await deliver(deliveryOf('a', 'b'))).status).toBe(200)
    expect(filed).toMatchObject([
      {
        instance: instance.id,
        events: [{ event: { deliveryId: 'a' } }, { event: { deliveryId: 'b' } }],
      },
    ])
  })

  it('is filed as one that signs no age where that is so', async () => {
    const { deliver, hook, filed } = await open()
    await deliver(deliveryOf('a'))
    await hook('ci')
    expect(filed.map(({ events }) => events[0]?.isAgeless)).toEqual([true, undefined])
  })

  it('is refused with a wrong signature, none, or that of another body, and says nothing', async () => {
    const { ask, deliver, filed, instance } = await open()
    const path = `/channels/whatsapp/${instance.id}`
    const body = JSON.stringify(deliveryOf('a'))
    const answers = [
      await deliver(body, { secret: 'canary-of-somebody-else' }),
      await ask(path, { method: 'POST', body }),
      await ask(path, { method: 'POST', body, headers: { 'x-hub-signature-256': 'sha256=' } }),
    ]
    const tag = createHmac('sha256', WHATSAPP.app_secret).update(body).digest('hex')
    const headers = { 'x-hub-signature-256': `sha256=${tag}` }
    answers.push(await ask(path, { method: 'POST', body: `${body} `, headers }))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]))
    // Alike, whatever was wrong.
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(filed).toEqual([])
    expect(lines.join()).toContain('webhook_signature_invalid')
    expect(lines.join()).not.toContain('canary')
  })

  it('leads nowhere, in the same words, where there is none, where it is off, or of another type', async () => {
    const { deliver, change, instance, hooks, filed } = await open()
    const paths = [
      `/channels/whatsapp/${NOBODY}`,
      '/channels/whatsapp/chn_1',
      "/channels/whatsapp/'%20or%201=1",
      `/channels/telegram/${instance.id}`,
      `/channels/nonsense/${instance.id}`,
      `/channels/webhook/${hooks.id}`,
      `/channels/whatsapp/${hooks.id}`,
    ]
    const answers = [...paths].map((path) => deliver(deliveryOf('a'), { path }))
    const refused = await Promise.all(answers)
    await change(instance, { enabled: false })
    refused.push(await deliver(deliveryOf('a')))
    expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 404))
    expect(new Set(refused.map(({ text }) => text)).size).toBe(1)
    expect(filed).toEqual([])
  })

  it('that is signed and nonsense is refused as that', async () => {
    const { deliver, filed } = await open()
    for (const body of ['no json', '[]', '{"object":1}']) {
      expect((await deliver(body)).status).toBe(400)
    }
    expect(filed).toEqual([])
  })

  it('is told to come again where too much waits', async () => {
    const { own, deliver } = await open()
    own.isCrowded = true
    const { status, headers } = await deliver(deliveryOf('a'))
    expect([status, headers.get('retry-after')]).toEqual([503, '30'])
  })

  it('is not read to its end where it is too long', async () => {
    const { deliver, filed } = await open()
    const { status } = await deliver('x'.repeat(1_024 * 1_024 + 1))
    expect(status).toBe(413)
    expect(filed).toEqual([])
  })

  it('that asks whether the address is ours is answered by the verify token alone', async () => {
    const { ask, instance } = await open()
    const verify = (token: string) => {
      const query = new URLSearchParams({
        'hub.mode': 'subscribe',
        'hub.verify_token': token,
        'hub.challenge': '12345',
      })
      return ask(`/channels/whatsapp/${instance.id}?${query}`, { method: 'GET' })
    }
    expect(await verify(WHATSAPP.verify_token)).toMatchObject({ status: 200, text: '12345' })
    const wrong = await verify('something-else-entirely')
    expect(wrong.status).toBe(401)
    expect(wrong.text).not.toContain('12345')
  })
})

describe('a call of a hook', () => {
  it('is what the hook’s owner wrote; what it was called with stands beside it', async () => {
    const { hook, filed, hooks } = await open()
    expect((await hook('ci')).status).toBe(200)
    expect(filed).toMatchObject([
      {
        instance: hooks.id,
        events: [
          {
            event: {
              text: 'See to it.',
              quoted: expect.stringContaining('/approve'),
              isRelayed: true,
              isCommand: false,
            },
          },
        ],
      },
    ])
  })

  it('is refused without its secret, or with a wrong one', async () => {
    const { hook, filed } = await open()
    expect((await hook('ci', null)).status).toBe(401)
    expect((await hook('ci', `${HOOKS.secret}x`)).status).toBe(401)
    expect(filed).toEqual([])
  })

  it('leads nowhere under a name that no hook has', async () => {
    const { hook, change, hooks } = await open()
    const refused = []
    for (const name of ['nobody', '__proto__', 'constructor', 'CI']) refused.push(await hook(name))
    refused.push(await hook('ci', HOOKS.secret, NOBODY))
    await change(hooks, { enabled: false })
    refused.push(await hook('ci'))
    expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 404))
    expect(new Set(refused.map(({ text }) => text)).size).toBe(1)
  })

  it('comes too often after sixty a minute, counted for each hook by itself', async () => {
    const { hook, world, filed, tenant, hooks } = await open()
    await hook('ci')
    await hook('cd')
    const buckets = world.taken.slice(-2)
    expect(buckets.map(({ name }) => name)).toEqual([
      `${tenant}/channel:hook:${hooks.id}:ci`,
      `${tenant}/channel:hook:${hooks.id}:cd`,
    ])
    expect(buckets[0]?.requests).toEqual([{ bucket: 'hook', ratePerMinute: 60, burst: 60 }])
    world.verdict = { isAllowed: false, bucket: 'hook', retryAfterMs: 9_000 } as never
    const { status, headers } = await hook('ci')
    expect([status, headers.get('retry-after')]).toEqual([429, '9'])
    expect(filed).toHaveLength(2)
  })

  it('takes no token where it proves nothing: nobody empties another’s bucket', async () => {
    const { hook, world } = await open()
    await hook('ci', 'something-else-entirely-wrong')
    expect(world.taken).toEqual([])
  })
})
