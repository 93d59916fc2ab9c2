import { describe, expect, it } from 'vitest'
import { checksText } from '../../../src/cli/doctor.ts'
import { type DoctorFacts, diagnose, isIll } from '../../../src/cli/doctor-checks.ts'
import { paletteFor } from '../../../src/cli/terminal.ts'

const NOW = Date.parse('2026-11-26T12:00:00Z')
const DAY = 86_400_000
const ANSWERED = {
  kind: 'answered',
  status: 200,
  protocol: 3,
  complaint: null,
  date: NOW,
  certificateEndsAt: NOW + 90 * DAY,
} as const
const ACCEPTED = {
  kind: 'accepted',
  role: 'admin',
  version: '0.1.0',
  expiresAt: NOW + 90 * DAY,
} as const

const NOTHING_DUE = { jobs: 0, enabled: 0, nextRunAt: null, failed: 0 }

const WELL: DoctorFacts = {
  now: NOW,
  nodeVersion: '24.21.0',
  profileFault: null,
  url: 'https://gateway.example',
  foundBy: 'profile work',
  isReadableInBetween: false,
  health: ANSWERED,
  credential: ACCEPTED,
  providers: [{ type: 'anthropic', isEnabled: true }],
  runner: 'unknown',
  connected: { channels: [], servers: [], hooks: 0, schedules: NOTHING_DUE },
  findings: [],
}

const find = (facts: Partial<DoctorFacts>, id: string) =>
  diagnose({ ...WELL, ...facts }).find((check) => check.id === id)
const finding = (checkId: string, severity: string) => ({
  checkId,
  severity,
  title: 't',
  remediation: 'r',
})

describe('the doctor', () => {
  it('finds nothing where all is well', () => {
    const checks = diagnose(WELL)
    expect(checks.map(({ level }) => level)).toEqual(checks.map(() => 'ok'))
    expect(isIll(checks)).toBe(false)
  })

  it.each<[string, Partial<DoctorFacts>, string, 'ok' | 'warn' | 'fail' | 'skip', RegExp]>([
    ['an old Node', { nodeVersion: '18.20.0' }, 'node', 'fail', /install Node 20/],
    ['open profiles', { profileFault: 'chmod 600 it' }, 'profiles', 'fail', /chmod 600/],
    ['an unencrypted way', { isReadableInBetween: true }, 'address', 'fail', /https/],
    [
      'nobody there',
      { health: { kind: 'unreachable', code: 'ECONNREFUSED' } },
      'reachable',
      'fail',
      /npm start/,
    ],
    [
      'an unknown failure',
      { health: { kind: 'unreachable', code: 'EODD' } },
      'reachable',
      'fail',
      /network/,
    ],
    [
      'an expired certificate',
      { health: { kind: 'unreachable', code: 'CERT_HAS_EXPIRED' } },
      'reachable',
      'fail',
      /renew/,
    ],
    [
      'a missing setting',
      { health: { ...ANSWERED, status: 503, complaint: 'EDGECLAW_X is missing' } },
      'reachable',
      'fail',
      /EDGECLAW_X/,
    ],
    [
      'somebody else’s page',
      { health: { ...ANSWERED, status: 404 } },
      'reachable',
      'fail',
      /no gateway/,
    ],
    [
      'another protocol',
      { health: { ...ANSWERED, protocol: 4 } },
      'protocol',
      'fail',
      /same version/,
    ],
    [
      'no protocol',
      { health: { ...ANSWERED, protocol: null } },
      'protocol',
      'fail',
      /same version/,
    ],
    [
      'a certificate that ends',
      { health: { ...ANSWERED, certificateEndsAt: NOW + 3 * DAY } },
      'tls',
      'warn',
      /renew/,
    ],
    [
      'a clock that is off',
      { health: { ...ANSWERED, date: NOW - 40_000 } },
      'clock',
      'warn',
      /NTP/,
    ],
    [
      'a clock that is far off',
      { health: { ...ANSWERED, date: NOW + 61_000 } },
      'clock',
      'fail',
      /NTP/,
    ],
    ['no clock', { health: { ...ANSWERED, date: null } }, 'clock', 'skip', /^$/],
    [
      'a refused token',
      { credential: { kind: 'refused', code: 'UNAUTHORIZED', hasToken: true } },
      'credential',
      'fail',
      /log in anew/,
    ],
    [
      'no token',
      { credential: { kind: 'refused', code: 'UNAUTHORIZED', hasToken: false } },
      'credential',
      'fail',
      /log in/,
    ],
    [
      'a key that ends soon',
      { credential: { ...ACCEPTED, expiresAt: NOW + 3 * DAY } },
      'credential',
      'warn',
      /rotate/,
    ],
    [
      'a key without an end',
      { credential: { ...ACCEPTED, expiresAt: null } },
      'credential',
      'ok',
      /^$/,
    ],
    [
      'no provider',
      { providers: [{ type: 'anthropic', isEnabled: false }] },
      'providers',
      'fail',
      /providers create/,
    ],
    [
      'the demo alone',
      { providers: [{ type: 'demo', isEnabled: true }] },
      'providers',
      'warn',
      /providers create/,
    ],
    ['hidden providers', { providers: null }, 'providers', 'skip', /^$/],
    ['no runner here', { runner: 'absent' }, 'runner', 'warn', /Docker/],
    ['a runner here', { runner: 'runs' }, 'runner', 'ok', /^$/],
    [
      'a silent runner',
      { runner: 'runs', findings: [finding('sandbox.runner_unreachable', 'warn')] },
      'runner',
      'fail',
      /runner\.md/,
    ],
    [
      'no key at rest',
      { findings: [finding('secrets.encryption_key_missing', 'critical')] },
      'secrets.encryption_key_missing',
      'fail',
      /^r$/,
    ],
    [
      'rows under an old key',
      { findings: [finding('secrets.old_key_rows', 'warn')] },
      'secrets.old_key_rows',
      'warn',
      /^r$/,
    ],
    [
      'a critical finding',
      { findings: [finding('gateway.no_token', 'critical')] },
      'security',
      'warn',
      /security audit/,
    ],
    [
      'a small finding',
      { findings: [finding('gateway.rate_limit_off', 'warn')] },
      'security',
      'ok',
      /^$/,
    ],
    ['hidden findings', { findings: null }, 'security', 'skip', /^$/],
    [
      'a channel that can prove nothing',
      { findings: [finding('channels.slack.credentials_missing', 'warn')] },
      'channels.slack.credentials_missing',
      'warn',
      /r/,
    ],
    [
      'a hook that cannot be asked',
      { findings: [finding('run_hooks.no_secret', 'warn')] },
      'run_hooks.no_secret',
      'warn',
      /r/,
    ],
  ])('judges %s', (_, facts, id, level, advice) => {
    expect(find(facts, id)?.level).toBe(level)
    expect(find(facts, id)?.advice).toMatch(advice)
    expect(isIll(diagnose({ ...WELL, ...facts }))).toBe(level === 'fail')
  })

  it('takes nothing that could not be asked for well', () => {
    const blind = diagnose({
      ...WELL,
      health: { kind: 'unreachable', code: 'ECONNREFUSED' },
      credential: { kind: 'unknown' },
      providers: null,
      connected: { channels: null, servers: null, hooks: null, schedules: null },
      findings: null,
    })
    const ok = blind.filter(({ level }) => level === 'ok').map(({ id }) => id)
    expect(ok).toEqual(['node', 'profiles', 'address'])
  })

  it('writes each check in a row, with what to do below it', () => {
    const checks = diagnose({
      ...WELL,
      findings: [finding('secrets.no\u001b[2J_key', 'critical')],
    })
    const text = checksText(checks, paletteFor({}))
    expect(text).toMatch(/^✗ secrets\.no_key +t\n +→ r$/m)
    expect(text).toMatch(/1 to mend\n$/)
  })
})
