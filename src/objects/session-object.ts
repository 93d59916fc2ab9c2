/**
 * One conversation: its owner, its sockets, its transcript and the run in progress. A shell around
 * `session/`; what a message may do is decided by the gates it calls.
 */
import { DurableObject } from 'cloudflare:workers'
import type { Services } from '../api/context.ts'
import { newId } from '../crypto/random.ts'
import { deleteSession, labelSession, upsertSession } from '../db/sessions.ts'
import type { RunId } from '../domain/ids.ts'
import { sessionObjectName } from '../domain/object-name.ts'
import type {
  Conversation,
  HistoryPage,
  ReplyTo,
  SendReceipt,
  SendRequest,
  SessionPort,
  SessionStatus,
  SessionSummary,
} from '../domain/ports/session.ts'
import type { Principal } from '../domain/principal.ts'
import { notFound, type Refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { parseSessionKey } from '../domain/session-key.ts'
import { recheckPrincipal } from '../gateway/authenticate.ts'
import { DEFERRED, dispatchByName } from '../gateway/dispatch.ts'
import { createReporter } from '../gateway/emit.ts'
import type { Env } from '../gateway/env.ts'
import { parseUpgradeFacts, upgradeResponse } from '../gateway/internal-request.ts'
import { type Runtime, requireRuntime } from '../gateway/runtime.ts'
import { createServices } from '../gateway/services.ts'
import { ofTransport } from '../gateway/wire.ts'
import { refusalFrame, resultFrame } from '../protocol/frames.ts'
import { logError } from '../telemetry/log.ts'
import { eventOfRefusal } from '../transport/refusal.ts'
import { checkSessionAccess } from '../transport/session-access.ts'
import { Timers } from './alarms.ts'
import { SchemaGate } from './schema/migrate.ts'
import { SESSION_MIGRATIONS } from './schema/session.ts'
import { EventStore } from './session/event-store.ts'
import { storedAssignments } from './session/exec-assignments.ts'
import { FanOut } from './session/fan-out.ts'
import { MetaStore, type SessionMeta } from './session/meta-store.ts'
import { Relay } from './session/relay.ts'
import { replayFrames } from './session/replay.ts'
import { RunHost } from './session/run-host.ts'
import { RunStore, type StoredRun } from './session/run-store.ts'
import { admitMessage, type SendStores, startLeftOver, startOrJoin } from './session/send.ts'
import { SessionSockets } from './session/sockets.ts'
import { StoredToolBudget } from './session/tool-budget.ts'
import { TranscriptStore } from './session/transcript-store.ts'
import { readRequest } from './socket-requests.ts'

/** The crash watchdog: a run without a loop is taken up again within this time. */
const HEARTBEAT_MS = 30_000
const HEARTBEAT = 'heartbeat'
const PRUNE = 'prune'
const PRUNE_INTERVAL_MS = 24 * 3_600_000

export class SessionObject extends DurableObject<Env> implements SessionPort {
  readonly #runtime: Runtime
  readonly #services: Services
  readonly #schema: SchemaGate
  readonly #timers: Timers
  readonly #meta: MetaStore
  readonly #transcript: TranscriptStore
  readonly #runs: RunStore
  readonly #events: EventStore
  readonly #sockets: SessionSockets
  readonly #relay: Relay
  readonly #fanOut: FanOut
  readonly #host: RunHost
  /** As the last proof of rights saw it; null until the first. */
  #authVersion: number | null = null

  /** Touches no storage: reading an absent session leaves nothing behind. */
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#runtime = requireRuntime(env)
    this.#services = createServices(env, this.#runtime.keyRing, ctx)
    const { now } = this.#services
    this.#schema = new SchemaGate(ctx, SESSION_MIGRATIONS)
    this.#timers = new Timers(ctx.storage)
    this.#meta = new MetaStore(ctx.storage.kv)
    this.#transcript = new TranscriptStore(ctx.storage.sql)
    this.#runs = new RunStore(ctx.storage.sql)
    this.#events = new EventStore(ctx.storage.sql, ctx.storage.kv)
    this.#sockets = new SessionSockets(ctx, now)
    this.#relay = new Relay(this.#services.connection, (id) => this.#fanOut.forget(id))
    this.#fanOut = new FanOut(this.#events, this.#sockets, this.#relay, now)
    this.#host = new RunHost({
      runs: this.#runs,
      transcript: this.#transcript,
      fanOut: this.#fanOut,
      services: this.#services,
      budget: new StoredToolBudget(ctx.storage.kv),
      assignments: storedAssignments(ctx.storage.kv),
      meta: () => this.#requireMeta(),
      turnRequest: (run, meta, signal) => this.#turnRequest(run, meta, signal),
      onAuthVersion: (authVersion) => this.#onAuthVersion(authVersion),
      reply: (replyTo, frame) => this.#reply(replyTo, frame),
      onEnded: (run) => this.#onEnded(run),
      atomically: (work) => ctx.storage.transactionSync(work),
    })
  }

  async send(request: SendRequest): Promise<Result<SendReceipt, Refusal>> {
    const admitted = await admitMessage(request, this.#meta.read(), this.#services)
    if (!admitted.ok) return admitted
    await this.#schema.forWriting()
    const { key, isNew } = admitted.value
    if (isNew) {
      const name = sessionObjectName(request.principal.tenantId, key.text)
      await this.#services.tenant(request.principal.tenantId).registerName('session', name)
    }
    // From here to the started run nothing is awaited: two sends at once cannot both start one.
    // A socket may have been waiting here before the session had an owner: it must not listen in.
    if (isNew) await this.#closeStrangers(request.principal)
    const receipt = this.ctx.storage.transactionSync(() =>
      startOrJoin(request, admitted.value, this.#sendStores()),
    )
    if (receipt.ok && receipt.value.kind === 'started') {
      this.#launch(receipt.value.runId, request.principal)
      if (isNew) this.#services.inBackground(this.#writeIndex())
    }
    return receipt
  }

  async converse(request: SendRequest): Promise<Result<Conversation, Refusal>> {
    const receipt = await this.send(request)
    if (!receipt.ok) return receipt
    const { runId } = receipt.value
    return ok({ runId, events: this.#fanOut.stream(runId) })
  }

  async abort(principal: Principal, runId?: RunId): Promise<Result<readonly RunId[], Refusal>> {
    const owned = await this.#own(principal)
    if (!owned.ok) return owned
    const running = this.#runs.running()
    if (!running || (runId !== undefined && running.id !== runId)) return ok([])
    return ok(this.#host.cancel(running.id) ? [running.id] : [])
  }

  async inject(
    principal: Principal,
    message: string,
    label?: string,
  ): Promise<Result<null, Refusal>> {
    const owned = await this.#own(principal)
    if (!owned.ok) return owned
    await this.#schema.forWriting()
    const content = label ? `[${label}] ${message}` : message
    if (this.#runs.running()) this.#runs.inject(content, this.#services.now())
    else
      this.#transcript.append('', { role: 'assistant', content, createdAt: this.#services.now() })
    return ok(null)
  }

  async reset(principal: Principal): Promise<Result<null, Refusal>> {
    const owned = await this.#own(principal)
    if (!owned.ok) return owned
    await this.#stopRun()
    this.ctx.storage.transactionSync(() => {
      this.#transcript.clear()
      this.#runs.clearInjections()
    })
    this.#services.inBackground(this.#writeIndex())
    return ok(null)
  }

  async remove(principal: Principal): Promise<Result<null, Refusal>> {
    const owned = await this.#own(principal)
    if (!owned.ok) return owned
    const { sessionKey, tenantId } = owned.value
    await this.#stopRun()
    this.#sockets.closeAll(1000, 'session deleted')
    await this.ctx.storage.deleteAll()
    this.#meta.forget()
    this.#schema.forget()
    await deleteSession(this.#services.database(tenantId), tenantId, sessionKey)
    return ok(null)
  }

  async patch(principal: Principal, change: { label?: string }): Promise<Result<null, Refusal>> {
    const owned = await this.#own(principal)
    if (!owned.ok) return owned
    const label = change.label ?? null
    this.#meta.write({ ...owned.value, label })
    const { tenantId, sessionKey } = owned.value
    await labelSession(this.#services.database(tenantId), tenantId, sessionKey, label)
    return ok(null)
  }

  async history(
    principal: Principal,
    page: { limit: number; before: number | null },
  ): Promise<Result<HistoryPage, Refusal>> {
    const owned = await this.#own(principal)
    if (!owned.ok) return owned
    const stored = this.#transcript.page(page.limit, page.before)
    const first = stored[0]
    const nextBefore = first && stored.length === page.limit ? first.id : null
    return ok({ messages: stored.map(({ message }) => message), nextBefore })
  }

  async preview(principal: Principal): Promise<Result<SessionSummary, Refusal>> {
    const owned = await this.#own(principal)
    if (!owned.ok) return owned
    const { sessionKey, agentKey, label, createdAt } = owned.value
    const messages = this.#transcript.page(PREVIEW_MESSAGES, null).map(({ message }) => message)
    return ok({ sessionKey, agentKey, label, messages, createdAt })
  }

  async status(principal: Principal): Promise<Result<SessionStatus, Refusal>> {
    const owned = await this.#own(principal)
    if (!owned.ok) return owned
    const running = this.#runs.running()
    return ok({
      isRunning: running !== null,
      runId: running?.id ?? null,
      activity: running ? 'thinking' : null,
    })
  }

  async resume(
    principal: Principal,
    afterSeq: number,
    replyTo: ReplyTo,
  ): Promise<Result<null, Refusal>> {
    const owned = await this.#own(principal)
    if (!owned.ok) return owned
    this.#fanOut.flush()
    const replay = replayFrames(this.#events, this.#runs, owned.value, afterSeq)
    if (replay.isGap) {
      this.#reply(replyTo, (id) => resultFrame(id, { gap: true, fromSeq: replay.fromSeq }))
      return ok(null)
    }
    const { frames, lastSeq } = replay
    for (const frame of frames) this.#reply(replyTo, () => frame)
    this.#reply(replyTo, (id) => resultFrame(id, { replayed: frames.length, lastSeq }))
    if (replyTo.kind === 'connection') this.#fanOut.follow(replyTo.connectionId)
    return ok(null)
  }

  async subscribe(principal: Principal, connectionId: string): Promise<Result<null, Refusal>> {
    const owned = await this.#own(principal)
    if (!owned.ok) return owned
    this.#fanOut.listen(connectionId)
    return ok(null)
  }

  override async fetch(request: Request): Promise<Response> {
    const facts = parseUpgradeFacts(request)
    if (!facts.principal) return new Response(null, { status: 401 })
    const owned = this.#meta.read()
    if (owned) {
      const allowed = this.#checkAccess(facts.principal, owned)
      if (!allowed.ok) return new Response(null, { status: 403 })
      await this.#wake()
    }
    const { 0: client, 1: server } = new WebSocketPair()
    this.#sockets.accept(server, {
      socketId: newId('sck'),
      principal: facts.principal,
      sessionKey: facts.sessionKey ?? '',
    })
    return upgradeResponse(client, facts.subprotocol)
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const frame = readRequest(message, this.#sockets.rateOf(socket), this.#services.now())
    if (!frame.ok) {
      this.#sockets.send(socket, refusalFrame(frame.error.id, frame.error.refusal))
      if (frame.error.close) socket.close(frame.error.close.code, frame.error.close.reason)
      return
    }
    const { id, method, params } = frame.value
    if (method === 'ack') return this.#sockets.acknowledge(socket, Number(params['seq']) || 0)
    const { principal, socketId, sessionKey } = this.#sockets.attachmentOf(socket)
    const checked = await recheckPrincipal(principal, this.#services, this.#runtime.settings)
    if (!checked.ok) {
      this.#sockets.send(socket, refusalFrame(id, checked.error))
      socket.close(1008, 'access ended')
      return
    }
    if (checked.value.principal !== principal)
      this.#sockets.setPrincipal(socket, checked.value.principal)
    const answer = await dispatchByName(method, params, {
      ...checked.value,
      services: this.#servicesFor(sessionKey),
      settings: this.#runtime.settings,
      replyTo: { kind: 'socket', socketId, requestId: id },
      defaultSessionKey: sessionKey,
    })
    if (!answer.ok) this.#sockets.send(socket, refusalFrame(id, answer.error))
    else if (answer.value !== DEFERRED) this.#sockets.send(socket, resultFrame(id, answer.value))
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    // 1005 and 1006 are what the runtime reports, not what may be sent (RFC 6455 section 7.4.1).
    socket.close(code === 1005 || code === 1006 ? 1000 : code)
  }

  override async alarm(): Promise<void> {
    const failures = await this.#timers.run(this.#services.now, async (name) => {
      if (name === HEARTBEAT) {
        this.#host.ensureRunning()
        if (this.#runs.running())
          await this.#timers.set(HEARTBEAT, this.#services.now() + HEARTBEAT_MS)
      } else if (name === PRUNE) {
        this.#events.prune(this.#services.now())
        if (this.#events.lastSeq() > 0)
          await this.#timers.set(PRUNE, this.#services.now() + PRUNE_INTERVAL_MS)
      }
    })
    for (const { name, error } of failures) logError('session.alarm.failed', error, { timer: name })
  }

  /** This session is reached without a hop to itself. */
  #servicesFor(sessionKey: string): Services {
    const own = parseSessionKey(sessionKey)
    const services = this.#services
    return {
      ...services,
      session: (tenantId, key) =>
        own.ok && key === own.value.text && tenantId === this.#meta.read()?.tenantId
          ? this
          : services.session(tenantId, key),
    }
  }

  /** Whoever touches a session whose run lost its loop takes that run up again. */
  async #wake(): Promise<void> {
    if ((await this.#schema.forReading()) === 0) return
    this.#host.ensureRunning()
  }

  async #own(principal: Principal): Promise<Result<SessionMeta, Refusal>> {
    const meta = this.#meta.read()
    if (!meta) return err(notFound('session'))
    const allowed = this.#checkAccess(principal, meta)
    if (!allowed.ok) return allowed
    await this.#schema.forWriting()
    this.#host.ensureRunning()
    return ok(meta)
  }

  #checkAccess(principal: Principal, meta: SessionMeta): Result<null, Refusal> {
    const allowed = checkSessionAccess(principal, { tenantId: meta.tenantId, ownerId: meta.owner })
    if (allowed.ok) return allowed
    const event = eventOfRefusal(allowed.error, principal.clientAddress)
    const origin = {
      tenantId: principal.tenantId,
      userId: principal.userId,
      sessionKey: meta.sessionKey,
    }
    if (event) createReporter(this.#services, origin)(event)
    return err(ofTransport(allowed.error).refusal)
  }

  #closeStrangers({ tenantId, userId: ownerId }: Principal): Promise<void> {
    return this.#sockets.closeUnless(
      async (principal) => checkSessionAccess(principal, { tenantId, ownerId }).ok,
    )
  }

  /** Keys, memberships or roles changed during a run: whoever listens proves their rights anew. */
  #onAuthVersion(authVersion: number): void {
    if (this.#authVersion === authVersion) return
    const isFirst = this.#authVersion === null
    this.#authVersion = authVersion
    if (isFirst) return
    this.#fanOut.forgetAll()
    const running = this.#runs.running()
    if (running) this.#services.inBackground(this.#announceRun(running.id, running.principal))
    this.#services.inBackground(
      this.#sockets.closeUnless(async (principal) => {
        const checked = await recheckPrincipal(principal, this.#services, this.#runtime.settings)
        const { tenantId, owner: ownerId } = this.#requireMeta()
        return checked.ok && checkSessionAccess(checked.value.principal, { tenantId, ownerId }).ok
      }),
    )
  }

  #requireMeta(): SessionMeta {
    const meta = this.#meta.read()
    if (!meta) throw new Error('a run without a session')
    return meta
  }

  #turnRequest(run: StoredRun, meta: SessionMeta, signal: AbortSignal) {
    const key = parseSessionKey(meta.sessionKey)
    if (!key.ok) throw new Error(key.error)
    return {
      settings: this.#runtime.settings,
      runnerSignKey: this.#runtime.runnerSignKey,
      principal: run.principal,
      sessionKey: key.value,
      workspaceUser: meta.owner,
      runId: run.id,
      callerInstructions: run.options.callerInstructions,
      sampling: run.options.sampling,
      startedAt: run.startedAt,
      signal,
    }
  }

  #reply(replyTo: ReplyTo, frame: (requestId: string | number) => string): void {
    if (replyTo.kind === 'socket') this.#sockets.sendTo(replyTo.socketId, frame(replyTo.requestId))
    if (replyTo.kind === 'connection')
      this.#relay.push(replyTo.connectionId, frame(replyTo.requestId), true)
  }

  #sendStores(): SendStores {
    return {
      meta: this.#meta,
      runs: this.#runs,
      transcript: this.#transcript,
      fanOut: this.#fanOut,
      newRunId: () => newId('run') as RunId,
      now: this.#services.now(),
    }
  }

  #launch(runId: RunId, principal: Principal): void {
    this.#host.ensureRunning()
    this.#services.inBackground(this.#announceRun(runId, principal))
    this.#services.inBackground(this.#timers.set(HEARTBEAT, this.#services.now() + HEARTBEAT_MS))
  }

  /** The tenant learns of the run and names the control sockets of the session's owner. */
  async #announceRun(runId: RunId, { tenantId }: Principal): Promise<void> {
    const { sessionKey, agentKey, owner } = this.#requireMeta()
    const tenant = this.#services.tenant(tenantId)
    for (const id of await tenant.runStarted({ runId, sessionKey, agentKey, userId: owner })) {
      this.#fanOut.listen(id)
    }
    if (this.#runs.find(runId)?.state !== 'running') await tenant.runEnded(runId)
  }

  #onEnded(run: StoredRun): void {
    const { tenantId } = run.principal
    this.#services.inBackground(this.#services.tenant(tenantId).runEnded(run.id))
    this.#services.inBackground(this.#writeIndex())
    this.#services.inBackground(
      this.#timers.setIfAbsent(PRUNE, this.#services.now() + PRUNE_INTERVAL_MS),
    )
    this.#events.dropProgress(run.id)
    const next = this.ctx.storage.transactionSync(() => startLeftOver(run, this.#sendStores()))
    if (next !== null) this.#launch(next, run.principal)
  }

  async #stopRun(): Promise<void> {
    const running = this.#runs.running()
    if (running) this.#host.end(running, { kind: 'cancelled' })
  }

  async #writeIndex(): Promise<void> {
    const meta = this.#meta.read()
    if (!meta) return
    const { promptTokens, completionTokens } = this.#runs.totalUsage()
    const { tenantId, sessionKey, agentKey, channel, owner, model, provider } = meta
    await upsertSession(this.#services.database(tenantId), tenantId, {
      sessionKey,
      agentKey,
      channel,
      userId: owner,
      model,
      provider,
      messageCount: this.#transcript.count(),
      inputTokens: promptTokens,
      outputTokens: completionTokens,
      updatedAt: this.#services.now(),
    })
  }
}

const PREVIEW_MESSAGES = 20
