/**
 * One tenant's live state: the configuration snapshot (D1 is its truth), who is connected, what is
 * running, and the security events on their way to D1. It decides nothing; it knows.
 */
import { DurableObject } from 'cloudflare:workers'
import type { Services } from '../api/context.ts'
import { findTenant } from '../db/directory.ts'
import { writeUsage } from '../db/usage.ts'
import {
  type AuditEntry,
  type AuditProof,
  type AuditState,
  PLATFORM_CHAIN,
} from '../domain/audit-record.ts'
import type { ScheduledEnd } from '../domain/cron-job.ts'
import { type RunId, type TenantId, tenantIdSchema, type UserId } from '../domain/ids.ts'
import type { LogPage, LogQuery } from '../domain/log-line.ts'
import { parseObjectName } from '../domain/object-name.ts'
import type { Deletion, PlatformPort } from '../domain/ports/platform.ts'
import type {
  AgentRunPlace,
  Audience,
  BudgetSubject,
  OnceEntry,
  PairingAttempt,
  RunningRun,
  SubjectSums,
  Subscriber,
  TenantPort,
} from '../domain/ports/tenant.ts'
import type { ExportStep, NameKind, TenantEndPort } from '../domain/ports/tenant-end.ts'
import type { SecurityEvent } from '../domain/security-event.ts'
import { epochOf, mayReach, type TenantState } from '../domain/tenant-snapshot.ts'
import type { BudgetAsk, RunSpending } from '../domain/usage.ts'
import type { Env } from '../gateway/env.ts'
import { requireRuntime } from '../gateway/runtime.ts'
import { createServices } from '../gateway/services.ts'
import { eventFrame } from '../protocol/frames.ts'
import { logError } from '../telemetry/log.ts'
import { Timers } from './alarms.ts'
import { RunningRuns, toldRuns } from './running-runs.ts'
import { SchemaGate } from './schema/migrate.ts'
import { TENANT_MIGRATIONS } from './schema/tenant.ts'
import { AgentRuns } from './tenant/agent-runs.ts'
import { agentKeyIn } from './tenant/audience.ts'
import type { AuditLog } from './tenant/audit-log.ts'
import { auditOf } from './tenant/audit-parts.ts'
import { warnOfBudgets } from './tenant/budget-warning.ts'
import { Budgets, FLUSH_USAGE } from './tenant/budgets.ts'
import { LogRing } from './tenant/log-ring.ts'
import { OnceStore } from './tenant/once-store.ts'
import { PairingCode } from './tenant/pairing-code.ts'
import type { PlatformDesk } from './tenant/platform-desk.ts'
import { platformDeskOf } from './tenant/platform-parts.ts'
import { schedulesOf } from './tenant/schedule-parts.ts'
import { SCHEDULES, type Schedules } from './tenant/schedules.ts'
import type { SecurityStream } from './tenant/security-stream.ts'
import { TenantSessionSockets } from './tenant/session-sockets.ts'
import { SnapshotKeeper } from './tenant/snapshot-keeper.ts'
import { Subscribers } from './tenant/subscribers.ts'
import { TenantEnd } from './tenant/tenant-end.ts'
import { EXPORT_TRACES, TraceExports } from './tenant/trace-exports.ts'

const SWEEP_ONCE = 'sweepOnce'
/** What waits is worth a minute, and may lie a minute longer. */
const SWEEP_PAUSE_MS = 60_000

export class TenantObject
  extends DurableObject<Env>
  implements TenantPort, TenantEndPort, PlatformPort
{
  readonly #services: Services
  readonly #schema: SchemaGate
  readonly #timers: Timers
  readonly #runs: RunningRuns
  readonly #sockets: TenantSessionSockets
  readonly #once: OnceStore
  readonly #agentRuns: AgentRuns
  readonly #budgets: Budgets
  readonly #audit: AuditLog
  readonly #stream: SecurityStream
  readonly #schedules: Schedules
  readonly #traces: TraceExports
  readonly #end: TenantEnd
  readonly #log: LogRing
  readonly #desk: PlatformDesk
  readonly #snapshots: SnapshotKeeper
  readonly #subscribers: Subscribers
  readonly #pairingCode: PairingCode

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    const runtime = requireRuntime(env)
    this.#services = createServices(env, runtime.keyRing, ctx)
    this.#schema = new SchemaGate(ctx, TENANT_MIGRATIONS, () => this.#isOpen())
    this.#timers = new Timers(ctx.storage)
    this.#snapshots = new SnapshotKeeper(ctx.storage.kv, this.#services, () => this.#tenantId)
    this.#subscribers = new Subscribers({
      ...this.#services,
      sql: ctx.storage.sql,
      snapshot: () => this.#snapshots.known(),
      unsubscribe: (id) => this.unsubscribe(id),
    })
    const admins = () => this.#subscribers.idsOf({ kind: 'admins' }, null)
    this.#log = new LogRing({ ...this.#services, storage: ctx.storage.kv, admins })
    const told = toldRuns(this, this.#services, this.#log.note)
    this.#runs = new RunningRuns(ctx.storage.sql, this.#services.now, told)
    this.#sockets = new TenantSessionSockets(ctx.storage.sql, this.#services)
    this.#once = new OnceStore(ctx.storage.kv, this.#services.now)
    this.#agentRuns = new AgentRuns(ctx.storage.kv, this.#services.now)
    this.#pairingCode = new PairingCode(ctx.storage.kv, this.#services.now)
    this.#budgets = new Budgets({
      ...this.#services,
      storage: ctx.storage,
      schema: this.#schema,
      timers: this.#timers,
      copy: (rows) => writeUsage(this.#services.database(this.#tenantId), this.#tenantId, rows),
      warn: (warnings) => warnOfBudgets(this, warnings),
    })
    const tenantId = () => this.#tenantId
    const { audit, stream } = auditOf(env.BLOBS, this.#services, {
      storage: ctx.storage,
      schema: this.#schema,
      timers: this.#timers,
      tenantId,
      snapshot: () => this.#snapshots.known(),
      note: this.#log.note,
      publish: (payload) => this.publish('security.event', payload, { kind: 'admins' }),
    })
    this.#audit = audit
    this.#stream = stream
    const { settings } = runtime
    this.#schedules = schedulesOf(this.#services, settings, this.#timers, tenantId, {
      publish: (...event) => this.publish(...event),
      record: (...events) => this.record(...events),
      snapshot: () => this.#snapshots.known(),
    })
    this.#traces = new TraceExports(this.#timers, this.#services, settings, tenantId)
    this.#end = new TenantEnd(ctx.storage)
    const prepare = () => this.#schema.forWriting()
    const own = { storage: ctx.storage, timers: this.#timers, prepare }
    this.#desk = platformDeskOf(env, runtime, this.#services, own)
  }

  get #tenantId(): TenantId {
    return tenantIdSchema.parse(parseObjectName(this.ctx.id.name)?.[0])
  }

  async current(knownEpoch: number | null, ask?: BudgetAsk): Promise<TenantState> {
    const snapshot = await this.#snapshots.current()
    if (!snapshot) return { found: false }
    const { version, authVersion } = snapshot
    const stop = ask && (await this.#budgets.judge(ask, snapshot))
    return {
      found: true,
      version,
      authVersion,
      snapshot: epochOf(snapshot) === knownEpoch ? null : snapshot,
      ...(stop ? { stop } : {}),
    }
  }

  async changing(): Promise<void> {
    this.#snapshots.changing()
  }

  async changed(): Promise<TenantState> {
    const snapshot = await this.#snapshots.changed()
    this.#services.inBackground(this.#recheckSockets(snapshot?.authVersion ?? null))
    if (!snapshot) return { found: false }
    const { version, authVersion } = snapshot
    return { found: true, version, authVersion, snapshot }
  }

  async subscribe(subscriber: Subscriber): Promise<readonly RunningRun[]> {
    await this.#schema.forWriting()
    this.#subscribers.add(subscriber)
    const { userId, allowedAgents = null } = subscriber
    const runs = (await this.runningRuns()).filter((run) => run.userId === userId)
    const snapshot = allowedAgents && (await this.#snapshots.known())
    if (allowedAgents === null || !snapshot) return allowedAgents === null ? runs : []
    return runs.filter(({ agentKey }) => mayReach({ allowedAgents }, snapshot, agentKey))
  }

  async unsubscribe(connectionId: string): Promise<void> {
    if ((await this.#schema.forReading()) === 0) return
    this.#subscribers.remove(connectionId)
  }

  async connectionCount(): Promise<number> {
    return (await this.#schema.forReading()) === 0 ? 0 : this.#subscribers.count
  }

  async socketOpened(socketId: string, sessionKey: string): Promise<number | null> {
    await this.#schema.forWriting()
    this.#sockets.opened(socketId, sessionKey)
    const state = await this.current(null)
    return state.found ? state.authVersion : null
  }

  async socketClosed(socketId: string): Promise<void> {
    if ((await this.#schema.forReading()) === 0) return
    await this.#schema.forWriting()
    this.#sockets.closed(socketId)
  }

  async runStarted(run: RunningRun): Promise<readonly string[]> {
    await this.#schema.forWriting()
    this.#runs.start(run)
    return this.#subscribers.idsOf({ kind: 'user', userId: run.userId }, run.agentKey)
  }

  async runEnded(runId: RunId, spent?: RunSpending, scheduled?: ScheduledEnd): Promise<void> {
    if ((await this.#schema.forReading()) > 0) this.#runs.end(runId)
    const snapshot = spent && (await this.#snapshots.known())
    if (snapshot) await this.#budgets.tell(spent, snapshot)
    if (!scheduled || !(await this.#isOpen())) return
    await this.#schema.forWriting()
    await this.#schedules.ended(scheduled, runId)
  }

  async schedulesChanging(): Promise<void> {
    if (!(await this.#isOpen())) return
    await this.#schema.forWriting()
    await this.#schedules.changing()
  }

  async schedulesChanged(): Promise<void> {
    if (await this.#isOpen()) await this.#schedules.changed()
  }

  releaseRun(runId: RunId): Promise<void> {
    return this.#budgets.release(runId)
  }

  async exportTraces(): Promise<void> {
    if (await this.#isOpen()) await this.#schema.forWriting().then(() => this.#traces.later())
  }

  spentBy(subjects: readonly BudgetSubject[]): Promise<readonly SubjectSums[]> {
    return this.#budgets.spentBy(subjects)
  }

  flushUsage(): Promise<void> {
    return this.#budgets.flush()
  }

  async runningRuns(): Promise<readonly RunningRun[]> {
    return (await this.#schema.forReading()) === 0 ? [] : this.#runs.list()
  }

  async takeAgentRun(userId: UserId, sessionKey: string): Promise<AgentRunPlace> {
    await this.#schema.forWriting()
    return this.#agentRuns.take(userId, sessionKey)
  }

  async endAgentRun(userId: UserId, sessionKey: string): Promise<void> {
    if ((await this.#schema.forReading()) > 0) this.#agentRuns.end(userId, sessionKey)
  }

  async registerName(kind: NameKind, name: string): Promise<boolean> {
    if (!(await this.#isOpen())) return false
    await this.#schema.forWriting()
    this.#end.register(kind, name)
    return true
  }

  /** A tenant that is not there, or is being deleted, begins nothing; the platform's chain has no row. */
  async #isOpen(): Promise<boolean> {
    if (this.#tenantId === PLATFORM_CHAIN) return true
    const known = this.#snapshots.settled
    // The row alone: one that is to be deleted must be so whatever the rest of it holds.
    const row = known ?? (await findTenant(this.#services.directory(), this.#tenantId))
    return row !== null && row.status !== 'deleting'
  }

  async names(kind: NameKind, after: string | null, limit: number): Promise<readonly string[]> {
    return (await this.#schema.forReading()) === 0 ? [] : this.#end.names(kind, after, limit)
  }

  async forgetNames(kind: NameKind, names: readonly string[]): Promise<void> {
    if ((await this.#schema.forReading()) > 0) this.#end.forget(kind, names)
  }

  closeConnections(): Promise<void> {
    return this.#subscribers.recheck()
  }

  async noteExport(step: ExportStep): Promise<void> {
    if (!(await this.#isOpen())) return
    this.#end.noteExport(step, this.#services.now())
  }

  async exportFinishedAt(): Promise<number | null> {
    return this.#end.exportFinishedAt()
  }

  async resealed(): Promise<void> {
    this.#snapshots.forget()
  }

  async erase(): Promise<void> {
    await this.resealed()
    if (await this.#isOpen()) throw new Error('a tenant that is not being deleted keeps its object')
    this.#runs.forget()
    this.#log.forget()
    this.#snapshots.end()
    await this.ctx.storage.deleteAlarm()
    await this.ctx.storage.deleteAll()
    this.#schema.forget()
    await this.resealed()
  }

  async keyChecks(): Promise<readonly string[]> {
    return this.#desk.keyChecks()
  }

  async addKeyCheck(known: readonly string[], sealed: string): Promise<readonly string[]> {
    return this.#desk.addKeyCheck(known, sealed)
  }

  rotate(): Promise<void> {
    return this.#desk.rotate()
  }

  deleteTenant(tenantId: TenantId): Promise<Deletion> {
    return this.#desk.deleteTenant(tenantId)
  }

  async deletion(tenantId: TenantId): Promise<Deletion | null> {
    return this.#desk.deletion(tenantId)
  }

  async record(
    events: readonly SecurityEvent[],
    context: Readonly<Record<string, string>>,
  ): Promise<void> {
    if (!(await this.#isOpen())) return
    await this.#schema.forWriting()
    await this.#stream.record(events, context)
  }

  /** For a tenant that is none there is no chain, but for the platform's own. */
  async #hasChain(): Promise<boolean> {
    return this.#tenantId === PLATFORM_CHAIN || (await this.#snapshots.known()) !== null
  }

  async appendAudit(entries: readonly AuditEntry[]): Promise<void> {
    if (await this.#hasChain()) await this.#audit.append(entries)
  }

  async beginChange(id: string, entry: AuditEntry): Promise<void> {
    if (await this.#hasChain()) await this.#audit.begin(id, entry)
  }

  endChange(id: string, entry: AuditEntry | null): Promise<void> {
    return this.#audit.end(id, entry)
  }

  auditState(): Promise<AuditState> {
    return this.#audit.state()
  }

  auditProof(): Promise<AuditProof> {
    return this.#audit.proof()
  }

  async tailLog(query: LogQuery): Promise<LogPage> {
    return this.#log.tail(query)
  }

  async publish(event: string, payload: unknown, audience: Audience): Promise<void> {
    if ((await this.#schema.forReading()) === 0) return
    // Whoever listens is in a table of this version: state of the one before knows no approvers.
    await this.#schema.forWriting()
    const frame = eventFrame(event, payload)
    await this.#subscribers.deliver(frame, audience, agentKeyIn(payload))
  }

  async keepOnce(hash: string, entry: OnceEntry, ttlMs: number): Promise<boolean> {
    if (!(await this.#snapshots.known())) return false
    await this.#schema.forWriting()
    const expiresAt = this.#once.keep(hash, entry, ttlMs)
    if (expiresAt === null) return false
    await this.#timers.setIfAbsent(SWEEP_ONCE, expiresAt)
    return true
  }

  async takeOnce(hash: string): Promise<string | null> {
    return (await this.#schema.forReading()) === 0 ? null : this.#once.take(hash)
  }

  async setPairingCode(mac: string): Promise<number> {
    return this.#pairingCode.set(mac)
  }

  async tryPairingCode(mac: string | null, address: string | null): Promise<PairingAttempt> {
    return this.#pairingCode.attempt(mac, address)
  }

  override async alarm(): Promise<void> {
    const failures = await this.#timers.run(this.#services.now, async (name) => {
      if (name === SWEEP_ONCE) await this.#sweepOnce()
      else if (name === FLUSH_USAGE) await this.#budgets.flush()
      else if (name === EXPORT_TRACES) await this.#traces.tick()
      else if (name === SCHEDULES) await this.#schedules.tick()
      else if ((await this.#stream.onTimer(name)) || (await this.#audit.onTimer(name))) return
      else await this.#desk.onTimer(name)
    })
    for (const { name, error } of failures) logError('tenant.alarm.failed', error, { timer: name })
  }

  async #sweepOnce(): Promise<void> {
    if (this.#once.sweep() === 0) return
    await this.#timers.set(SWEEP_ONCE, this.#services.now() + SWEEP_PAUSE_MS)
  }

  /** Sockets whose credential ended are closed now, not at their next frame. */
  async #recheckSockets(authVersion: number | null): Promise<void> {
    if ((await this.#schema.forReading()) === 0) return
    await this.#schema.forWriting()
    const sessions = this.#sockets.recheck(this.#tenantId, authVersion)
    await Promise.all([this.closeConnections(), sessions])
  }
}
