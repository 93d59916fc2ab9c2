/**
 * The session's event log: what a client that was away is told when it comes back with the last
 * `seq` it saw. Chunks are kept only while their run goes on; its `run.completed` holds them all.
 */
import type { RunId } from '../../domain/ids.ts'
import type { RunEvent } from '../../domain/run-event.ts'
import { cutHead } from '../../domain/text-cut.ts'

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
/** Texts of an event that is too large; a character takes up to six bytes of JSON. */
const MAX_TEXT_CHARS = 8 * 1024
const MAX_RESULT_CHARS = 1_000
/** More than any that the loop lets through; cut alike in a call and its result. */
const MAX_CALL_FIELD_CHARS = 256
const CUT_NOTE = ' [cut]'
/** A replay answers at most this many events at once; the client asks again from there. */
export const MAX_REPLAY_EVENTS = 2_000
/** … and at most this much: half of what a socket may have unread before it is closed. */
export const MAX_REPLAY_BYTES = 512 * 1024
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

  /** One replay's worth of the events after `seq`; one that is larger comes alone. */
  after(seq: number): StoredEvent[] {
    const cursor = this.#sql.exec<Row>(
      'SELECT seq, run_id, body FROM events WHERE seq > ? ORDER BY seq LIMIT ?',
      seq,
      MAX_REPLAY_EVENTS,
    )
    const events: StoredEvent[] = []
    let bytes = 0
    for (const row of cursor) {
      bytes += row.body.length
      if (bytes > MAX_REPLAY_BYTES && events.length > 0) break
      events.push(toStored(row))
    }
    return events
  }

  ofRun(runId: RunId): StoredEvent[] {
    return this.#sql
      .exec<Row>('SELECT seq, run_id, body FROM events WHERE run_id = ? ORDER BY seq', runId)
      .toArray()
      .map(toStored)
  }
}

const encoder = new TextEncoder()

/** With a note: a reader must not take the rest for the whole. */
const shortened = (text: string, maxChars: number): string =>
  text.length <= maxChars ? text : `${cutHead(text, maxChars)}${CUT_NOTE}`

function boundedJson(event: RunEvent): string {
  const json = JSON.stringify(event)
  const isSmall = json.length <= MAX_EVENT_BYTES / 3 // no UTF-16 unit takes more than three bytes
  if (isSmall || encoder.encode(json).length <= MAX_EVENT_BYTES) return json
  return JSON.stringify(shortenedEvent(event))
}

function shortenedEvent(event: RunEvent): RunEvent {
  switch (event.type) {
    case 'tool.call':
    case 'tool.result': {
      const call = {
        id: shortened(event.id, MAX_CALL_FIELD_CHARS),
        name: shortened(event.name, MAX_CALL_FIELD_CHARS),
        arguments: { cut: true },
      }
      return event.type === 'tool.call'
        ? { ...event, ...call }
        : { ...event, ...call, result: event.result.slice(0, MAX_RESULT_CHARS) }
    }
    case 'run.started':
      return { ...event, message: shortened(event.message, MAX_TEXT_CHARS) }
    case 'chunk':
    case 'thinking':
      return { ...event, content: shortened(event.content, MAX_TEXT_CHARS) }
    case 'run.failed':
      return { ...event, error: shortened(event.error, MAX_TEXT_CHARS) }
    case 'activity':
      return { ...event, detail: { cut: true } }
    case 'run.completed':
      // The answer itself, and all that is kept of its chunks: it stays whole. The loop bounds it.
      return event
    case 'run.retrying':
    case 'run.cancelled':
      return event
  }
}
