/**
 * Who hears a session: its own sockets, and the control sockets of its owner as the tenant names
 * them. Rights may end while they listen; then they stop hearing, without having to ask first.
 */
import type { Services } from '../../api/context.ts'
import type { RunId } from '../../domain/ids.ts'
import type { ReplyTo } from '../../domain/ports/session.ts'
import type { Principal } from '../../domain/principal.ts'
import { recheckPrincipal } from '../../gateway/authenticate.ts'
import type { Settings } from '../../gateway/env.ts'
import { checkSessionAccess } from '../../transport/session-access.ts'
import type { EventStore } from './event-store.ts'
import { FanOut } from './fan-out.ts'
import type { MetaStore } from './meta-store.ts'
import { Relay } from './relay.ts'
import type { RunStore } from './run-store.ts'
import type { SessionSockets, SocketAttachment, Standing } from './sockets.ts'

export interface ListenerParts {
  readonly services: Services
  readonly settings: Settings
  readonly meta: MetaStore
  readonly runs: RunStore
  readonly events: EventStore
  readonly sockets: SessionSockets
}

type OpenedSocket = Pick<SocketAttachment, 'principal' | 'socketId' | 'sessionKey'>

export class Listeners {
  readonly fanOut: FanOut
  readonly #parts: ListenerParts
  readonly #relay: Relay
  /** As the last proof of rights saw it; null until the first. */
  #authVersion: number | null = null

  constructor(parts: ListenerParts) {
    this.#parts = parts
    this.#relay = new Relay(parts.services.connection, {
      onFailed: (id) => this.fanOut.forget(id),
      onGone: (id) => this.#forgetConnection(id),
    })
    this.fanOut = new FanOut(parts.events, parts.sockets, this.#relay, parts.services.now)
  }

  reply(replyTo: ReplyTo, frame: (requestId: string | number) => string): void {
    if (replyTo.kind === 'none') return
    const text = frame(replyTo.requestId)
    if (replyTo.kind === 'socket') this.#parts.sockets.sendTo(replyTo.socketId, text)
    else this.#relay.push(replyTo.connectionId, text, true)
  }

  /** The tenant learns of the run and names the control sockets of the session's owner. */
  async announceRun(runId: RunId): Promise<void> {
    const { services, meta, runs } = this.#parts
    const session = meta.read()
    if (!session) return
    const { tenantId, sessionKey, agentKey, owner } = session
    const tenant = services.tenant(tenantId)
    for (const id of await tenant.runStarted({ runId, sessionKey, agentKey, userId: owner })) {
      this.fanOut.listen(id)
    }
    if (!meta.read() || runs.stateOf(runId) !== 'running') await tenant.runEnded(runId)
  }

  /**
   * A socket may have been waiting here before the session had an owner: it must not listen in,
   * neither as a stranger nor under rights that the owner took back while it waited.
   */
  async onNewSession({
    tenantId,
    userId: ownerId,
  }: Pick<Principal, 'tenantId' | 'userId'>): Promise<void> {
    const { services, settings, sockets } = this.#parts
    const owned = { tenantId, ownerId }
    const ifAllowed = (principal: Principal): Standing =>
      checkSessionAccess(principal, owned).ok ? principal : 'foreign'
    await sockets.closeUnless(async (principal) => {
      if (ifAllowed(principal) === 'foreign') return 'foreign'
      const checked = await recheckPrincipal(principal, services, settings)
      return checked.ok ? ifAllowed(checked.value.principal) : 'revoked'
    })
    // Without a pause for whoever came while the others proved theirs: those rights are of now.
    await sockets.closeUnless(async (principal) => ifAllowed(principal))
  }

  /** The tenant tells it from now on when rights change; what changed before then is asked about. */
  async onSocket({ principal, socketId, sessionKey }: OpenedSocket): Promise<void> {
    const tenant = this.#parts.services.tenant(principal.tenantId)
    await this.recheckSockets(await tenant.socketOpened(socketId, sessionKey))
  }

  onClosed({ principal, socketId }: OpenedSocket): void {
    const { services } = this.#parts
    services.inBackground(services.tenant(principal.tenantId).socketClosed(socketId))
  }

  /**
   * Keys, memberships or roles may have changed, also while this object slept: sockets that came
   * under other rights prove theirs anew. Control sockets are the tenant's to close.
   */
  async onAuthVersion(authVersion: number): Promise<void> {
    if (this.#authVersion === authVersion) return
    this.#authVersion = authVersion
    await this.recheckSockets(authVersion)
  }

  /** @param authVersion in force; null where it is not known, and everybody proves theirs */
  async recheckSockets(authVersion: number | null): Promise<void> {
    const { services, settings, meta, sockets } = this.#parts
    await sockets.closeUnless(async (principal) => {
      if (principal.authVersion === authVersion) return principal
      const checked = await recheckPrincipal(principal, services, settings)
      if (!checked.ok) return 'revoked'
      const { principal: current } = checked.value
      const session = meta.read()
      // A session that is not begun is nobody's: whoever waits there goes on waiting.
      if (!session) return current
      const { tenantId, owner: ownerId } = session
      return checkSessionAccess(current, { tenantId, ownerId }).ok ? current : 'foreign'
    })
  }

  /** A socket that died with its machine said no goodbye: the tenant would name it for every run. */
  #forgetConnection(id: string): void {
    const { services, meta } = this.#parts
    this.fanOut.forget(id)
    const session = meta.read()
    if (session) services.inBackground(services.tenant(session.tenantId).unsubscribe(id))
  }
}
