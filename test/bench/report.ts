/** The run as text: each figure beside what it is to be read against. */
import type { DatabaseUse } from './database-reads.ts'
import type { Detection, GateCost, Peer } from './gates.ts'
import type { IdleMemory } from './idle-memory.ts'
import type { Latency, Rounds } from './latency.ts'
import type { MemoryCost } from './memory.ts'
import type { PageTimes } from './pages.ts'
import type { RoundTrips } from './round-trips.ts'
import type { StartUp } from './start-up.ts'

const ms = (value: number): string => value.toFixed(2)
const times = (value: number): string => `${value.toFixed(2)} ×`

export interface Machine {
  readonly model: string
  readonly cores: number
  readonly memoryBytes: number
  readonly node: string
}

export const machine = ({ model, cores, memoryBytes, node }: Machine): string =>
  `${model}, ${cores} cores, ${Math.round(memoryBytes / 2 ** 30)} GB, Node ${node}\n`

export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
  return `${rows.map(line).join('\n')}\n`
}

export function latency(results: readonly Latency[], { measured }: Rounds): string {
  const [direct, bare] = results
  if (!direct || !bare) return ''
  const addedBy = (of: (one: Latency) => number) => (one: Latency) => of(one) - of(direct)
  const whole = addedBy((one) => one.whole.p50)
  const token = addedBy((one) => one.firstToken.p50)
  const rows = results.map((one) => [
    one.subject,
    ms(one.whole.p50),
    ms(one.whole.p95),
    ...(one === direct ? ['', ''] : [ms(whole(one)), times(whole(one) / whole(bare))]),
    ms(one.firstToken.p50),
    ms(one.firstToken.p95),
    ...(one === direct ? ['', ''] : [ms(token(one)), times(token(one) / token(bare))]),
  ])
  const head = [
    'ms',
    'whole p50',
    'p95',
    'added',
    'of bare',
    'token p50',
    'p95',
    'added',
    'of bare',
  ]
  return `\nChat completions, ${measured} whole and ${measured} streamed a subject, taking turns\n${table([head, ...rows])}`
}

export function parts(results: readonly Latency[], { measured }: Rounds): string {
  const [plain] = results
  if (!plain) return ''
  const rows = results.map((one) => {
    const added = one.whole.p50 - plain.whole.p50
    const addedToken = one.firstToken.p50 - plain.firstToken.p50
    return [
      one.subject,
      ms(one.whole.p50),
      ...(one === plain ? ['', ''] : [ms(added), times(one.whole.p50 / plain.whole.p50)]),
      ms(one.firstToken.p50),
      ...(one === plain ? [''] : [ms(addedToken)]),
    ]
  })
  const head = ['ms', 'whole p50', 'added', 'of words', 'token p50', 'added']
  return `\nA warm turn with one part more, ${measured} whole and ${measured} streamed an agent, taking turns\n${table([head, ...rows])}`
}

export const roundTrips = ({ sessions, perSecond, roundTripMs }: RoundTrips): string =>
  `\nchat.send over ${sessions} session${sessions === 1 ? '' : 's'}: ${perSecond.toFixed(0)} round trips/s ` +
  `(${roundTripMs.count} sends, p50 ${ms(roundTripMs.p50)} ms, p95 ${ms(roundTripMs.p95)} ms)\n`

export const databaseUse = (results: readonly DatabaseUse[]): string =>
  `\n${results
    .map(
      ({ what, requests, reads, writes }) =>
        `D1 in ${requests} warm requests, ${what}: ${reads} reads, ${writes} writes in the background`,
    )
    .join('\n')}\n`

export const idleMemory = ({ sessions, gatewayMb, bareMb }: IdleMemory): string =>
  `\n${sessions} idle sessions: ${gatewayMb.toFixed(0)} MB; bare hibernating objects: ` +
  `${bareMb.toFixed(0)} MB; ${times(gatewayMb / bareMb)}\n`

export const startUp = ({ gatewayMs, emptyMs }: StartUp, gzipBytes: number): string =>
  `\nStart to first answer: ${gatewayMs.toFixed(0)} ms; an empty Worker: ${emptyMs.toFixed(0)} ms; ` +
  `difference ${(gatewayMs - emptyMs).toFixed(0)} ms\nBundle: ${(gzipBytes / 1024).toFixed(0)} KB gzip\n`

const KB = 1_024
const exact = (value: number): string => value.toFixed(3)

/** Each gate over each text, then its longest tail and fastest growth; 2 × a doubling is linear. */
export function gates(costs: readonly GateCost[]): string {
  const head = ['ms for 8 KB', 'text', 'p50', 'p99', 'a doubling', 'up to']
  const rows = costs.map((cost) => [
    cost.gate,
    cost.text,
    exact(cost.p50),
    exact(cost.p99),
    times(cost.doubling),
    `${cost.largestChars / KB} KB`,
  ])
  const names = [...new Set(costs.map(({ gate }) => gate))]
  const worst = names.map((name) => {
    const own = costs.filter(({ gate }) => gate === name)
    const tail = Math.max(...own.map(({ p99 }) => p99))
    const growth = Math.max(...own.map(({ doubling }) => doubling))
    return `${name}: at most ${exact(tail)} ms p99, ${times(growth)} a doubling`
  })
  return `\nGates, each over every text\n${table([head, ...rows])}${worst.join('\n')}\n`
}

export const peer = (results: readonly Peer[]): string =>
  `\n${results
    .map(
      ({ chars, scrubberMs, secretlintMs }) =>
        `${chars / KB} KB: scrubber ${exact(scrubberMs)} ms, secretlint ${exact(secretlintMs)} ms: ` +
        `${times(secretlintMs / scrubberMs)}`,
    )
    .join('\n')}\n`

export function detection(found: Detection | null): string {
  if (found === null) {
    return 'Detection: skipped, no folder with secrets_pos.jsonl was given (--corpora DIR)\n'
  }
  const share = (count: number): string => `${((100 * count) / found.of).toFixed(1)} %`
  return `Detection in ${found.of} texts with a credential: scrubber ${share(found.scrubber)}, secretlint ${share(found.secretlint)}\n`
}

const MAX_SEARCH_MS = 20

export function memorySearch(costs: readonly MemoryCost[]): string {
  const rows = costs.map(({ what, chunks, p50, p95, p99 }) => [
    what,
    String(chunks),
    ms(p50),
    ms(p95),
    ms(p99),
  ])
  const most = Math.max(...costs.map(({ chunks }) => chunks))
  const slowest = Math.max(...costs.filter(({ chunks }) => chunks === most).map(({ p50 }) => p50))
  const verdict = slowest <= MAX_SEARCH_MS ? 'reached' : 'missed'
  return (
    `\nMemory search, 500 notes of one's own among all\n` +
    `${table([['ms', 'stored', 'p50', 'p95', 'p99'], ...rows])}` +
    `slowest median among all ${ms(slowest)} ms; goal ${MAX_SEARCH_MS} ms: ${verdict}\n`
  )
}

export const noBrowser = '\nPages: there is no Chromium here, so they were not measured\n'

export function pages({ signInMs, emptyMs, lists }: PageTimes): string {
  const scrolled = lists.map(
    ({ list, longestTasksMs }) =>
      `${list.rows.toLocaleString('en')} ${list.label.toLowerCase()}: longest task while scrolling ` +
      `${Math.max(...longestTasksMs).toFixed(0)} ms in ${longestTasksMs.length} visits (0: none of 50 or more)`,
  )
  const opened =
    `sign-in can be typed into after ${signInMs.p50.toFixed(0)} ms (median of ${signInMs.count}), ` +
    `${times(signInMs.p50 / emptyMs.p50)} an empty page`
  return `\nPages in Chromium\n${[opened, ...scrolled].join('\n')}\n`
}
