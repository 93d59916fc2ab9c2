import { describe, expect, it } from 'vitest'
import { createRelease } from '../../../src/output/release.ts'
import { createSecretDictionary } from '../../../src/output/secret-dictionary.ts'
import {
  isSampled,
  MAX_SPANS,
  NO_SPAN,
  parseTraceparent,
  Trace,
  traceIdOf,
  traceparentOf,
} from '../../../src/telemetry/trace.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

describe('traceparent', () => {
  it('is read as W3C Trace Context writes it', () => {
    const parent = { traceId: TRACE, spanId: SPAN, isSampled: true }
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-01`)).toEqual(parent)
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-00`)).toEqual({ ...parent, isSampled: false })
    expect(parseTraceparent(`01-${TRACE}-${SPAN}-03-more`)).toEqual(parent)
    expect(parseTraceparent(traceparentOf(TRACE, SPAN))).toEqual(parent)
  })

  it.each([
    null,
    undefined,
    '',
    'nonsense',
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01\n`,
    ` 00-${TRACE}-${SPAN}-01`,
  ])('is nothing when it reads %j', (header) => {
    expect(parseTraceparent(header)).toBeNull()
  })
})

const open = (parent: ReturnType<typeof parseTraceparent> = null, runId = 'run_1') =>
  new Trace({ runId, parent, now: () => 1_000 })

describe('a trace', () => {
  it('hangs every span below its true parent, and the first below the caller’s', () => {
    const trace = open(parseTraceparent(`00-${TRACE}-${SPAN}-01`))
    const entry = trace.root({ name: 'entry' })
    const run = entry.start({ name: 'run' })
    const tool = run.start({ name: 'tool', key: 'call_1' })
    tool.end()
    const { spans = [] } = trace.collect() ?? {}
    const [first, second, third] = spans
    expect(trace.traceId).toBe(TRACE)
    expect(first?.parentSpanId).toBe(SPAN)
    expect(second?.parentSpanId).toBe(first?.spanId)
    expect(third?.parentSpanId).toBe(second?.spanId)
    expect(tool.traceparent).toBe(`00-${TRACE}-${third?.spanId}-01`)
  })

  it('names the same spans again after a crash, and never one of another run', () => {
    const ids = (runId: string) => {
      const trace = open(null, runId)
      const run = trace.root({ name: 'run', key: 'run' })
      run.start({ name: 'execute_tool exec', key: 'call_1' })
      return [trace.traceId, ...(trace.collect()?.spans ?? []).map(({ spanId }) => spanId)]
    }
    expect(ids('run_1')).toEqual(ids('run_1'))
    expect(new Set([...ids('run_1'), ...ids('run_2')]).size).toBe(6)
  })

  it('keeps so many spans, counts the others, and leaves no orphan', () => {
    const trace = open()
    const run = trace.root({ name: 'run' })
    for (let at = 0; at < MAX_SPANS + 10; at += 1) {
      run.start({ name: `tool ${at}` }).start({ name: 'below' })
    }
    const { spans = [], dropped } = trace.collect() ?? {}
    const known = new Set(spans.map(({ spanId }) => spanId))
    expect(spans).toHaveLength(MAX_SPANS)
    expect(dropped).toBe(1 + 2 * (MAX_SPANS + 10) - MAX_SPANS)
    expect(spans.filter(({ parentSpanId }) => !known.has(parentSpanId ?? ''))).toHaveLength(1)
  })

  it('is kept by the tenant’s ratio, and by the caller’s wish where anything is', () => {
    const kept = (ratio: number, header: string | null = null) => {
      const trace = open(parseTraceparent(header))
      trace.root({ name: 'run' })
      trace.keep(ratio, 7)
      return trace.collect() !== null
    }
    expect(kept(1)).toBe(true)
    expect(kept(0)).toBe(false)
    const wished = `00-${'f'.repeat(32)}-${SPAN}-01`
    expect(kept(0.001, wished)).toBe(true)
    expect(kept(0, wished)).toBe(false)
    const ids = Array.from({ length: 2_000 }, (_, at) => traceIdOf(`run_${at}`))
    const share = ids.filter((id) => isSampled(id, 0.25)).length / ids.length
    expect(share).toBeGreaterThan(0.2)
    expect(share).toBeLessThan(0.3)
  })

  it('tells nobody of spans that are not kept', () => {
    const trace = open()
    const run = trace.root({ name: 'run' })
    trace.keep(0, 7)
    expect(run.traceparent).toBeNull()
    expect(run.start({ name: 'tool' })).toBe(NO_SPAN)
  })

  it('ends what never ended, and no span twice', () => {
    let now = 5
    const trace = new Trace({ runId: 'run_1', parent: null, now: () => now })
    const run = trace.root({ name: 'run' })
    run.start({ name: 'ended' }).end('error', 7)
    now = 9
    run.start({ name: 'never' })
    const ended = trace.collect()?.spans.map(({ name, endedAt, status }) => [name, endedAt, status])
    expect(ended).toEqual([
      ['run', 9, 'unset'],
      ['ended', 7, 'error'],
      ['never', 9, 'unset'],
    ])
    run.end('ok')
    run.end('error')
    expect(trace.collect()?.spans[0]?.status).toBe('ok')
  })

  it('holds no secret, wherever it stood', () => {
    const dictionary = createSecretDictionary()
    const registered = 'a-value-opened-for-this-run'
    dictionary.register(registered)
    const key = `sk-${'proj-'}${'A1b2C3d4'.repeat(5)}`
    const release = createRelease({ scrubCredentials: true, dictionary })
    for (const secret of [registered, key, `Authorization: Bearer ${key}`]) {
      const trace = open()
      const before = trace.root({ name: `run ${secret}`, attributes: { early: secret } })
      trace.protectWith((text) => release.text(text).text)
      // Close to the limit: cut before it is scrubbed, its beginning would be left.
      before.set({ late: secret, list: ['a', secret], long: `${'x '.repeat(90)}${secret}` })
      before.start({ name: secret, attributes: { deep: secret } })
      const stored = JSON.stringify(trace.collect())
      expect(stored).not.toContain(registered)
      expect(stored).not.toContain(key.slice(0, 16))
      expect(stored).toContain('[REDACTED]')
    }
  })

  it('cuts what is long, and takes only so many attributes', () => {
    const trace = open()
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`a${at}`, at]))
    trace.root({ name: 'n'.repeat(1_000), attributes: { text: 'v '.repeat(1_000), ...many } })
    const [span] = trace.collect()?.spans ?? []
    expect(span?.name).toHaveLength(120)
    expect(span?.attributes['text']).toHaveLength(200)
    expect(Object.keys(span?.attributes ?? {})).toHaveLength(24)
  })
})
