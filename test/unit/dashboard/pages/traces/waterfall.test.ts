import { describe, expect, it } from 'vitest'
import {
  layOut,
  type SpanIn,
  sumsOf,
  workOf,
} from '../../../../../src/dashboard/pages/traces/waterfall.ts'

const T0 = Date.parse('2026-01-01T00:00:00.000Z')

const span = (
  spanId: string,
  parentSpanId: string | null,
  startMs: number,
  durationMs: number,
  more: Partial<SpanIn> = {},
): SpanIn => ({
  spanId,
  parentSpanId,
  runId: 'run_1',
  name: spanId,
  kind: 'internal',
  service: 'gateway',
  status: 'ok',
  startedAt: new Date(T0 + startMs).toISOString(),
  durationMs,
  attributes: {},
  ...more,
})

const lines = (spans: readonly SpanIn[]) =>
  layOut(spans).bars.map(({ span: { spanId }, depth }) => `${depth} ${spanId}`)

describe('layOut', () => {
  it('places parents before children, and siblings as they began', () => {
    const spans = [
      span('late', 'root', 60, 10),
      span('inner', 'early', 15, 5),
      span('root', null, 0, 100),
      span('early', 'root', 10, 20),
    ]
    expect(lines(spans)).toEqual(['0 root', '1 early', '2 inner', '1 late'])
  })

  it('says where in the whole each lies', () => {
    const { bars, durationMs, startedAt } = layOut([
      span('root', null, 0, 200),
      span('half', 'root', 100, 50),
    ])
    expect({ durationMs, startedAt }).toEqual({ durationMs: 200, startedAt: T0 })
    expect(bars.map(({ offsetMs, left, width }) => ({ offsetMs, left, width }))).toEqual([
      { offsetMs: 0, left: 0, width: 100 },
      { offsetMs: 100, left: 50, width: 25 },
    ])
  })

  it('begins a tree of its own with a span whose parent is of another service', () => {
    expect(lines([span('run', 'caller', 0, 10), span('call', 'run', 1, 2)])).toEqual([
      '0 run',
      '1 call',
    ])
  })

  it('ends when spans name each other as parents, and shows each once', () => {
    const spans = [span('a', 'b', 0, 10), span('b', 'a', 1, 5), span('self', 'self', 2, 1)]
    expect(
      lines(spans)
        .map((line) => line.slice(2))
        .toSorted(),
    ).toEqual(['a', 'b', 'self'])
  })

  it('keeps what took no time in sight, and inside of the whole', () => {
    const { bars } = layOut([span('root', null, 0, 10_000), span('end', 'root', 10_000, 0)])
    const { left = 0, width = 0 } = bars[1] ?? {}
    expect(width).toBeGreaterThan(0)
    expect(left + width).toBeLessThanOrEqual(100)
  })

  it('fills the line with the only moment there is', () => {
    expect(layOut([span('now', null, 0, 0)]).bars[0]).toMatchObject({ left: 0, width: 100 })
  })

  it('is empty without spans', () => {
    expect(layOut([])).toEqual({ startedAt: 0, durationMs: 0, bars: [] })
  })
})

describe('workOf', () => {
  it.each([
    ['chat m', { 'gen_ai.operation.name': 'chat' }, 'model'],
    ['execute_tool exec', { 'gen_ai.operation.name': 'execute_tool' }, 'tool'],
    ['invoke_agent a', { 'gen_ai.operation.name': 'invoke_agent' }, 'run'],
    ['approval', {}, 'approval'],
    ['sandbox_exec', {}, 'sandbox'],
    ['process', {}, 'sandbox'],
    ['chat.send', { 'edgeclaw.operation': 'chat.send' }, 'request'],
    ['anything', {}, 'other'],
  ])('takes %s for what it is', (name, attributes, work) => {
    expect(workOf(span(name, null, 0, 1, { name, attributes }))).toBe(work)
  })
})

describe('sumsOf', () => {
  const chat = (id: string, input: number, output: number) =>
    span(id, 'run', 1, 5, {
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.usage.input_tokens': input,
        'gen_ai.usage.output_tokens': output,
      },
    })
  const run = (cost: Readonly<Record<string, unknown>>) =>
    span('run', null, 0, 100, {
      attributes: {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.usage.input_tokens': 30,
        'gen_ai.usage.output_tokens': 12,
        ...cost,
      },
    })

  it('counts the tokens of calls, not of the run that sums them up', () => {
    const tool = { attributes: { 'gen_ai.operation.name': 'execute_tool' } }
    const { bars } = layOut([
      run({ 'edgeclaw.cost.usd': 0.5 }),
      chat('a', 10, 4),
      chat('b', 20, 8),
      span('c', 'run', 9, 5, tool),
    ])
    expect(sumsOf(bars)).toMatchObject({ modelCalls: 2, input: 30, output: 12, costUsd: 0.5 })
    expect(sumsOf(bars).toolCalls).toBe(1)
    expect(bars.at(-1)?.tokens).toBeNull()
  })

  it('knows no cost where none is said, rather than none', () => {
    expect(sumsOf(layOut([run({}), chat('a', 10, 4)]).bars).costUsd).toBeNull()
  })

  it('tells how long approvals were waited for, and what failed', () => {
    const { bars } = layOut([
      run({}),
      span('w', 'run', 1, 40, { name: 'approval' }),
      span('x', 'run', 50, 5, { status: 'error' }),
    ])
    expect(sumsOf(bars)).toMatchObject({ waitedMs: 40, failed: 1 })
  })
})
