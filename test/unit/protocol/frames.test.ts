import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  eventFrame,
  parseRequestFrame,
  refusalFrame,
  resultFrame,
} from '../../../src/protocol/frames.ts'

const parse = (frame: unknown) => parseRequestFrame(JSON.stringify(frame))

describe('parseRequestFrame', () => {
  it('reads a request', () => {
    expect(
      parse({ type: 'req', id: 'r1', method: 'chat.send', params: { message: 'hi' } }),
    ).toEqual({
      ok: true,
      value: { id: 'r1', method: 'chat.send', params: { message: 'hi' } },
    })
  })

  it('takes absent and null params as none', () => {
    for (const params of [undefined, null]) {
      expect(parse({ type: 'req', id: 'r1', method: 'health', params })).toMatchObject({
        value: { params: {} },
      })
    }
  })

  it('keeps a number as the id it came as', () => {
    expect(parse({ type: 'req', id: 7, method: 'health' })).toMatchObject({ value: { id: 7 } })
    expect(resultFrame(7, {})).toContain('"id":7')
  })

  it('ignores members that it does not know', () => {
    expect(parse({ type: 'req', id: 'r', method: 'health', trace: 1 })).toMatchObject({ ok: true })
  })

  it('allows ack without an id, and rejects any other method without one', () => {
    expect(parse({ type: 'req', method: 'ack', params: { seq: 3 } })).toMatchObject({ ok: true })
    expect(parse({ type: 'req', method: 'health' })).toMatchObject({
      error: { id: null, message: 'frame has no id' },
    })
  })

  it('rejects what is no request, and answers under its id when it has one', () => {
    const wrong = [
      { type: 'res', id: 'r9', method: 'health' },
      { id: 'r9', method: 'health' },
      { type: 'req', id: 'r9' },
      { type: 'req', id: 'r9', method: '' },
      { type: 'req', id: 'r9', method: 5 },
      { type: 'req', id: 'r9', method: 'm'.repeat(101) },
      { type: 'req', id: 'r9', method: 'health', params: [] },
      { type: 'req', id: 'r9', method: 'health', params: 'x' },
    ]
    for (const frame of wrong) {
      expect(parse(frame), JSON.stringify(frame)).toMatchObject({ ok: false, error: { id: 'r9' } })
    }
  })

  it('rejects ids of another kind and those too long to echo', () => {
    for (const id of [null, {}, [], true, 'x'.repeat(201)]) {
      expect(parse({ type: 'req', id, method: 'health' })).toMatchObject({
        ok: false,
        error: { id: null },
      })
    }
  })

  it('rejects what is no JSON object', () => {
    for (const text of ['', '{', 'null', '[]', '"req"', '1', '\u0000']) {
      expect(parseRequestFrame(text), text).toMatchObject({ ok: false, error: { id: null } })
    }
  })

  it('gives a member named __proto__ no power', () => {
    const frame = parseRequestFrame(
      '{"type":"req","id":"r","method":"m","params":{"__proto__":{"isAdmin":true}}}',
    )
    expect(frame.ok && frame.value.params['isAdmin']).toBeUndefined()
  })

  it('never throws, whatever comes', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseRequestFrame(text)))
    fc.assert(fc.property(fc.json(), (text) => void parseRequestFrame(text)))
    const almost = fc.record(
      {
        type: fc.constant('req'),
        id: fc.jsonValue(),
        method: fc.jsonValue(),
        params: fc.jsonValue(),
      },
      { requiredKeys: ['type'] },
    )
    fc.assert(
      fc.property(almost, (frame) => {
        const parsed = parse(frame)
        if (parsed.ok) expect(typeof parsed.value.method).toBe('string')
      }),
    )
  })
})

describe('frames that go out', () => {
  it('say whether a request was answered', () => {
    expect(JSON.parse(resultFrame('r1', { a: 1 }))).toEqual({
      type: 'res',
      id: 'r1',
      ok: true,
      payload: { a: 1 },
    })
  })

  it('carry a refusal with what the caller may do', () => {
    const refusal = {
      code: 'RESOURCE_EXHAUSTED',
      message: 'wait',
      retryable: true,
      retryAfterMs: 5,
    } as const
    expect(JSON.parse(refusalFrame('r1', refusal))).toEqual({
      type: 'res',
      id: 'r1',
      ok: false,
      error: refusal,
    })
    expect(JSON.parse(refusalFrame(null, refusal)).id).toBe('')
  })

  it('number an event only when it was stored', () => {
    expect(JSON.parse(eventFrame('agent', { x: 1 }, 4))).toEqual({
      type: 'event',
      event: 'agent',
      payload: { x: 1 },
      seq: 4,
    })
    expect(JSON.parse(eventFrame('config.changed', {}))).not.toHaveProperty('seq')
  })

  it('come back as they went, for any payload', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), (payload, seq) => {
        expect(JSON.parse(eventFrame('agent', payload, seq))).toEqual(
          JSON.parse(JSON.stringify({ type: 'event', event: 'agent', payload, seq })),
        )
      }),
    )
  })
})
