import { afterEach, describe, expect, it, vi } from 'vitest'
import { generateRunnerKey } from '../../../../src/crypto/job-token.ts'
import { tenantIdSchema } from '../../../../src/domain/ids.ts'
import type { Settings } from '../../../../src/gateway/env.ts'
import { issuerFetch } from '../../../../src/gateway/identity/issuer-fetch.ts'
import { settings } from '../world.ts'

const PUBLIC = '93.184.216.34'
const URL_ = 'https://id.example/jwks'

afterEach(() => void vi.unstubAllGlobals())

const way = (fields: Partial<Settings>) => ({
  settings: settings(fields),
  tenantId: tenantIdSchema.parse('ten_acme'),
  now: () => 1_700_000_000_000,
})

/** Names by HTTPS, and one answer for the rest; everything that was sent is noted. */
function network(address: string, answer: () => Response): Request[] {
  const sent: Request[] = []
  vi.stubGlobal('fetch', async (input: string, init?: RequestInit) => {
    const url = new URL(input)
    if (url.host === 'cloudflare-dns.com') {
      const isV4 = url.searchParams.get('type') === 'A'
      return Response.json({ Status: 0, Answer: isV4 ? [{ type: 1, data: address }] : [] })
    }
    const { method = 'GET', body = null, headers = {} } = init ?? {}
    sent.push(new Request(input, { method, body, headers, duplex: 'half' } as RequestInit))
    return answer()
  })
  return sent
}

const get = (fields: Partial<Settings>, url = URL_, allowPrivateNetwork = false) =>
  issuerFetch(way(fields), { allowPrivateNetwork })(url, { redirect: 'manual' })

describe('the way to an issuer', () => {
  it('is the platform’s, with every answer of a look-up checked', async () => {
    const sent = network(PUBLIC, () => Response.json({ keys: [] }))
    expect(await (await get({})).json()).toEqual({ keys: [] })
    expect(sent).toHaveLength(1)
    network('10.0.0.7', () => Response.json({}))
    await expect(get({})).rejects.toThrow(/not public/)
  })

  it('leads to no private address, name or plain http by itself', async () => {
    const sent = network(PUBLIC, () => Response.json({}))
    for (const url of [
      'https://127.0.0.1/jwks',
      'https://[::1]/jwks',
      'https://metadata.google.internal/jwks',
      'https://localhost/jwks',
      'http://id.example/jwks',
      'https://user:pass@id.example/jwks',
    ]) {
      await expect(get({}, url), url).rejects.toThrow()
    }
    await expect(get({}, 'https://169.254.169.254/', true)).rejects.toThrow()
    expect(sent).toEqual([])
    expect((await get({}, 'http://127.0.0.1:1/jwks', true)).status).toBe(200)
  })

  it('is none in a local run without a runner', async () => {
    const sent = network(PUBLIC, () => Response.json({}))
    await expect(get({ platform: 'local' })).rejects.toThrow()
    expect(sent).toEqual([])
  })

  it('takes in only so much', async () => {
    network(PUBLIC, () => new Response('x'.repeat(256 * 1024 + 1)))
    const response = await get({})
    await expect(response.text()).rejects.toThrow(/larger/)
  })

  it('is a runner’s where there is one, for questions and for exchanges', async () => {
    const { privateJwk } = await generateRunnerKey()
    const fields = {
      platform: 'local' as const,
      runners: [{ url: 'https://runner.example', keyId: 'runner-1' }],
      runnerKey: JSON.stringify(privateJwk),
    }
    const answered = { url: URL_, status: 200, headers: [['content-type', 'application/json']] }
    let isTruncated = false
    const sent = network(PUBLIC, () =>
      Response.json({ ...answered, bodyB64: btoa('{"keys":[]}'), isTruncated }),
    )
    expect(await (await get(fields)).json()).toEqual({ keys: [] })
    const fetch = issuerFetch(way(fields), { allowPrivateNetwork: false })
    const body = new URLSearchParams({ code: 'a b' })
    await fetch('https://id.example/token', { method: 'POST', body })
    const asked = await Promise.all(sent.map((request) => request.json()))
    expect(sent.map(({ url }) => url)).toEqual(
      Array.from({ length: 2 }, () => 'https://runner.example/v1/fetch'),
    )
    expect(asked).toMatchObject([
      { url: URL_, method: 'GET', maxRedirects: 0 },
      { url: 'https://id.example/token', method: 'POST', bodyB64: btoa('code=a+b') },
    ])
    isTruncated = true
    await expect(get(fields)).rejects.toThrow(/larger/)
    await expect(get(fields, 'http://id.example/jwks')).rejects.toThrow(/https/)
  })
})
