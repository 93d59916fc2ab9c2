import { describe, expect, it } from 'vitest'
import type { Principal } from '../../../src/domain/principal.ts'
import { authenticate } from '../../../src/gateway/authenticate.ts'
import { readJson } from '../../../src/gateway/door.ts'
import { jsonResponse, refusalResponse } from '../../../src/gateway/http-response.ts'
import { parseUpgradeFacts, withUpgradeFacts } from '../../../src/gateway/internal-request.ts'
import { readLines } from '../../../src/protocol/ndjson.ts'
import { ADDRESS, newKey, newTenant, openWorld, settings } from './world.ts'

describe('answers over HTTP', () => {
  it('are not sniffed, framed, cached or told on', () => {
    const { headers } = jsonResponse({}, 200)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
  })

  it('speak the dialect of their path', async () => {
    const refusal = { code: 'NOT_FOUND', message: 'no', details: { a: 1 } } as const
    const ours = refusalResponse(refusal, 404, 'edgeclaw')
    expect(await ours.json()).toEqual({
      error: { code: 'NOT_FOUND', message: 'no', details: { a: 1 } },
    })
    const theirs = refusalResponse(refusal, 404, 'openai')
    expect(await theirs.json()).toMatchObject({ error: { type: 'invalid_request_error' } })
  })

  it('say in whole seconds when to come back, never sooner', () => {
    const refusal = { code: 'RESOURCE_EXHAUSTED', message: 'wait', retryAfterMs: 1_001 } as const
    expect(refusalResponse(refusal, 429, 'edgeclaw').headers.get('retry-after')).toBe('2')
  })
})

describe('readJson', () => {
  const post = (body: string | null) =>
    new Request('http://gateway.test/v1/x', { method: 'POST', body })

  it('takes an absent or empty body for an empty object', async () => {
    expect(await readJson(post(null))).toEqual({ ok: true, value: {} })
    expect(await readJson(post(''))).toEqual({ ok: true, value: {} })
  })

  it('rejects what is no JSON, too deep or too large, and allows the rest', async () => {
    expect(await readJson(post('{"a":1}'))).toEqual({ ok: true, value: { a: 1 } })
    expect(await readJson(post('{'))).toMatchObject({ error: { kind: 'json_malformed' } })
    const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`
    expect(await readJson(post(deep))).toMatchObject({ error: { kind: 'json_too_deep' } })
    const large = JSON.stringify('x'.repeat(1_100_000))
    expect(await readJson(post(large))).toMatchObject({ error: { kind: 'body_too_large' } })
  })
})

describe('readLines', () => {
  const streamOf = (...chunks: readonly Uint8Array[]) =>
    new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (const chunk of chunks) controller.enqueue(chunk)
        controller.close()
      },
    })
  const linesOf = async (stream: ReadableStream<Uint8Array>) => {
    const lines: string[] = []
    for await (const line of readLines(stream)) lines.push(line)
    return lines
  }

  it('puts lines together again wherever they were cut, inside a character too', async () => {
    const bytes = new TextEncoder().encode('{"a":"€😀"}\n\n{"b":2}\nunfinished')
    for (let at = 0; at <= bytes.length; at++) {
      expect(await linesOf(streamOf(bytes.subarray(0, at), bytes.subarray(at)))).toEqual([
        '{"a":"€😀"}',
        '{"b":2}',
      ])
    }
  })

  it('lets go of the stream when its reader leaves early', async () => {
    let isCancelled = false
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode('line\n')),
      cancel: () => {
        isCancelled = true
      },
    })
    for await (const line of readLines(endless)) {
      expect(line).toBe('line')
      break
    }
    expect(isCancelled).toBe(true)
  })
})

describe('the request that crosses into an object', () => {
  async function factsOf() {
    const world = openWorld()
    const tenant = await newTenant(world, { 'zoë 😀': 'operator' })
    const { credential } = await newKey(world, tenant, { ownerId: 'zoë 😀' })
    const facts = { clientAddress: ADDRESS, isDevelopment: false }
    const proven = await authenticate(credential, {}, facts, world.services, settings())
    if (!proven.ok) throw new Error(proven.error.kind)
    const principal: Principal = proven.value.principal
    return {
      principal,
      sessionKey: 'agent:main:ws:direct:c1',
      clientAddress: ADDRESS,
      subprotocol: null,
      isOwnOrigin: true,
      isDevelopment: false,
    }
  }

  it('carries what was verified, whatever characters a user id has', async () => {
    const facts = await factsOf()
    const request = withUpgradeFacts(new Request('http://gateway.test/ws'), facts)
    expect(parseUpgradeFacts(request)).toEqual(facts)
  })

  it('bears no header of the prefix that a client had put there', async () => {
    const facts = await factsOf()
    const forged = new Request('http://gateway.test/ws', {
      headers: {
        'X-EdgeClaw-Internal-Facts': encodeURIComponent('{"principal":{"role":"owner"}}'),
        'x-edgeclaw-internal-other': '1',
        'x-edgeclaw-user-id': 'ada',
      },
    })
    const request = withUpgradeFacts(forged, { ...facts, principal: null })
    expect(parseUpgradeFacts(request).principal).toBeNull()
    expect(request.headers.get('x-edgeclaw-internal-other')).toBeNull()
    expect(request.headers.get('x-edgeclaw-user-id')).toBe('ada')
  })

  it('is refused when it did not come through the gateway', () => {
    expect(() => parseUpgradeFacts(new Request('http://gateway.test/ws'))).toThrow()
  })
})
