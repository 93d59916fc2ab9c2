/**
 * A client of one session that bears the loss of its connection: comes back, resumes after the last
 * `seq` it saw, repeats with the same key what was not acknowledged, and follows to the end. It does
 * what protocol v3 asks of a client and nothing more; the gateway has to do the rest.
 */
import { setTimeout as delay } from 'node:timers/promises'
import {
  DisconnectedError,
  type EventFrame,
  GatewayClient,
  RefusedError,
} from '../../src/cli/client.ts'
import { agentPayload, applyEvent, type RunView, type SessionView } from './run-view.ts'

/** A gateway that is being started again refuses connections for a moment. */
const RECONNECT_MS = 25
const MAX_RECONNECT_MS = 30_000

export interface FollowerOptions {
  readonly url: string
  readonly token: string
  readonly sessionKey: string
  readonly userId?: string
  /** What it knew when it left, and up to where. */
  readonly view?: SessionView
  readonly afterSeq?: number
  /**
   * Takes nothing but the answer to its request for an acknowledgement, and repeats the request over
   * every loss of the connection, although it may have seen the run that it started.
   */
  readonly isImpatient?: boolean
  /** Called after everything that it learns. */
  readonly onChange?: () => void
}

export type Acknowledged =
  | { readonly kind: 'run'; readonly runId: string }
  | { readonly kind: 'injected'; readonly runId: string }

export class Follower {
  readonly #options: FollowerOptions
  #view: SessionView
  #afterSeq: number
  #client: GatewayClient | null = null
  #connecting: Promise<GatewayClient> | null = null
  /** Events that came before the answer to `sessions.resume`: some of them it tells again. */
  #early: EventFrame[] | null = null
  #isClosed = false
  #changed = Promise.withResolvers<void>()
  #error: Error | null = null

  constructor(options: FollowerOptions) {
    this.#options = options
    this.#view = options.view ?? new Map()
    this.#afterSeq = options.afterSeq ?? 0
  }

  get view(): SessionView {
    return this.#view
  }

  get afterSeq(): number {
    return this.#afterSeq
  }

  get isBusy(): boolean {
    return [...this.#view.values()].some(({ outcome }) => outcome === null)
  }

  #tell(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
    this.#options.onChange?.()
  }

  #take(frame: EventFrame): void {
    const event = agentPayload(frame)
    if (event?.sessionKey !== this.#options.sessionKey || frame.seq === undefined) return
    if (this.#early) {
      this.#early.push(frame)
      return
    }
    if (frame.seq <= this.#afterSeq) return
    try {
      this.#view = applyEvent(this.#view, event)
      this.#afterSeq = frame.seq
    } catch (error) {
      this.#error ??= error as Error
    }
    this.#tell()
  }

  async #connectOnce(): Promise<GatewayClient> {
    const { url, token, sessionKey, userId } = this.#options
    this.#early = []
    const as = userId === undefined ? {} : { userId }
    const { client } = await GatewayClient.connect({ url, token, ...as })
    client.onEvent((frame) => this.#take(frame))
    try {
      await this.#resume(client, sessionKey)
    } catch (error) {
      client.close()
      throw error
    }
    client.closed.then(() => {
      if (this.#client === client) this.#client = null
      this.#tell()
    })
    this.#client = client
    return client
  }

  async #resume(client: GatewayClient, sessionKey: string): Promise<void> {
    try {
      await client.request('sessions.resume', { sessionKey, afterSeq: this.#afterSeq })
    } catch (error) {
      // Nothing was said in this session yet.
      if (!(error instanceof RefusedError && error.refusal.code === 'NOT_FOUND')) throw error
    }
    const early = this.#early ?? []
    this.#early = null
    for (const frame of early.toSorted((a, b) => (a.seq ?? 0) - (b.seq ?? 0))) this.#take(frame)
  }

  async #connectAgain(): Promise<GatewayClient> {
    const end = performance.now() + MAX_RECONNECT_MS
    for (;;) {
      try {
        return await this.#connectOnce()
      } catch (error) {
        const isAway =
          error instanceof DisconnectedError ||
          (error instanceof RefusedError && error.refusal.retryable === true)
        if (!isAway || performance.now() > end) throw error
        await delay(RECONNECT_MS)
      }
    }
  }

  /** The connection, made again when it was lost. */
  connected(): Promise<GatewayClient> {
    if (this.#isClosed) return Promise.reject(new DisconnectedError('the follower was closed'))
    if (this.#client) return Promise.resolve(this.#client)
    this.#connecting ??= this.#connectAgain().finally(() => {
      this.#connecting = null
    })
    return this.#connecting
  }

  #failWhenOver(): void {
    if (this.#error) throw this.#error
    if (this.#isClosed) throw new DisconnectedError('the follower was closed')
  }

  /** Keeps following, over every loss of the connection, until `check` holds. */
  async follow(check: () => boolean): Promise<void> {
    for (;;) {
      if (check()) return
      this.#failWhenOver()
      const { promise } = this.#changed
      await this.connected()
      if (!check() && this.#client && !this.#isClosed) await promise
    }
  }

  runOf(message: string): RunView | undefined {
    return [...this.#view.values()].find((run) => run.message === message)
  }

  /** Sends until acknowledged, with one key; then follows a run that it started to its end. */
  async say(message: string, idempotencyKey: string): Promise<Acknowledged> {
    const { sessionKey, isImpatient = false } = this.#options
    let acknowledged: Acknowledged | null = null
    const seen = (): boolean =>
      acknowledged !== null || (!isImpatient && this.runOf(message) !== undefined)
    while (!seen()) {
      const client = await this.connected()
      if (seen()) break
      const answered = client.request('chat.send', { sessionKey, message, idempotencyKey }).then(
        (payload) => {
          const { injected, runId } = payload as { injected?: boolean; runId: string }
          acknowledged = { kind: injected ? 'injected' : 'run', runId }
          this.#tell()
        },
        (error: unknown) => {
          if (error instanceof DisconnectedError) return
          // A run that failed says so in its event as well.
          const runId = error instanceof RefusedError ? runIdOf(error) : null
          if (runId !== null) acknowledged = { kind: 'run', runId }
          else this.#error ??= error as Error
          this.#tell()
        },
      )
      await Promise.race([answered, this.follow(() => seen() || this.#client !== client)])
      this.#failWhenOver()
    }
    const injected = acknowledged as Acknowledged | null
    if (injected?.kind === 'injected') return injected
    await this.follow(() => Boolean(this.runOf(message)?.outcome))
    return { kind: 'run', runId: this.runOf(message)?.runId ?? '' }
  }

  close(): void {
    this.#isClosed = true
    this.#client?.close()
    this.#tell()
  }
}

function runIdOf({ refusal: { details } }: RefusedError): string | null {
  if (typeof details !== 'object' || details === null || !('runId' in details)) return null
  return String(details.runId)
}
