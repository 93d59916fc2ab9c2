import { describe, expect, it } from 'vitest'
import type { Gathered } from '../../../src/cli/doctor-facts.ts'
import { reportText } from '../../../src/cli/status.ts'
import { shortened, statusReport } from '../../../src/cli/status-report.ts'
import { paletteFor } from '../../../src/cli/terminal.ts'

const MACHINE = { version: '0.1.0', node: '24.21.0', system: 'linux x64' }

const facts = (canary: string): Gathered => ({
  now: 0,
  nodeVersion: '24.21.0',
  profileFault: canary,
  url: `https://ann:${canary}@gateway.example/${canary}?token=${canary}`,
  foundBy: canary,
  isReadableInBetween: false,
  health: {
    kind: 'answered',
    status: 200,
    protocol: 3,
    complaint: canary,
    date: null,
    certificateEndsAt: null,
  },
  credential: { kind: 'accepted', role: canary, version: canary, expiresAt: null },
  providers: [
    { type: canary, isEnabled: true },
    { type: 'anthropic', isEnabled: true },
  ],
  runner: 'unknown',
  connected: {
    channels: [
      { type: 'slack', isEnabled: true, dead: 2, hasFailed: true },
      { type: canary, isEnabled: true, dead: 1, hasFailed: false },
      { type: 'telegram', isEnabled: false, dead: 0, hasFailed: true },
    ],
    servers: [
      { isEnabled: true, tools: 3, waiting: 2 },
      { isEnabled: false, tools: 1, waiting: 0 },
    ],
    hooks: 1,
    schedules: { jobs: 3, enabled: 2, nextRunAt: null, failed: 1 },
  },
  findings: [
    { checkId: canary, severity: 'critical', title: canary, remediation: canary },
    { checkId: 'keys.no_expiry', severity: canary, title: canary, remediation: canary },
    { checkId: 'gateway.no_token', severity: 'critical', title: canary, remediation: canary },
  ],
  answers: {
    status: {
      agents: [{ id: canary, model: canary, isRunning: true }],
      agentTotal: 1,
      clients: canary,
      sessions: 7,
      [canary]: canary,
    },
    'security.events.list': {
      events: [
        { name: canary, user: canary, text: canary },
        { name: 'security.injection_detected', address: canary },
      ],
    },
    'exec.approval.list': { pending: [{ command: canary }], total: 1 },
    'estop.list': { stops: [{ reason: canary }] },
    'audit.verify': { ok: canary },
    'api_keys.list': { keys: [{ name: canary, prefix: canary }] },
    [canary]: { [canary]: canary },
  },
})

describe('the report that is pasted', () => {
  it.each([
    'ec_default_q0nkRS-hQYoYP29tvmjsA_IlibAUqPcH3FI05JOSjqo',
    'sk-ant-api03-planted',
    'zoltan@example.com',
    'plantedword',
    'PLANTED_WORD',
    '4111111111111111',
    'planted.invalid',
  ])('holds nothing that anybody typed or named: %s', (canary) => {
    const report = statusReport(facts(canary), MACHINE, canary)
    const text = reportText(report, paletteFor({})) + JSON.stringify(report)
    const [local = ''] = canary.split('@')
    // A word of two parts with a dot has the form of a check; such an id comes from the source alone.
    const said =
      canary === 'planted.invalid'
        ? text.replaceAll(/"?planted\.invalid"?[ :]+"?critical"?/g, '')
        : text
    expect(said).not.toContain(local)
  })

  it('holds what helps', () => {
    const report = statusReport(facts('canary-x'), MACHINE, 'ten_AbCdEfGhIj')
    expect(report).toMatchObject({
      machine: { edgeclaw: '0.1.0', node: '24.21.0' },
      gateway: { host: 'gateway.example', answers: 200, protocol: 3, tenant: 'ten_AbCd…' },
      counts: {
        agents: 1,
        running: 1,
        clients: 'not told',
        sessions: 7,
        waiting_approvals: 1,
        emergency_stops: 1,
        trail_is_whole: 'not told',
        channels_with_errors: 1,
        dead_deliveries: 3,
        mcp_servers: 1,
        mcp_tools_waiting: 2,
        run_hooks: 1,
        schedules: 2,
        schedules_failed: 1,
      },
      channels: { slack: 1, other: 1 },
      providers: { anthropic: 1, other: 1 },
      events: { injection_detected: 1, other: 1 },
      findings: { 'gateway.no_token': 'critical' },
    })
  })

  it('says of what was not answered that it is not told', () => {
    const connected = { channels: null, servers: null, hooks: null, schedules: null }
    const untold = { ...facts('x'), answers: {}, findings: null, connected }
    const report = statusReport(untold, MACHINE, undefined)
    const { running, ...counts } = report['counts'] ?? {}
    expect(running).toBe(0)
    expect(Object.keys(counts)).toEqual(expect.arrayContaining(['agents', 'waiting_approvals']))
    expect(new Set(Object.values(counts))).toEqual(new Set(['not told']))
    expect(report['channels']).toEqual({})
    expect(report['gateway']).toMatchObject({ tenant: 'not told' })
  })

  it.each([
    ['key_s32309f0jglba1', 'key_s323…'],
    ['ec_default_q0nkRS', 'not told'],
    ['someone', 'not told'],
    [undefined, 'not told'],
  ])('shortens %s', (id, shown) => {
    expect(shortened(id)).toBe(shown)
  })
})
