/**
 * All checks over one moment, worst first. A suppression takes a finding out of the count, never out of
 * sight: it is named, and reported as a finding itself. A broken trail can be answered for by nobody.
 */
import {
  type Finding,
  NEVER_SUPPRESSED,
  SEVERITIES,
  type SecurityReport,
  type Severity,
  type Suppression,
} from '../domain/security-finding.ts'
import { channelChecks, exposureChecks } from './channels.ts'
import { customToolChecks } from './custom-tools.ts'
import type { AuditFacts, Check } from './facts.ts'
import { gatewayChecks } from './gateway.ts'
import { keepingChecks } from './keeping.ts'
import { keyChecks } from './keys.ts'
import { mcpChecks } from './mcp.ts'
import { providerChecks } from './providers.ts'
import { runHookChecks } from './run-hooks.ts'
import { sandboxChecks } from './sandbox.ts'
import { scheduleChecks } from './schedules.ts'
import { secretChecks } from './secrets.ts'
import { skillChecks } from './skills.ts'
import { summaryCheck } from './summary.ts'
import { toolChecks } from './tools.ts'
import { traceChecks } from './traces.ts'
import { webhookChecks } from './webhooks.ts'

const FAMILIES: readonly Check[] = [
  gatewayChecks,
  secretChecks,
  keyChecks,
  channelChecks,
  exposureChecks,
  webhookChecks,
  runHookChecks,
  toolChecks,
  customToolChecks,
  providerChecks,
  mcpChecks,
  skillChecks,
  scheduleChecks,
  traceChecks,
  sandboxChecks,
  keepingChecks,
  summaryCheck,
]

const isInForce = ({ expiresAt }: Suppression, now: number): boolean =>
  expiresAt === null || expiresAt > now

export function auditReport(facts: AuditFacts): SecurityReport {
  const active = facts.suppressions.filter((one) => isInForce(one, facts.now))
  const answered = new Set(
    active.map(({ checkId }) => checkId).filter((checkId) => !NEVER_SUPPRESSED.has(checkId)),
  )
  const all = FAMILIES.flatMap((check) => check({ ...facts, suppressions: active })).map(
    ({ autoFix, ...found }): Finding => ({ ...found, autoFix: autoFix === true }),
  )
  const findings = all
    .filter(({ checkId }) => !answered.has(checkId))
    .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))
  const count = (severity: Severity): number =>
    findings.filter((finding) => finding.severity === severity).length
  const suppressed = all.map(({ checkId }) => checkId).filter((checkId) => answered.has(checkId))
  return {
    ts: new Date(facts.now).toISOString(),
    summary: { critical: count('critical'), warn: count('warn'), info: count('info') },
    findings,
    suppressed: [...new Set(suppressed)],
  }
}
