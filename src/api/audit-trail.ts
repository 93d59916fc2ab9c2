/** The audit trail: read, handed out with its MACs, and proven against what the tenant's object knows. */
import { z } from 'zod'
import { listAuditRows, MAX_AUDIT_PAGE } from '../db/audit-records.ts'
import { AUDIT_KINDS, type AuditRow, PLATFORM_CHAIN } from '../domain/audit-record.ts'
import type { TenantId } from '../domain/ids.ts'
import { notFound, type Refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { ADMIN } from './access.ts'
import { proveChain } from './audit-proof.ts'
import type { OperationContext } from './context.ts'
import { operation } from './operation.ts'
import { reachableTenant } from './tenants.ts'

const chainReference = {
  tenant_id: z.string().max(100).nullish(),
  /** What the platform's operator did to no single tenant; for that operator alone. */
  platform: z.stringbool().or(z.boolean()).nullish(),
}

interface ChainReference {
  readonly tenant_id?: string | null | undefined
  readonly platform?: boolean | null | undefined
}

async function namedChain(
  context: OperationContext,
  { tenant_id, platform }: ChainReference,
): Promise<Result<TenantId, Refusal>> {
  if (platform !== true) return reachableTenant(context, tenant_id)
  return context.principal.isMasterScope ? ok(PLATFORM_CHAIN) : err(notFound('chain'))
}

const pageParams = {
  ...chainReference,
  limit: z.coerce.number().int().min(1).max(MAX_AUDIT_PAGE).default(100),
  /** Oldest first from behind this sequence. */
  after: z.coerce.number().int().min(0).nullish(),
}

const shownRecord = z.record(z.string(), z.unknown())

const shown = ({ record, createdAt }: AuditRow): z.infer<typeof shownRecord> => {
  const { at: _, previous: __, ...said } = JSON.parse(record) as Record<string, unknown>
  return { ...said, created_at: new Date(createdAt).toISOString() }
}

export const auditList = operation({
  name: 'audit.list',
  summary: 'The audit trail: newest first, or oldest first from behind `after`',
  access: ADMIN,
  params: z.object({
    ...pageParams,
    before: z.coerce.number().int().min(1).nullish(),
    kind: z.enum(AUDIT_KINDS).nullish(),
  }),
  result: z.object({ records: z.array(shownRecord), next: z.number().nullable() }),
  http: { method: 'GET', path: '/v1/audit' },
  run: async (context, params) => {
    const chain = await namedChain(context, params)
    if (!chain.ok) return chain
    const { services } = context
    // What was appended a moment ago is in the copy once the object has said where it stands.
    await services.tenant(chain.value).auditState()
    const rows = await listAuditRows(services.database(chain.value), chain.value, {
      limit: params.limit,
      ...(params.after == null ? {} : { after: params.after }),
      ...(params.before == null ? {} : { before: params.before }),
      ...(params.kind == null ? {} : { kind: params.kind }),
    })
    const next = rows.length < params.limit ? null : (rows.at(-1)?.sequence ?? null)
    return ok({ records: rows.map(shown), next })
  },
})

export const auditExport = operation({
  name: 'audit.export',
  summary: 'A page of the audit trail as NDJSON, each line with its record as written and its MACs',
  access: ADMIN,
  params: z.object(pageParams),
  result: z.object({
    ndjson: z.string(),
    /** `after` of the next page; null at the end. */
    next: z.number().nullable(),
    head: z.object({ sequence: z.number(), mac: z.string() }),
    checkpoint: z.object({ sequence: z.number(), mac: z.string() }),
  }),
  http: { method: 'GET', path: '/v1/audit/export' },
  run: async (context, params) => {
    const chain = await namedChain(context, params)
    if (!chain.ok) return chain
    const { services } = context
    const { head, checkpoint } = await services.tenant(chain.value).auditState()
    const { limit } = params
    const after = params.after ?? 0
    const page = { limit, after }
    const rows = await listAuditRows(services.database(chain.value), chain.value, page)
    const ndjson = rows
      .map(({ sequence, record, previousMac, mac }) =>
        JSON.stringify({ sequence, record, previousMac, mac }),
      )
      .map((line) => `${line}\n`)
      .join('')
    const next = rows.length < limit ? null : (rows.at(-1)?.sequence ?? null)
    return ok({ ndjson, next, head: { sequence: head.sequence, mac: head.mac }, checkpoint })
  },
})

export const auditVerify = operation({
  name: 'audit.verify',
  summary: 'Walks the audit trail from its checkpoint to its head and says whether it is whole',
  access: ADMIN,
  params: z.object({
    ...chainReference,
    /** Begins at this record instead, for a trail too long for one call. */
    after: z.coerce.number().int().min(1).nullish(),
  }),
  result: z.object({
    ok: z.boolean(),
    /** Records whose MAC was made anew and is the same, or that one of those vouches for by its hash. */
    checked: z.number(),
    /** Linked, but made under a key that is gone, and before records held the hash of those before them. */
    unverified: z.number(),
    head: z.number(),
    checkpoint: z.number(),
    firstBroken: z.object({ sequence: z.number(), fault: z.string() }).nullable(),
  }),
  http: { method: 'GET', path: '/v1/audit/verify' },
  run: async (context, params) => {
    const chain = await namedChain(context, params)
    if (!chain.ok) return chain
    const range = params.after == null ? {} : { after: params.after }
    return ok(await proveChain(context.services, chain.value, range))
  },
})
