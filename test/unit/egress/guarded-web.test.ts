import { describe, expect, it } from 'vitest'
import type { Fetch } from '../../../src/domain/model.ts'
import type { WebRequest } from '../../../src/domain/ports/web.ts'
import { createGuardedWeb } from '../../../src/egress/guarded-web.ts'
import { EgressError, UNRESOLVABLE } from '../../../src/egress/refusal.ts'

const PUBLIC = '93.184.216.34'

const request = (url: string, fields: Partial<WebRequest> = {}): WebRequest => ({
  url,
  method: 'GET',
  headers: {},
  maxBytes: 1_000,
  timeoutMs: 2_000,
  maxRedirects: 3,
  ...fields,
})

function open(
  answer: (url: string, init: RequestInit | undefined) => Response | Promise<Response>,
  names: Readonly<Record<string, readonly string[]>> = {},
) {
  const sent: string[] = []
  const fetch: Fetch = async (input, init) => {
    sent.push(String(input))
    return answer(String(input), init)
  }
  const resolve = async (name: string) => {
    const addresses = names[name]
    if (addresses === undefined) throw new EgressError(UNRESOLVABLE)
    return addresses
  }
  const web = createGuardedWeb({ fetch, resolve })
  const send = (asked: WebRequest, signal = new AbortController().signal) => web.send(asked, signal)
  return { send, sent }
}

const NAMES = {
  'a.example': [PUBLIC],
  'mixed.example': [PUBLIC, '127.0.0.1'],
  'private.example': ['10.0.0.1'],
  'metadata.example': ['169.254.169.254'],
  'none.example': [],
}

describe('a request that is allowed', () => {
  it('is answered with its body and headers', async () => {
    const { send } = open(
      () => new Response('hello', { status: 201, headers: { 'X-A': 'b' } }),
      NAMES,
    )
    const answer = await send(request('https://a.example/p'))
    expect(answer).toMatchObject({ ok: true, value: { status: 201, isTruncated: false } })
    if (!answer.ok) return
    expect(new TextDecoder().decode(answer.value.body)).toBe('hello')
    expect(answer.value.headers).toContainEqual(['x-a', 'b'])
  })

  it('sends method, headers and body', async () => {
    let seen: unknown
    const { send } = open(async (_, init) => {
      const headers = new Headers(init?.headers)
      seen = [init?.method, headers.get('x-key'), await new Response(init?.body).text()]
      return new Response()
    }, NAMES)
    const body = new TextEncoder().encode('asked')
    await send(request('https://a.example/', { method: 'POST', headers: { 'x-key': 'k' }, body }))
    expect(seen).toEqual(['POST', 'k', 'asked'])
  })

  it('is cut at its limit and told to be', async () => {
    let isCancelled = false
    const endless = () =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array(600)),
          cancel: () => {
            isCancelled = true
          },
        }),
      )
    const answer = await open(endless, NAMES).send(request('https://a.example/'))
    expect(answer).toMatchObject({ ok: true, value: { isTruncated: true } })
    expect(answer.ok && answer.value.body.length).toBe(1_000)
    expect(isCancelled).toBe(true)
    const whole = await open(() => new Response('x'.repeat(1_000)), NAMES).send(
      request('https://a.example/'),
    )
    expect(whole).toMatchObject({ ok: true, value: { isTruncated: false } })
  })
})

describe('a request that is not', () => {
  it.each([
    ['http://127.0.0.1/', 'private_address'],
    ['http://2130706433/', 'private_address'],
    ['http://[::ffff:127.0.0.1]/', 'private_address'],
    ['http://localhost./', 'private_name'],
    ['http://u:p@a.example/', 'credentials'],
    ['ftp://a.example/', 'scheme'],
    ['https://mixed.example/', 'private_address'],
    ['https://private.example/', 'private_address'],
    ['https://metadata.example/', 'private_address'],
  ])('to %s is refused as %s, and nothing is sent', async (url, refusal) => {
    const { send, sent } = open(() => new Response(), NAMES)
    expect(await send(request(url))).toMatchObject({
      ok: false,
      error: { kind: 'refused', refusal },
    })
    expect(sent).toEqual([])
  })

  it.each(['https://none.example/', 'https://unknown.example/'])(
    'to %s fails, and nothing is sent',
    async (url) => {
      const { send, sent } = open(() => new Response(), NAMES)
      expect(await send(request(url))).toMatchObject({ ok: false, error: { kind: 'failed' } })
      expect(sent).toEqual([])
    },
  )

  it.each([
    'http://127.0.0.1/',
    'http://169.254.169.254/',
    'https://private.example/',
    '//mixed.example/',
  ])('is followed by no redirect to %s', async (location) => {
    const { send, sent } = open(
      () => new Response(null, { status: 302, headers: { location } }),
      NAMES,
    )
    expect(await send(request('https://a.example/'))).toMatchObject({
      ok: false,
      error: { kind: 'refused', refusal: 'private_address' },
    })
    expect(sent).toEqual(['https://a.example/'])
  })

  it('is followed by three redirects and no fourth', async () => {
    let left = 3
    const hop = () =>
      left-- > 0
        ? new Response(null, { status: 302, headers: { location: '/next' } })
        : new Response()
    expect(await open(hop, NAMES).send(request('https://a.example/'))).toMatchObject({ ok: true })
    left = 4
    expect(await open(hop, NAMES).send(request('https://a.example/'))).toMatchObject({
      ok: false,
      error: { kind: 'refused', refusal: 'too_many_redirects' },
    })
  })

  it('ends in time, also in the middle of a body', async () => {
    const silent = () => new Promise<Response>(() => {})
    const stalled = () =>
      new Response(new ReadableStream({ start: (c) => c.enqueue(new Uint8Array(1)) }))
    for (const answer of [silent, stalled]) {
      const asked = request('https://a.example/', { timeoutMs: 30 })
      expect(await open(answer, NAMES).send(asked)).toMatchObject({
        ok: false,
        error: { kind: 'timeout' },
      })
    }
  })

  it('ends when its caller gives up', async () => {
    const controller = new AbortController()
    const silent = () => {
      controller.abort()
      return new Promise<Response>(() => {})
    }
    const asked = request('https://a.example/')
    expect((await open(silent, NAMES).send(asked, controller.signal)).ok).toBe(false)
  })

  it('tells a broken connection in words of its own', async () => {
    const broken = () => Promise.reject(new Error('connect ECONNREFUSED 93.184.216.34:443'))
    const answer = await open(broken, NAMES).send(request('https://a.example/'))
    expect(answer).toEqual({
      ok: false,
      error: { kind: 'failed', message: 'the address could not be reached' },
    })
  })
})
