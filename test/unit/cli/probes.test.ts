import { describe, expect, it } from 'vitest'
import {
  FOREIGN_ORIGIN,
  judgeProbe,
  type ProbeAnswer,
  type ProbeId,
  probesFor,
} from '../../../src/cli/probes.ts'

const PROBES = probesFor('ten_a', true)
const judge = (id: ProbeId, answer: Partial<ProbeAnswer> | null) => {
  const probe = PROBES.find((each) => each.id === id)
  if (probe === undefined) throw new Error(id)
  return judgeProbe(probe, answer && { status: 0, headers: {}, text: '', ...answer }).severity
}
const CREDENTIALS = { 'access-control-allow-credentials': 'true' }

describe('a probe from outside', () => {
  it.each<[ProbeId, Partial<ProbeAnswer>, string]>([
    ['outside.no_credential', { status: 401 }, 'ok'],
    ['outside.no_credential', { status: 200 }, 'critical'],
    ['outside.no_credential', { status: 404 }, 'critical'],
    ['outside.unknown_path', { status: 401 }, 'ok'],
    ['outside.unknown_path', { status: 404 }, 'warn'],
    ['outside.made_up_key', { status: 401 }, 'ok'],
    ['outside.made_up_key', { status: 429 }, 'ok'],
    ['outside.made_up_key', { status: 200 }, 'critical'],
    ['outside.foreign_origin_socket', { status: 403 }, 'ok'],
    ['outside.foreign_origin_socket', { status: 101 }, 'warn'],
    ['outside.foreign_origin_socket', { status: 200 }, 'warn'],
    ['outside.foreign_origin_read', { status: 403 }, 'ok'],
    [
      'outside.foreign_origin_read',
      { headers: { 'access-control-allow-origin': 'https://own.example' } },
      'ok',
    ],
    ['outside.foreign_origin_read', { headers: { 'access-control-allow-origin': '*' } }, 'warn'],
    [
      'outside.foreign_origin_read',
      { headers: { 'access-control-allow-origin': FOREIGN_ORIGIN } },
      'warn',
    ],
    [
      'outside.foreign_origin_read',
      { headers: { 'access-control-allow-origin': FOREIGN_ORIGIN, ...CREDENTIALS } },
      'critical',
    ],
    ['outside.oversize_body', { status: 413 }, 'ok'],
    ['outside.oversize_body', { status: 200 }, 'warn'],
    ['outside.oversize_body', { status: 500 }, 'warn'],
    ['outside.health_tells', { status: 200, text: '{"status":"ok","protocol":3}' }, 'ok'],
    [
      'outside.health_tells',
      { status: 200, text: '{"status":"ok","protocol":3,"version":"1"}' },
      'warn',
    ],
    ['outside.health_tells', { status: 200, text: '<h1>hello</h1>' }, 'warn'],
    ['outside.foreign_key', { status: 404 }, 'ok'],
    ['outside.foreign_key', { status: 403 }, 'ok'],
    ['outside.foreign_key', { status: 200 }, 'critical'],
    ['outside.foreign_key', { status: 500 }, 'critical'],
  ])('%s answered by %j is %s', (id, answer, severity) => {
    expect(judge(id, answer)).toBe(severity)
  })

  it('that nobody answers is never well', () => {
    for (const { id } of PROBES) expect(judge(id, null), id).not.toBe('ok')
  })

  it('says what to do wherever it finds something', () => {
    for (const probe of PROBES) {
      const { severity, remediation } = judgeProbe(probe, { status: 500, headers: {}, text: '' })
      if (severity !== 'ok') expect(remediation, probe.id).not.toBe('')
    }
  })

  it('carries the own credential only where the answer to it is in question', () => {
    const own = PROBES.filter(({ credential }) => credential === 'own').map(({ id }) => id)
    expect(own).toEqual(['outside.foreign_origin_read', 'outside.oversize_body'])
    expect(probesFor('ten_a', false).map(({ id }) => id)).not.toContain('outside.foreign_key')
  })
})
