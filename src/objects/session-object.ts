/**
 * One conversation: its owner, its sockets, its transcript and the run in progress. A shell around
 * `session/`; what a message may do is decided by the gates it calls.
 */
import { DurableObject } from 'cloudflare:workers'
import type { Services } from '../api/context.ts'
import { newId } from '../crypto/random.ts'
import type { RunId } from '../domain/ids.ts'
import { sessionObjectName } from '../domain/object-name.ts'
import type {
  Conversation,
  HistoryPage,
  ReplyTo,
  ResumeFrom,
  SendReceipt,
  SendRequest,
  SessionPort,
  SessionStatus,
  SessionSummary,
} from '../domain/ports/session.ts'
import type { Erasable, ExportableSession, SessionExport } from '../domain/ports/tenant-end.ts'
import type { Principal } from '../domain/principal.ts'
import { notFound, type Refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { terminalEventOf } from '../domain/run-event.ts'
import type { ChildReport, ChildStanding } from '../domain/sub-agent.ts'
import { createReporter } from '../gateway/emit.ts'
import type { Env } from '../gateway/env.ts'
import { admitMessage } from '../gateway/inbound.ts'
import { parseUpgradeFacts } from '../gateway/internal-request.ts'
import { type Runtime, requireRuntime } from '../gateway/runtime.ts'
import { createServices } from '../gateway/services.ts'
import { logError } from '../telemetry/log.ts'
import { Timers } from './alarms.ts'
import { SchemaGate } from './schema/migrate.ts'
import { SESSION_MIGRATIONS } from './schema/session.ts'
import { SessionApprovalSignals } from './session/approval-signals.ts'
import { Background } from './session/background.ts'
import { checkAccess } from './session/check-access.ts'
import type { Children } from './session/children.ts'
import { compactionBucket, startCompaction } from './session/compact.ts'
import { EventStore } from './session/event-store.ts'
import type { FanOut } from './session/fan-out.ts'
import { admitNote } from './session/inject.ts'
import { labelSession } from './session/label.ts'
import { Listeners } from './session/listeners.ts'
import { MetaStore, type SessionMeta } from './session/meta-store.ts'
import { StoredProvenance } from './session/provenance.ts'
import { SessionReader } from './session/reader.ts'
import { sendMissed } from './session/replay.ts'
import { RunBudget } from './session/run-budget.ts'
import { RunCourse } from './session/run-course.ts'
import type { RunHost } from './session/run-host.ts'
import { StoredRunRate } from './session/run-rate.ts'
import { RunStore } from './session/run-store.ts'
import { addNote, ownerOf, type SendStores, startOrJoin } from './session/send.ts'
import { SessionIndex } from './session/session-index.ts'
import { answerMessage, openSocket } from './session/socket-message.ts'
import { SessionSockets } from './session/sockets.ts'
import { TranscriptStore } from './session/transcript-store.ts'
import type { Upkeep } from './session/upkeep.ts'
import { endWork, LOOP_END_MS } from './session/work-end.ts'

export class SessionObject
  extends DurableObject<Env>
  implements SessionPort, Erasable, ExportableSession
{
  readonly #runtime: Runtime
  readonly #services: Services
  readonly #background: Background
  /** The loops of runs: one that was told to end may still be on its way. */
  readonly #loops: Background
  readonly #schema: SchemaGate
  readonly #timers: Timers
  readonly #meta: MetaStore
  readonly #transcript: TranscriptStore
  readonly #runs: RunStore
  readonly #events: EventStore
  readonly #sockets: SessionSockets
  readonly #listeners: Listeners
  readonly #fanOut: FanOut
  readonly #index: SessionIndex
  readonly #course: RunCourse
  readonly #host: RunHost
  readonly #upkeep: Upkeep
  readonly #rate: StoredRunRate
  readonly #budget: RunBudget
  readonly #provenance: StoredProvenance
  readonly #reader: SessionReader
  readonly #children: Children
  readonly #approvals = new SessionApprovalSignals()
  #isErased = false

  /** Touches no storage: reading an absent session leaves nothing behind. */
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#runtime = requireRuntime(env)
    this.#services = createServices(env, this.#runtime.keyRing, ctx)
    const { inBackground } = this.#services
    this.#background = new Background(inBackground)
    this.#loops = new Background(inBackground)
    this.#schema = new SchemaGate(ctx, SESSION_MIGRATIONS)
    this.#timers = new Timers(ctx.storage)
    this.#meta = new MetaStore(ctx.storage.kv)
    this.#transcript = new TranscriptStore(ctx.storage.sql)
    this.#runs = new RunStore(ctx.storage.sql)
    this.#events = new EventStore(ctx.storage.sql, ctx.storage.kv)
    this.#rate = new StoredRunRate(ctx.storage.kv, (who) => createReporter(this.#services, who))
    this.#sockets = new SessionSockets(ctx, this.#services)
    this.#provenance = new StoredProvenance(ctx.storage.kv)
    const parts = {
      services: this.#services,
      settings: this.#runtime.settings,
      provenance: this.#provenance,
      timers: this.#timers,
      meta: this.#meta,
      transcript: this.#transcript,
      runs: this.#runs,
      events: this.#events,
      sockets: this.#sockets,
      background: this.#background,
    }
    this.#listeners = new Listeners(parts)
    this.#fanOut = this.#listeners.fanOut
    this.#index = new SessionIndex(parts)
    this.#budget = new RunBudget(parts)
    this.#reader = new SessionReader(parts)
    this.#course = new RunCourse({
      ...parts,
      ctx,
      runtime: this.#runtime,
      loops: this.#loops,
      listeners: this.#listeners,
      index: this.#index,
      budget: this.#budget,
      approvals: this.#approvals,
      sendStores: () => this.#sendStores(),
    })
    this.#host = this.#course.host
    this.#children = this.#course.children
    this.#upkeep = this.#course.upkeep
  }

  async send(request: SendRequest): Promise<Result<SendReceipt, Refusal>> {
    const meta = this.#meta.read()
    const owned = meta && { tenantId: meta.tenantId, ownerId: meta.owner }
    const source = meta && this.#runs.running() ? 'injected_message' : 'message'
    const { settings } = this.#runtime
    const admitted = await admitMessage(request, owned, this.#services, source, settings)
    if (!admitted.ok) return admitted
    const { key, isNew } = admitted.value
    const reserved = await this.#budget.reserve(request, admitted.value)
    if (!reserved.ok) return reserved
    const { runId, settle } = reserved.value
    // Deleted while the message was judged: its tables must not come back for that.
    if (!isNew && !this.#meta.read()) return settle(err(notFound('session')))
    if (isNew) {
      const name = sessionObjectName(request.principal.tenantId, key.text)
      const tenant = this.#services.tenant(request.principal.tenantId)
      if (!(await tenant.registerName('session', name))) return settle(err(notFound('session')))
    }
    if (this.#isErased) return settle(err(notFound('session')))
    await this.#schema.forWriting()
    this.#runs.open()
    if (isNew) await this.#listeners.onNewSession(ownerOf(request))
    else await this.#listeners.onAuthVersion(admitted.value.authVersion)
    // From here to the started run nothing is awaited: two sends at once cannot both start one.
    const stores = this.#sendStores(runId)
    const start = () => startOrJoin(request, admitted.value, stores)
    const receipt = settle(this.ctx.storage.transactionSync(start))
    if (receipt.ok && receipt.value.kind === 'started') {
      this.#course.launch(receipt.value.runId)
      if (isNew) this.#background.add(this.#index.write())
    } else {
      // What was injected must not wait for the watchdog when the run lost its loop in a crash.
      this.#host.ensureRunning()
    }
    return receipt
  }

  async converse(request: SendRequest): Promise<Result<Conversation, Refusal>> {
    const receipt = await this.send(request)
    if (!receipt.ok) return receipt
    const { runId } = receipt.value
    const ended = receipt.value.kind === 'finished' ? terminalEventOf(receipt.value.result) : null
    return ok({ runId, events: this.#fanOut.stream(runId, ended) })
  }

  async abort(principal: Principal, runId?: RunId): Promise<Result<readonly RunId[], Refusal>> {
    const owned = await this.#own(principal)
    if (!owned.ok) return owned
    const running = this.#runs.running()
    // Whoever stops a conversation means those that still work for it as well.
    if (!running && runId === undefined) return ok(await this.#children.cancelAll(principal))
    if (!running || (runId !== undefined && running.id !== runId)) return ok([])
    return ok(this.#host.cancel(running.id) ? [running.id] : [])
  }

  async inject(
    principal: Principal,
    message: string,
    label?: string,
  ): Promise<Result<null, Refusal>> {
    const { settings } = this.#runtime
    const meta = this.#meta.read()
    const admitted = await admitNote(principal, message, meta, this.#services, settings)
    if (!admitted.ok) return admitted
    // Once more: while the message was judged, the session may have gone to somebody else.
    const owned = await this.#own(principal)
    if (!owned.ok) return owned
    const { content } = admitted.value
    const note = label ? `[${label}] ${content}` : content
    return addNote(note, admitted.value, principal, this.#sendStores())
  }

  async reset(principal: Principal): Promise<Result<null, Refusal>> {
    const owned = await this.#own(principal)
    if (!owned.ok) return owned
    this.#course.stop()
    this.#background.add(this.#children.cancelAll(principal))
    this.#transcript.clear()
    this.#provenance.forget()
    this.#background.add(this.#index.write())
    return ok(null)
  }

  async compact(principal: Principal): Promise<Result<RunId, Refusal>> {
    const bucket = await compactionBucket(this.#services, principal)
    if (!bucket.ok) return bucket
    const owned = await this.#own(principal)
    if (!owned.ok) return owned
    const start = () => startCompaction(principal, bucket.value, this.#sendStores())
    const begun = this.ctx.storage.transactionSync(start)
    if (begun.ok) this.#course.launch(begun.value)
    return begun
  }

  async remove(principal: Principal): Promise<Result<null, Refusal>> {
    // What had begun ends first: nothing of it may write once the tables are gone.
    const owned = await endWork({
      loops: this.#loops,
      background: this.#background,
      stop: () => this.#course.stop(),
      own: () => this.#own(principal),
    })
    if (!owned.ok) return owned
    await this.#children.cancelAll(principal)
    await this.#wipe()
    await this.#index.remove(owned.value)
    return ok(null)
  }

  async erase(): Promise<void> {
    this.#isErased = true
    while (this.#meta.read() && (await this.#schema.forWriting())) {
      this.#course.stop()
      if (this.#background.isIdle) break
      // What does not end must not keep its tenant from being erased: storage goes from under it.
      if (!(await this.#background.settledWithin(LOOP_END_MS))) break
    }
    await this.#loops.settledWithin(LOOP_END_MS)
    await this.ctx.storage.deleteAlarm()
    await this.#wipe()
  }

  async #wipe(): Promise<void> {
    this.#sockets.closeAll(1000, 'session deleted')
    // Whoever opens a session of this name next is heard by nobody of the old one.
    this.#fanOut.forgetAll()
    this.#runs.close()
    await this.ctx.storage.deleteAll()
    this.#meta.forget()
    this.#schema.forget()
  }

  async exportPage(before: number | null): Promise<SessionExport | null> {
    const meta = this.#meta.read()
    if (!meta || (await this.#schema.forReading()) === 0) return null
    return this.#reader.exported(meta, before)
  }

  async patch(principal: Principal, change: { label?: string }): Promise<Result<null, Refusal>> {
    const owned = await this.#own(principal)
    if (!owned.ok) return owned
    const parts = { services: this.#services, meta: this.#meta, index: this.#index }
    await labelSession(owned.value, change.label ?? null, parts)
    return ok(null)
  }

  async history(
    principal: Principal,
    page: { limit: number; before: number | null },
  ): Promise<Result<HistoryPage, Refusal>> {
    const owned = await this.#own(principal)
    if (!owned.ok) return owned
    return ok(await this.#reader.history(owned.value, page))
  }

  async preview(principal: Principal): Promise<Result<SessionSummary, Refusal>> {
    const owned = await this.#own(principal)
    if (!owned.ok) return owned
    return ok(await this.#reader.preview(owned.value))
  }

  async status(principal: Principal): Promise<Result<SessionStatus, Refusal>> {
    const owned = await this.#own(principal)
    if (!owned.ok) return owned
    return ok(this.#reader.status())
  }

  async resume(
    principal: Principal,
    from: ResumeFrom,
    replyTo: ReplyTo,
  ): Promise<Result<null, Refusal>> {
    const owned = await this.#own(principal)
    if (!owned.ok) return owned
    const stores = { events: this.#events, runs: this.#runs, listeners: this.#listeners }
    return ok(sendMissed(stores, owned.value, from, replyTo))
  }

  async subscribe(principal: Principal, connectionId: string): Promise<Result<null, Refusal>> {
    const owned = await this.#own(principal)
    if (!owned.ok) return owned
    this.#fanOut.listen(connectionId)
    return ok(null)
  }

  async recheckSockets(socketIds: readonly string[], authVersion: number | null) {
    await this.#listeners.recheckSockets(authVersion)
    await this.#background.add(this.#upkeep.watchSockets(this.#meta.read() !== null))
    return this.#sockets.openOf(socketIds)
  }

  async subAgent(report: ChildReport): Promise<ChildStanding> {
    return this.#children.told(report)
  }

  async approvalAnswered(approvalId: string): Promise<void> {
    this.#approvals.answered(approvalId)
    if (this.#meta.read()) await this.#wake()
  }

  override async fetch(request: Request): Promise<Response> {
    const facts = parseUpgradeFacts(request)
    if (!facts.principal) return new Response(null, { status: 401 })
    const owned = this.#meta.read()
    if (owned) {
      const allowed = checkAccess(facts.principal, owned, this.#services)
      if (!allowed.ok) return new Response(null, { status: 403 })
      await this.#wake()
    }
    const { opened, response } = openSocket(this.#sockets, { ...facts, principal: facts.principal })
    this.#background.add(this.#upkeep.watchSockets(owned !== null))
    this.#background.add(this.#listeners.onSocket(opened))
    return response
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const parts = {
      services: this.#services,
      settings: this.#runtime.settings,
      sockets: this.#sockets,
      own: this,
      meta: this.#meta,
    }
    return answerMessage(parts, socket, message)
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    this.#listeners.onClosed(this.#sockets.attachmentOf(socket))
    this.#sockets.closed(socket)
    // 1005 and 1006 are what the runtime reports, not what may be sent (RFC 6455 section 7.4.1).
    socket.close(code === 1005 || code === 1006 ? 1000 : code)
  }

  override alarm(): Promise<void> {
    return this.#background.add(this.#onAlarm())
  }

  async #onAlarm(): Promise<void> {
    // Of a session that was deleted meanwhile, or is not begun: there may be sockets.
    if (!this.#meta.read()) return this.#upkeep.onBareAlarm()
    await this.#wake()
    const { now } = this.#services
    const failures = await this.#timers.run(now, (name) => this.#upkeep.onTimer(name))
    for (const { name, error } of failures) logError('session.alarm.failed', error, { timer: name })
  }

  /** Whoever touches a session whose run lost its loop takes that run up again. */
  async #wake(): Promise<void> {
    if ((await this.#schema.forReading()) === 0) return
    // A run goes on by writing.
    if (this.#runs.running()) await this.#schema.forWriting()
    this.#host.ensureRunning()
  }

  async #own(principal: Principal): Promise<Result<SessionMeta, Refusal>> {
    const meta = this.#meta.read()
    if (!meta) return err(notFound('session'))
    const allowed = checkAccess(principal, meta, this.#services)
    if (!allowed.ok) return allowed
    await this.#schema.forWriting()
    this.#host.ensureRunning()
    return ok(meta)
  }

  #sendStores(runId = newId('run') as RunId): SendStores {
    return {
      meta: this.#meta,
      runs: this.#runs,
      transcript: this.#transcript,
      fanOut: this.#fanOut,
      rate: this.#rate,
      provenance: this.#provenance,
      newRunId: () => runId,
      now: this.#services.now(),
    }
  }
}
