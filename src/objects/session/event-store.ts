/**
 * The session's event log: what a client that was away is told when it comes back with the last
 * `seq` it saw. Chunks are kept only while their run goes on; its `run.completed` holds them all.
 */
import type { RunId } from '../../domain/ids.ts'
import type { RunEvent } from '../../domain/run-event.ts'

export interface StoredEvent {
  readonly seq: number
  readonly runId: RunId
  readonly event: RunEvent
}

/** Older events leave; a client that needs them reads `chat.history` instead. */
const MAX_EVENTS = 10_000
const MAX_AGE_MS = 7 * 24 * 3_600_000
/** One stored event: larger results are cut before they are stored. */
const MAX_EVENT_BYTES = 64 * 1024
/** A replay answers at most this many events at once; the client asks again from there. */
export const MAX_REPLAY_EVENTS = 2_000
const PRUNED_KEY = 'events.prunedThrough'

interface Row extends Record<string, SqlStorageValue> {
  seq: number
  run_id: string
  body: string
}

const toStored = (row: Row): StoredEvent => ({
  seq: row.seq,
  runId: row.run_id as RunId,
  event: JSON.parse(row.body) as RunEvent,
})

export class EventStore {
  readonly #sql: SqlStorage
  readonly #kv: SyncKvStorage

  constructor(sql: SqlStorage, kv: SyncKvStorage) {
    this.#sql = sql
    this.#kv = kv
  }

  append(runId: RunId, event: RunEvent, now: number): number {
    return this.#sql
      .exec<{ seq: number }>(
        'INSERT INTO events (run_id, type, body, created_at) VALUES (?, ?, ?, ?) RETURNING seq',
        runId,
        event.type,
        boundedJson(event),
        now,
      )
      .one().seq
  }

  /** Chunks and activities say nothing that the finished run's events do not. */
  dropProgress(runId: RunId): void {
    this.#sql.exec(
      "DELETE FROM events WHERE run_id = ? AND type IN ('chunk', 'thinking', 'activity')",
      runId,
    )
  }

  prune(now: number): void {
    const last = this.lastSeq()
    const pruned = this.#sql
      .exec<{ seq: number }>(
        'DELETE FROM events WHERE created_at < ? OR seq <= ? RETURNING seq',
        now - MAX_AGE_MS,
        last - MAX_EVENTS,
      )
      .toArray()
    const highest = pruned.reduce((max, { seq }) => Math.max(max, seq), 0)
    if (highest > 0) this.#kv.put(PRUNED_KEY, highest)
  }

  /** Events up to this `seq` are gone for good; dropped progress does not count. */
  prunedThrough(): number {
    return this.#kv.get<number>(PRUNED_KEY) ?? 0
  }

  lastSeq(): number {
    return (
      this.#sql.exec<{ seq: number | null }>('SELECT max(seq) AS seq FROM events').one().seq ?? 0
    )
  }

  after(seq: number): StoredEvent[] {
    return this.#sql
      .exec<Row>(
        'SELECT seq, run_id, body FROM events WHERE seq > ? ORDER BY seq LIMIT ?',
        seq,
        MAX_REPLAY_EVENTS,
      )
      .toArray()
      .map(toStored)
  }

  ofRun(runId: RunId): StoredEvent[] {
    return this.#sql
      .exec<Row>('SELECT seq, run_id, body FROM events WHERE run_id = ? ORDER BY seq', runId)
      .toArray()
      .map(toStored)
  }
}

function boundedJson(event: RunEvent): string {
  const json = JSON.stringify(event)
  if (json.length <= MAX_EVENT_BYTES) return json
  switch (event.type) {
    case 'tool.call':
      return JSON.stringify({ ...event, arguments: { cut: true } })
    case 'tool.result':
      return JSON.stringify({
        ...event,
        arguments: { cut: true },
        result: event.result.slice(0, 1_000),
      })
    default:
      return json
  }
}
