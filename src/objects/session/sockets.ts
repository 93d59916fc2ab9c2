/** The sockets that end in this session: hibernating, each with its principal and byte window. */
import { z } from 'zod'
import type { Services } from '../../api/context.ts'
import { type Principal, principalSchema } from '../../domain/principal.ts'
import { createReporter } from '../../gateway/emit.ts'
import { LeasedRate } from '../../gateway/operation-rate.ts'
import { accessRevokedFrame, PING_TEXT, PONG_TEXT, refusalFrame } from '../../protocol/frames.ts'
import { eventOfRefusal } from '../../transport/refusal.ts'
import { farewell } from '../farewell.ts'
import { type RefusedFrame, RequestRate } from '../socket-requests.ts'
import { isWorthNoting, SILENT_CLOSE, silentFrom } from '../socket-silence.ts'
import { SocketWindow } from '../socket-window.ts'

const attachmentSchema = z.object({
  socketId: z.string(),
  sessionKey: z.string(),
  principal: principalSchema,
  /** Scheme, host and port that the socket was opened under. */
  origin: z.string().optional(),
  traceparent: z.string().optional(),
  /** When it last asked something; pings are the runtime's to remember. */
  heardAt: z.number(),
})
export type SocketAttachment = z.infer<typeof attachmentSchema>

/** The principal as it is now, or why its socket ends: the credential did, or this is not its session. */
export type Standing = Principal | 'revoked' | 'foreign'

interface Traffic {
  readonly window: SocketWindow
  readonly rate: RequestRate
  readonly operations: LeasedRate
  /** Of the credential behind the socket; nothing else ends it without being asked. */
  expiresAt: number | null
  /** Its rights are gone: it is told what it asked for, and hears nothing else. */
  isEnding: boolean
  readonly answering: Set<Promise<unknown>>
}

export class SessionSockets {
  readonly #state: DurableObjectState
  readonly #services: Services
  readonly #now: () => number
  readonly #traffic = new WeakMap<WebSocket, Traffic>()

  constructor(state: DurableObjectState, services: Services) {
    this.#state = state
    this.#services = services
    this.#now = services.now
  }

  accept(socket: WebSocket, attachment: Omit<SocketAttachment, 'heardAt'>): void {
    this.#state.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING_TEXT, PONG_TEXT))
    this.#state.acceptWebSocket(socket, [attachment.socketId])
    socket.serializeAttachment({ ...attachment, heardAt: this.#now() })
  }

  get count(): number {
    return this.#state.getWebSockets().length
  }

  /**
   * Closes those that said nothing for too long, and those whose credential ran out.
   *
   * @returns when the next one would be; null: none is
   */
  closeOver(): number | null {
    let next: number | null = null
    for (const socket of this.#state.getWebSockets()) {
      if (socket.readyState !== WebSocket.OPEN) continue
      const pingedAt = this.#state.getWebSocketAutoResponseTimestamp(socket)
      const endsAt = silentFrom(this.attachmentOf(socket).heardAt, pingedAt)
      const { expiresAt } = this.#trafficOf(socket)
      if (expiresAt !== null && expiresAt <= this.#now()) this.endAccess(socket)
      else if (endsAt <= this.#now()) socket.close(SILENT_CLOSE.code, SILENT_CLOSE.reason)
      else next = Math.min(next ?? endsAt, endsAt, expiresAt ?? endsAt)
    }
    return next
  }

  attachmentOf(socket: WebSocket): SocketAttachment {
    return attachmentSchema.parse(socket.deserializeAttachment())
  }

  setPrincipal(socket: WebSocket, principal: Principal): void {
    this.#trafficOf(socket).expiresAt = principal.credential.expiresAt
    socket.serializeAttachment({ ...this.attachmentOf(socket), principal })
  }

  /** Notes that it spoke. @returns the bucket of its frames */
  hear(socket: WebSocket): RequestRate {
    const attachment = this.attachmentOf(socket)
    const now = this.#now()
    if (isWorthNoting(attachment.heardAt, now))
      socket.serializeAttachment({ ...attachment, heardAt: now })
    return this.#trafficOf(socket).rate
  }

  /** It is closed: what it took ahead and did not use goes back. */
  closed(socket: WebSocket): void {
    const operations = this.#traffic.get(socket)?.operations
    if (operations) this.#services.inBackground(operations.giveBack())
  }

  operationsOf(socket: WebSocket): LeasedRate {
    return this.#trafficOf(socket).operations
  }

  /** Answers a frame that was none; one that is too large costs its sender the socket. */
  refuse(socket: WebSocket, { id, refusal, close, event: refused }: RefusedFrame): void {
    const { principal } = this.attachmentOf(socket)
    const event = refused && eventOfRefusal(refused, principal.clientAddress)
    if (event) createReporter(this.#services, principal)(event)
    this.send(socket, refusalFrame(id, refusal))
    if (close) socket.close(close.code, close.reason)
  }

  /** An answer that is under way: the socket is not closed under it. */
  answering<Value>(socket: WebSocket, work: Promise<Value>): Promise<Value> {
    const { answering } = this.#trafficOf(socket)
    const settled = work.then(
      () => undefined,
      () => undefined,
    )
    answering.add(settled)
    void settled.then(() => answering.delete(settled))
    return work
  }

  acknowledge(socket: WebSocket, mark: unknown): void {
    this.#trafficOf(socket).window.acknowledge(mark)
  }

  broadcast(frame: string): void {
    for (const socket of this.#state.getWebSockets()) {
      const { expiresAt, isEnding } = this.#trafficOf(socket)
      if (isEnding) continue
      if (expiresAt !== null && expiresAt <= this.#now()) this.endAccess(socket)
      else this.send(socket, frame)
    }
  }

  /** To the socket of this id, when it is still there. */
  sendTo(socketId: string, frame: string): void {
    for (const socket of this.#state.getWebSockets(socketId)) this.send(socket, frame)
  }

  send(socket: WebSocket, frame: string): void {
    if (socket.readyState !== WebSocket.OPEN) return
    const sent = this.#trafficOf(socket).window.admit(frame, this.#now())
    if (sent !== null) socket.send(sent)
    // Nothing is dropped silently: the client comes back and resumes by seq.
    else socket.close(1013, 'too slow: reconnect and resume')
  }

  /** Each socket's principal may have lost its rights; `judge` tells, and the rest are closed. */
  async closeUnless(judge: (principal: Principal) => Promise<Standing>): Promise<void> {
    await Promise.all(
      this.#state.getWebSockets().map(async (socket) => {
        const before = this.attachmentOf(socket).principal
        const standing = await judge(before)
        if (socket.readyState !== WebSocket.OPEN) return
        if (standing !== 'revoked' && standing !== 'foreign') {
          if (standing !== before) this.setPrincipal(socket, standing)
          return
        }
        const traffic = this.#trafficOf(socket)
        traffic.isEnding = true
        await farewell(traffic.answering)
        if (standing === 'revoked') this.endAccess(socket)
        else socket.close(1008, 'access ended')
      }),
    )
  }

  /** Its credential is worth nothing any more: the client learns that ahead of the close. */
  endAccess(socket: WebSocket): void {
    this.send(socket, accessRevokedFrame(this.attachmentOf(socket).principal.tenantId))
    socket.close(1008, 'access ended')
  }

  /** Of the sockets with these ids, those that are open. */
  openOf(socketIds: readonly string[]): readonly string[] {
    return socketIds.filter((id) =>
      this.#state.getWebSockets(id).some(({ readyState }) => readyState === WebSocket.OPEN),
    )
  }

  closeAll(code: number, reason: string): void {
    for (const socket of this.#state.getWebSockets()) socket.close(code, reason)
  }

  #trafficOf(socket: WebSocket): Traffic {
    const known = this.#traffic.get(socket)
    if (known) return known
    const { principal } = this.attachmentOf(socket)
    const traffic = {
      window: new SocketWindow(this.#now()),
      rate: new RequestRate(),
      operations: new LeasedRate(this.#services, principal),
      expiresAt: principal.credential.expiresAt,
      isEnding: false,
      answering: new Set<Promise<unknown>>(),
    }
    this.#traffic.set(socket, traffic)
    return traffic
  }
}
