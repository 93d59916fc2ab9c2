/** The security audit: what it finds, what it mends when asked, and who answers for what is left. */
import { z } from 'zod'
import { isSealed, seal } from '../crypto/envelope.ts'
import {
  expireEndlessKeys,
  listStoredSecrets,
  listSuppressions,
  removeSuppression,
  sealStoredSecret,
  setSuppression,
} from '../db/security-audit.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { NEVER_SUPPRESSED, SEVERITIES } from '../domain/security-finding.ts'
import { ADMIN } from './access.ts'
import { closeOpenGroups } from './close-open-groups.ts'
import { changeConfig } from './config-change.ts'
import type { OperationContext } from './context.ts'
import { mergePatch } from './merge-patch.ts'
import { operation } from './operation.ts'
import { changeTenant } from './tenant-change.ts'
import { time } from './time.ts'

/** A reason that can be read: `ok` is none. */
const MIN_REASON_CHARS = 10
const MAX_SECONDS = 10 * 365 * 24 * 3_600

const findingRow = z.object({
  checkId: z.string(),
  severity: z.enum(SEVERITIES),
  title: z.string(),
  detail: z.string(),
  remediation: z.string(),
  autoFix: z.boolean(),
})

export const securityAudit = operation({
  name: 'security.audit',
  summary: 'Looks for what is set up unsafely; with `fix` mends what can be mended without loss',
  access: ADMIN,
  params: z.object({
    /** Probes the runners as well. */
    deep: z.boolean().nullish(),
    /** Turns redaction on, closes open groups to their lists and seals plain secrets; rotates, revokes and deletes nothing. */
    fix: z.boolean().nullish(),
    /** With `fix`: keys without an end get one, in so many seconds. */
    expire_keys_in: z.number().int().min(3_600).max(MAX_SECONDS).nullish(),
  }),
  result: z.object({
    ts: z.string(),
    summary: z.object({ critical: z.number(), warn: z.number(), info: z.number() }),
    findings: z.array(findingRow),
    suppressed: z.array(z.string()),
    fixed: z.array(z.string()),
    deep: z.object({ probed: z.array(z.string()) }).optional(),
  }),
  http: { method: 'POST', path: '/v1/security/audit' },
  audit: (_, { fixed }) => (fixed.length === 0 ? null : { fixed: fixed.join(' ') }),
  run: async (context, params) => {
    const fixed = params.fix ? await fix(context, params.expire_keys_in ?? null) : ok([])
    if (!fixed.ok) return fixed
    const report = await context.securityReport({ deep: params.deep === true })
    const { deep, ...rest } = report
    return ok({
      ...rest,
      findings: [...report.findings],
      suppressed: [...report.suppressed],
      fixed: [...fixed.value],
      ...(deep === undefined ? {} : { deep: { probed: [...deep.probed] } }),
    })
  },
})

/** The ids of the checks that it did something for. */
async function fix(
  context: OperationContext,
  expireKeysIn: number | null,
): Promise<Result<readonly string[], Refusal>> {
  const fixed: string[] = []
  const scrubbing = await turnScrubbingOn(context)
  if (!scrubbing.ok) return scrubbing
  if (scrubbing.value) fixed.push('tools.scrub_off')
  const closed = await closeOpenGroups(context)
  if (!closed.ok) return closed
  fixed.push(...closed.value)
  // Elsewhere whoever writes to the database could have a value of theirs sealed as if it were ours.
  if (context.acceptsPlaintext && (await sealPlainSecrets(context)))
    fixed.push('secrets.plaintext_rows')
  if (expireKeysIn !== null && (await expireKeys(context, expireKeysIn))) {
    fixed.push('keys.no_expiry')
  }
  return ok(fixed)
}

async function turnScrubbingOn(context: OperationContext): Promise<Result<boolean, Refusal>> {
  if (context.snapshot.config.tools.scrub_credentials) return ok(false)
  const patch = { tools: { scrub_credentials: true } }
  const changed = await changeConfig(context, {
    next: ({ document }) => ok(mergePatch(document, patch)),
  })
  return changed.ok ? ok(true) : changed
}

async function sealPlainSecrets({
  services,
  principal: { tenantId },
}: OperationContext): Promise<boolean> {
  const db = services.database(tenantId)
  const plain = (await listStoredSecrets(db, tenantId)).filter(({ value }) => !isSealed(value))
  if (plain.length === 0) return false
  await changeTenant(services, tenantId, async () => {
    for (const secret of plain) {
      const { table, column, row, value } = secret
      const sealed = await seal(services.keyRing, { tenantId, table, column, row }, value)
      await sealStoredSecret(db, tenantId, secret, sealed)
    }
  })
  return true
}

async function expireKeys(
  { services, principal: { tenantId } }: OperationContext,
  seconds: number,
): Promise<boolean> {
  const at = services.now() + seconds * 1_000
  const ids = await changeTenant(services, tenantId, () =>
    expireEndlessKeys(services.database(tenantId), tenantId, at),
  )
  return ids.length > 0
}

const checkId = z.string().regex(/^[A-Za-z0-9_.*]{3,100}$/, 'must be the id of a check')

export const securityAuditSuppress = operation({
  name: 'security.audit.suppress',
  summary: 'Takes a finding out of the count, with the reason that somebody answers for',
  access: ADMIN,
  params: z.object({
    checkId,
    reason: z.string().trim().min(MIN_REASON_CHARS).max(500),
    /** Seconds; without it until it is taken back. */
    expires_in: z.number().int().positive().max(MAX_SECONDS).nullish(),
  }),
  result: z.object({ ok: z.literal(true), checkId: z.string(), expires_at: z.string().nullable() }),
  http: { method: 'PUT', path: '/v1/security/audit/suppressions/{checkId}' },
  audit: (params, { expires_at }) => ({
    checkId: params.checkId,
    expires_at: expires_at ?? 'never',
  }),
  run: async ({ services, principal: { tenantId, userId } }, params) => {
    if (NEVER_SUPPRESSED.has(params.checkId)) {
      return err(refusal('INVALID_REQUEST', `${params.checkId} is never suppressed`))
    }
    const now = services.now()
    const expiresAt = params.expires_in ? now + params.expires_in * 1_000 : null
    await setSuppression(services.database(tenantId), tenantId, {
      checkId: params.checkId,
      reason: params.reason,
      createdBy: userId,
      createdAt: now,
      expiresAt,
    })
    const expires_at = time(expiresAt)
    return ok({ ok: true as const, checkId: params.checkId, expires_at })
  },
})

export const securityAuditUnsuppress = operation({
  name: 'security.audit.unsuppress',
  summary: 'Counts a finding again',
  access: ADMIN,
  params: z.object({ checkId }),
  result: z.object({ ok: z.literal(true), checkId: z.string() }),
  http: { method: 'DELETE', path: '/v1/security/audit/suppressions/{checkId}' },
  audit: (params) => ({ checkId: params.checkId }),
  run: async ({ services, principal: { tenantId } }, params) => {
    const removed = await removeSuppression(services.database(tenantId), tenantId, params.checkId)
    return removed
      ? ok({ ok: true as const, checkId: params.checkId })
      : err(notFound('suppression'))
  },
})

export const securityAuditSuppressions = operation({
  name: 'security.audit.suppressions',
  summary: 'The findings that somebody answers for, and why',
  access: ADMIN,
  params: z.object({}),
  result: z.object({
    suppressions: z.array(
      z.object({
        checkId: z.string(),
        reason: z.string(),
        created_by: z.string(),
        created_at: z.string(),
        expires_at: z.string().nullable(),
      }),
    ),
  }),
  http: { method: 'GET', path: '/v1/security/audit/suppressions' },
  run: async ({ services, principal: { tenantId } }) => {
    const rows = await listSuppressions(services.database(tenantId), tenantId)
    return ok({
      suppressions: rows.map((row) => ({
        checkId: row.checkId,
        reason: row.reason,
        created_by: row.createdBy,
        created_at: time(row.createdAt),
        expires_at: time(row.expiresAt),
      })),
    })
  },
})
