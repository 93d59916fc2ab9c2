import { describe, expect, test } from 'vitest'
import type { Fetch } from '../../../src/domain/model.ts'
import { isFetchAllowed } from '../../../src/egress/destination.ts'
import { createGuardedFetch, type GuardedFetchOptions } from '../../../src/egress/guarded-fetch.ts'
import { EgressError } from '../../../src/egress/refusal.ts'

interface Sent {
  readonly url: string
  readonly method: string
  readonly headers: Headers
  readonly body: unknown
}

const redirect = (status: number, location: string): Response =>
  new Response(null, { status, headers: { location } })

/** Answers each request with the next response; the last one stays. */
function network(...answers: readonly (() => Response | Promise<Response>)[]) {
  const sent: Sent[] = []
  const fetch: Fetch = async (input, init) => {
    sent.push({
      url: String(input),
      method: init?.method ?? '',
      headers: new Headers(init?.headers),
      body: init?.body ?? null,
    })
    const answer = answers[Math.min(sent.length, answers.length) - 1]
    return answer === undefined ? new Response('fine') : answer()
  }
  return { sent, fetch }
}

function guarded(fetch: Fetch, options: Partial<GuardedFetchOptions> = {}): Fetch {
  return createGuardedFetch({ fetch, maxBytes: 1_000, timeoutMs: 2_000, ...options })
}

async function refusalOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    if (error instanceof EgressError) return error.refusal.kind
    throw error
  }
  return 'none'
}

const SECRETS = {
  authorization: 'Bearer s3cret',
  cookie: 'a=s3cret',
  'x-api-key': 's3cret',
  'x-goog-api-key': 's3cret',
  'x-customers-own-header': 's3cret',
  accept: 'text/html',
}

describe('destination', () => {
  test('passes a public request on and its answer back', async () => {
    const { sent, fetch } = network(
      () => new Response('hello', { status: 201, headers: { a: 'b' } }),
    )
    const init = { method: 'post', body: 'x', headers: SECRETS }
    const response = await guarded(fetch)('https://example.com/p?q', init)
    expect(response.status).toBe(201)
    expect(response.headers.get('a')).toBe('b')
    expect(response.url).toBe('https://example.com/p?q')
    expect(await response.text()).toBe('hello')
    expect(sent).toMatchObject([{ url: 'https://example.com/p?q', method: 'POST', body: 'x' }])
    expect(sent[0]?.headers.get('authorization')).toBe('Bearer s3cret')
  })

  test('takes a Request as well', async () => {
    const { sent, fetch } = network()
    await guarded(fetch)(
      new Request('https://example.com/', { method: 'PUT', headers: { a: 'b' } }),
    )
    expect(sent).toMatchObject([{ method: 'PUT' }])
    expect(sent[0]?.headers.get('a')).toBe('b')
  })

  test.each([
    'http://127.0.0.1/',
    'http://localhost/',
    'file:///etc/passwd',
    'http://u:p@example.com/',
  ])('sends nothing to %s', async (url) => {
    const { sent, fetch } = network()
    expect(await refusalOf(guarded(fetch)(url))).not.toBe('none')
    expect(sent).toHaveLength(0)
  })

  test('reaches only allowed hosts when there are any', async () => {
    const { sent, fetch } = network(() => redirect(302, 'https://other.example.com/'))
    const only = guarded(fetch, { allowedHosts: ['api.example.com'] })
    expect(await refusalOf(only('https://evil.example.com/'))).toBe('host_not_allowed')
    expect(await refusalOf(only('https://api.example.com:8443/'))).toBe('host_not_allowed')
    expect(await refusalOf(only('https://api.example.com/'))).toBe('host_not_allowed')
    expect(sent).toMatchObject([{ url: 'https://api.example.com/' }])
  })

  test.each([
    [['10.0.0.1'], 'private_address'],
    [['1.1.1.1', '127.0.0.1'], 'private_address'],
    [['1.1.1.1', '::1'], 'private_address'],
    [['not an address'], 'private_address'],
    [[], 'unresolvable'],
    [['1.1.1.1', '2606:4700::1'], 'none'],
  ])('a name that resolves to %j is %s', async (addresses, expected) => {
    const { sent, fetch } = network()
    const resolve = async () => addresses
    expect(await refusalOf(guarded(fetch, { resolve })('https://example.com/'))).toBe(expected)
    expect(sent).toHaveLength(expected === 'none' ? 1 : 0)
  })

  test('opens the private network only when told to, also behind a name', async () => {
    const { fetch } = network()
    const resolve = async () => ['192.168.1.1']
    const open = guarded(fetch, { resolve, allowPrivateNetwork: true })
    expect(await refusalOf(open('http://models.example.com/'))).toBe('none')
    expect(await refusalOf(open('http://127.0.0.1:1234/'))).toBe('none')
    const metadata = guarded(fetch, {
      resolve: async () => ['169.254.169.254'],
      allowPrivateNetwork: true,
    })
    expect(await refusalOf(metadata('http://models.example.com/'))).toBe('private_address')
  })

  test('looks a name up once per request, whatever the redirects', async () => {
    const asked: string[] = []
    const { fetch } = network(
      () => redirect(302, '/two'),
      () => redirect(302, 'https://EXAMPLE.com./three'),
      () => new Response('end'),
    )
    const resolve = async (host: string) => {
      asked.push(host)
      return asked.length === 1 ? ['1.1.1.1'] : ['127.0.0.1']
    }
    expect(await refusalOf(guarded(fetch, { resolve })('https://example.com/one'))).toBe('none')
    expect(asked).toEqual(['example.com'])
  })
})

describe('redirects', () => {
  test('follows relative and absolute ones up to the limit', async () => {
    const { sent, fetch } = network(
      () => redirect(301, '/b'),
      () => redirect(302, 'https://other.example.com/c'),
      () => redirect(307, 'd'),
      () => new Response('end'),
    )
    const response = await guarded(fetch)('https://example.com/a')
    expect(sent.map(({ url }) => url)).toEqual([
      'https://example.com/a',
      'https://example.com/b',
      'https://other.example.com/c',
      'https://other.example.com/d',
    ])
    expect(response.url).toBe('https://other.example.com/d')
    const again = network(() => redirect(302, '/loop'))
    expect(await refusalOf(guarded(again.fetch)('https://example.com/'))).toBe('too_many_redirects')
    expect(again.sent).toHaveLength(4)
  })

  test.each([
    'http://127.0.0.1/',
    'http://169.254.169.254/latest',
    '//localhost/x',
    'http://[::ffff:7f00:1]/',
    'http://0x7f.1/',
    'file:///etc/passwd',
    'http://user:pass@example.com/',
    'http://[bad',
  ])('does not follow one to %s', async (location) => {
    const { sent, fetch } = network(() => redirect(302, location))
    expect(await refusalOf(guarded(fetch)('https://example.com/'))).not.toBe('none')
    expect(sent).toHaveLength(1)
  })

  test('carries no secret to another origin, and keeps it on its own', async () => {
    const { sent, fetch } = network(
      () => redirect(302, 'https://example.com/same'),
      () => redirect(302, 'https://cdn.example.com/other'),
      () => new Response('end'),
    )
    await guarded(fetch)('https://example.com/', { headers: SECRETS })
    expect(sent[1]?.headers.get('authorization')).toBe('Bearer s3cret')
    expect([...(sent[2]?.headers ?? [])]).toEqual([['accept', 'text/html']])
  })

  test.each(['http://example.com/', 'https://example.com:444/'])(
    'takes %s for another origin than https://example.com',
    async (location) => {
      const { sent, fetch } = network(
        () => redirect(302, location),
        () => new Response('end'),
      )
      await guarded(fetch)('https://example.com/', { headers: SECRETS })
      expect(sent[1]?.headers.has('authorization')).toBe(false)
    },
  )

  test('follows no redirect to plain http where https is required', async () => {
    const { sent, fetch } = network(() => redirect(302, 'http://example.com/'))
    const only = guarded(fetch, { requireHttps: true })
    expect(await refusalOf(only('https://example.com/'))).toBe('plain_http')
    expect(sent).toHaveLength(1)
  })

  test.each([
    [301, 'POST', 'GET', null],
    [302, 'POST', 'GET', null],
    [303, 'PUT', 'GET', null],
    [307, 'POST', 'POST', 'secret form'],
    [308, 'POST', 'POST', 'secret form'],
  ] as const)(
    'turns a %d of a %s on the same origin into a %s',
    async (status, method, then, body) => {
      const { sent, fetch } = network(
        () => redirect(status, '/next'),
        () => new Response('end'),
      )
      const headers = { 'content-type': 'text/plain' }
      await guarded(fetch)('https://example.com/', { method, headers, body: 'secret form' })
      expect(sent[1]).toMatchObject({ method: then, body })
      expect(sent[1]?.headers.has('content-type')).toBe(body !== null)
    },
  )

  test.each([307, 308])('sends no body to another origin after a %d', async (status) => {
    const { sent, fetch } = network(() => redirect(status, 'https://other.example.com/'))
    const init = { method: 'POST', body: 'prompt' }
    expect(await refusalOf(guarded(fetch)('https://example.com/', init))).toBe('redirect_with_body')
    expect(sent).toHaveLength(1)
  })

  test('hands a redirect out or refuses it when the caller asks so', async () => {
    const { fetch } = network(() => redirect(302, 'http://127.0.0.1/'))
    const response = await guarded(fetch)('https://example.com/', { redirect: 'manual' })
    expect(response.status).toBe(302)
    const refused = guarded(fetch)('https://example.com/', { redirect: 'error' })
    expect(await refusalOf(refused)).toBe('redirect_refused')
  })

  test('takes a redirect status without location for an answer', async () => {
    const { fetch } = network(() => new Response('choose', { status: 302 }))
    expect((await guarded(fetch)('https://example.com/')).status).toBe(302)
  })
})

/** A body that gives `count` chunks and then ends, or stays open; remembers whether it was cancelled. */
function chunks(count: number, size: number, staysOpen = false) {
  const state = { given: 0, isCancelled: false }
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (state.given < count) {
          state.given++
          controller.enqueue(new Uint8Array(size))
        } else if (!staysOpen) controller.close()
        else return new Promise(() => {})
        return undefined
      },
      cancel() {
        state.isCancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { state, body }
}

describe('limits', () => {
  test('gives an answer of just the allowed size', async () => {
    const { body } = chunks(10, 100)
    const response = await guarded(network(() => new Response(body)).fetch)('https://example.com/')
    expect((await response.arrayBuffer()).byteLength).toBe(1_000)
  })

  test('breaks off an answer that grows over the cap, and stops reading', async () => {
    const { state, body } = chunks(1_000, 100)
    const response = await guarded(network(() => new Response(body)).fetch)('https://example.com/')
    expect(await refusalOf(response.arrayBuffer())).toBe('too_large')
    expect(state.given).toBeLessThan(20)
    expect(state.isCancelled).toBe(true)
  })

  test('refuses at once what announces to be too large', async () => {
    const { state, body } = chunks(1, 1)
    const headers = { 'content-length': '1001' }
    const answer = network(() => new Response(body, { headers }))
    expect(await refusalOf(guarded(answer.fetch)('https://example.com/'))).toBe('too_large')
    expect(state.isCancelled).toBe(true)
  })

  test('does not mind the announced size of a HEAD answer', async () => {
    const headers = { 'content-length': '999999' }
    const { fetch } = network(() => new Response(null, { headers }))
    const response = await guarded(fetch)('https://example.com/', { method: 'HEAD' })
    expect(response.status).toBe(200)
  })

  test.each([204, 304])('passes a %d without body', async (status) => {
    const { fetch } = network(() => new Response(null, { status }))
    expect((await guarded(fetch)('https://example.com/')).status).toBe(status)
  })

  test('times out a peer that does not answer, even one deaf to signals', async () => {
    const { fetch } = network(() => new Promise<Response>(() => {}))
    const quick = guarded(fetch, { timeoutMs: 20 })
    expect(await refusalOf(quick('https://example.com/'))).toBe('timeout')
  })

  test('times out a resolver that does not answer', async () => {
    const quick = guarded(network().fetch, { timeoutMs: 20, resolve: () => new Promise(() => {}) })
    expect(await refusalOf(quick('https://example.com/'))).toBe('timeout')
  })

  test('times out a body that stops coming', async () => {
    const { state, body } = chunks(2, 10, true)
    const { fetch } = network(() => new Response(body))
    const response = await guarded(fetch, { timeoutMs: 30 })('https://example.com/')
    expect(await refusalOf(response.text())).toBe('timeout')
    expect(state.isCancelled).toBe(true)
  })

  test('ends with the reason of the caller when the caller aborts', async () => {
    const controller = new AbortController()
    const { body } = chunks(1, 10, true)
    const { fetch } = network(() => new Response(body))
    const response = await guarded(fetch)('https://example.com/', { signal: controller.signal })
    const text = response.text()
    controller.abort(new Error('changed my mind'))
    await expect(text).rejects.toThrow('changed my mind')
    const late = guarded(fetch)('https://example.com/', { signal: controller.signal })
    await expect(late).rejects.toThrow('changed my mind')
  })

  test('cancels the peer when the reader walks away', async () => {
    const { state, body } = chunks(5, 10, true)
    const response = await guarded(network(() => new Response(body)).fetch)('https://example.com/')
    await response.body?.cancel()
    expect(state.isCancelled).toBe(true)
  })

  test('drops the headers that described the compressed form', async () => {
    const headers = { 'content-encoding': 'gzip', 'content-length': '5' }
    const { fetch } = network(() => new Response('plain', { headers }))
    const response = await guarded(fetch)('https://example.com/')
    expect(response.headers.has('content-encoding')).toBe(false)
    expect(response.headers.has('content-length')).toBe(false)
  })
})

describe('isFetchAllowed', () => {
  const publicly = async () => ['1.1.1.1']
  const locations = (...list: readonly string[]) => {
    const left = [...list]
    return async () => left.shift() ?? null
  }

  test('allows a public way and refuses one with a private hop', async () => {
    const way = (...list: readonly string[]) =>
      isFetchAllowed('https://example.com/', { resolve: publicly, location: locations(...list) })
    expect(await way()).toBe(true)
    expect(await way('/a', 'https://b.example.com/')).toBe(true)
    expect(await way('/a', 'http://10.0.0.1/')).toBe(false)
    expect(await way('/1', '/2', '/3')).toBe(true)
    expect(await way('/1', '/2', '/3', '/4')).toBe(false)
    expect(await way('http://[bad')).toBe(false)
  })

  test('refuses a name with one private address', async () => {
    const resolve = async () => ['1.1.1.1', '10.0.0.1']
    expect(await isFetchAllowed('https://x.example/', { resolve, location: locations() })).toBe(
      false,
    )
  })
})
