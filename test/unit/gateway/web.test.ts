import { afterEach, describe, expect, it, vi } from 'vitest'
import { generateRunnerKey, importRunnerKey } from '../../../src/crypto/job-token.ts'
import type { WebRequest } from '../../../src/domain/ports/web.ts'
import type { SecurityEvent } from '../../../src/domain/security-event.ts'
import type { Settings } from '../../../src/gateway/env.ts'
import { freshSnapshot } from '../../../src/gateway/freshness.ts'
import type { TurnRequest } from '../../../src/gateway/turn-request.ts'
import { openToolWeb, openWeb } from '../../../src/gateway/web.ts'
import { newTenant, openWorld, settings } from './world.ts'

const PUBLIC = '93.184.216.34'
const RUNNERS = [{ url: 'https://runner.example', keyId: 'runner-1' }]

const page = (url: string, fields: Partial<WebRequest> = {}): WebRequest => ({
  url,
  method: 'GET',
  headers: {},
  maxBytes: 1_000,
  timeoutMs: 1_000,
  maxRedirects: 3,
  ...fields,
})

afterEach(() => void vi.unstubAllGlobals())

/** The platform's network: names by HTTPS, and pages; everything that was sent is noted. */
function network(names: Readonly<Record<string, string>>, answer: () => Response): string[] {
  const sent: string[] = []
  vi.stubGlobal('fetch', async (input: unknown) => {
    const url = new URL(String(input))
    if (url.host !== 'cloudflare-dns.com') {
      sent.push(url.href)
      return answer()
    }
    const data = names[url.searchParams.get('name') ?? '']
    const isV4 = url.searchParams.get('type') === 'A'
    if (data === undefined) return Response.json({ Status: 3 })
    return Response.json({ Status: 0, Answer: isV4 ? [{ type: 1, data }] : [] })
  })
  return sent
}

async function open(fields: Partial<Settings>) {
  const world = openWorld()
  const tenantId = await newTenant(world)
  const snapshot = await freshSnapshot(world.services, tenantId)
  if (!snapshot) throw new Error('no tenant')
  const events: SecurityEvent[] = []
  const { privateJwk } = await generateRunnerKey()
  const request = {
    settings: settings(fields),
    runnerSignKey: fields.runners ? importRunnerKey(JSON.stringify(privateJwk)) : null,
    sessionKey: { text: 'agent:default:ws:direct:1' },
  } as unknown as TurnRequest
  const { services } = world
  return {
    parts: { request, snapshot, services, report: (e: SecurityEvent) => void events.push(e) },
    events,
  }
}

const signal = (): AbortSignal => new AbortController().signal

describe('the way to the web', () => {
  it('is none in a local run without a runner', async () => {
    const { parts } = await open({ platform: 'local' })
    expect([openWeb(parts), openToolWeb(parts)]).toEqual([null, null])
  })

  it('is the platform’s, with every answer of a look-up checked', async () => {
    const sent = network(
      { 'site.example': PUBLIC, 'inside.example': '127.0.0.1' },
      () => new Response('hi'),
    )
    const { parts, events } = await open({ platform: 'cloudflare' })
    const web = openWeb(parts)
    expect(await web?.send(page('https://site.example/'), signal())).toMatchObject({ ok: true })
    expect(await web?.send(page('https://inside.example/'), signal())).toMatchObject({
      ok: false,
      error: { kind: 'refused', refusal: 'private_address' },
    })
    expect(await web?.send(page('https://absent.example/'), signal())).toMatchObject({
      ok: false,
      error: { kind: 'failed' },
    })
    expect(sent).toEqual(['https://site.example/'])
    expect(events).toEqual([
      {
        name: 'ssrf_blocked',
        severity: 'warn',
        fields: { refusal: 'private_address', scheme: 'https' },
      },
    ])
  })

  it('reports a redirect that leads inside', async () => {
    const location = 'http://169.254.169.254/latest/meta-data/'
    const sent = network(
      { 'site.example': PUBLIC },
      () => new Response(null, { status: 302, headers: { location } }),
    )
    const { parts, events } = await open({ platform: 'cloudflare' })
    expect(await openWeb(parts)?.send(page('http://site.example/'), signal())).toMatchObject({
      ok: false,
    })
    expect(sent).toEqual(['http://site.example/'])
    expect(events).toMatchObject([{ name: 'ssrf_blocked', fields: { scheme: 'http' } }])
    expect(JSON.stringify(events)).not.toMatch(/site\.example|169\.254/)
  })

  it.each(['local', 'cloudflare'] as const)(
    'is a runner’s alone where there is one: %s',
    async (platform) => {
      const refused = { error: { code: 'FETCH_REFUSED', message: 'not public' } }
      const sent = network({ 'site.example': PUBLIC }, () =>
        Response.json(refused, { status: 403 }),
      )
      const { parts, events } = await open({ platform, runners: RUNNERS })
      expect(await openWeb(parts)?.send(page('https://site.example/'), signal())).toEqual({
        ok: false,
        error: { kind: 'refused', message: 'not public' },
      })
      expect(sent).toEqual(['https://runner.example/v1/fetch'])
      expect(events).toMatchObject([{ name: 'ssrf_blocked', fields: { refusal: 'by_runner' } }])
    },
  )

  it('never falls back when the runner is gone', async () => {
    const sent = network({ 'site.example': PUBLIC }, () => {
      throw new Error('gone')
    })
    const { parts, events } = await open({ platform: 'cloudflare', runners: RUNNERS })
    expect(await openWeb(parts)?.send(page('https://site.example/'), signal())).toMatchObject({
      ok: false,
      error: { kind: 'unavailable' },
    })
    expect(sent).toEqual(['https://runner.example/v1/fetch'])
    expect(events).toEqual([])
  })
})

describe('the tools’ way', () => {
  it('keeps to the tenant’s limit', async () => {
    network({ 'site.example': PUBLIC }, () => new Response('x'.repeat(500)))
    const { parts } = await open({ platform: 'cloudflare' })
    const { config } = parts.snapshot
    const tools = { ...config.tools, web_fetch: { max_bytes: 100 } }
    const snapshot = { ...parts.snapshot, config: { ...config, tools } }
    const sent = await openToolWeb({ ...parts, snapshot })?.send(
      page('https://site.example/'),
      signal(),
    )
    expect(sent?.ok && [sent.value.body.length, sent.value.isTruncated]).toEqual([100, true])
  })

  it('asks once for what was just answered, and once for each tenant', async () => {
    const sent = network({ 'site.example': PUBLIC }, () => new Response('hi'))
    for (const { parts } of [await open({}), await open({})]) {
      for (let i = 0; i < 2; i++)
        await openToolWeb(parts)?.send(page('https://site.example/twice'), signal())
    }
    expect(sent).toHaveLength(2)
  })
})
