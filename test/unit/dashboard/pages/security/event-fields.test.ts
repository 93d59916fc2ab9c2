import { describe, expect, it } from 'vitest'
import {
  actorOf,
  eventFacts,
  eventLine,
  recordLine,
} from '../../../../../src/dashboard/pages/security/event-fields.ts'
import { faultWords } from '../../../../../src/dashboard/pages/security/faults.ts'
import {
  bySeverity,
  mayBeSuppressed,
} from '../../../../../src/dashboard/pages/security/finding-rules.ts'
import { NEVER_SUPPRESSED } from '../../../../../src/domain/security-finding.ts'

const EVENT = {
  id: 'sev_1',
  name: 'security.tool_denied',
  severity: 'warn',
  created_at: '2026-01-01T00:00:00Z',
  tenantId: 'ten_1',
  userId: 'ann',
  tool: 'exec',
  repeated: 3,
}

describe('an event', () => {
  it('is told in a line without what has a column of its own', () => {
    expect(eventLine(EVENT)).toBe('tool=exec repeated=3')
  })

  it('shows who it was about among its facts', () => {
    expect(eventFacts(EVENT)).toEqual([
      ['userId', 'ann'],
      ['tool', 'exec'],
      ['repeated', '3'],
    ])
  })
})

describe('an audit record', () => {
  it('names who acted, and what about', () => {
    const record = { actor: { userId: 'ann', credential: '' }, fields: { id: 'x', n: 1 } }
    expect([actorOf(record), recordLine(record)]).toEqual(['ann', 'id=x n=1'])
  })

  it('is read without harm where it is not as expected', () => {
    expect([actorOf({ actor: 'ann' }), recordLine({ fields: null })]).toEqual(['', ''])
  })
})

describe('findings', () => {
  it('come with the gravest first', () => {
    const findings = (['info', 'critical', 'warn'] as const).map((severity) => ({ severity }))
    expect(bySeverity(findings).map(({ severity }) => severity)).toEqual([
      'critical',
      'warn',
      'info',
    ])
  })

  it('offer no suppression that the gateway would refuse', () => {
    expect([...NEVER_SUPPRESSED].filter(mayBeSuppressed)).toEqual([])
    expect(mayBeSuppressed('budgets.none')).toBe(true)
  })
})

it('says what is wrong with a trail, and a fault without words as it is', () => {
  expect([faultWords('gap'), faultWords('new_fault')]).toEqual([
    'a record is missing, or stands twice',
    'new_fault',
  ])
})
