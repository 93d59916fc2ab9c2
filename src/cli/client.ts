/**
 * A client of the gateway's socket, protocol v3: connect, requests answered by id, events. It holds
 * no state of a conversation and repeats nothing by itself; who uses it knows what may be repeated.
 */
import type { FrameId } from '../protocol/frames.ts'
import { whyUnavailable } from './unavailable.ts'

/** A gateway on this machine answers in milliseconds, one across the world within a second. */
const CONNECT_TIMEOUT_MS = 10_000

export interface ConnectOptions {
  /** `http(s)://host:port` or `ws(s)://…`, without a path. */
  readonly url: string
  readonly token?: string | null
  readonly userId?: string
  readonly tenantId?: string
  /** Connects to this session's own socket, without the hop over `/ws`. */
  readonly sessionKey?: string
}

export interface Hello {
  readonly protocol: number
  readonly role: string
  readonly user_id: string
  readonly tenant_id: string
  readonly tenant_slug: string
  readonly scopes: readonly string[]
  readonly is_master_scope: boolean
  readonly server: { readonly name: string; readonly version: string }
}

export interface EventFrame {
  readonly type: 'event'
  readonly event: string
  readonly payload?: unknown
  readonly seq?: number
  readonly mark?: unknown
}

interface ResponseFrame {
  readonly type: 'res'
  readonly id: FrameId
  readonly ok: boolean
  readonly payload?: unknown
  readonly error?: GatewayRefusal
  readonly mark?: unknown
}

export interface GatewayRefusal {
  readonly code: string
  readonly message: string
  readonly details?: unknown
  readonly retryable?: boolean
  readonly retryAfterMs?: number
}

/** The gateway answered, and the answer is no. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly refusal: GatewayRefusal

  constructor(refusal: GatewayRefusal) {
    super(refusal.message)
    this.refusal = refusal
  }
}

/** The socket could not be opened, or closed before the answer came. */
export class DisconnectedError extends Error {
  override readonly name = 'DisconnectedError'
  /** WebSocket close code; 1006 when there was none. */
  readonly code: number

  constructor(message: string, code = 1006) {
    super(message)
    this.code = code
  }
}

interface Pending {
  resolve(payload: unknown): void
  reject(error: Error): void
}

function socketFor(options: ConnectOptions): WebSocket {
  const base = options.url.replace(/^http/, 'ws').replace(/\/$/, '')
  if (options.sessionKey === undefined) return new WebSocket(`${base}/ws`)
  const protocols = ['edgeclaw.v3']
  // A token in the address would end in logs; as a subprotocol it travels in a header.
  if (options.token) protocols.push(`bearer.${Buffer.from(options.token).toString('base64url')}`)
  return new WebSocket(
    `${base}/v1/sessions/${encodeURIComponent(options.sessionKey)}/ws`,
    protocols,
  )
}

/** Null for what is none: an error of the parser would hold the text, and end on a terminal. */
function frameOf(text: string): ResponseFrame | EventFrame | null {
  try {
    const frame: unknown = JSON.parse(text)
    return typeof frame === 'object' && frame !== null ? (frame as ResponseFrame) : null
  } catch {
    return null
  }
}

export class GatewayClient {
  readonly #socket: WebSocket
  readonly #pending = new Map<string, Pending>()
  readonly #listeners = new Set<(frame: EventFrame) => void>()
  #lastId = 0
  /** Whoever is not let in yet may ask for that alone: any other frame costs them the socket. */
  #acknowledges = false
  /** Resolves when the socket has closed, for whatever reason. */
  readonly closed: Promise<DisconnectedError>

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', (event) => this.#receive(String(event.data)))
    this.closed = new Promise((resolve) => {
      socket.addEventListener('close', ({ code, reason }) => {
        const error = new DisconnectedError(reason || 'the connection was closed', code)
        for (const { reject } of this.#pending.values()) reject(error)
        this.#pending.clear()
        resolve(error)
      })
    })
  }

  /**
   * @throws DisconnectedError when nobody answers there, RefusedError when `connect` is refused or the
   * gateway lacks a setting.
   */
  static async connect(
    options: ConnectOptions,
  ): Promise<{ client: GatewayClient; hello: Hello | null }> {
    const socket = socketFor(options)
    const client = new GatewayClient(socket)
    const timer = setTimeout(() => socket.close(), CONNECT_TIMEOUT_MS)
    try {
      await new Promise<void>((resolve, reject) => {
        socket.addEventListener('open', () => resolve(), { once: true })
        client.closed.then(reject)
      }).catch(async (error: unknown) => {
        const unavailable = await whyUnavailable(options.url)
        throw unavailable === null ? error : new RefusedError(unavailable)
      })
      if (options.sessionKey !== undefined) {
        client.#acknowledges = true
        return { client, hello: null }
      }
      const hello = await client.request('connect', {
        ...(options.token ? { token: options.token } : {}),
        ...(options.userId === undefined ? {} : { user_id: options.userId }),
        ...(options.tenantId === undefined ? {} : { tenant_id: options.tenantId }),
        minProtocol: 3,
        maxProtocol: 3,
      })
      client.#acknowledges = true
      return { client, hello: hello as Hello }
    } catch (error) {
      client.close()
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  #receive(text: string): void {
    if (text === 'pong') return
    const frame = frameOf(text)
    if (frame === null) {
      this.#socket.close()
      return
    }
    if (typeof frame.mark === 'string') this.#acknowledge(frame.mark)
    if (frame.type === 'event') {
      for (const listener of this.#listeners) listener(frame)
      return
    }
    const pending = this.#pending.get(String(frame.id))
    this.#pending.delete(String(frame.id))
    if (frame.ok) pending?.resolve(frame.payload)
    else
      pending?.reject(new RefusedError(frame.error ?? { code: 'INTERNAL', message: 'no reason' }))
  }

  /** What was read gives the socket's window back: who names no mark is held to what a slow line reads. */
  #acknowledge(mark: string): void {
    if (!this.#acknowledges || this.#socket.readyState !== WebSocket.OPEN) return
    this.#socket.send(JSON.stringify({ type: 'req', method: 'ack', params: { mark } }))
  }

  /** Waits for the answer as long as it takes: a run may last half an hour. */
  request(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    if (this.#socket.readyState !== WebSocket.OPEN) {
      return Promise.reject(new DisconnectedError('the connection is closed'))
    }
    const id = String(++this.#lastId)
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.#socket.send(JSON.stringify({ type: 'req', id, method, params }))
    })
  }

  /** @returns the way to stop listening. */
  onEvent(listener: (frame: EventFrame) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Sends text as it is; for tests of malformed frames. */
  sendRaw(text: string): void {
    this.#socket.send(text)
  }

  close(): void {
    this.#socket.close()
  }
}
