import { describe, expect, it } from 'vitest'
import { OVERVIEW } from '../../../src/cli/overview.ts'
import { type Overview, overviewText } from '../../../src/cli/overview-view.ts'
import { paletteFor } from '../../../src/cli/terminal.ts'
import { openIo } from './command-io.ts'
import { flagsFor, respond, useFakeGateway } from './fake-gateway.ts'

const open = useFakeGateway()

type Point = Overview['series'][number]
const NOTHING: Point = {
  at: '2026-11-27T14:00:00.000Z',
  runs: 0,
  failed: 0,
  inputTokens: 0,
  outputTokens: 0,
  costMicros: 0,
  p50Ms: null,
  p95Ms: null,
}
const ran = (runs: number, more: Partial<Point> = {}): Point => ({
  ...NOTHING,
  runs,
  inputTokens: 1_000 * runs,
  outputTokens: 100 * runs,
  p50Ms: 500,
  p95Ms: 1_000 * runs,
  ...more,
})

const overviewOf = (series: readonly Point[], more: Partial<Overview> = {}): Overview => ({
  scope: 'tenant',
  from: '2026-11-26T14:30:00.000Z',
  to: '2026-11-27T14:30:00.000Z',
  stepMs: 1_800_000,
  sampleRatio: 1,
  series: [...series],
  security: [],
  runsInProgress: 0,
  pendingApprovals: 0,
  channels: { healthy: 0, failing: 0 },
  runners: { configured: 0, healthy: 0 },
  ...more,
})

const plain = paletteFor({ isTTY: false })
const textOf = (overview: Overview, width = 100): string => overviewText(overview, plain, width)
const noughts = (count: number): Point[] => Array.from({ length: count }, () => NOTHING)

describe('the overview on a terminal', () => {
  it('says in a line that nothing ran, and draws no noughts', () => {
    expect(textOf(overviewOf(noughts(48)))).toBe(`\
The tenant, 24 h until 2026-11-27 14:30 UTC
  Nothing ran.

Now
  in progress   nothing
  approvals     none waits
  channels      none
  runners       none: agents run no commands
`)
  })

  it('adds the steps up and draws them, the slowest step for how long runs took', () => {
    const series = [...noughts(45), ran(1), ran(8, { failed: 3, costMicros: 250_000 }), ran(4)]
    const lines = textOf(overviewOf(series)).split('\n')
    const marks = '·'.repeat(45)
    expect(lines.slice(1, 7)).toEqual([
      `  runs    ${marks}▁█▄  13`,
      `  failed  ${marks}·█·  3 (23.1 %)`,
      `  took    ${marks}▁█▄  p50 ≤ 0.5 s, p95 ≤ 8.0 s`,
      `  tokens  ${marks}▁█▄  13K in, 1.3K out`,
      `  cost    ${marks}·█·  $0.25`,
      '          30 min a mark, the newest last',
    ])
  })

  it('says nothing of money where no price is known, and of failures where there are none', () => {
    const text = textOf(overviewOf([...noughts(47), ran(1)]))
    expect(text).toContain('  runs ')
    expect(text).not.toMatch(/cost|failed/)
  })

  it.each([20, 40, 50, 60, 72, 80, 100, 200])('stays within %i columns', (width) => {
    const kinds = ['tool_denied', 'x'.repeat(300)].map((name) => ({
      kind: `security.${name}`,
      total: 12_345,
      counts: noughts(48).map((_, i) => i),
    }))
    const series = noughts(48).map(() => ran(7, { failed: 1, costMicros: 1_234 }))
    const text = textOf(overviewOf(series, { security: kinds, sampleRatio: 0.1 }), width)
    for (const line of text.split('\n'))
      expect(line.length).toBeLessThanOrEqual(Math.max(width, 62))
    expect(text).toContain('Only 10 % of the runs')
  })

  it('lets steps share a mark where there is less room', () => {
    const text = textOf(overviewOf([...noughts(47), ran(1)]), 70)
    expect(text).toContain(`${'·'.repeat(23)}█  1\n`)
    expect(text).toContain('1 h a mark')
  })

  it('names the most frequent kinds of events and adds up the rest', () => {
    const security = Array.from({ length: 8 }, (_, i) => ({
      kind: `security.kind_${i}`,
      total: 10 - i,
      counts: [10 - i],
    }))
    const text = textOf(overviewOf([NOTHING], { security }))
    expect(text).toMatch(/kind_4 +6\n +3 other kinds +12\n/)
    expect(text).not.toContain('kind_5')
  })

  it('shows nothing of an event that a terminal would obey', () => {
    const security = [{ kind: 'security.\u001b]0;owned\u0007\nfake', total: 1, counts: [1] }]
    expect(textOf(overviewOf([NOTHING], { security }))).not.toMatch(/[\u001b\u0007]|\nfake/)
  })

  it('says what waits and what is not well', () => {
    const text = textOf(
      overviewOf([NOTHING], {
        scope: 'own',
        runsInProgress: 1,
        pendingApprovals: 2,
        channels: { healthy: 1, failing: 1 },
        runners: { configured: 2, healthy: 2 },
      }),
    )
    expect(text).toContain('Your own runs, 24 h')
    expect(text).toContain('  in progress   1 run\n')
    expect(text).toContain('  approvals     2 to answer: edgeclaw approvals\n')
    expect(text).toContain('  channels      1 of 2 well\n')
    expect(text).toContain('  runners       2 of 2 well\n')
  })
})

describe('edgeclaw overview', () => {
  it('asks for as many hours as were said, and prints the whole answer as JSON', async () => {
    const answer = overviewOf(noughts(2))
    const { url, requests } = await open((request, socket) => respond(socket, request, answer))
    const io = openIo()
    expect(await OVERVIEW.run(flagsFor(url), io, '')).toBe(0)
    expect(io.written.out).toContain('Nothing ran.')
    const json = openIo()
    expect(await OVERVIEW.run(['--hours', '3', '--json', ...flagsFor(url)], json, '')).toBe(0)
    expect(JSON.parse(json.written.out)).toEqual(answer)
    const asked = requests.filter(({ method }) => method === 'overview.get')
    expect(asked.map(({ params }) => params)).toEqual([{}, { hours: 3 }])
  })

  it.each([[['--hours', 'x']], [['--hours', '-1']], [['today']]])('refuses %j', async (args) => {
    expect(String(await OVERVIEW.run(args, openIo(), '').catch(String))).toMatch(/hours|words/)
  })
})
