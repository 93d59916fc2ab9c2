/** What is kept, spent and waited for; and who answers for what was found before. */
import { about, type Check, when } from './facts.ts'

const LONG_WAIT_SECONDS = 600

export const keepingChecks: Check = ({ tenant, suppressions }) => [
  ...when(!tenant.hasBudget, {
    checkId: 'budgets.none',
    severity: 'warn',
    title: 'Nothing limits what is spent',
    detail: 'No budget is set for the tenant, its users or its agents.',
    remediation: 'Set budgets.tenant, for instance {"usd_per_month":100}.',
  }),
  ...when(tenant.approvalTimeoutSeconds > LONG_WAIT_SECONDS, {
    checkId: 'approvals.timeout_too_long',
    severity: 'info',
    title: 'Questions to humans stay open for long',
    detail: `tools.approvals.timeout_seconds is ${tenant.approvalTimeoutSeconds}.`,
    remediation: 'Set it to 120.',
  }),
  ...when(tenant.brokenAt !== null, {
    checkId: 'audit.chain_broken',
    severity: 'critical',
    title: 'The audit trail was tampered with',
    detail: `It is broken at record ${tenant.brokenAt}.`,
    remediation: 'Follow docs/incident.md; audit.verify says what is wrong there.',
  }),
  ...when(tenant.unverifiedRecords > 0, {
    checkId: 'audit.chain_unverified',
    severity: 'warn',
    title: 'Nobody can tell whether a part of the audit trail is what was written',
    detail: `${tenant.unverifiedRecords} records were made under a key that is gone.`,
    remediation: 'Set EDGECLAW_ENCRYPTION_KEY_PREVIOUS to that key, verify, and export them.',
  }),
  ...about(tenant.keptForever, {
    checkId: 'retention.unlimited',
    severity: 'info',
    title: 'Data is kept without an end',
    detail: (list) => `Not limited: ${list}.`,
    remediation: 'Set the days under retention in the configuration.',
  }),
  ...about(
    suppressions.map(({ checkId, createdBy, reason }) => `${checkId} (${createdBy}: ${reason})`),
    {
      checkId: 'security.audit.suppressions.active',
      severity: 'info',
      title: 'Somebody answers for findings',
      detail: (list) => list,
      remediation: 'Look at the reasons; security.audit.unsuppress takes one back.',
    },
  ),
]
