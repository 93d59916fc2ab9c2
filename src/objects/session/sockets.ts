/** The sockets that end in this session: hibernating, each with its principal and byte window. */
import { z } from 'zod'
import { type Principal, principalSchema } from '../../domain/principal.ts'
import { PING_TEXT, PONG_TEXT } from '../../protocol/frames.ts'
import { RequestRate } from '../socket-requests.ts'
import { frameBytes, SocketWindow } from '../socket-window.ts'

const attachmentSchema = z.object({
  socketId: z.string(),
  sessionKey: z.string(),
  principal: principalSchema,
})
export type SocketAttachment = z.infer<typeof attachmentSchema>

interface Traffic {
  readonly window: SocketWindow
  readonly rate: RequestRate
  /** Of the credential behind the socket; nothing else ends it without being asked. */
  readonly expiresAt: number | null
}

export class SessionSockets {
  readonly #state: DurableObjectState
  readonly #now: () => number
  readonly #traffic = new WeakMap<WebSocket, Traffic>()

  constructor(state: DurableObjectState, now: () => number) {
    this.#state = state
    this.#now = now
  }

  accept(socket: WebSocket, attachment: SocketAttachment): void {
    this.#state.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING_TEXT, PONG_TEXT))
    this.#state.acceptWebSocket(socket, [attachment.socketId])
    socket.serializeAttachment(attachment)
  }

  attachmentOf(socket: WebSocket): SocketAttachment {
    return attachmentSchema.parse(socket.deserializeAttachment())
  }

  setPrincipal(socket: WebSocket, principal: Principal): void {
    socket.serializeAttachment({ ...this.attachmentOf(socket), principal })
  }

  rateOf(socket: WebSocket): RequestRate {
    return this.#trafficOf(socket).rate
  }

  acknowledge(socket: WebSocket, seq: number): void {
    this.#trafficOf(socket).window.acknowledge(seq)
  }

  broadcast(frame: string, seq: number | undefined): void {
    for (const socket of this.#state.getWebSockets()) {
      const { expiresAt } = this.#trafficOf(socket)
      if (expiresAt !== null && expiresAt <= this.#now()) socket.close(1008, 'access ended')
      else this.send(socket, frame, seq)
    }
  }

  /** To the socket of this id, when it is still there. */
  sendTo(socketId: string, frame: string): void {
    for (const socket of this.#state.getWebSockets(socketId)) this.send(socket, frame)
  }

  send(socket: WebSocket, frame: string, seq?: number): void {
    if (socket.readyState !== WebSocket.OPEN) return
    if (this.#trafficOf(socket).window.admits(frameBytes(frame), seq, this.#now()))
      socket.send(frame)
    // Nothing is dropped silently: the client comes back and resumes by seq.
    else socket.close(1013, 'too slow: reconnect and resume')
  }

  /** Each socket's principal may have lost its rights; `isAllowed` tells, and the rest are closed. */
  async closeUnless(isAllowed: (principal: Principal) => Promise<boolean>): Promise<void> {
    await Promise.all(
      this.#state.getWebSockets().map(async (socket) => {
        if (!(await isAllowed(this.attachmentOf(socket).principal))) {
          socket.close(1008, 'access ended')
        }
      }),
    )
  }

  closeAll(code: number, reason: string): void {
    for (const socket of this.#state.getWebSockets()) socket.close(code, reason)
  }

  #trafficOf(socket: WebSocket): Traffic {
    const known = this.#traffic.get(socket)
    if (known) return known
    const traffic = {
      window: new SocketWindow(this.#now()),
      rate: new RequestRate(),
      expiresAt: this.attachmentOf(socket).principal.credential.expiresAt,
    }
    this.#traffic.set(socket, traffic)
    return traffic
  }
}
