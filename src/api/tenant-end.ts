/** The end of a tenant: what it takes along, and its erasure. The platform's own is never deleted. */
import { z } from 'zod'
import { findTenant } from '../db/directory.ts'
import { DEFAULT_TENANT, type TenantId, tenantIdSchema } from '../domain/ids.ts'
import { DELETION_PHASES, type Deletion } from '../domain/ports/platform.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { OWNER, PLATFORM } from './access.ts'
import type { OperationContext } from './context.ts'
import { parseCursor, writeCursor } from './export-cursor.ts'
import { operation } from './operation.ts'
import { exportPage, FIRST_PAGE } from './tenant-export.ts'
import { reachableTenant } from './tenants.ts'
import { time } from './time.ts'

/** An export that is older may lack what was done since. */
const EXPORT_MAX_AGE_MS = 24 * 3_600_000

export const tenantsExport = operation({
  name: 'tenants.export',
  summary: 'Everything of a tenant but its secrets, page by page',
  access: OWNER,
  // Its pages are many; that it began, and that whoever it was has all of it, is what there is to tell.
  audit: ({ cursor }, { next }) => {
    const isFirst = cursor == null
    if (!isFirst && next !== null) return null
    return { pages: isFirst ? (next === null ? 'all' : 'first') : 'last' }
  },
  params: z.object({
    tenant_id: z.string().max(100).nullish(),
    /** `next` of the page that was read last. */
    cursor: z.string().max(4_000).nullish(),
  }),
  result: z.object({
    /** One line each of an NDJSON file. */
    records: z.array(z.record(z.string(), z.unknown())),
    next: z.string().nullable(),
  }),
  http: { method: 'GET', path: '/v1/tenants/{tenant_id}/export' },
  run: async (context, params) => {
    const { services } = context
    const tenantId = await reachableTenant(context, params.tenant_id)
    if (!tenantId.ok) return tenantId
    const presented = params.cursor ?? null
    const cursor = presented === null ? ok(FIRST_PAGE) : parseCursor(presented)
    if (!cursor.ok)
      return err(refusal('INVALID_REQUEST', 'cursor is the `next` of an earlier page'))
    const page = await exportPage(services, tenantId.value, cursor.value)
    const next = page.next && writeCursor(page.next)
    await services.tenantEnd(tenantId.value).noteExport({ presented, next })
    return ok({ records: [...page.records], next })
  },
})

const deletionRow = z.object({
  tenant_id: z.string(),
  phase: z.enum(DELETION_PHASES),
  objects: z.number(),
  blobs: z.number(),
  rows: z.number(),
  requested_at: z.string(),
  finished_at: z.string().nullable(),
})

const toRow = (deletion: Deletion): z.infer<typeof deletionRow> => ({
  tenant_id: deletion.tenantId,
  phase: deletion.phase,
  objects: deletion.objects,
  blobs: deletion.blobs,
  rows: deletion.rows,
  requested_at: time(deletion.requestedAt),
  finished_at: time(deletion.finishedAt),
})

export const tenantsDelete = operation({
  name: 'tenants.delete',
  summary: 'Closes a tenant at once and erases everything of it',
  access: OWNER,
  audit: (_, { tenant_id }) => ({ tenant_id }),
  auditIn: 'platform',
  params: z.object({
    tenant_id: z.string().max(100).nullish(),
    /** The tenant's slug, typed by whoever means it. */
    confirm: z.string().max(100),
    /** Otherwise an export must have reached its end within the last day. */
    without_export: z.union([z.boolean(), z.enum(['true', 'false'])]).optional(),
  }),
  result: deletionRow,
  http: { method: 'DELETE', path: '/v1/tenants/{tenant_id}' },
  run: async (context, params) => {
    const tenantId = await reachableTenant(context, params.tenant_id)
    if (!tenantId.ok) return tenantId
    const isWithout = params.without_export === true || params.without_export === 'true'
    const allowed = await mayDelete(context, tenantId.value, params.confirm, isWithout)
    if (!allowed.ok) return allowed
    return ok(toRow(await context.services.platform().deleteTenant(tenantId.value)))
  },
})

async function mayDelete(
  { services }: OperationContext,
  tenantId: TenantId,
  confirm: string,
  isWithoutExport: boolean,
): Promise<Result<null, Refusal>> {
  if (tenantId === DEFAULT_TENANT)
    return err(refusal('FAILED_PRECONDITION', "the platform's own tenant cannot be deleted"))
  const tenant = await findTenant(services.directory(), tenantId)
  if (tenant === null) return err(notFound('tenant'))
  if (tenant.slug !== confirm)
    return err(refusal('INVALID_REQUEST', 'confirm must be the slug of the tenant'))
  if (isWithoutExport) return ok(null)
  const exportedAt = await services.tenantEnd(tenantId).exportFinishedAt()
  if (exportedAt !== null && exportedAt > services.now() - EXPORT_MAX_AGE_MS) return ok(null)
  return err(
    refusal(
      'FAILED_PRECONDITION',
      'export the tenant first (tenants.export, to its last page), or say without_export: true',
    ),
  )
}

export const tenantsDeletion = operation({
  name: 'tenants.deletion',
  summary: 'How far the erasure of a tenant has come; known after its end as well',
  access: PLATFORM,
  params: z.object({ tenant_id: z.string().max(100) }),
  result: deletionRow,
  http: { method: 'GET', path: '/v1/tenants/{tenant_id}/deletion' },
  run: async ({ services }, params) => {
    const tenantId = tenantIdSchema.safeParse(params.tenant_id)
    const deletion = tenantId.success ? await services.platform().deletion(tenantId.data) : null
    return deletion ? ok(toRow(deletion)) : err(notFound('deletion'))
  },
})
