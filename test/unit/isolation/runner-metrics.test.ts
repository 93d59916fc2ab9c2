/** What the sandbox-runner counts, read back from the text that Prometheus would get. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createMetrics } from '../../../sandbox-runner/src/front/metrics.ts'
import type { PoolCounts } from '../../../sandbox-runner/src/launcher/job.ts'
import { ERROR_STATUS, type ExecEvent } from '../../../src/isolation/contract.ts'
import { parsePrometheusText, seriesValue } from '../../support/prometheus-text.ts'

const MOMENT = { running: 2, maxExecs: 32, cacheBytes: 4_096, isWell: true, pool: null }
const STARTED: ExecEvent = { event: 'started', root: null }
const exit = (more: Partial<Extract<ExecEvent, { event: 'exit' }>> = {}): ExecEvent => ({
  event: 'exit',
  code: 0,
  signal: null,
  oom: false,
  timedOut: false,
  durationMs: 40,
  ...more,
})
const failed = (code: keyof typeof ERROR_STATUS): ExecEvent => ({
  event: 'error',
  code,
  message: 'no',
})

type Metrics = ReturnType<typeof createMetrics>
const read = async (metrics: Metrics, pool: PoolCounts | null = null) =>
  parsePrometheusText(await metrics.text({ ...MOMENT, pool }))
const name = (rest: string): string => `edgeclaw_runner_${rest}`

function watch(metrics: Metrics, events: readonly ExecEvent[]) {
  const see = metrics.watchExec()
  return events.map(see).at(-1)
}

describe('the runner’s metrics', () => {
  it('are valid from the first scrape, with every series at zero and a help text', async () => {
    const families = await read(createMetrics())
    for (const [family, { help, series, type }] of families) {
      expect(help, family).not.toBe('')
      if (!family.startsWith('edgeclaw_') || type === 'gauge') continue
      for (const value of series.values()) expect(value, family).toBe(0)
    }
    expect(seriesValue(families, name('execs_ended_total{reason="CAPACITY"}'))).toBe(0)
    expect(seriesValue(families, name('exec_prepare_seconds_count'))).toBe(0)
    expect(families.get('process_resident_memory_bytes')?.type).toBe('gauge')
  })

  it('show what is so at the moment', async () => {
    const metrics = createMetrics()
    const families = await read(metrics)
    expect(seriesValue(families, name('execs_running'))).toBe(2)
    expect(seriesValue(families, name('execs_max'))).toBe(32)
    expect(seriesValue(families, name('blob_cache_bytes'))).toBe(4_096)
    expect(seriesValue(families, name('well'))).toBe(1)
    const later = parsePrometheusText(await metrics.text({ ...MOMENT, running: 0, isWell: false }))
    expect(seriesValue(later, name('execs_running'))).toBe(0)
    expect(seriesValue(later, name('well'))).toBe(0)
  })

  it.each([
    ['exited', exit()],
    ['exited', exit({ code: 7 })],
    ['signal', exit({ code: null, signal: 'SIGSEGV' })],
    ['timed_out', exit({ code: null, signal: 'SIGTERM', timedOut: true })],
    ['oom', exit({ code: null, signal: 'SIGKILL', oom: true })],
    ['cancelled', failed('CANCELLED')],
    ['OUTCOME_UNKNOWN', failed('OUTCOME_UNKNOWN')],
    ['CHANGES_REJECTED', failed('CHANGES_REJECTED')],
  ] as const)('count an end as %s', async (reason, event) => {
    const metrics = createMetrics()
    expect(watch(metrics, [STARTED, event])).toBe(reason)
    const families = await read(metrics)
    const ended = families.get(name('execs_ended_total'))?.series ?? new Map()
    expect([...ended].filter(([, value]) => value > 0)).toEqual([
      [name(`execs_ended_total{reason="${reason}"}`), 1],
    ])
    expect(seriesValue(families, name('execs_started_total'))).toBe(1)
    expect(seriesValue(families, name('exec_seconds_count'))).toBe(1)
  })

  it('time preparing, command and taking out apart, the last where something was taken out', async () => {
    const metrics = createMetrics()
    const changes: ExecEvent = {
      event: 'changes',
      put: [{ path: 'a', sha256: '0'.repeat(64), size: 123, mode: 0o644 }],
      delete: [],
      notKept: 0,
    }
    watch(metrics, [STARTED, changes, exit({ durationMs: 1_500 })])
    watch(metrics, [STARTED, exit({ durationMs: 500 })])
    watch(metrics, [failed('IMAGE_MISSING')])
    const families = await read(metrics)
    expect(seriesValue(families, name('exec_prepare_seconds_count'))).toBe(2)
    expect(seriesValue(families, name('exec_command_seconds_sum'))).toBe(2)
    expect(seriesValue(families, name('exec_command_seconds_bucket{le="1"}'))).toBe(1)
    expect(seriesValue(families, name('exec_command_seconds_bucket{le="2.5"}'))).toBe(2)
    expect(seriesValue(families, name('exec_changes_seconds_count'))).toBe(1)
    expect(seriesValue(families, name('exec_seconds_count'))).toBe(3)
    expect(seriesValue(families, name('bytes_total{kind="changes"}'))).toBe(123)
  })

  it('count bytes as they are, not as they are carried', async () => {
    const metrics = createMetrics()
    watch(metrics, [{ event: 'stdout', b64: Buffer.from('hello').toString('base64') }])
    metrics.bytes('blobs_received', 10)
    metrics.bytes('blobs_received', 5)
    const families = await read(metrics)
    expect(seriesValue(families, name('bytes_total{kind="stdout"}'))).toBe(5)
    expect(seriesValue(families, name('bytes_total{kind="blobs_received"}'))).toBe(15)
    expect(seriesValue(families, name('bytes_total{kind="stderr"}'))).toBe(0)
  })

  it('show the containers, with the launcher’s own counts', async () => {
    const metrics = createMetrics()
    const counts = { takenPrepared: 5, takenKept: 40, takenCold: 1, removed: 6 }
    await read(metrics, { prepared: 3, kept: 2, busy: 1, ...counts })
    const families = await read(metrics, {
      prepared: 2,
      kept: 3,
      busy: 0,
      ...counts,
      takenKept: 41,
    })
    expect(seriesValue(families, name('sandboxes{state="prepared"}'))).toBe(2)
    expect(seriesValue(families, name('sandboxes{state="busy"}'))).toBe(0)
    expect(seriesValue(families, name('sandboxes_given_total{from="kept"}'))).toBe(41)
    expect(seriesValue(families, name('sandboxes_given_total{from="cold"}'))).toBe(1)
    expect(seriesValue(families, name('sandboxes_removed_total'))).toBe(6)
    // A launcher that does not answer is no launcher that has lost count.
    expect(seriesValue(await read(metrics), name('sandboxes_removed_total'))).toBe(6)
  })

  it('make no new series, whatever happens', async () => {
    const metrics = createMetrics()
    const count = async () =>
      [...(await read(metrics))]
        .filter(([family]) => family.startsWith('edgeclaw_'))
        .reduce((sum, [, { series }]) => sum + series.size, 0)
    const before = await count()
    for (const code of Object.keys(ERROR_STATUS) as (keyof typeof ERROR_STATUS)[]) {
      watch(metrics, [STARTED, failed(code)])
      metrics.refused(code)
    }
    for (const signal of ['SIGKILL', '42']) watch(metrics, [STARTED, exit({ code: null, signal })])
    metrics.fetched('answered')
    metrics.blobLookups(3, 1)
    expect(await count()).toBe(before)
  })
})

describe('docs/runner.md', () => {
  it('names every metric and every error code', async () => {
    const text = readFileSync(new URL('../../../docs/runner.md', import.meta.url), 'utf8')
    const metrics = createMetrics()
    for (const family of (await read(metrics)).keys()) expect(text).toContain(`\`${family}`)
    for (const code of Object.keys(ERROR_STATUS)) expect(text).toContain(`| \`${code}\` |`)
  })
})

describe('the reader of these tests', () => {
  it.each([
    ['# TYPE a counter\na 1\n# TYPE b gauge\nb 1\n# TYPE a counter\na 2\n', 'two places'],
    ['# TYPE a counter\na 1\na 2\n', 'twice'],
    ['# TYPE a counter\na{x="1"} 1\na{x="1"} 1\n', 'twice'],
    ['# TYPE a counter\nb 1\n', 'stands under'],
    ['# TYPE a counter\na{x=1} 1\n', 'malformed labels'],
    ['# TYPE a counter\na one\n', 'no value'],
    ['# TYPE a counter\na 1', 'not ended'],
    ['# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n', 'rise'],
    ['# TYPE a histogram\na_bucket{le="1"} 1\na_sum 1\na_count 1\n', '\\+Inf'],
    ['# TYPE a histogram\na_bucket{le="+Inf"} 2\na_sum 1\na_count 1\n', 'miscounts'],
  ])('refuses %j', (text, reason) => {
    expect(() => parsePrometheusText(text)).toThrow(new RegExp(reason))
  })
})
