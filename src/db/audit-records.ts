/** The copy of a tenant's audit chain: written in the chain's order, never changed, cut from its beginning. */
import { and, asc, desc, eq, gt, lt, lte, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { AuditKind, AuditPoint, AuditRow } from '../domain/audit-record.ts'
import type { TenantId } from '../domain/ids.ts'
import type { Database } from './database.ts'
import { auditCheckpoints, auditRecords } from './schema/security.ts'

/** One page of a list. */
export const MAX_AUDIT_PAGE = 500
/** D1 allows 100 bound parameters, and a record binds six. */
const ROWS_PER_STATEMENT = 16

const auditRowSchema = z.object({
  sequence: z.number(),
  record: z.string(),
  previousMac: z.string(),
  mac: z.string(),
  createdAt: z.number(),
})

/** What the chain's owner says replaces whatever stands in its place: the same row twice is one. */
export async function copyAuditRows(
  db: Database,
  tenantId: TenantId,
  rows: readonly AuditRow[],
): Promise<void> {
  const insert = (chunk: readonly AuditRow[]) =>
    db
      .insert(auditRecords)
      .values(
        chunk.map(({ sequence, record, previousMac, mac, createdAt }) => ({
          tenantId,
          sequence,
          record,
          previousMac,
          mac,
          createdAt,
        })),
      )
      .onConflictDoUpdate({
        target: [auditRecords.tenantId, auditRecords.sequence],
        set: {
          record: sql`excluded.record`,
          previousMac: sql`excluded.previous_mac`,
          mac: sql`excluded.mac`,
          createdAt: sql`excluded.created_at`,
        },
      })
  const chunks: AuditRow[][] = []
  for (let i = 0; i < rows.length; i += ROWS_PER_STATEMENT) {
    chunks.push(rows.slice(i, i + ROWS_PER_STATEMENT))
  }
  const [first, ...rest] = chunks.map(insert)
  if (first !== undefined) await db.batch([first, ...rest])
}

export interface AuditPage {
  readonly limit: number
  /** Oldest first from behind this record; without it newest first. */
  readonly after?: number
  readonly before?: number
  readonly kind?: AuditKind
}

export async function listAuditRows(
  db: Database,
  tenantId: TenantId,
  { limit, after, before, kind }: AuditPage,
): Promise<readonly AuditRow[]> {
  const rows = await db
    .select()
    .from(auditRecords)
    .where(
      and(
        eq(auditRecords.tenantId, tenantId),
        after === undefined ? undefined : gt(auditRecords.sequence, after),
        before === undefined ? undefined : lt(auditRecords.sequence, before),
        kind === undefined
          ? undefined
          : // As the index has it, to the letter.
            eq(
              sql`case when json_valid(${auditRecords.record}) then ${auditRecords.record} ->> '$.kind' end`,
              kind,
            ),
      ),
    )
    .orderBy(after === undefined ? desc(auditRecords.sequence) : asc(auditRecords.sequence))
    .limit(Math.min(limit, MAX_AUDIT_PAGE))
  return rows.map((row) => auditRowSchema.parse(row))
}

/** Cuts the beginning off, up to and with this record, and says where the rest begins. */
export async function pruneAuditRows(
  db: Database,
  tenantId: TenantId,
  { sequence, mac }: AuditPoint,
  now: number,
): Promise<void> {
  await db.batch([
    db
      .delete(auditRecords)
      .where(and(eq(auditRecords.tenantId, tenantId), lte(auditRecords.sequence, sequence))),
    db
      .insert(auditCheckpoints)
      .values({ tenantId, sequence, mac, createdAt: now })
      .onConflictDoNothing(),
  ])
}
