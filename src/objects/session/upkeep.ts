/** What a session's timers do: watch over its run, bring its index up to date, prune its event log. */
import type { Services } from '../../api/context.ts'
import type { Timers } from '../alarms.ts'
import type { Background } from './background.ts'
import type { EventStore } from './event-store.ts'
import type { Listeners } from './listeners.ts'
import type { RunHost } from './run-host.ts'
import type { RunStore } from './run-store.ts'
import { INDEX_TIMER, type SessionIndex } from './session-index.ts'

/** The crash watchdog: a run without a loop is taken up again within this time. */
const HEARTBEAT_MS = 30_000
const HEARTBEAT = 'heartbeat'
const PRUNE_INTERVAL_MS = 24 * 3_600_000
const PRUNE = 'prune'

export interface UpkeepParts {
  readonly services: Services
  readonly timers: Timers
  readonly background: Background
  readonly host: RunHost
  readonly runs: RunStore
  readonly events: EventStore
  readonly index: SessionIndex
  readonly listeners: Listeners
}

export class Upkeep {
  readonly #parts: UpkeepParts

  constructor(parts: UpkeepParts) {
    this.#parts = parts
  }

  /** From the step that stores a run on. */
  watchRun(): Promise<void> {
    const { timers, services } = this.#parts
    return timers.setNoLater(HEARTBEAT, services.now() + HEARTBEAT_MS)
  }

  pruneLater(): Promise<void> {
    const { timers, services } = this.#parts
    return timers.setIfAbsent(PRUNE, services.now() + PRUNE_INTERVAL_MS)
  }

  /** The handler of one timer that is due. */
  async onTimer(name: string): Promise<void> {
    if (name === HEARTBEAT) await this.#heartbeat()
    else if (name === INDEX_TIMER) await this.#parts.index.write()
    else if (name === PRUNE) await this.#prune()
  }

  async #heartbeat(): Promise<void> {
    const { services, timers, background, host, runs, listeners } = this.#parts
    host.ensureRunning()
    const latest = runs.latest()
    if (latest?.state === 'running') {
      // The tenant keeps young runs in memory only: it may have forgotten this one.
      background.add(listeners.announceRun(latest.id))
      await timers.set(HEARTBEAT, services.now() + HEARTBEAT_MS)
    } else if (latest) {
      // Told when it ended, too, but a crash may have swallowed that.
      await services.tenant(latest.principal.tenantId).runEnded(latest.id)
    }
  }

  async #prune(): Promise<void> {
    const { services, timers, events } = this.#parts
    events.prune(services.now())
    if (events.lastSeq() > 0) await timers.set(PRUNE, services.now() + PRUNE_INTERVAL_MS)
  }
}
