/**
 * The page's one connection: signs in, keeps the socket open over restarts of the gateway, and repeats
 * what only reads. Components see it through `use-gateway.ts` and `use-operation.ts`.
 */
import { endLogin, isOfSignIn } from './end-login.ts'
import type { Operations } from './operations/index.ts'
import { codeOf, Disconnected, inPlainWords } from './refusal.ts'
import { paced } from './repeat.ts'
import { chosenTenant, sessionToken } from './session-token.ts'
import { type EventFrame, type Hello, type PairingOffer, Socket } from './socket.ts'
import { beginVisit, currentVisit, withinVisit } from './visit.ts'

export type ConnectionState =
  | { readonly kind: 'signed_out'; readonly because: string | null }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open'; readonly hello: Hello }
  | { readonly kind: 'reconnecting'; readonly hello: Hello | null }

export type OperationName = keyof Operations
export type ParamsOf<Name extends OperationName> = Operations[Name]['params']
export type ResultOf<Name extends OperationName> = Operations[Name]['result']

/** The gateway closes with it whoever it does not know, or knows no longer. */
const POLICY_VIOLATION = 1008
const FIRST_RETRY_MS = 150
const LONGEST_RETRY_MS = 5_000
/** A connection that held for so long was none of those that break as soon as they are open. */
const STEADY_MS = 10_000

type Listener = () => void

export class Gateway {
  #state: ConnectionState
  #socket: Socket | null = null
  readonly #watchers = new Set<Listener>()
  readonly #listeners = new Set<(frame: EventFrame) => void>()
  readonly #reopened = new Set<Listener>()
  #wake: Listener | null = null
  /** Of whoever keeps it open now: those before leave it alone, also while they are opening. */
  #turn = 0
  /** Of the tenants that were asked for: the last one counts. */
  #wish = 0

  constructor() {
    this.#state = { kind: 'signed_out', because: null }
    addEventListener('online', () => this.#wake?.())
  }

  get state(): ConnectionState {
    return this.#state
  }

  /** @returns the way to stop watching the state. */
  watch = (listener: Listener): (() => void) => {
    this.#watchers.add(listener)
    return () => this.#watchers.delete(listener)
  }

  onEvent(listener: (frame: EventFrame) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Called whenever a socket stands again after one was lost: what was missed can be asked for. */
  onReopened(listener: Listener): () => void {
    this.#reopened.add(listener)
    return () => this.#reopened.delete(listener)
  }

  /** With the credential that this tab still holds; without one nothing happens. */
  resume(): void {
    const token = sessionToken.get()
    if (token === null) return
    this.#become({ kind: 'connecting' })
    void this.#keepOpen(token, null)
  }

  /** @throws Refused or Disconnected; then the tab is signed out as before. */
  async signIn(token: string): Promise<void> {
    const { socket, hello } = await this.#open(token)
    sessionToken.set(token)
    this.#adopt(socket, hello)
    void this.#keepOpen(token, socket)
  }

  /** Looks at another tenant, with the same credential. */
  async switchTenant(tenant: string | null): Promise<void> {
    const token = sessionToken.get()
    if (token === null) return
    const wish = ++this.#wish
    const { socket, hello } = await this.#open(token, tenant)
    // Who signed out meanwhile, or wished to go elsewhere, is not brought here.
    if (this.#wish !== wish) return socket.close()
    // Only now: what is sent before this is sent to where one was.
    chosenTenant.set(tenant)
    const left = this.#socket
    this.#adopt(socket, hello)
    left?.close()
    void this.#keepOpen(token, socket)
  }

  /** Of somebody who leaves: a session that was made for them ends, a key of theirs stays good. */
  leave(): void {
    const token = sessionToken.get()
    this.signOut()
    if (token !== null && isOfSignIn(token)) endLogin(token)
  }

  signOut(because: string | null = null): void {
    sessionToken.set(null)
    chosenTenant.set(null)
    const socket = this.#socket
    this.#socket = null
    this.#turn += 1
    this.#wish += 1
    beginVisit(null)
    this.#become({ kind: 'signed_out', because })
    socket?.close()
  }

  /**
   * Asks, and asks again over a new connection when one was lost: only for what changes nothing. What was
   * refused for its pace alone is asked again as well.
   */
  async read<Name extends OperationName>(
    name: Name,
    params: ParamsOf<Name>,
    asked?: AbortSignal,
  ): Promise<ResultOf<Name>> {
    const signal = withinVisit(asked)
    return paced(signal, async () => {
      for (;;) {
        const socket = await this.#standing(signal)
        try {
          return (await socket.request(name, params)) as ResultOf<Name>
        } catch (error) {
          signal.throwIfAborted()
          if (!(error instanceof Disconnected)) throw error
        }
      }
    })
  }

  /**
   * What was refused for its pace alone is asked for again, when the gateway says so.
   *
   * @param visit in which the change is meant; of several that belong together the first one's
   * @throws Disconnected when it is not known whether the change was made
   * @throws Elsewhere when the visit has ended: it is made nowhere else
   */
  async change<Name extends OperationName>(
    name: Name,
    params: ParamsOf<Name>,
    visit = currentVisit(),
  ): Promise<ResultOf<Name>> {
    return paced(visit, async () => {
      const socket = await this.#standing(visit)
      return (await socket.request(name, params)) as ResultOf<Name>
    })
  }

  #become(state: ConnectionState): void {
    this.#state = state
    for (const watcher of this.#watchers) watcher()
  }

  #adopt(socket: Socket, hello: Hello): void {
    beginVisit(hello)
    this.#socket = socket
    socket.acknowledges = true
    socket.onEvent = (frame) => {
      if (frame.event === 'tenant.access.revoked') {
        this.signOut('Your access to this tenant has ended.')
        return
      }
      for (const listener of this.#listeners) listener(frame)
    }
    this.#become({ kind: 'open', hello })
  }

  async #open(
    token: string,
    tenant = chosenTenant.get(),
  ): Promise<{ socket: Socket; hello: Hello }> {
    const socket = await Socket.open()
    try {
      const hello = (await socket.request('connect', {
        token,
        ...(tenant === null ? {} : { tenant_id: tenant }),
        minProtocol: 3,
        maxProtocol: 3,
      })) as Hello | PairingOffer
      // An unknown credential may be offered a pairing instead of a refusal.
      if (!('role' in hello)) throw new Error('The gateway does not know this token.')
      return { socket, hello }
    } catch (error) {
      socket.close()
      throw error
    }
  }

  /** Until it is signed out or replaced: opens, waits for the end, opens again. */
  async #keepOpen(token: string, first: Socket | null): Promise<void> {
    let socket = first
    let wait = FIRST_RETRY_MS
    let openedAt = Date.now()
    /** In a row: what breaks a connection may be what is asked over it, and be asked again each time. */
    let brokenSoon = 0
    const turn = ++this.#turn
    const isOver = (): boolean => this.#turn !== turn
    for (;;) {
      if (socket !== null) {
        const code = await socket.closed
        if (isOver()) return
        this.#socket = null
        if (code === POLICY_VIOLATION) return this.signOut('Your access has ended. Sign in again.')
        this.#become({ kind: 'reconnecting', hello: this.#helloNow() })
        wait = FIRST_RETRY_MS
        socket = null
        brokenSoon = Date.now() - openedAt < STEADY_MS ? brokenSoon + 1 : 0
        if (brokenSoon > 1)
          await this.#pause(Math.min(FIRST_RETRY_MS * 2 ** brokenSoon, LONGEST_RETRY_MS))
      }
      if (isOver()) return
      try {
        const opened = await this.#open(token)
        if (isOver()) return opened.socket.close()
        socket = opened.socket
        openedAt = Date.now()
        this.#adopt(socket, opened.hello)
        for (const listener of this.#reopened) listener()
      } catch (error) {
        if (isOver()) return
        const code = codeOf(error)
        if (code === 'UNAUTHORIZED' || code === 'TENANT_ACCESS_REVOKED' || code === 'NOT_FOUND')
          return this.signOut(inPlainWords(error))
        await this.#pause(wait)
        wait = Math.min(wait * 2, LONGEST_RETRY_MS)
      }
    }
  }

  #helloNow(): Hello | null {
    return 'hello' in this.#state ? this.#state.hello : null
  }

  /** Others who lost the same gateway come back beside us, not at the same moment. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms * (0.75 + Math.random() / 2))
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** The socket, as soon as there is one; none any more once the signal has ended. */
  async #standing(signal: AbortSignal): Promise<Socket> {
    signal.throwIfAborted()
    if (this.#socket !== null) return this.#socket
    const socket = await this.#nextSocket(signal)
    signal.throwIfAborted()
    return socket
  }

  #nextSocket(signal: AbortSignal): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        stop()
        signal.removeEventListener('abort', abandon)
        act()
      }
      const abandon = () => settle(() => reject(signal.reason as Error))
      const stop = this.watch(() => {
        const socket = this.#socket
        if (socket !== null) settle(() => resolve(socket))
        else if (this.#state.kind === 'signed_out') settle(() => reject(new Disconnected()))
      })
      signal.addEventListener('abort', abandon)
      if (this.#state.kind === 'signed_out') settle(() => reject(new Disconnected()))
    })
  }
}

/** The page's one. */
export const gateway = new Gateway()
