/**
 * What a session's timers do: watch over its run, bring its index up to date, prune its event log,
 * end sockets that are silent, or whose credential ran out.
 */
import type { Services } from '../../api/context.ts'
import type { RunResult } from '../../domain/run-event.ts'
import type { Timers } from '../alarms.ts'
import { silentFrom } from '../socket-silence.ts'
import type { Background } from './background.ts'
import type { EventStore } from './event-store.ts'
import type { Listeners } from './listeners.ts'
import type { RunBudget } from './run-budget.ts'
import type { RunHost } from './run-host.ts'
import type { RunStore, StoredRun } from './run-store.ts'
import { scheduledEndOf } from './scheduled-end.ts'
import { INDEX_TIMER, type SessionIndex } from './session-index.ts'
import type { SessionSockets } from './sockets.ts'
import { type SessionTraces, TRACES_TIMER } from './traces.ts'

/** The crash watchdog: a run without a loop is taken up again within this time. */
const HEARTBEAT_MS = 30_000
const HEARTBEAT = 'heartbeat'
const PRUNE_INTERVAL_MS = 24 * 3_600_000
const PRUNE = 'prune'
const SILENCE = 'silence'

export interface UpkeepParts {
  readonly services: Services
  readonly timers: Timers
  readonly background: Background
  readonly host: RunHost
  readonly budget: RunBudget
  /** To whoever began the run, if another one did. */
  tellEnd(run: StoredRun, result: RunResult): Promise<void>
  readonly runs: RunStore
  readonly events: EventStore
  readonly index: SessionIndex
  readonly traces: SessionTraces
  readonly listeners: Listeners
  readonly sockets: SessionSockets
  /** The object's one alarm, for as long as there is no table of timers. */
  setAlarm(at: number): Promise<void>
}

export class Upkeep {
  readonly #parts: UpkeepParts

  constructor(parts: UpkeepParts) {
    this.#parts = parts
  }

  /** From the step that stores a run on. */
  async watchRun(): Promise<void> {
    const { timers, services } = this.#parts
    await timers.setNoLater(HEARTBEAT, services.now() + HEARTBEAT_MS)
    await this.watchSockets(true)
  }

  /**
   * A socket may wait at a session that nobody has begun: then the alarm is all there is, and it
   * comes with the first run that the timer takes over.
   */
  async watchSockets(hasSession: boolean): Promise<void> {
    const { timers, services, sockets, setAlarm } = this.#parts
    if (sockets.count === 0) return
    const at = Math.min(silentFrom(services.now(), null), sockets.closeOver() ?? Infinity)
    await (hasSession ? timers.setNoLater(SILENCE, at) : setAlarm(at))
  }

  /** The alarm of a session that is not begun, or deleted. */
  async onBareAlarm(): Promise<void> {
    const next = this.#parts.sockets.closeOver()
    if (next !== null) await this.#parts.setAlarm(next)
  }

  tellEnd(run: StoredRun, result: RunResult): Promise<void> {
    return this.#parts.tellEnd(run, result)
  }

  pruneLater(): Promise<void> {
    const { timers, services } = this.#parts
    return timers.setIfAbsent(PRUNE, services.now() + PRUNE_INTERVAL_MS)
  }

  /** The handler of one timer that is due. */
  async onTimer(name: string): Promise<void> {
    if (name === HEARTBEAT) await this.#heartbeat()
    else if (name === INDEX_TIMER) await this.#parts.index.write()
    else if (name === TRACES_TIMER) await this.#parts.traces.write()
    else if (name === PRUNE) await this.#prune()
    else if (name === SILENCE) await this.#endSilence()
  }

  async #heartbeat(): Promise<void> {
    const { services, timers, background, host, budget, runs, listeners } = this.#parts
    host.ensureRunning()
    const latest = runs.latest()
    if (latest?.state === 'running') {
      // The tenant keeps young runs in memory only: it may have forgotten this one.
      background.add(listeners.announceRun(latest.id))
      await timers.set(HEARTBEAT, services.now() + HEARTBEAT_MS)
    } else if (latest) {
      // Told when it ended, too: but the tenant keeps that in memory for a while, and a crash swallows it.
      const { id, principal, result } = latest
      const scheduled = scheduledEndOf(latest, result)
      await services.tenant(principal.tenantId).runEnded(id, budget.spentBy(latest), scheduled)
      if (result) await this.tellEnd(latest, result)
    }
  }

  async #endSilence(): Promise<void> {
    const next = this.#parts.sockets.closeOver()
    if (next !== null) await this.#parts.timers.set(SILENCE, next)
  }

  async #prune(): Promise<void> {
    const { services, timers, events } = this.#parts
    events.prune(services.now())
    if (events.lastSeq() > 0) await timers.set(PRUNE, services.now() + PRUNE_INTERVAL_MS)
  }
}
