/** What comes back over the way to an address that a tenant chose, however much its sender would send. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { generateRunnerKey } from '../../../src/crypto/job-token.ts'
import { tenantIdSchema } from '../../../src/domain/ids.ts'
import type { Settings } from '../../../src/gateway/env.ts'
import { guardedWay } from '../../../src/gateway/guarded-way.ts'
import { MAX_FETCH_BYTES } from '../../../src/isolation/contract.ts'
import { settings } from './world.ts'

afterEach(() => void vi.unstubAllGlobals())

const URL_ = 'https://files.example/a'
const MAX_BYTES = 3_000
/** Enough that nobody reads so much by accident; a reader without a bound would not come back. */
const ENDLESS_CHUNKS = 4_000
const { privateJwk } = await generateRunnerKey()
const THROUGH_RUNNER: Partial<Settings> = {
  runners: [{ url: 'https://guarded-way.example', keyId: 'guarded-way' }],
  runnerKey: JSON.stringify(privateJwk),
}

function endless() {
  const seen = { chunks: 0, isCancelled: false }
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        seen.chunks++
        if (seen.chunks > ENDLESS_CHUNKS) controller.error(new Error('read without a bound'))
        else controller.enqueue(new Uint8Array(1_024).fill(0x20))
      },
      // It never says that it has stopped.
      cancel() {
        seen.isCancelled = true
        return new Promise<void>(() => {})
      },
    },
    { highWaterMark: 0 },
  )
  return { seen, body }
}

function get(fields: Partial<Settings>, answer: (init?: RequestInit) => Response, max = MAX_BYTES) {
  vi.stubGlobal('fetch', async (input: string, init?: RequestInit) => {
    const { host, searchParams } = new URL(input)
    if (host !== 'cloudflare-dns.com') return answer(init)
    const isV4 = searchParams.get('type') === 'A'
    return Response.json({ Status: 0, Answer: isV4 ? [{ type: 1, data: '93.184.216.34' }] : [] })
  })
  const way = { settings: settings(fields), tenantId: tenantIdSchema.parse('ten_acme') }
  const { fetch } = guardedWay(
    { ...way, now: () => 1_700_000_000_000, purpose: 'channels' },
    { allowPrivateNetwork: false, maxBytes: max, timeoutMs: 5_000, isStreamed: false },
  )
  return fetch(URL_)
}

const told = (bytes: number, isTruncated = false) =>
  Response.json({
    url: URL_,
    status: 200,
    headers: [],
    bodyB64: Buffer.alloc(bytes, 'a').toString('base64'),
    isTruncated,
  })

describe('the platform’s own way', () => {
  it.each([
    ['that announces no length', {}],
    ['that announces a short one', { 'content-length': '5' }],
  ])('cuts an endless body off %s', async (_, headers) => {
    const { seen, body } = endless()
    const response = await get({}, () => new Response(body, { headers }))
    await expect(response.arrayBuffer()).rejects.toThrow(/larger than allowed/)
    expect(seen.chunks).toBeLessThan(10)
    expect(seen.isCancelled).toBe(true)
  })

  it('refuses what announces too much, before a byte of it', async () => {
    const { seen, body } = endless()
    const headers = { 'content-length': String(MAX_BYTES + 1) }
    const got = get({}, () => new Response(body, { headers }))
    await expect(got).rejects.toThrow(/larger than allowed/)
    expect(seen).toEqual({ chunks: 0, isCancelled: true })
  })
})

describe('the way through a runner', () => {
  it('takes an answer of exactly the limit, and none that the runner had to cut', async () => {
    const response = await get(THROUGH_RUNNER, () => told(MAX_BYTES))
    expect((await response.arrayBuffer()).byteLength).toBe(MAX_BYTES)
    const cut = get(THROUGH_RUNNER, () => told(MAX_BYTES, true))
    await expect(cut).rejects.toThrow(/larger than allowed/)
  })

  it('takes nothing from a runner that sends more than it was asked for', async () => {
    await expect(get(THROUGH_RUNNER, () => told(MAX_BYTES + 1))).rejects.toThrow(/malformed/)
  })

  it.each([
    ['200', 200, {}],
    ['200 that announces a short one', 200, { 'content-length': '5' }],
    ['500', 500, {}],
  ])('gives up an endless answer of a runner: %s', async (_, status, headers) => {
    const { seen, body } = endless()
    const answer = () => new Response(body, { status, headers })
    await expect(get(THROUGH_RUNNER, answer)).rejects.toThrow(/no runner can fetch/)
    expect(seen.chunks).toBeLessThan(1_000)
    expect(seen.isCancelled).toBe(true)
  })

  it('asks no runner for more than one gives', async () => {
    const asked: unknown[] = []
    const answer = (init?: RequestInit) => {
      asked.push(JSON.parse(String(init?.body)))
      return told(1)
    }
    await get(THROUGH_RUNNER, answer, MAX_FETCH_BYTES + 1)
    expect(asked).toMatchObject([{ maxBytes: MAX_FETCH_BYTES }])
  })
})
