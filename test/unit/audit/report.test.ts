import { describe, expect, it } from 'vitest'
import { auditReport } from '../../../src/audit/report.ts'
import type { Suppression } from '../../../src/domain/security-finding.ts'
import { agent, channel, facts, key, NOW } from './facts.ts'

const suppress = (checkId: string, expiresAt: number | null = null): Suppression => ({
  checkId,
  reason: 'a local model, on purpose',
  createdBy: 'olga',
  createdAt: 1,
  expiresAt,
})

describe('a report', () => {
  it('counts by severity, worst first, and says what there is to attack', () => {
    const report = auditReport(
      facts({ tenant: { hasBudget: false, scrubsCredentials: false, ownerOrAdminCount: 1 } }),
    )
    expect(report.ts).toBe(new Date(NOW).toISOString())
    expect(report.summary).toEqual({ critical: 1, warn: 1, info: 2 })
    expect(report.findings.map(({ checkId }) => checkId)).toEqual([
      'tools.scrub_off',
      'budgets.none',
      'tenants.single_admin',
      'summary.attack_surface',
    ])
    expect(report.findings.at(-1)?.detail).toBe(
      '5 members; 1 API keys; 1 issuers; 1 agents; commands by main; 1 channels; 1 channels of hooks; 1 run hooks; 1 MCP servers; 1 custom tools; 1 skills; 1 schedules; 1 runners.',
    )
  })

  it('mends by itself what loses nothing, and nothing else', () => {
    const { findings } = auditReport(
      facts({
        tenant: {
          scrubsCredentials: false,
          hasBudget: false,
          keys: [key({ expiresAt: null })],
          secrets: { plaintext: 2, sealable: 2, underPreviousKey: 1 },
          channels: [
            channel({ groupPolicy: 'open' }),
            channel({ type: 'telegram', admitsAnyGroup: true }),
          ],
        },
      }),
    )
    const mended = findings.filter(({ autoFix }) => autoFix).map(({ checkId }) => checkId)
    expect(mended.sort()).toEqual([
      'channels.slack.group.open',
      'secrets.plaintext_rows',
      'tools.scrub_off',
    ])
  })

  it('says what to do about each, and names no more than can be read', () => {
    const many = Array.from({ length: 30 }, (_, index) =>
      agent({ key: `agent-${index}`, sandboxMode: 'off' }),
    )
    const { findings } = auditReport(facts({ tenant: { agents: many } }))
    const [finding] = findings
    expect(finding?.detail).toContain('agent-9 and 20 more')
    for (const { remediation } of findings) expect(remediation.length).toBeGreaterThan(9)
  })
})

describe('a suppression', () => {
  const bad = { tenant: { hasBudget: false } }

  it('takes a finding out of the count, and is one itself', () => {
    const report = auditReport(facts({ ...bad, suppressions: [suppress('budgets.none')] }))
    expect(report.findings.map(({ checkId }) => checkId)).toEqual([
      'security.audit.suppressions.active',
      'summary.attack_surface',
    ])
    expect(report.suppressed).toEqual(['budgets.none'])
    expect(report.findings[0]?.detail).toBe('budgets.none (olga: a local model, on purpose)')
    expect(report.summary.warn).toBe(0)
  })

  it('of another check, or one that is over, hides nothing', () => {
    for (const one of [suppress('budgets'), suppress('budgets.none', NOW)]) {
      const { summary, suppressed } = auditReport(facts({ ...bad, suppressions: [one] }))
      expect([summary.warn, suppressed]).toEqual([1, []])
    }
    const later = suppress('budgets.none', NOW + 1)
    expect(auditReport(facts({ ...bad, suppressions: [later] })).summary.warn).toBe(0)
  })

  it('hides neither a broken trail nor that something is hidden', () => {
    const suppressions = ['audit.chain_broken', 'security.audit.suppressions.active'].map((id) =>
      suppress(id),
    )
    const { findings, suppressed } = auditReport(facts({ tenant: { brokenAt: 3 }, suppressions }))
    expect(findings.map(({ checkId }) => checkId)).toEqual([
      'audit.chain_broken',
      'security.audit.suppressions.active',
      'summary.attack_surface',
    ])
    expect(suppressed).toEqual([])
  })
})
