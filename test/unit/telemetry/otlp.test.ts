import { describe, expect, it } from 'vitest'
import type { Span } from '../../../src/domain/trace.ts'
import { encodeTraces } from '../../../src/telemetry/otlp.ts'
import { orphansOf, receiveSpans } from '../../support/otlp-receiver.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SOURCE = { tenant: 'ten_1', version: '1.2.3' }

const span = (fields: Partial<Span>): Span => ({
  spanId: 'a'.repeat(16),
  parentSpanId: null,
  name: 'chat.send',
  kind: 'server',
  service: 'gateway',
  startedAt: 1_764_215_000_123,
  endedAt: 1_764_215_001_456,
  status: 'ok',
  attributes: {},
  ...fields,
})

describe('traces in OTLP', () => {
  it('are read back by OpenTelemetry’s own definitions, value by value', () => {
    const attributes = {
      text: 'grün',
      flag: true,
      no: false,
      count: 300,
      negative: -5,
      share: 0.25,
      large: 2 ** 40,
      list: ['stop', 'length'],
    }
    const spans = [
      span({ attributes }),
      span({
        spanId: 'b'.repeat(16),
        parentSpanId: 'a'.repeat(16),
        name: 'process',
        service: 'sandbox-runner',
        kind: 'client',
        status: 'error',
      }),
    ]
    const received = receiveSpans(encodeTraces([{ traceId: TRACE, spans }], SOURCE))
    expect(received).toEqual([
      {
        traceId: TRACE,
        spanId: 'a'.repeat(16),
        parentSpanId: '',
        name: 'chat.send',
        kind: 2,
        status: 1,
        service: 'edgeclaw',
        startNanos: '1764215000123000000',
        endNanos: '1764215001456000000',
        attributes,
      },
      expect.objectContaining({
        parentSpanId: 'a'.repeat(16),
        name: 'process',
        kind: 3,
        status: 2,
        service: 'edgeclaw-sandbox-runner',
      }),
    ])
    expect(orphansOf(received)).toEqual([])
    expect(orphansOf(received.slice(1))).toEqual(['process'])
  })

  it('of none are an empty request', () => {
    expect(encodeTraces([], SOURCE)).toHaveLength(0)
  })
})
