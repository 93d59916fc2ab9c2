/**
 * The gateway's own long work, and the proof of its encryption key. One object does it for the whole
 * gateway (that of the platform's tenant): it is always there, no two of its steps run at once, and
 * its alarm comes back after whatever befell it.
 */
import type { TenantId } from '../ids.ts'

export const DELETION_PHASES = ['closing', 'objects', 'blobs', 'rows', 'tenant', 'ended'] as const
export type DeletionPhase = (typeof DELETION_PHASES)[number]

/** Holds nothing of the tenant's but its id: this outlives the erasure. */
export interface Deletion {
  readonly tenantId: TenantId
  readonly phase: DeletionPhase
  readonly requestedAt: number
  readonly finishedAt: number | null
  /** Erased so far. */
  readonly objects: number
  readonly blobs: number
  readonly rows: number
}

export interface PlatformPort {
  /** Known values sealed under every key in use; empty before the first start. */
  keyChecks(): Promise<readonly string[]>
  /** Adds one when these are still the known ones; answers those that are known now. */
  addKeyCheck(known: readonly string[], sealed: string): Promise<readonly string[]>
  /** Wakes the rotation that its row says is to be done. */
  rotate(): Promise<void>
  /** Closes the tenant to everybody, and erases it from then on. */
  deleteTenant(tenantId: TenantId): Promise<Deletion>
  /** Null when it was never asked for. */
  deletion(tenantId: TenantId): Promise<Deletion | null>
}
