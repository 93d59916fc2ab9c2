/**
 * Erases a tenant, a step at a time: each may be cut off and repeated. The order is what makes it
 * complete: first nobody is let in and the directory takes no further name, then the objects it
 * names (conversations before the files they write to), then the files, the rows, and at last the
 * tenant's own object and row.
 */

import type { Database } from '../../db/database.ts'
import { closeTenant, eraseTenantRows, removeTenant } from '../../db/tenant-rows.ts'
import type { TenantId } from '../../domain/ids.ts'
import type { Deletion } from '../../domain/ports/platform.ts'
import type { TenantPort } from '../../domain/ports/tenant.ts'
import {
  type Erasable,
  NAME_KINDS,
  type NameKind,
  type TenantEndPort,
} from '../../domain/ports/tenant-end.ts'
import { logError } from '../../telemetry/log.ts'

/** Erased side by side: each may have a run to end first. */
const OBJECTS_A_STEP = 10
/** R2 lists and deletes at most 1,000. */
const BLOBS_A_STEP = 500
const ROWS_A_STEP = 200

export interface ErasureParts {
  db(tenantId: TenantId): Database
  directory(): Database
  readonly blobs: Pick<R2Bucket, 'list' | 'delete'>
  tenant(tenantId: TenantId): Pick<TenantPort, 'changing' | 'changed'>
  end(tenantId: TenantId): TenantEndPort
  object(kind: NameKind, name: string): Erasable
  now(): number
}

/** @returns the deletion as it stands after one step; of one that has ended, the same again */
export async function eraseStep(parts: ErasureParts, deletion: Deletion): Promise<Deletion> {
  const { tenantId } = deletion
  switch (deletion.phase) {
    case 'closing':
      await close(parts, tenantId)
      await parts.end(tenantId).closeConnections()
      return { ...deletion, phase: 'objects' }
    case 'objects': {
      const objects = await eraseObjects(parts, tenantId)
      return objects === 0
        ? { ...deletion, phase: 'blobs' }
        : { ...deletion, objects: deletion.objects + objects }
    }
    case 'blobs': {
      const blobs = await eraseBlobs(parts, tenantId)
      return blobs === 0
        ? { ...deletion, phase: 'rows' }
        : { ...deletion, blobs: deletion.blobs + blobs }
    }
    case 'rows': {
      const rows = await eraseTenantRows(parts.db(tenantId), tenantId, ROWS_A_STEP)
      return rows === 0
        ? { ...deletion, phase: 'tenant' }
        : { ...deletion, rows: deletion.rows + rows }
    }
    case 'tenant':
      await removeTenant(parts.directory(), tenantId)
      await parts.end(tenantId).erase()
      await sweepLate(parts, tenantId)
      return { ...deletion, phase: 'ended', finishedAt: parts.now() }
    case 'ended':
      return deletion
  }
}

export async function close(
  { directory, tenant, now }: ErasureParts,
  tenantId: TenantId,
): Promise<void> {
  await tenant(tenantId).changing()
  try {
    await closeTenant(directory(), tenantId, now())
  } finally {
    // Rows that cannot be read keep everybody out as well, and must not keep it from being erased.
    await tenant(tenantId)
      .changed()
      .catch((error: unknown) => logError('erasure.unreadable', error, { tenantId }))
  }
}

/** What a request wrote that had been let in before: its answer was still to come. */
export async function sweepLate(parts: ErasureParts, tenantId: TenantId): Promise<void> {
  while ((await eraseTenantRows(parts.db(tenantId), tenantId, ROWS_A_STEP)) > 0);
  while ((await eraseBlobs(parts, tenantId)) > 0);
}

async function eraseObjects(parts: ErasureParts, tenantId: TenantId): Promise<number> {
  const end = parts.end(tenantId)
  for (const kind of NAME_KINDS) {
    const names = await end.names(kind, null, OBJECTS_A_STEP)
    if (names.length === 0) continue
    await Promise.all(names.map((name) => parts.object(kind, name).erase()))
    await end.forgetNames(kind, names)
    return names.length
  }
  return 0
}

async function eraseBlobs({ blobs }: ErasureParts, tenantId: TenantId): Promise<number> {
  // The separator belongs to it: the id of one tenant may begin with that of another.
  const prefix = `${encodeURIComponent(tenantId)}/`
  const { objects } = await blobs.list({ prefix, limit: BLOBS_A_STEP })
  if (objects.length > 0) await blobs.delete(objects.map(({ key }) => key))
  return objects.length
}
