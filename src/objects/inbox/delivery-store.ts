/**
 * Deliveries in the order of their coming. A delivery is entered once, whatever the platform repeats;
 * ended ones stay as long as a platform may repeat them, without what was said.
 */
import type { InboundEvent, ToldTo } from '../../domain/channel-event.ts'
import type { DeadLetter, DeliveryState, FiledEvent, Receipt } from '../../domain/ports/inbox.ts'
import type { Sql, SqlValue } from '../schema/sql.ts'
import { asideOf, likeUrgent, OPEN_STATES } from './lane-names.ts'
import type { SeenStore } from './seen-store.ts'
import { busyShare, openShare } from './shares.ts'

/** Platforms repeat for hours; a day more than covers it. */
export const REMEMBERED_MS = 24 * 3_600_000
const MAX_REMEMBERED = 200_000
const DEAD_MS = 30 * 24 * 3_600_000
const SWEPT_AT_ONCE = 2_000
const MAX_ERROR_CHARS = 500
const MAX_SHOWN_CHARS = 500

export interface StoredDelivery<Request> {
  readonly id: number
  readonly deliveryId: string
  readonly lane: string
  /** Whose share it is of; empty for what nobody sent. */
  readonly sender: string
  readonly event: InboundEvent | null
  /** What was made of the event; kept, so that a repeat asks for the same. */
  readonly request: Request | null
  /** Of what is to be said: asked about before it is. Null before there is any, or where nobody knows. */
  readonly audience: ToldTo | null
  readonly state: DeliveryState
  readonly attempts: number
  readonly dueAt: number
  readonly receivedAt: number
}

/** With what its repeat is told by for longer than it is kept itself; null where its age is signed. */
export interface DigestedEvent extends FiledEvent {
  readonly digest: string | null
}

/** Some may find no room: they are to come again, and what was stored is not stored twice then. */
export interface Entered extends Receipt {
  readonly turnedAway: number
}

type Row = Readonly<Record<string, SqlValue>>

const parsed = <Value>(value: SqlValue | undefined): Value | null =>
  typeof value === 'string' ? (JSON.parse(value) as Value) : null

export class DeliveryStore<Request> {
  readonly #sql: Sql
  readonly #seen: SeenStore

  constructor(sql: Sql, seen: SeenStore) {
    this.#sql = sql
    this.#seen = seen
  }

  /** In one step with the caller's transaction. */
  enter(events: readonly DigestedEvent[], now: number): Entered {
    const hasRoom = this.#room()
    let stored = 0
    let repeated = 0
    for (const filed of events) {
      const { lane, event, digest } = filed
      if (this.#isKnown(event.deliveryId) || (digest !== null && this.#seen.has(digest))) {
        repeated++
        continue
      }
      if (!hasRoom(filed)) continue
      stored++
      if (digest !== null) this.#seen.add(digest, now)
      this.#sql.exec(
        `INSERT INTO deliveries (delivery_id, lane, sender, event, state, due_at, received_at)
         VALUES (?, ?, ?, ?, 'waiting', ?, ?)`,
        event.deliveryId,
        lane,
        event.sender.id,
        JSON.stringify(event),
        now,
        now,
      )
    }
    return { stored, repeated, turnedAway: events.length - stored - repeated }
  }

  #isKnown(deliveryId: string): boolean {
    const found = this.#sql.exec('SELECT 1 FROM deliveries WHERE delivery_id = ?', deliveryId)
    return found.toArray().length > 0
  }

  /** Counts once what is there, and goes on with what it finds room for. */
  #room(): (filed: FiledEvent) => boolean {
    const counts = new Map<string, number>()
    const open = (clause: string, ...values: readonly string[]) => {
      const key = JSON.stringify([clause, ...values])
      const query = `SELECT count(*) AS n FROM deliveries WHERE state IN ${OPEN_STATES} AND ${clause}`
      const count = counts.get(key) ?? this.#number(query, ...values)
      counts.set(key, count)
      return { count, add: () => void counts.set(key, count + 1) }
    }
    return ({ lane, event }) => {
      const share = openShare(lane)
      const urgency = likeUrgent(lane)
      const all = open(urgency)
      const own = open('lane = ?', lane)
      const sender = open(`sender = ? AND ${urgency}`, event.sender.id)
      const hasRoom = all.count < share.all && own.count < share.lane && sender.count < share.sender
      if (hasRoom) for (const { add } of [all, own, sender]) add()
      return hasRoom
    }
  }

  /** Something to say that nobody asked for: it begins where others are answered. */
  enterAnswer(key: string, lane: string, audience: ToldTo, now: number): number | null {
    const [row] = this.#sql
      .exec(
        `INSERT INTO deliveries (delivery_id, lane, audience, state, due_at, received_at)
         VALUES (?, ?, ?, 'answering', ?, ?) ON CONFLICT (delivery_id) DO NOTHING RETURNING id`,
        key,
        lane,
        JSON.stringify(audience),
        now,
        now,
      )
      .toArray()
    return row === undefined ? null : Number(row['id'])
  }

  countOpen(): number {
    return this.#number(`SELECT count(*) AS n FROM deliveries WHERE state IN ${OPEN_STATES}`)
  }

  countDead(): number {
    return this.#number(`SELECT count(*) AS n FROM deliveries WHERE state = 'dead'`)
  }

  lastReceivedAt(): number | null {
    const [row] = this.#sql
      .exec('SELECT received_at AS at FROM deliveries ORDER BY id DESC LIMIT 1')
      .toArray()
    return row === undefined ? null : Number(row['at'])
  }

  /** The first of a lane that has not ended. */
  head(lane: string): StoredDelivery<Request> | null {
    const [row] = this.#sql
      .exec(
        `SELECT * FROM deliveries WHERE lane = ? AND state IN ${OPEN_STATES} ORDER BY id LIMIT 1`,
        lane,
      )
      .toArray()
    return row === undefined ? null : this.#parse(row)
  }

  /** The oldest message of somebody that is being worked on in a session. */
  runningIn(sessionKey: string, senderId: string): StoredDelivery<Request> | null {
    const [row] = this.#sql
      .exec(
        `SELECT * FROM deliveries WHERE state = 'running'
         AND json_extract(request, '$.sessionKey') = ?
         AND json_extract(request, '$.principal.channel.senderId') = ? ORDER BY id LIMIT 1`,
        sessionKey,
        senderId,
      )
      .toArray()
    return row === undefined ? null : this.#parse(row)
  }

  /**
   * Lanes whose first is due, urgent ones before all others: of each sender the one that has waited
   * longest, then the second of each, so that nobody's hide another's.
   */
  dueLanes(now: number): readonly string[] {
    // Beside `min(id)`, SQLite takes the other columns from the row that has it.
    return ['!', ''].flatMap((urgency) => {
      const { all } = busyShare(urgency)
      return this.#sql
        .exec(
          `WITH heads AS (
             SELECT lane, sender, min(id) AS first, due_at FROM deliveries
             WHERE state IN ${OPEN_STATES} AND ${likeUrgent(urgency)} GROUP BY lane HAVING due_at <= ?),
           turns AS (
             SELECT lane, first, row_number() OVER (PARTITION BY sender ORDER BY first) AS turn
             FROM heads)
           SELECT lane FROM turns ORDER BY turn, first LIMIT ?`,
          now,
          all,
        )
        .toArray()
        .map((row) => String(row['lane']))
    })
  }

  /** Of one album, those that wait behind its first message. */
  restOfAlbum(first: StoredDelivery<Request>, albumId: string): readonly StoredDelivery<Request>[] {
    return this.#sql
      .exec(
        `SELECT * FROM deliveries WHERE lane = ? AND id > ? AND state = 'waiting'
         AND json_extract(event, '$.albumId') = ? ORDER BY id`,
        first.lane,
        first.id,
        albumId,
      )
      .toArray()
      .map((row) => this.#parse(row))
  }

  begin(id: number, request: Request): void {
    this.#sql.exec(
      `UPDATE deliveries SET state = 'running', request = ?, attempts = 0 WHERE id = ?`,
      JSON.stringify(request),
      id,
    )
  }

  answering(id: number, audience: ToldTo): void {
    this.#sql.exec(
      `UPDATE deliveries SET state = 'answering', attempts = 0, audience = ? WHERE id = ?`,
      JSON.stringify(audience),
      id,
    )
  }

  postpone(id: number, dueAt: number, error: string | null, isAttempt: boolean): void {
    this.#sql.exec(
      'UPDATE deliveries SET due_at = ?, error = ?, attempts = attempts + ? WHERE id = ?',
      Math.ceil(dueAt),
      error?.slice(0, MAX_ERROR_CHARS) ?? null,
      isAttempt ? 1 : 0,
      id,
    )
  }

  /** Into a lane of its own, which is answered: nothing waits behind it any more. */
  setAside(id: number, lane: string): string {
    const aside = asideOf(lane, id)
    this.#sql.exec('UPDATE deliveries SET lane = ? WHERE id = ?', aside, id)
    return aside
  }

  /** What was said is gone with it: the conversation has it. */
  end(id: number, reason: string): void {
    this.#sql.exec(
      `UPDATE deliveries SET state = 'done', event = NULL, request = NULL, audience = NULL, error = ? WHERE id = ?`,
      reason.slice(0, MAX_ERROR_CHARS),
      id,
    )
  }

  bury(id: number, error: string): void {
    this.#sql.exec(
      `UPDATE deliveries SET state = 'dead', error = ? WHERE id = ?`,
      error.slice(0, MAX_ERROR_CHARS),
      id,
    )
  }

  deadLetters(limit: number): readonly DeadLetter[] {
    return this.#sql
      .exec(`SELECT * FROM deliveries WHERE state = 'dead' ORDER BY id DESC LIMIT ?`, limit)
      .toArray()
      .map((row) => {
        const { id, deliveryId, lane, event, receivedAt, attempts } = this.#parse(row)
        const text = event?.kind === 'message' ? event.text : ''
        return {
          id,
          deliveryId,
          lane,
          senderId: event?.sender.id ?? '',
          text: text.slice(0, MAX_SHOWN_CHARS),
          error: String(row['error'] ?? ''),
          receivedAt,
          attempts,
        }
      })
  }

  deadIds(): readonly number[] {
    return this.#sql
      .exec(`SELECT id FROM deliveries WHERE state = 'dead' ORDER BY id`)
      .toArray()
      .map((row) => Number(row['id']))
  }

  /**
   * Where it was: what was judged is not judged anew, and asks for the run that it asked for.
   *
   * @param isAnswered what it was asked has been answered: only the rest of the answer is sent
   */
  revive(id: number, isAnswered: boolean, now: number): boolean {
    const state = isAnswered
      ? `'answering'`
      : `CASE WHEN request IS NULL THEN 'waiting' ELSE 'running' END`
    return (
      this.#sql
        .exec(
          `UPDATE deliveries SET state = ${state}, attempts = 0, due_at = ?, received_at = ?,
           error = NULL WHERE id = ? AND state = 'dead' RETURNING id`,
          now,
          now,
          id,
        )
        .toArray().length > 0
    )
  }

  discard(id: number): boolean {
    return (
      this.#sql
        .exec(
          `UPDATE deliveries SET state = 'done', event = NULL, request = NULL, audience = NULL
               WHERE id = ? AND state = 'dead' RETURNING id`,
          id,
        )
        .toArray().length > 0
    )
  }

  /** When the next lane's first is due; null where nothing is open. */
  nextDueAt(): number | null {
    const [row] = this.#sql
      .exec(`SELECT min(due_at) AS at FROM deliveries WHERE state IN ${OPEN_STATES}`)
      .toArray()
    return typeof row?.['at'] === 'number' ? row['at'] : null
  }

  /** A part at a time: what is left comes with the next sweep. */
  sweep(now: number): void {
    const drop = (state: DeliveryState, before: number): void => {
      this.#sql.exec(
        `DELETE FROM deliveries WHERE id IN
         (SELECT id FROM deliveries WHERE state = ? AND received_at < ? ORDER BY id LIMIT ?)`,
        state,
        before,
        SWEPT_AT_ONCE,
      )
    }
    drop('done', now - REMEMBERED_MS)
    drop('dead', now - DEAD_MS)
    this.#sql.exec(
      `DELETE FROM deliveries WHERE state = 'done' AND id <=
       (SELECT id FROM deliveries WHERE state = 'done' ORDER BY id DESC LIMIT 1 OFFSET ?)`,
      MAX_REMEMBERED,
    )
  }

  #number(query: string, ...values: readonly string[]): number {
    const [row] = this.#sql.exec(query, ...values).toArray()
    return Number(row?.['n'] ?? 0)
  }

  #parse(row: Row): StoredDelivery<Request> {
    return {
      id: Number(row['id']),
      deliveryId: String(row['delivery_id']),
      lane: String(row['lane']),
      sender: String(row['sender'] ?? ''),
      event: parsed<InboundEvent>(row['event']),
      request: parsed<Request>(row['request']),
      audience: parsed<ToldTo>(row['audience']),
      state: String(row['state']) as DeliveryState,
      attempts: Number(row['attempts']),
      dueAt: Number(row['due_at']),
      receivedAt: Number(row['received_at']),
    }
  }
}
