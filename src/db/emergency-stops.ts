/** Emergency stops in force: a row stops, its removal releases. */
import { and, asc, eq } from 'drizzle-orm'
import { type EmergencyStop, emergencyStopSchema } from '../domain/emergency-stop.ts'
import type { TenantId } from '../domain/ids.ts'
import type { Database } from './database.ts'
import { emergencyStops } from './schema/tenants.ts'
import { bumpVersion } from './versions.ts'

/** Statement of a batch, as for agents. */
export const selectStops = (db: Database, tenantId: TenantId) =>
  db
    .select()
    .from(emergencyStops)
    .where(eq(emergencyStops.tenantId, tenantId))
    .orderBy(asc(emergencyStops.id))

export const parseStop = (row: unknown): EmergencyStop => emergencyStopSchema.parse(row)

export async function listStops(
  db: Database,
  tenantId: TenantId,
): Promise<readonly EmergencyStop[]> {
  return (await selectStops(db, tenantId)).map(parseStop)
}

export async function createStop(
  db: Database,
  tenantId: TenantId,
  { id, kind, tools, reason, isPlatform, createdBy, createdAt }: EmergencyStop,
): Promise<void> {
  await db.batch([
    db
      .insert(emergencyStops)
      .values({ id, tenantId, kind, tools, reason, isPlatform, createdBy, createdAt }),
    bumpVersion(db, tenantId),
  ])
}

/** Whether it was there; one that the platform set is there for the platform alone. */
export async function removeStop(
  db: Database,
  tenantId: TenantId,
  id: string,
  mayRemovePlatform: boolean,
): Promise<boolean> {
  const named = and(eq(emergencyStops.tenantId, tenantId), eq(emergencyStops.id, id))
  const [removed] = await db.batch([
    db
      .delete(emergencyStops)
      .where(mayRemovePlatform ? named : and(named, eq(emergencyStops.isPlatform, false)))
      .returning({ id: emergencyStops.id }),
    bumpVersion(db, tenantId),
  ])
  return removed.length > 0
}
