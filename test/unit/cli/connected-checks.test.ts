import { describe, expect, it } from 'vitest'
import { ofConnected } from '../../../src/cli/connected-checks.ts'
import { type ConnectedFacts, connectedFacts } from '../../../src/cli/connected-facts.ts'

const NOW = Date.parse('2026-11-26T12:00:00Z')
const MINUTE = 60_000

const NONE: ConnectedFacts = {
  channels: [],
  servers: [],
  hooks: 0,
  schedules: { jobs: 0, enabled: 0, nextRunAt: null, failed: 0 },
}
const CHANNEL = { type: 'slack', isEnabled: true, dead: 0, hasFailed: false }
const SERVER = { isEnabled: true, tools: 2, waiting: 0 }
const SCHEDULES = { jobs: 3, enabled: 2, nextRunAt: NOW + MINUTE, failed: 0 }

const find = (facts: Partial<ConnectedFacts>, id: string) =>
  ofConnected({ ...NONE, ...facts }, NOW).find((check) => check.id === id)

describe('the doctor on what is connected', () => {
  it('finds no illness where there is nothing, and none where all goes well', () => {
    const well = { channels: [CHANNEL], servers: [SERVER], hooks: 2, schedules: SCHEDULES }
    for (const facts of [NONE, well]) {
      expect(ofConnected(facts, NOW).map(({ id, level, advice }) => [id, level, advice])).toEqual([
        ['channels', 'ok', ''],
        ['mcp', 'ok', ''],
        ['hooks', 'ok', ''],
        ['schedules', 'ok', ''],
      ])
    }
  })

  it('says of what it may not see that it is not told', () => {
    const untold = { channels: null, servers: null, hooks: null, schedules: null }
    for (const { level, said } of ofConnected(untold, NOW)) {
      expect([level, said]).toEqual(['skip', expect.stringContaining('not told')])
    }
  })

  it.each<[string, Partial<ConnectedFacts>, string, RegExp, RegExp]>([
    [
      'deliveries that were given up',
      {
        channels: [
          { ...CHANNEL, dead: 2 },
          { ...CHANNEL, dead: 1 },
        ],
      },
      'channels',
      /^3 deliveries/,
      /channels deliveries/,
    ],
    [
      'a channel with an error',
      { channels: [CHANNEL, { ...CHANNEL, hasFailed: true }] },
      'channels',
      /^1 channels tell/,
      /channels status/,
    ],
    [
      'a server that was never looked at',
      { servers: [{ ...SERVER, tools: 0 }] },
      'mcp',
      /^1 MCP servers offer no tools/,
      /mcp reconnect/,
    ],
    ['tools that wait', { servers: [{ ...SERVER, waiting: 2 }] }, 'mcp', /^2 tools/, /mcp agree/],
    [
      'a schedule that is overdue',
      { schedules: { ...SCHEDULES, nextRunAt: NOW - 11 * MINUTE } },
      'schedules',
      /since 11 minutes/,
      /estop list/,
    ],
    [
      'schedules that failed',
      { schedules: { ...SCHEDULES, failed: 1 } },
      'schedules',
      /^1 schedules failed/,
      /cron runs/,
    ],
  ])('warns of %s', (_, facts, id, said, advice) => {
    const check = find(facts, id)
    expect(check?.level).toBe('warn')
    expect(check?.said).toMatch(said)
    expect(check?.advice).toMatch(advice)
  })

  it('passes over what is switched off, and what is only a little late', () => {
    const off = {
      channels: [{ ...CHANNEL, isEnabled: false, dead: 1, hasFailed: true }],
      servers: [{ ...SERVER, isEnabled: false, tools: 0, waiting: 4 }],
      schedules: { ...SCHEDULES, nextRunAt: NOW - 9 * MINUTE },
    }
    for (const { level } of ofConnected({ ...NONE, ...off }, NOW)) expect(level).toBe('ok')
  })
})

describe('the answers of the gateway', () => {
  it('become kinds and counts; names and messages stay behind', () => {
    const facts = connectedFacts({
      'channels.status': {
        channels: [
          {
            name: 'canary',
            channel_type: 'slack',
            enabled: true,
            health: { dead: 1, last_error: { message: 'canary' } },
          },
          {
            name: 'canary',
            channel_type: 'telegram',
            enabled: false,
            health: { dead: 0, last_error: null },
          },
        ],
      },
      'mcp.servers.list': { servers: [{ name: 'canary', enabled: true, tools: 3, waiting: 1 }] },
      'hooks.list': { hooks: [{ name: 'canary', enabled: true }, { enabled: false }] },
      'cron.status': { jobs: 2, enabled: 1, nextRunAt: '2026-11-26T12:00:00Z' },
      'cron.list': {
        jobs: [
          { enabled: true, lastStatus: 'failed', lastError: 'canary' },
          { enabled: false, lastStatus: 'failed' },
          { enabled: true, lastStatus: null },
          { enabled: true, lastStatus: 'completed' },
        ],
      },
    })
    expect(facts).toEqual({
      channels: [
        { type: 'slack', isEnabled: true, dead: 1, hasFailed: true },
        { type: 'telegram', isEnabled: false, dead: 0, hasFailed: false },
      ],
      servers: [{ isEnabled: true, tools: 3, waiting: 1 }],
      hooks: 1,
      schedules: { jobs: 2, enabled: 1, nextRunAt: NOW, failed: 1 },
    })
    expect(JSON.stringify(facts)).not.toContain('canary')
  })

  it('that were refused, or are of another form, are told as nothing', () => {
    const nothing = { channels: null, servers: null, hooks: null, schedules: null }
    expect(connectedFacts({})).toEqual(nothing)
    expect(connectedFacts({ 'channels.status': null, 'hooks.list': { hooks: 3 } })).toEqual(nothing)
  })
})
