import { describe, expect, it } from 'vitest'
import { download } from '../../../src/channels/download.ts'
import { EgressError, HOST_NOT_ALLOWED, UNRESOLVABLE } from '../../../src/egress/refusal.ts'

const request = { url: 'https://platform.example/file', headers: { authorization: 'x' } }
const answering = (response: Response) => () => Promise.resolve(response)
const get = (response: Response, maxBytes = 4) =>
  download(answering(response), { ...request, maxBytes })

describe('a file of a platform', () => {
  it('is taken in up to its limit, and not a byte beyond it', async () => {
    const headers = { 'content-type': 'Text/Plain; charset=utf-8' }
    expect(await get(new Response('abcd', { headers }))).toEqual({
      ok: true,
      value: { bytes: new Uint8Array([97, 98, 99, 100]), mimeType: 'text/plain' },
    })
    expect(await get(new Response('abcde'))).toMatchObject({
      ok: false,
      error: { kind: 'refused' },
    })
  })

  it('is given up as soon as it is too much, though it would never end', async () => {
    let isCancelled = false
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(3)),
      cancel: () => {
        isCancelled = true
      },
    })
    expect(await get(new Response(endless))).toMatchObject({ error: { kind: 'refused' } })
    expect(isCancelled).toBe(true)
  })

  it('follows no redirect, and tells an outage from a refusal', async () => {
    let seen: RequestInit | undefined
    const moved = new Response(null, { status: 302, headers: { location: 'https://evil.example' } })
    const got = await download(
      (_, init) => {
        seen = init
        return Promise.resolve(moved)
      },
      { ...request, maxBytes: 4 },
    )
    expect(got).toMatchObject({ error: { kind: 'refused' } })
    expect(seen?.redirect).toBe('manual')
    expect(await get(new Response('', { status: 404 }))).toMatchObject({
      error: { kind: 'refused' },
    })
    expect(await get(new Response('', { status: 502 }))).toMatchObject({
      error: { kind: 'unavailable' },
    })
    const headers = { 'retry-after': '7' }
    expect(await get(new Response('', { status: 429, headers }))).toEqual({
      ok: false,
      error: { kind: 'rate_limited', retryAfterMs: 7_000 },
    })
  })

  it('is refused by our guard, and unavailable without a name', async () => {
    for (const [refusal, kind] of [
      [HOST_NOT_ALLOWED, 'refused'],
      [UNRESOLVABLE, 'unavailable'],
    ] as const) {
      const failing = () => Promise.reject(new EgressError(refusal))
      const got = await download(failing, { ...request, maxBytes: 4 })
      expect(got).toMatchObject({ ok: false, error: { kind } })
    }
  })
})
