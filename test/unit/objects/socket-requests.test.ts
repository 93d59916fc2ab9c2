import { describe, expect, it } from 'vitest'
import { RequestRate, readRequest } from '../../../src/objects/socket-requests.ts'

const NOW = 1_700_000_000_000
const frame = (params: unknown = {}) =>
  JSON.stringify({ type: 'req', id: 'r1', method: 'health', params })
const read = (message: string | ArrayBuffer, rate = new RequestRate(), maxBytes?: number) =>
  readRequest(message, rate, NOW, maxBytes)

describe('readRequest', () => {
  it('allows a plain request', () => {
    expect(read(frame())).toMatchObject({ ok: true, value: { id: 'r1', method: 'health' } })
  })

  it('rejects a message over the limit, and costs its sender the socket', () => {
    expect(read('x'.repeat(2_000), new RequestRate(), 1_000)).toMatchObject({
      error: { close: { code: 1009 }, refusal: { code: 'INVALID_REQUEST' } },
    })
  })

  it('counts bytes, not characters', () => {
    expect(read('ä'.repeat(600), new RequestRate(), 1_000)).toMatchObject({
      error: { close: { code: 1009 } },
    })
  })

  it('rejects binary messages, keeping the socket', () => {
    const answer = read(new TextEncoder().encode(frame()).buffer)
    expect(answer).toMatchObject({ error: { refusal: { code: 'INVALID_REQUEST' } } })
    expect(answer.ok || answer.error.close).toBeUndefined()
  })

  it('rejects JSON that is nested to exhaust whoever parses it', () => {
    const deep = `{"type":"req","id":"r1","method":"health","params":{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}}`
    expect(read(deep)).toMatchObject({ error: { refusal: { code: 'INVALID_REQUEST' } } })
    expect(read(frame({ a: [[[1]]] })).ok).toBe(true)
  })

  it('answers under the id of a frame that is wrong otherwise', () => {
    expect(read('{"type":"event","id":"r9"}')).toMatchObject({ error: { id: 'r9' } })
  })

  it('rejects what comes too fast, says when to come back, and allows it then', () => {
    const rate = new RequestRate()
    const burst = Array.from({ length: 101 }, () => read(frame(), rate))
    expect(burst.filter(({ ok }) => ok)).toHaveLength(100)
    const last = burst.at(-1)
    expect(last).toMatchObject({
      error: {
        refusal: { code: 'RESOURCE_EXHAUSTED', retryable: true, retryAfterMs: expect.any(Number) },
      },
    })
    const waitMs = last?.ok === false ? (last.error.refusal.retryAfterMs ?? 0) : 0
    expect(readRequest(frame(), rate, NOW + waitMs).ok).toBe(true)
  })

  it('hands out evidence of a flood once a minute, not for every frame', () => {
    const rate = new RequestRate()
    const refusedAt = (now: number) =>
      Array.from({ length: 150 }, () => readRequest(frame(), rate, now)).flatMap((answer) =>
        answer.ok ? [] : [answer.error.event?.kind],
      )
    const first = refusedAt(NOW)
    expect(first).toHaveLength(50)
    expect(first.filter((kind) => kind !== undefined)).toEqual(['rate_limited'])
    const later = refusedAt(NOW + 60_000)
    expect(later.filter((kind) => kind !== undefined)).toEqual(['rate_limited'])
  })

  it('takes no token for a message that is too large, as size comes before rate', () => {
    const rate = new RequestRate()
    for (let i = 0; i < 200; i++) read('x'.repeat(2_000), rate, 1_000)
    expect(read(frame(), rate).ok).toBe(true)
  })
})
