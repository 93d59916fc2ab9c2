/** The SSRF-safe fetch: names, addresses and redirects, with servers and name answers of our own. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fetchChecked } from '../../sandbox-runner/src/front/fetch.ts'
import { Refusal } from '../../sandbox-runner/src/front/refusal.ts'
import { type FetchRequest, MAX_FETCH_BYTES } from '../../src/isolation/contract.ts'
import { createRunnerFetch } from '../../src/isolation/runner-fetch.ts'
import { type RunnerProcess, startRunner } from './runner-process.ts'

interface Seen {
  readonly url: string
  readonly host: string
  readonly headers: IncomingMessage['headers']
  readonly method: string
}

describe('fetching through the runner', () => {
  const seen: Seen[] = []
  let port = 0
  let answer: (request: IncomingMessage, response: ServerResponse) => void = () => {}
  const server = createServer((request, response) => {
    const { url = '', method = '', headers } = request
    seen.push({ url, method, headers, host: headers.host ?? '' })
    request.resume()
    request.on('end', () => answer(request, response))
  })
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    port = typeof address === 'object' && address !== null ? address.port : 0
  })
  afterAll(() => server.close())

  const request = (url: string, more: Partial<FetchRequest> = {}): FetchRequest => ({
    url,
    method: 'GET',
    headers: {},
    maxBytes: MAX_FETCH_BYTES,
    timeoutMs: 5_000,
    maxRedirects: 3,
    ...more,
  })
  /** Public names that our server stands for; the address check knows it as the public one. */
  const open = {
    resolve: async (host: string) =>
      host.endsWith('.example.org')
        ? ['127.0.0.1']
        : host === 'mixed.org'
          ? ['127.0.0.1', '10.0.0.1']
          : ['10.0.0.1'],
    isAllowedAddress: (ip: string) => ip === '127.0.0.1',
  }
  const refusal = async (asked: FetchRequest, options = open): Promise<string> =>
    fetchChecked(asked, options).then(
      ({ status }) => `answered ${status}`,
      (error: unknown) => (error instanceof Refusal ? error.code : String(error)),
    )

  it('connects to the checked address under the name’s Host', async () => {
    answer = (_request, response) => response.writeHead(201, { 'x-a': ['1', '2'] }).end('hello')
    const got = await fetchChecked(request(`http://a.example.org:${port}/p?q=1`), open)
    expect(Buffer.from(got.bodyB64, 'base64').toString()).toBe('hello')
    expect(got).toMatchObject({ status: 201, isTruncated: false })
    expect(got.headers).toEqual(
      expect.arrayContaining([
        ['x-a', '1'],
        ['x-a', '2'],
      ]),
    )
    expect(seen.at(-1)).toMatchObject({ url: '/p?q=1', host: `a.example.org:${port}` })
  })

  it('refuses a name of which any answer is private', async () => {
    expect(await refusal(request(`http://mixed.org:${port}/`))).toBe('FETCH_REFUSED')
    expect(await refusal(request(`http://private.org:${port}/`))).toBe('FETCH_REFUSED')
  })

  it('asks once: an answer that changes afterwards reaches nobody', async () => {
    answer = (_request, response) => response.end('public')
    let asked = 0
    const rebinding = {
      ...open,
      resolve: async () => (asked++ === 0 ? ['127.0.0.1'] : ['169.254.169.254']),
    }
    const got = await fetchChecked(request(`http://rebind.org:${port}/`), rebinding)
    expect([Buffer.from(got.bodyB64, 'base64').toString(), asked]).toEqual(['public', 1])
  })

  it.each([
    'http://127.0.0.1/',
    'http://[::1]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://localhost/',
    'http://metadata.google.internal/',
    'file:///etc/passwd',
    'ftp://a.example.org/',
    'http://user:pass@a.example.org/',
    'http://[::ffff:10.0.0.1]/',
  ])('refuses %s', async (url) => {
    const real = { resolve: open.resolve }
    await expect(fetchChecked(request(url), real)).rejects.toMatchObject({ code: 'FETCH_REFUSED' })
  })

  it('follows redirects, each checked again, and drops secrets and bodies across origins', async () => {
    answer = ({ url, headers }, response) => {
      if (url === '/end') response.end(JSON.stringify(headers))
      else response.writeHead(302, { location: `http://b.example.org:${port}/end` }).end()
    }
    const headers = { authorization: 'Bearer x', cookie: 'a=b', 'x-key': 'k', accept: 'text/html' }
    const got = await fetchChecked(request(`http://a.example.org:${port}/`, { headers }), open)
    expect(got.url).toBe(`http://b.example.org:${port}/end`)
    expect(seen.at(-2)?.headers).toMatchObject({ authorization: 'Bearer x', 'x-key': 'k' })
    expect(seen.at(-1)?.headers.accept).toBe('text/html')
    for (const name of ['authorization', 'cookie', 'x-key']) {
      expect(seen.at(-1)?.headers[name]).toBeUndefined()
    }
    answer = (_request, response) =>
      response.writeHead(307, { location: `http://b.example.org:${port}/end` }).end()
    const post = request(`http://a.example.org:${port}/`, { method: 'POST', bodyB64: 'eA==' })
    expect(await refusal(post)).toBe('FETCH_REFUSED')
  })

  it('refuses a redirect to a private place, and a fourth one', async () => {
    answer = (_request, response) => response.writeHead(302, { location: 'http://10.0.0.1/' }).end()
    expect(await refusal(request(`http://a.example.org:${port}/`))).toBe('FETCH_REFUSED')
    answer = (_request, response) => response.writeHead(302, { location: '/again' }).end()
    expect(await refusal(request(`http://a.example.org:${port}/`))).toBe('FETCH_REFUSED')
    let left = 3
    answer = (_request, response) => {
      if (left-- > 0) response.writeHead(302, { location: '/again' }).end()
      else response.end('here')
    }
    expect(await refusal(request(`http://a.example.org:${port}/`))).toBe('answered 200')
  })

  it('caps the answer, also a compressed one', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      response.end(gzipSync(Buffer.alloc(5_000_000)))
    }
    const got = await fetchChecked(
      request(`http://a.example.org:${port}/`, { maxBytes: 1_000 }),
      open,
    )
    expect(got.isTruncated).toBe(true)
    expect(Buffer.from(got.bodyB64, 'base64').length).toBe(1_000)
  })

  it('gives up in time', async () => {
    answer = () => {}
    const slow = request(`http://a.example.org:${port}/`, { timeoutMs: 200 })
    expect(await refusal(slow)).toBe('TIMEOUT')
  })

  it('tells a host that cannot be reached from one that may not', async () => {
    const none = { ...open, resolve: async () => [] }
    expect(await refusal(request('http://a.example.org/'), none)).toBe('FETCH_FAILED')
    expect(await refusal(request('http://a.example.org:1/'))).toBe('FETCH_FAILED')
  })

  describe('over the wire', () => {
    let runner: RunnerProcess
    beforeAll(async () => {
      runner = await startRunner({ env: { DOCKER_HOST: 'unix:///nonexistent/docker.sock' } })
    })
    afterAll(() => runner?.stop())

    const through = (runners = [runner.endpoint]) =>
      createRunnerFetch({
        runners,
        signKey: runner.signKey,
        fetch: (input, init) => fetch(input, init),
        tenant: 'ten_a',
        session: 's',
        now: Date.now,
      })
    const get = {
      method: 'GET',
      headers: {},
      maxBytes: 100,
      timeoutMs: 2_000,
      maxRedirects: 3,
    } as const

    it('refuses the metadata service and this machine', async () => {
      for (const url of ['http://169.254.169.254/', `http://127.0.0.1:${port}/`]) {
        const got = await through().send({ ...get, url }, new AbortController().signal)
        expect(got).toMatchObject({ ok: false, error: { kind: 'refused' } })
      }
    })

    it('is unavailable without a runner', async () => {
      const dead = [{ url: 'http://127.0.0.1:9', keyId: 'dead' }]
      for (const runners of [[], dead]) {
        const got = await through(runners).send(
          { ...get, url: 'https://example.org/' },
          new AbortController().signal,
        )
        expect(got).toMatchObject({ ok: false, error: { kind: 'unavailable' } })
      }
    })
  })
})
