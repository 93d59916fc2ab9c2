/** Where a tenant has its traces sent. The headers come and go sealed; this file cannot open them. */
import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import type { TenantId } from '../domain/ids.ts'
import { TRACE_EXPORTER_ID } from '../domain/trace.ts'
import type { Database } from './database.ts'
import { traceExporters } from './schema/traces.ts'

const exporterSchema = z.object({
  endpoint: z.string(),
  sealedHeaders: z.string().nullable(),
  allowPrivateNetwork: z.boolean(),
  enabled: z.boolean(),
  lastError: z.string().nullable(),
  lastSentAt: z.number().nullable(),
})
export type TraceExporter = Readonly<z.infer<typeof exporterSchema>>

export async function findTraceExporter(
  db: Database,
  tenantId: TenantId,
): Promise<TraceExporter | null> {
  const [row] = await db
    .select()
    .from(traceExporters)
    .where(eq(traceExporters.tenantId, tenantId))
    .limit(1)
  return row === undefined ? null : exporterSchema.parse(row)
}

export type TraceExporterChange = Pick<
  TraceExporter,
  'endpoint' | 'sealedHeaders' | 'allowPrivateNetwork' | 'enabled'
>

/** All of it anew: what came of the earlier one is forgotten. */
export async function setTraceExporter(
  db: Database,
  tenantId: TenantId,
  { endpoint, sealedHeaders, allowPrivateNetwork, enabled }: TraceExporterChange,
  now: number,
): Promise<void> {
  const values = {
    endpoint,
    sealedHeaders,
    allowPrivateNetwork,
    enabled,
    lastError: null,
    lastSentAt: null,
    updatedAt: now,
  }
  await db
    .insert(traceExporters)
    .values({ tenantId, id: TRACE_EXPORTER_ID, ...values })
    .onConflictDoUpdate({ target: [traceExporters.tenantId, traceExporters.id], set: values })
}

/** @param error null: it went well */
export async function noteTraceExport(
  db: Database,
  tenantId: TenantId,
  endpoint: string,
  error: string | null,
  now: number,
): Promise<void> {
  await db
    .update(traceExporters)
    .set(error === null ? { lastError: null, lastSentAt: now } : { lastError: error })
    .where(and(eq(traceExporters.tenantId, tenantId), eq(traceExporters.endpoint, endpoint)))
}
