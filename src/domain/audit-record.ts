/**
 * The audit trail: every change and every security event of a tenant, in the order in which they
 * happened. Metadata only: ids, kinds and counts, never a text, a secret or a value that was set.
 */
import { type TenantId, tenantIdSchema } from './ids.ts'

/**
 * What the platform's operator does to no single tenant. No tenant has this id: those that are made
 * have twenty letters behind their prefix.
 */
export const PLATFORM_CHAIN: TenantId = tenantIdSchema.parse('ten_platform')

/** `change`: an operation that changed something. `event`: what a gate saw. */
export const AUDIT_KINDS = ['change', 'event'] as const
export type AuditKind = (typeof AUDIT_KINDS)[number]

export interface AuditActor {
  readonly userId: string
  /** Names the credential without revealing it; empty where none is known. */
  readonly credential: string
}

export type AuditFields = Readonly<Record<string, string | number | boolean>>

export interface AuditEntry {
  readonly kind: AuditKind
  readonly name: string
  readonly actor: AuditActor
  readonly fields: AuditFields
}

/** Where a chain stands: everything up to this record is summed up in its MAC. */
export interface AuditPoint {
  readonly sequence: number
  /** 64 lower-case hex digits. */
  readonly mac: string
}

/** One record of a chain as it is stored: `record` is the very text that the MAC was made over. */
export interface AuditRow extends AuditPoint {
  readonly record: string
  readonly previousMac: string
  readonly createdAt: number
}

/** What the tenant's object knows of its chain, which no copy can contradict. */
export interface AuditState {
  readonly head: AuditPoint
  /** What was pruned ends here: the rest is verified from this on. */
  readonly checkpoint: AuditPoint
  /** Records up to here were made under keys that a rotation replaced; 0: none. */
  readonly rekeyedAfter: number
  /** The last head that was signed and laid down outside of database and object. */
  readonly anchor: AuditPoint | null
}
