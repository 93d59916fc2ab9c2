import { describe, expect, it } from 'vitest'
import { brokenOff, callApi } from '../../../src/channels/api-call.ts'
import {
  EgressError,
  type EgressRefusal,
  HOST_NOT_ALLOWED,
  TIMED_OUT,
  TOO_LARGE,
  TOO_MANY_REDIRECTS,
  UNRESOLVABLE,
  urlRefused,
} from '../../../src/egress/refusal.ts'

const URL = 'https://platform.example/secret-token/method'
const rejecting = (error: unknown) => () => Promise.reject(error)
const answering = (body: string, init: ResponseInit) => () =>
  Promise.resolve(new Response(body, init))

describe('a call to a platform', () => {
  it('carries a form as bytes, since not every way out knows forms', async () => {
    const sent: (readonly [string | null, Uint8Array | string])[] = []
    const noting = async (_: unknown, { headers, body }: RequestInit = {}) => {
      sent.push([new Headers(headers).get('content-type'), body as Uint8Array | string])
      return new Response('{}')
    }
    const form = new FormData()
    form.set('photo', new Blob([new Uint8Array([0, 255])]), 'a.png')
    await callApi(noting, { url: URL, body: form })
    await callApi(noting, { url: URL, body: new URLSearchParams({ a: 'b c' }) })
    await callApi(noting, {
      url: URL,
      body: new Uint8Array([1]),
      headers: { 'content-type': 'x/y' },
    })
    await callApi(noting, { url: URL, body: { a: 1 } })
    const [multipart, encoded, bytes, json] = sent
    expect(multipart?.[0]).toMatch(/^multipart\/form-data; ?boundary=/)
    expect([...(multipart?.[1] ?? [])]).toContain(255)
    expect(encoded?.[0]).toMatch(/^application\/x-www-form-urlencoded/)
    expect(encoded?.[1]).toEqual(new TextEncoder().encode('a=b+c'))
    expect(bytes).toEqual(['x/y', new Uint8Array([1])])
    expect(json).toEqual(['application/json; charset=utf-8', '{"a":1}'])
  })

  it('is refused only where our own guard let nothing out', async () => {
    const kinds: readonly (readonly [EgressRefusal, string])[] = [
      [HOST_NOT_ALLOWED, 'refused'],
      [TOO_MANY_REDIRECTS, 'refused'],
      [urlRefused('the address is private'), 'refused'],
      [UNRESOLVABLE, 'unavailable'],
      [TIMED_OUT, 'unknown'],
      [TOO_LARGE, 'unknown'],
    ]
    for (const [refusal, kind] of kinds) {
      const answer = await callApi(rejecting(new EgressError(refusal)), { url: URL })
      expect(answer, refusal.kind).toMatchObject({ ok: false, error: { kind } })
    }
  })

  it('may have been done where it broke off, whatever the error calls itself', () => {
    const impostor = Object.assign(new Error(URL), { name: 'EgressError' })
    const errors = [
      new TypeError(`fetch failed ${URL}`),
      new DOMException('timed out', 'TimeoutError'),
      impostor,
      'no error at all',
      undefined,
    ]
    for (const error of errors) {
      const failure = brokenOff(error)
      expect(failure.kind).toBe('unknown')
      expect(JSON.stringify(failure)).not.toContain('secret-token')
    }
  })

  it('may have been done where its answer breaks off', async () => {
    const body = new ReadableStream({
      pull: (controller) => controller.error(new EgressError(TIMED_OUT)),
    })
    const answer = await callApi(() => Promise.resolve(new Response(body)), { url: URL })
    expect(answer).toMatchObject({ ok: false, error: { kind: 'unknown' } })
  })

  it('is put off for as long as the platform says, and never for hours', async () => {
    const cases = [
      ['', { 'retry-after': '30' }, 30_000],
      ['{"retry_after": 1.5}', {}, 1_500],
      ['{"parameters": {"retry_after": 3}}', {}, 3_000],
      ['', {}, 5_000],
      ['', { 'retry-after': '86400' }, 900_000],
    ] as const
    for (const [body, headers, retryAfterMs] of cases) {
      const answer = await callApi(answering(body, { status: 429, headers }), { url: URL })
      expect(answer).toEqual({ ok: false, error: { kind: 'rate_limited', retryAfterMs } })
    }
  })

  it('is unavailable where the platform is down, and otherwise its caller reads the answer', async () => {
    const down = await callApi(answering('', { status: 503 }), { url: URL })
    expect(down).toMatchObject({ ok: false, error: { kind: 'unavailable' } })
    const answer = await callApi(answering('{"ok":false}', { status: 400 }), { url: URL })
    expect(answer).toMatchObject({ ok: true, value: { status: 400, json: { ok: false } } })
    const words = await callApi(answering('OK', { status: 200 }), { url: URL })
    expect(words).toMatchObject({ ok: true, value: { json: undefined } })
  })
})
