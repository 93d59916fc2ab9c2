/** A client of the gateway's sockets inside workerd. It repeats nothing and hides nothing. */
import { exports } from 'cloudflare:workers'

/** The Worker's own entry, as the platform calls it. */
export const { default: gateway } = exports as unknown as { readonly default: Fetcher }

export const ORIGIN = 'https://gateway.example'

/** An answer that has not come by then will not come. */
const PATIENCE_MS = 15_000

export interface WireError {
  readonly code: string
  readonly message: string
  readonly details?: Readonly<Record<string, unknown>>
  readonly retryable?: boolean
  readonly retryAfterMs?: number
}

export interface ResFrame {
  readonly type: 'res'
  readonly id: string | number
  readonly ok: boolean
  readonly payload?: Readonly<Record<string, unknown>>
  readonly error?: WireError
  /** Of the byte window; named by `ack`. */
  readonly mark?: string
}

export interface EventFrame {
  readonly type: 'event'
  readonly event: string
  readonly payload: Readonly<Record<string, unknown>>
  readonly seq?: number
  readonly mark?: string
}

export type Frame = ResFrame | EventFrame

export interface Closed {
  readonly code: number
  readonly reason: string
}

export interface OpenOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** Is shown every text that comes in, before anything is made of it. */
  readonly onText?: (text: string) => void
}

/** The answer to an upgrade, whatever it is. */
export const upgrade = (
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> =>
  gateway.fetch(new Request(`${ORIGIN}${path}`, { headers: { upgrade: 'websocket', ...headers } }))

async function within<T>(work: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>()
  const complain = () => late.reject(new Error(`waited in vain for ${what}`))
  const timer = setTimeout(complain, PATIENCE_MS)
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer))
}

interface Waiter {
  readonly matches: (frame: Frame) => boolean
  readonly resolve: (frame: Frame) => void
}

/** Of this file: what is open at its end is closed, and the objects' last words are waited for. */
const opened = new Set<TestSocket>()
/** A socket whose object was aborted by its test answers no close. */
const GOODBYE_MS = 2_000

export async function closeAllSockets(): Promise<void> {
  const goodbye = new Promise<void>((resolve) => setTimeout(resolve, GOODBYE_MS))
  for (const socket of opened) socket.close()
  await Promise.race([Promise.all([...opened].map((socket) => socket.gone)), goodbye])
  opened.clear()
}

export class TestSocket {
  readonly #socket: WebSocket
  readonly frames: Frame[] = []
  /** Texts that were no frames, such as `pong`. */
  readonly texts: string[] = []
  readonly #closed: Promise<Closed>
  readonly #waiters = new Set<Waiter>()
  #lastId = 0

  constructor(socket: WebSocket, onText: (text: string) => void) {
    this.#socket = socket
    this.#closed = new Promise((resolve) => {
      socket.addEventListener('close', ({ code = 1005, reason = '' }) => resolve({ code, reason }))
    })
    socket.addEventListener('message', ({ data }) => {
      const text = String(data)
      onText(text)
      this.#receive(text)
    })
    socket.accept()
    opened.add(this)
    this.#closed.then(() => opened.delete(this))
  }

  static async open(path: string, { headers, onText }: OpenOptions = {}): Promise<TestSocket> {
    const response = await upgrade(path, headers)
    if (!response.webSocket) {
      throw new Error(`no upgrade: ${response.status} ${await response.text()}`)
    }
    return new TestSocket(response.webSocket, onText ?? (() => undefined))
  }

  get closed(): Promise<Closed> {
    return within(this.#closed, 'the socket to close')
  }

  /** As `closed`, however long it takes. */
  get gone(): Promise<Closed> {
    return this.#closed
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN
  }

  #receive(text: string): void {
    if (!text.startsWith('{')) {
      this.texts.push(text)
      return
    }
    const frame = JSON.parse(text) as Frame
    this.frames.push(frame)
    for (const waiter of this.#waiters) {
      if (!waiter.matches(frame)) continue
      this.#waiters.delete(waiter)
      waiter.resolve(frame)
    }
  }

  sendRaw(data: string | ArrayBuffer): void {
    this.#socket.send(data)
  }

  /** The first frame that fits, of those that came and those that will. */
  find(matches: (frame: Frame) => boolean, what: string): Promise<Frame> {
    const found = this.frames.find(matches)
    if (found) return Promise.resolve(found)
    return within(new Promise((resolve) => this.#waiters.add({ matches, resolve })), what)
  }

  async answer(id: string | number): Promise<ResFrame> {
    const frame = await this.find(
      (candidate) => candidate.type === 'res' && candidate.id === id,
      `the answer to ${id}`,
    )
    return frame as ResFrame
  }

  async agentEvent(type: string): Promise<EventFrame> {
    const frame = await this.find(
      (candidate) => candidate.type === 'event' && candidate.payload['type'] === type,
      `the event ${type}`,
    )
    return frame as EventFrame
  }

  request(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<ResFrame> {
    const id = `r${++this.#lastId}`
    this.sendRaw(JSON.stringify({ type: 'req', id, method, params }))
    return this.answer(id)
  }

  /** The payload of an answer that must be a yes. */
  async ask(
    method: string,
    params: Readonly<Record<string, unknown>> = {},
  ): Promise<Readonly<Record<string, unknown>>> {
    const { ok, payload, error } = await this.request(method, params)
    if (!ok || !payload) throw new Error(`${method}: ${error?.code} ${error?.message}`)
    return payload
  }

  /** The error of an answer that must be a no. */
  async refused(
    method: string,
    params: Readonly<Record<string, unknown>> = {},
  ): Promise<WireError> {
    const { ok, error, payload } = await this.request(method, params)
    if (ok || !error) throw new Error(`${method} was allowed: ${JSON.stringify(payload)}`)
    return error
  }

  get events(): readonly EventFrame[] {
    return this.frames.filter((frame) => frame.type === 'event')
  }

  close(): void {
    if (this.isOpen) this.#socket.close(1000, 'done')
  }
}
