/**
 * Traces of runs that have ended, on their way to the tenant's database. Like the index they wait their
 * turn: a session in a hurry writes now and then, and what waits is stored with the session.
 */
import type { Services } from '../../api/context.ts'
import { insertTraces } from '../../db/traces.ts'
import type { RunTrace } from '../../domain/trace.ts'
import { logWarn } from '../../telemetry/log.ts'
import type { Timers } from '../alarms.ts'
import type { MetaStore } from './meta-store.ts'

const INTERVAL_MS = 5_000
export const TRACES_TIMER = 'traces'
/** What waits while the database does not answer; the oldest leave. */
const MAX_WAITING = 50
const PREFIX = 'trace:'

export interface TraceParts {
  readonly services: Services
  readonly timers: Timers
  readonly meta: MetaStore
  readonly kv: SyncKvStorage
}

export class SessionTraces {
  readonly #parts: TraceParts
  #writtenAt = 0
  #writing: Promise<void> = Promise.resolve()

  constructor(parts: TraceParts) {
    this.#parts = parts
  }

  async add(trace: RunTrace): Promise<void> {
    const { services, timers, meta, kv } = this.#parts
    if (!meta.read()) return
    // Sorted by when they ended.
    kv.put(`${PREFIX}${String(trace.endedAt).padStart(16, '0')}:${trace.runId}`, trace)
    const now = services.now()
    const dueAt = this.#writtenAt + INTERVAL_MS
    if (dueAt > now) return timers.setIfAbsent(TRACES_TIMER, dueAt)
    this.#writtenAt = now
    try {
      await this.write()
    } catch (error) {
      // The timer tries again, with growing pauses; meanwhile the trace is kept.
      await timers.setIfAbsent(TRACES_TIMER, now + INTERVAL_MS)
      throw error
    }
  }

  /** All that waits, in one go; what came meanwhile is written by whoever added it. */
  write(): Promise<void> {
    const done = this.#writing.then(() => this.#write())
    this.#writing = done.catch(() => undefined)
    return done
  }

  async #write(): Promise<void> {
    const { services, meta, kv } = this.#parts
    const session = meta.read()
    const waiting = [...kv.list<RunTrace>({ prefix: PREFIX })]
    if (!session || waiting.length === 0) return
    const late = waiting.splice(0, Math.max(0, waiting.length - MAX_WAITING))
    if (late.length > 0) logWarn('traces.dropped', { count: late.length })
    for (const [key] of late) kv.delete(key)
    const { tenantId } = session
    const traces = waiting.map(([, trace]) => trace)
    const db = services.database(tenantId)
    const { isExported } = await insertTraces(db, tenantId, traces, services.now())
    for (const [key] of waiting) kv.delete(key)
    if (isExported) await services.tenant(tenantId).exportTraces()
  }
}
