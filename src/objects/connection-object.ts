/**
 * One control socket (`/ws`): many sessions, one principal. It is named by nobody (a unique id), so
 * that no client can reach another's; it never awaits a run, the sessions push to it. Before
 * `connect` succeeded it writes nothing and sets no alarm; after it, its alarm ends a silent socket.
 */
import { DurableObject } from 'cloudflare:workers'
import { z } from 'zod'
import type { Services } from '../api/context.ts'
import { type TenantId, tenantIdSchema } from '../domain/ids.ts'
import type { ConnectionPort } from '../domain/ports/connection.ts'
import { hasRole, isApprover, type Principal, principalSchema } from '../domain/principal.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { recheckPrincipal } from '../gateway/authenticate.ts'
import { connect } from '../gateway/connect.ts'
import { DEFERRED, dispatchByName } from '../gateway/dispatch.ts'
import { createReporter, reportAnonymously } from '../gateway/emit.ts'
import type { Env } from '../gateway/env.ts'
import {
  parseUpgradeFacts,
  type UpgradeFacts,
  upgradeFactsSchema,
  upgradeResponse,
} from '../gateway/internal-request.ts'
import { LeasedRate } from '../gateway/operation-rate.ts'
import { ONLY_STATUS, PAIRING_STATUS_METHOD, pairingStatusOf } from '../gateway/pairing.ts'
import { type Runtime, requireRuntime } from '../gateway/runtime.ts'
import { createServices } from '../gateway/services.ts'
import {
  accessRevokedFrame,
  PING_TEXT,
  PONG_TEXT,
  type RequestFrame,
  refusalFrame,
  resultFrame,
} from '../protocol/frames.ts'
import { WAITING_SOCKET_MS } from '../transport/pairing.ts'
import { eventOfRefusal } from '../transport/refusal.ts'
import { MAX_FIRST_FRAME_BYTES, MAX_SOCKET_MESSAGE_BYTES } from '../transport/size.ts'
import { farewell } from './farewell.ts'
import { PairingPolls } from './pairing-polls.ts'
import { type RefusedFrame, RequestRate, readRequest } from './socket-requests.ts'
import { isWorthNoting, SILENT_CLOSE, silentFrom } from './socket-silence.ts'
import { answerFrame, SocketWindow } from './socket-window.ts'

/** A socket that says nothing within this time is closed. */
const CONNECT_TIMEOUT_MS = 10_000

const CONNECTING: Refusal = {
  ...refusal('FAILED_PRECONDITION', 'connect is not answered yet: ask after its answer'),
  retryable: true,
}

const attachmentSchema = z.object({
  facts: upgradeFactsSchema,
  principal: principalSchema.nullable(),
  /** The tenant that a browser asked to be let into; it may ask how that stands, and nothing else. */
  awaiting: tenantIdSchema.nullable().default(null),
  openedAt: z.number(),
  /** When it last asked something; pings are the runtime's to remember. */
  heardAt: z.number(),
})
type Attachment = z.infer<typeof attachmentSchema>

export class ConnectionObject extends DurableObject<Env> implements ConnectionPort {
  readonly #runtime: Runtime
  readonly #services: Services
  readonly #rate = new RequestRate()
  readonly #polls = new PairingPolls()
  readonly #window: SocketWindow
  readonly #inFlight = new Set<Promise<void>>()
  #connecting = false
  /** Its rights are gone: it is told what it asked for, and hears nothing else. */
  #isEnding = false
  #operations: LeasedRate | null = null

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#runtime = requireRuntime(env)
    this.#services = createServices(env, this.#runtime.keyRing, ctx)
    this.#window = new SocketWindow(this.#services.now())
    // The timer of a socket that never connected dies with the memory that held it.
    for (const socket of ctx.getWebSockets()) this.#closeUnlessConnected(socket)
  }

  override async fetch(request: Request): Promise<Response> {
    const facts = parseUpgradeFacts(request)
    const { 0: client, 1: server } = new WebSocketPair()
    this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING_TEXT, PONG_TEXT))
    this.ctx.acceptWebSocket(server)
    const now = this.#services.now()
    this.#attach(server, { facts, principal: null, awaiting: null, openedAt: now, heardAt: now })
    setTimeout(() => this.#closeUnlessConnected(server), CONNECT_TIMEOUT_MS)
    return upgradeResponse(client, facts.subprotocol)
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const { facts, principal, awaiting } = this.#attachmentOf(socket)
    const maxBytes = principal === null ? MAX_FIRST_FRAME_BYTES : MAX_SOCKET_MESSAGE_BYTES
    const frame = readRequest(message, this.#rate, this.#services.now(), maxBytes)
    if (!frame.ok) {
      this.#report(frame.error, principal, facts)
      this.#send(socket, refusalFrame(frame.error.id, frame.error.refusal))
      if (frame.error.close) socket.close(frame.error.close.code, frame.error.close.reason)
      // Whoever has not authenticated gets one answer to garbage, not a conversation.
      else if (principal === null) socket.close(1008, 'connect first')
      return
    }
    if (principal === null) {
      return awaiting === null
        ? this.#connect(socket, frame.value, facts)
        : this.#answerAwaiting(socket, frame.value, facts, awaiting)
    }
    this.#hear(socket)
    await this.#track(this.#answer(socket, frame.value, principal))
  }

  #closeUnlessConnected(socket: WebSocket): void {
    const { principal, awaiting, openedAt } = this.#attachmentOf(socket)
    if (principal !== null) return
    const endsAt = openedAt + (awaiting === null ? CONNECT_TIMEOUT_MS : WAITING_SOCKET_MS)
    const leftMs = endsAt - this.#services.now()
    // A timer may fire a little before the clock says so.
    if (leftMs <= 500) socket.close(1008, 'connect first')
    else if (awaiting !== null) setTimeout(() => this.#closeUnlessConnected(socket), leftMs)
  }

  async #track(work: Promise<void>): Promise<void> {
    this.#inFlight.add(work)
    await work.finally(() => this.#inFlight.delete(work))
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    const { principal, facts } = this.#attachmentOf(socket)
    if (this.#operations) this.#services.inBackground(this.#operations.giveBack())
    if (principal) {
      await this.#services.tenant(principal.tenantId).unsubscribe(this.ctx.id.toString())
      await this.ctx.storage.deleteAlarm()
    } else this.#releaseSlot(facts)
    socket.close(code === 1005 || code === 1006 ? 1000 : code)
  }

  /** Comes when the socket would be silent, and again as long as it was not. */
  override async alarm(): Promise<void> {
    const socket = this.#socket()
    if (!socket) return
    const { principal } = this.#attachmentOf(socket)
    const now = this.#services.now()
    if (this.#endOf(socket) > now) return this.#wakeInTime(socket)
    if ((principal?.credential.expiresAt ?? Infinity) <= now) this.#endAccess(socket)
    else socket.close(SILENT_CLOSE.code, SILENT_CLOSE.reason)
    // A peer that is gone answers no close: the tenant shall not go on counting it.
    if (principal)
      await this.#services.tenant(principal.tenantId).unsubscribe(this.ctx.id.toString())
  }

  /** When it would be closed without being asked: silent for too long, or its credential ran out. */
  #endOf(socket: WebSocket): number {
    const { principal, heardAt } = this.#attachmentOf(socket)
    const silent = silentFrom(heardAt, this.ctx.getWebSocketAutoResponseTimestamp(socket))
    return Math.min(silent, principal?.credential.expiresAt ?? Infinity)
  }

  #wakeInTime(socket: WebSocket): Promise<void> {
    return this.ctx.storage.setAlarm(this.#endOf(socket))
  }

  /** Its credential is worth nothing any more: the client learns that ahead of the close. */
  #endAccess(socket: WebSocket): void {
    const { principal } = this.#attachmentOf(socket)
    if (principal) this.#send(socket, accessRevokedFrame(principal.tenantId))
    socket.close(1008, 'access ended')
  }

  async deliver(frames: readonly string[]): Promise<boolean> {
    const socket = this.#socket()
    if (!socket || this.#isEnding) return false
    const expiresAt = this.#attachmentOf(socket).principal?.credential.expiresAt ?? null
    if (expiresAt !== null && expiresAt <= this.#services.now()) {
      this.#endAccess(socket)
      return false
    }
    for (const frame of frames) this.#send(socket, frame)
    return true
  }

  async drop(): Promise<void> {
    this.#socket()?.close(1013, 'frames were lost: reconnect and resume')
  }

  async recheck(): Promise<boolean> {
    const socket = this.#socket()
    if (!socket) return false
    const { principal } = this.#attachmentOf(socket)
    if (principal === null) return true
    const checked = await recheckPrincipal(principal, this.#services, this.#runtime.settings)
    // Sessions know it as a listener with the rights it had: with fewer, it comes back as another.
    if (checked.ok && hasRole(checked.value.principal, principal.role)) {
      if (checked.value.principal !== principal) {
        this.#setPrincipal(socket, checked.value.principal)
        await this.#wakeInTime(socket)
      }
      return true
    }
    this.#isEnding = true
    await farewell(this.#inFlight)
    if (checked.ok) socket.close(1008, 'rights changed')
    else this.#endAccess(socket)
    return false
  }

  async #connect(socket: WebSocket, frame: RequestFrame, facts: UpgradeFacts): Promise<void> {
    if (frame.method !== 'connect') {
      this.#send(
        socket,
        refusalFrame(frame.id, refusal('UNAUTHORIZED', 'the first request must be connect')),
      )
      socket.close(1008, 'connect first')
      return
    }
    if (this.#connecting) {
      return this.#send(socket, refusalFrame(frame.id, CONNECTING))
    }
    this.#connecting = true
    const connected = await connect(frame.params, facts, this.#services, this.#runtime.settings)
    this.#connecting = false
    if (!connected.ok) {
      this.#send(socket, refusalFrame(frame.id, connected.error))
      socket.close(1008, 'connect refused')
      return
    }
    if (connected.value.kind === 'awaiting_pairing') {
      const { tenantId, payload } = connected.value
      this.#attach(socket, { ...this.#attachmentOf(socket), awaiting: tenantId })
      this.#send(socket, resultFrame(frame.id, payload))
      return
    }
    const { principal, payload } = connected.value
    this.#setPrincipal(socket, principal)
    this.#send(socket, resultFrame(frame.id, payload))
    this.#releaseSlot(facts)
    await this.#wakeInTime(socket)
    await this.#subscribe(principal)
    // What changed before the tenant knew of this socket was told to others only.
    await this.recheck()
  }

  async #answerAwaiting(
    socket: WebSocket,
    frame: RequestFrame,
    facts: UpgradeFacts,
    tenantId: TenantId,
  ): Promise<void> {
    if (frame.method !== PAIRING_STATUS_METHOD) {
      this.#send(socket, refusalFrame(frame.id, ONLY_STATUS))
      socket.close(1008, 'not paired')
      return
    }
    const paced = this.#polls.take(this.#services.now())
    const answer = paced.ok
      ? await pairingStatusOf(
          frame.params,
          { tenantId },
          facts,
          this.#services,
          this.#runtime.settings,
        )
      : paced
    this.#send(
      socket,
      answer.ok ? resultFrame(frame.id, answer.value) : refusalFrame(frame.id, answer.error),
    )
  }

  /** It counts no longer among the address's unauthenticated sockets. */
  #releaseSlot({ clientAddress }: UpgradeFacts): void {
    if (this.#runtime.settings.platform !== 'cloudflare') return
    const limiter = this.#services.addressLimiter(clientAddress)
    this.#services.inBackground(limiter.releaseSocket(clientAddress, this.ctx.id.toString()))
  }

  #report(
    { event: refused }: RefusedFrame,
    principal: Principal | null,
    facts: UpgradeFacts,
  ): void {
    const event = refused && eventOfRefusal(refused, facts.clientAddress)
    if (!event) return
    const report = principal ? createReporter(this.#services, principal) : reportAnonymously
    report(event)
  }

  #hear(socket: WebSocket): void {
    const attachment = this.#attachmentOf(socket)
    const now = this.#services.now()
    if (isWorthNoting(attachment.heardAt, now))
      this.#attach(socket, { ...attachment, heardAt: now })
  }

  /** From now on the tenant knows this socket; runs that are going on already are joined. */
  async #subscribe(principal: Principal): Promise<void> {
    const connectionId = this.ctx.id.toString()
    const { tenantId, userId, role, allowedAgents } = principal
    const subscriber = {
      connectionId,
      userId,
      role,
      isApprover: isApprover(principal),
      allowedAgents,
    }
    const running = await this.#services.tenant(tenantId).subscribe(subscriber)
    for (const { sessionKey } of running) {
      await this.#services.session(tenantId, sessionKey).subscribe(principal, connectionId)
    }
  }

  async #answer(socket: WebSocket, frame: RequestFrame, principal: Principal): Promise<void> {
    const { id, method, params } = frame
    if (method === 'ack') return this.#window.acknowledge(params['mark'])
    if (method === 'connect') {
      return this.#send(
        socket,
        refusalFrame(id, refusal('FAILED_PRECONDITION', 'this socket is connected already')),
      )
    }
    const checked = await recheckPrincipal(principal, this.#services, this.#runtime.settings)
    if (!checked.ok) {
      this.#send(socket, refusalFrame(id, checked.error))
      return this.#endAccess(socket)
    }

    if (checked.value.principal !== principal) this.#setPrincipal(socket, checked.value.principal)
    this.#operations ??= new LeasedRate(this.#services, principal)
    const answer = await dispatchByName(method, params, {
      ...checked.value,
      services: this.#services,
      settings: this.#runtime.settings,
      replyTo: { kind: 'connection', connectionId: this.ctx.id.toString(), requestId: id },
      defaultSessionKey: null,
      origin: this.#attachmentOf(socket).facts.origin,
      traceparent: this.#attachmentOf(socket).facts.traceparent,
      operations: this.#operations,
    })
    if (!answer.ok) this.#send(socket, refusalFrame(id, answer.error))
    else if (answer.value !== DEFERRED) this.#send(socket, answerFrame(id, answer.value))
  }

  #socket(): WebSocket | undefined {
    return this.ctx.getWebSockets().find((socket) => socket.readyState === WebSocket.OPEN)
  }

  #setPrincipal(socket: WebSocket, principal: Principal): void {
    this.#attach(socket, { ...this.#attachmentOf(socket), principal })
  }

  #attach(socket: WebSocket, attachment: Attachment): void {
    socket.serializeAttachment(attachment)
  }

  #attachmentOf(socket: WebSocket): Attachment {
    return attachmentSchema.parse(socket.deserializeAttachment())
  }

  #send(socket: WebSocket, frame: string): void {
    if (socket.readyState !== WebSocket.OPEN) return
    const sent = this.#window.admit(frame, this.#services.now())
    if (sent !== null) socket.send(sent)
    else socket.close(1013, 'too slow: reconnect and resume')
  }
}
