/**
 * Isolates hold the snapshots of many tenants in 128 MB, and one travels whole between objects: what
 * a tenant's admins may put into it is bounded as a whole, not only part by part.
 */
import { type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'

const MAX_SNAPSHOT_CHARS = 2_000_000
/** Settings of one agent; its prompt has a limit of its own. */
export const MAX_SETTINGS_CHARS = 16_000

export function checkSnapshotRoom(snapshot: TenantSnapshot, added: unknown): Result<null, Refusal> {
  const chars = JSON.stringify(snapshot).length + (JSON.stringify(added)?.length ?? 0)
  if (chars <= MAX_SNAPSHOT_CHARS) return ok(null)
  return err(
    refusal(
      'RESOURCE_EXHAUSTED',
      'the agents, providers and configuration of this tenant are too large',
    ),
  )
}
