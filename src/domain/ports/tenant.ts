/** One object per tenant: freshness, running runs, live subscribers, security events. */

import type { AuditEntry, AuditProof, AuditState } from '../audit-record.ts'
import type { BudgetScope, Sums } from '../budget.ts'
import type { ScheduledEnd } from '../cron-job.ts'
import type { AgentId, RunId, UserId } from '../ids.ts'
import type { LogPage, LogQuery } from '../log-line.ts'
import type { Role } from '../principal.ts'
import type { SecurityEvent } from '../security-event.ts'
import type { TenantState } from '../tenant-snapshot.ts'
import type { BudgetAsk, RunSpending } from '../usage.ts'
import type { NameKind } from './tenant-end.ts'

export interface Subscriber {
  /** Hex id of a ConnectionObject. */
  readonly connectionId: string
  readonly userId: UserId
  readonly role: Role
  readonly isApprover: boolean
  /** Of a credential that reaches these agents only. */
  readonly allowedAgents?: readonly AgentId[] | null
}

export interface RunningRun {
  readonly runId: RunId
  readonly sessionKey: string
  readonly agentKey: string
  readonly userId: UserId
}

export type AgentRunPlace = 'taken' | 'held' | 'full'

/** Which of the tenant's connections an event is for; an event without a rule reaches nobody. */
export type Audience =
  | { readonly kind: 'user'; readonly userId: UserId }
  | { readonly kind: 'admins' }
  /** Whoever may answer, and the one person it concerns. */
  | { readonly kind: 'approvers'; readonly userId: UserId }

/** What is taken once: tickets for sockets, and ends of sign-ins. */
export type OnceKind = 'ticket' | 'handoff' | 'authorization'
export interface OnceEntry {
  readonly kind: OnceKind
  readonly userId: UserId
  readonly body: string
}

/** What became of six digits; `absent`: there is no code to guess. */
export type PairingAttempt =
  | { readonly kind: 'absent' | 'malformed' | 'wrong' | 'right' }
  | { readonly kind: 'limited'; readonly retryAfterMs: number }
/** Whom a budget counts; the tenant's own has no name. */
export interface BudgetSubject {
  readonly scope: BudgetScope
  readonly name: string
}

export interface SubjectSums extends BudgetSubject {
  readonly day: Sums
  readonly month: Sums
}

export interface TenantPort {
  /**
   * One hop per request: versions, and the snapshot when the caller's epoch is not the current one.
   * Whoever is about to ask a model asks with it whether the budgets allow that.
   */
  current(knownEpoch: number | null, ask?: BudgetAsk): Promise<TenantState>
  /**
   * Brackets every change of D1 rows that the snapshot is made of. Between the two calls (and for
   * 30 s when the second never comes) `current` reads D1 anew: no isolate acts on the old rows.
   */
  changing(): Promise<void>
  changed(): Promise<TenantState>
  subscribe(subscriber: Subscriber): Promise<readonly RunningRun[]>
  unsubscribe(connectionId: string): Promise<void>
  connectionCount(): Promise<number>
  /**
   * A session has a socket of its own from now on, which is told when rights change. Answers the
   * `authVersion` in force: a change that came before this call reached nobody there. Null: no tenant.
   */
  socketOpened(socketId: string, sessionKey: string): Promise<number | null>
  socketClosed(socketId: string): Promise<void>
  /** Answers the connections that the run's events go to. */
  runStarted(run: RunningRun): Promise<readonly string[]>
  /** May be told twice; `scheduled` of a run that a schedule began. */
  runEnded(runId: RunId, spent?: RunSpending, scheduled?: ScheduledEnd): Promise<void>
  /**
   * Brackets every change of scheduled jobs. Should the second call never come, the rows are looked at
   * all the same, a little later.
   */
  schedulesChanging(): Promise<void>
  schedulesChanged(): Promise<void>
  /** A run that was reserved and did not begin gives its request back. */
  releaseRun(runId: RunId): Promise<void>
  /** Traces wait to be sent to the tenant's receiver. */
  exportTraces(): Promise<void>
  /** What these have used of their budgets, today and this month. */
  spentBy(subjects: readonly BudgetSubject[]): Promise<readonly SubjectSums[]>
  /** Answers once all that was counted before is in the database. */
  flushUsage(): Promise<void>
  runningRuns(): Promise<readonly RunningRun[]>
  /**
   * Takes one of the places that runs begun by a person's agents have, in the name of their session.
   * Taken again it is the same place.
   */
  takeAgentRun(userId: UserId, sessionKey: string): Promise<AgentRunPlace>
  endAgentRun(userId: UserId, sessionKey: string): Promise<void>
  /**
   * Enters an object's name in the tenant's directory before its first write. False for a tenant that
   * is gone, or going: then there is to be no first write.
   */
  registerName(kind: NameKind, name: string): Promise<boolean>
  record(events: readonly SecurityEvent[], context: Readonly<Record<string, string>>): Promise<void>
  /** Appends to the audit chain, in the order of the calls; stored when it answers. */
  appendAudit(entries: readonly AuditEntry[]): Promise<void>
  /**
   * Brackets a change: what is begun and not ended within minutes enters the chain with the outcome
   * `unknown`, so that no crash between a change and its record leaves the change without one.
   *
   * @param id of the caller's making, for `endChange`
   */
  beginChange(id: string, entry: AuditEntry): Promise<void>
  /** @param entry what changed; null when nothing did */
  endChange(id: string, entry: AuditEntry | null): Promise<void>
  /** Where the chain stands; all of it is in the database when this answers. */
  auditState(): Promise<AuditState>
  /** The same with what proves it: the heads that were laid down elsewhere, and what was found wrong. */
  auditProof(): Promise<AuditProof>
  /** Sends a gateway event (a finished frame's `event` and `payload`) to those who may see it. */
  tailLog(query: LogQuery): Promise<LogPage>
  publish(event: string, payload: unknown, audience: Audience): Promise<void>
  /**
   * Keeps a text under the hash of a secret until it is taken, once, or its time is over. False when
   * too many of its kind are waiting, of the tenant or of that person.
   */
  keepOnce(hash: string, entry: OnceEntry, ttlMs: number): Promise<boolean>
  takeOnce(hash: string): Promise<string | null>
  /** The code of the first set-up, by its MAC. Answers when it ends. */
  setPairingCode(mac: string): Promise<number>
  /**
   * A right code is used up by this.
   *
   * @param address null where addresses cannot be told apart
   */
  tryPairingCode(mac: string | null, address: string | null): Promise<PairingAttempt>
}
