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

/** Where a chain ends, and the hash that the next record holds of this one. Null: made before there was one. */
export interface ChainHead extends AuditPoint {
  readonly link: string | null
}

/** Records up to and with this one were made under one key, unless an earlier era has them. */
export interface KeyEra {
  readonly through: number
  readonly keyId: string
}

/** What the tenant's object knows of its chain, which no copy can contradict. */
export interface AuditState {
  readonly head: ChainHead
  /** What was pruned ends here: the rest is verified from this on. */
  readonly checkpoint: AuditPoint
  /** Oldest first; the last one ends with the head. Empty: nothing was appended. */
  readonly eras: readonly KeyEra[]
}

export type ChainFault =
  /** A record is missing, or stands twice. */
  | 'gap'
  /** It does not follow the record before it. */
  | 'unlinked'
  /** Its text or its MAC is not what was written. */
  | 'altered'
  /** The copy ends before the chain does. */
  | 'truncated'
  /** There is more than was ever appended, or another end. */
  | 'beyond_head'
  /** A head that was signed earlier is not on this chain. */
  | 'anchor_missed'
  /** What lies where signed heads do is none, or one that was laid down is gone. */
  | 'anchor_unreadable'

export interface BrokenLink {
  readonly sequence: number
  readonly fault: ChainFault
}

/** The state, and what lies outside of database and object. */
export interface AuditProof extends AuditState {
  /** The last heads that were signed and laid down: each must be on the chain. */
  readonly anchors: readonly AuditPoint[]
  /** What was found wrong, now or on an earlier day: what was found once does not go away by itself. */
  readonly faults: readonly BrokenLink[]
}
