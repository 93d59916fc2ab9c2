import { describe, expect, it } from 'vitest'
import type { TenantId } from '../../../src/domain/ids.ts'
import type { WebAnswer, WebPort, WebRequest } from '../../../src/domain/ports/web.ts'
import { err, ok } from '../../../src/domain/result.ts'
import { WebCache, withCache } from '../../../src/gateway/web-cache.ts'

const A = 'ten_a' as TenantId
const B = 'ten_b' as TenantId
const MINUTE = 60_000

const page: WebRequest = {
  url: 'https://site.example/',
  method: 'GET',
  headers: { accept: '*/*', 'user-agent': 'x' },
  maxBytes: 1_000,
  timeoutMs: 1_000,
  maxRedirects: 3,
}

/** Answers with the number of times it was asked. */
function open(answer: Partial<WebAnswer> = {}, cache = new WebCache()) {
  const clock = { now: 1_000 }
  let asked = 0
  const web: WebPort = {
    send: async ({ url }) =>
      ok({
        url,
        status: 200,
        headers: [],
        isTruncated: false,
        body: new Uint8Array([++asked]),
        ...answer,
      }),
  }
  const of = (tenantId: TenantId) => withCache(web, { cache, tenantId, now: () => clock.now })
  const send = async (tenantId: TenantId, request: WebRequest = page): Promise<number> => {
    const sent = await of(tenantId).send(request, new AbortController().signal)
    return sent.ok ? (sent.value.body[0] ?? 0) : -1
  }
  return { send, clock, asked: () => asked, cache }
}

describe('an answer that was just given', () => {
  it('is given again, for a quarter of an hour', async () => {
    const { send, clock } = open()
    expect([await send(A), await send(A)]).toEqual([1, 1])
    clock.now += 15 * MINUTE - 1
    expect(await send(A)).toBe(1)
    clock.now += 1
    expect(await send(A)).toBe(2)
  })

  it('is never another tenant’s', async () => {
    const { send } = open()
    expect([await send(A), await send(B), await send(A), await send(B)]).toEqual([1, 2, 1, 2])
  })

  it('is none under a name that runs into another tenant’s key', async () => {
    const { send } = open()
    await send(A, { ...page, url: 'https://site.example/","x' })
    await send(`${A}","https://site.example/` as TenantId, { ...page, url: 'x' })
    expect(await send(A, { ...page, url: 'https://site.example/' })).toBe(3)
  })

  it('is another one for another address, limit or header', async () => {
    const { send } = open()
    expect(await send(A)).toBe(1)
    expect(await send(A, { ...page, url: 'https://site.example/b' })).toBe(2)
    expect(await send(A, { ...page, maxBytes: 999 })).toBe(3)
    expect(await send(A, { ...page, headers: { accept: 'text/html' } })).toBe(4)
  })

  it.each([
    ['a POST', { method: 'POST' }],
    ['a request with a key', { headers: { authorization: 'Bearer x' } }],
    ['a request with a vendor’s key', { headers: { 'x-subscription-token': 'x' } }],
  ] as const)('is not kept of %s', async (_, fields) => {
    const { send } = open()
    const request: WebRequest = { ...page, ...fields }
    expect([await send(A, request), await send(A, request)]).toEqual([1, 2])
  })

  it.each([
    ['an error', { status: 404 }],
    ['a cut one', { isTruncated: true }],
    ['one that forbids it', { headers: [['cache-control', 'max-age=0, No-Store']] }],
    ['a private one', { headers: [['cache-control', 'private']] }],
    ['a large one', { body: new Uint8Array(1024 * 1024) }],
  ] as const)('is not kept when it is %s', async (_, fields) => {
    const { send, asked } = open(fields)
    await send(A)
    await send(A)
    expect(asked()).toBe(2)
  })

  it('is not kept when it is a failure', async () => {
    let asked = 0
    const cache = new WebCache()
    const failing: WebPort = {
      send: async () => {
        asked++
        return err({ kind: 'refused', message: 'no' })
      },
    }
    const web = withCache(failing, { cache, tenantId: A, now: () => 0 })
    for (let i = 0; i < 2; i++) await web.send(page, new AbortController().signal)
    expect(asked).toBe(2)
  })
})

describe('the room', () => {
  it('is bounded in number and bytes; the oldest leave first', async () => {
    const { send } = open()
    for (let i = 0; i < 201; i++) await send(A, { ...page, url: `https://site.example/${i}` })
    expect(await send(A, { ...page, url: 'https://site.example/200' })).toBe(201)
    expect(await send(A, { ...page, url: 'https://site.example/0' })).toBe(202)

    const large = open({ body: new Uint8Array(1_000_000) })
    for (let i = 0; i < 9; i++) await large.send(A, { ...page, url: `https://site.example/${i}` })
    await large.send(A, { ...page, url: 'https://site.example/8' })
    expect(large.asked()).toBe(9)
    await large.send(A, { ...page, url: 'https://site.example/0' })
    expect(large.asked()).toBe(10)
  })
})
