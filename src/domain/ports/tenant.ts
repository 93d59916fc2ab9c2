/** One object per tenant: freshness, running runs, live subscribers, security events. */
import type { RunId, UserId } from '../ids.ts'
import type { Role } from '../principal.ts'
import type { SecurityEvent } from '../security-event.ts'
import type { TenantState } from '../tenant-snapshot.ts'

export interface Subscriber {
  /** Hex id of a ConnectionObject. */
  readonly connectionId: string
  readonly userId: UserId
  readonly role: Role
  readonly isApprover: boolean
}

export interface RunningRun {
  readonly runId: RunId
  readonly sessionKey: string
  readonly agentKey: string
  readonly userId: UserId
}

/** Which of the tenant's connections an event is for; an event without a rule reaches nobody. */
export type Audience =
  | { readonly kind: 'user'; readonly userId: UserId }
  | { readonly kind: 'admins' }
  /** Whoever may answer, and the one person it concerns. */
  | { readonly kind: 'approvers'; readonly userId: UserId }

export interface TenantPort {
  /** One hop per request: versions, and the snapshot when the caller's epoch is not the current one. */
  current(knownEpoch: number | null): Promise<TenantState>
  /**
   * Brackets every change of D1 rows that the snapshot is made of. Between the two calls (and for
   * 30 s when the second never comes) `current` reads D1 anew: no isolate acts on the old rows.
   */
  changing(): Promise<void>
  changed(): Promise<TenantState>
  subscribe(subscriber: Subscriber): Promise<readonly RunningRun[]>
  unsubscribe(connectionId: string): Promise<void>
  connectionCount(): Promise<number>
  /** Answers the connections that the run's events go to. */
  runStarted(run: RunningRun): Promise<readonly string[]>
  runEnded(runId: RunId): Promise<void>
  runningRuns(): Promise<readonly RunningRun[]>
  /**
   * Enters an object's name in the tenant's directory before its first write. False for a tenant that
   * is gone, or going: then there is to be no first write.
   */
  registerName(kind: 'session' | 'workspace' | 'limiter', name: string): Promise<boolean>
  record(events: readonly SecurityEvent[], context: Readonly<Record<string, string>>): Promise<void>
  /** Sends a gateway event (a finished frame's `event` and `payload`) to those who may see it. */
  publish(event: string, payload: unknown, audience: Audience): Promise<void>
}
