/** What is asked of a tenant's objects when it is handed over (export) or ends (erasure). */
import type { HistoryMessage } from '../run-event.ts'

/** Every object that holds something of a tenant's can be made to hold nothing, for good. */
export interface Erasable {
  /** Ends what is under way, then drops all storage and alarms. Repeating it harms nothing. */
  erase(): Promise<void>
}

export const NAME_KINDS = ['inbox', 'session', 'workspace', 'limiter'] as const
export type NameKind = (typeof NAME_KINDS)[number]

/** One page of an export that was handed out: what it was asked with, and what asks for the next. */
export interface ExportStep {
  readonly presented: string | null
  readonly next: string | null
}

export interface TenantEndPort extends Erasable {
  /** Of the directory of object names, in order. */
  names(kind: NameKind, after: string | null, limit: number): Promise<readonly string[]>
  /** Once their objects are erased. */
  forgetNames(kind: NameKind, names: readonly string[]): Promise<void>
  /** Proves every connection anew, and closes those whose access has ended. */
  closeConnections(): Promise<void>
  noteExport(step: ExportStep): Promise<void>
  /** When the last export reached its end; null when none did. */
  exportFinishedAt(): Promise<number | null>
  /** Sealed values of the tenant were written anew: its snapshot still holds the ones before. */
  resealed(): Promise<void>
}

export interface SessionExport {
  readonly agentKey: string
  readonly owner: string
  readonly label: string | null
  readonly createdAt: number
  /** Oldest first, as a reader of the session gets them. */
  readonly messages: readonly HistoryMessage[]
  /** Of the page that precedes this one; null at the beginning. */
  readonly nextBefore: number | null
}

export interface ExportableSession {
  /** Null for a session that is not there any more. */
  exportPage(before: number | null): Promise<SessionExport | null>
}
