/** One socket to the gateway, protocol v3: connect, requests answered by id, events. It repeats nothing. */
import { socketAddress } from './address.ts'
import { Disconnected, Refused, type WireRefusal } from './refusal.ts'

export interface Hello {
  readonly role: Role
  readonly scopes: readonly string[]
  readonly user_id: string
  readonly tenant_id: string
  readonly tenant_name: string
  readonly tenant_slug: string
  readonly is_owner: boolean
  readonly is_master_scope: boolean
  readonly server: { readonly name: string; readonly version: string }
}

export type Role = 'viewer' | 'operator' | 'admin' | 'owner'

/** What a browser is told that nobody knows yet. */
export interface PairingOffer {
  readonly status: 'pending_pairing'
  readonly pairing_code: string
  readonly pairing_secret: string
  readonly sender_id: string
  readonly expires_at: string
}

export interface EventFrame {
  readonly type: 'event'
  readonly event: string
  readonly payload?: unknown
  readonly seq?: number
}

interface ResponseFrame {
  readonly type: 'res'
  readonly id: string
  readonly ok: boolean
  readonly payload?: unknown
  readonly error?: WireRefusal
}

interface Pending {
  resolve(payload: unknown): void
  reject(error: Error): void
}

/** A socket without an answer for so long is taken for dead, although nothing closed it. */
const PING_EVERY_MS = 20_000
const OPEN_WITHIN_MS = 10_000
/** How often the gateway is told what was read; its window is 1 MB. */
const ACK_EVERY_MS = 250

export class Socket {
  readonly #socket = new WebSocket(socketAddress())
  readonly #pending = new Map<string, Pending>()
  #lastId = 0
  #isHeard = true
  /** Of the last frame that held one: all before it has been read as well. */
  #mark: string | null = null
  /** Only for those who are connected: a socket that waits for a pairing may ask for that alone. */
  acknowledges = false
  onEvent: (frame: EventFrame) => void = () => undefined
  /** Resolves with the close code when the socket has ended, for whatever reason. */
  readonly closed: Promise<number>

  private constructor() {
    const ping = setInterval(() => this.#ping(), PING_EVERY_MS)
    const acknowledge = setInterval(() => this.#acknowledge(), ACK_EVERY_MS)
    this.#socket.addEventListener('message', ({ data }) => this.#receive(String(data)))
    this.closed = new Promise((resolve) => {
      this.#socket.addEventListener('close', ({ code }) => {
        clearInterval(ping)
        clearInterval(acknowledge)
        for (const { reject } of this.#pending.values()) reject(new Disconnected())
        this.#pending.clear()
        resolve(code)
      })
    })
  }

  /** @throws Disconnected when nobody answers. */
  static async open(): Promise<Socket> {
    const socket = new Socket()
    const timer = setTimeout(() => socket.close(), OPEN_WITHIN_MS)
    try {
      await new Promise<void>((resolve, reject) => {
        socket.#socket.addEventListener('open', () => resolve(), { once: true })
        socket.closed.then(() => reject(new Disconnected()))
      })
      return socket
    } finally {
      clearTimeout(timer)
    }
  }

  /** Waits as long as it takes: a run may last half an hour. */
  request(method: string, params: unknown = {}): Promise<unknown> {
    if (this.#socket.readyState !== WebSocket.OPEN) return Promise.reject(new Disconnected())
    const id = String(++this.#lastId)
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.#socket.send(JSON.stringify({ type: 'req', id, method, params }))
    })
  }

  close(): void {
    this.#socket.close()
  }

  #ping(): void {
    if (!this.#isHeard) this.close()
    this.#isHeard = false
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send('ping')
  }

  #receive(text: string): void {
    this.#isHeard = true
    if (text === 'pong') return
    const frame = JSON.parse(text) as (ResponseFrame | EventFrame) & { readonly mark?: string }
    if (frame.mark !== undefined) this.#mark = frame.mark
    if (frame.type === 'event') {
      this.onEvent(frame)
      return
    }
    const pending = this.#pending.get(frame.id)
    this.#pending.delete(frame.id)
    if (frame.ok) pending?.resolve(frame.payload)
    else
      pending?.reject(
        new Refused(frame.error ?? { code: 'INTERNAL', message: 'No reason was given.' }),
      )
  }

  #acknowledge(): void {
    if (!this.acknowledges || this.#mark === null) return
    if (this.#socket.readyState !== WebSocket.OPEN) return
    this.#socket.send(JSON.stringify({ type: 'req', method: 'ack', params: { mark: this.#mark } }))
    this.#mark = null
  }
}
