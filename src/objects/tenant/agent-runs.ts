/**
 * How many runs of one person's were begun by agents and are at work: counted and taken in one step,
 * so that of many at once no more than allowed begin. A place that nobody gave back ends by itself.
 */
import type { UserId } from '../../domain/ids.ts'
import type { AgentRunPlace } from '../../domain/ports/tenant.ts'
import { AGENT_RUN_LEASE_MS, MAX_AGENT_RUNS } from '../../domain/sub-agent.ts'
import type { OnceStorage } from './once-store.ts'

/** By session's key, when it was taken. */
type Places = Readonly<Record<string, number>>

const PREFIX = 'agentRuns/'

export class AgentRuns {
  readonly #storage: Pick<OnceStorage, 'get' | 'put' | 'delete'>
  readonly #now: () => number

  /** Touches no storage. */
  constructor(storage: Pick<OnceStorage, 'get' | 'put' | 'delete'>, now: () => number) {
    this.#storage = storage
    this.#now = now
  }

  take(userId: UserId, sessionKey: string): AgentRunPlace {
    const places = this.#places(userId)
    if (Object.hasOwn(places, sessionKey)) return 'held'
    if (Object.keys(places).length >= MAX_AGENT_RUNS) return 'full'
    this.#storage.put<Places>(PREFIX + userId, { ...places, [sessionKey]: this.#now() })
    return 'taken'
  }

  end(userId: UserId, sessionKey: string): void {
    const { [sessionKey]: taken, ...others } = this.#places(userId)
    if (taken === undefined) return
    if (Object.keys(others).length === 0) this.#storage.delete(PREFIX + userId)
    else this.#storage.put<Places>(PREFIX + userId, others)
  }

  #places(userId: UserId): Places {
    const oldest = this.#now() - AGENT_RUN_LEASE_MS
    const stored = this.#storage.get<Places>(PREFIX + userId) ?? {}
    return Object.fromEntries(Object.entries(stored).filter(([, takenAt]) => takenAt > oldest))
  }
}
