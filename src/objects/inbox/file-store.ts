/**
 * The bytes of files that go out with answers, and the room for them: each sender and each conversation
 * has a part, so that whoever lets theirs pile up is refused alone. What is buried holds none.
 */
import { concatBytes } from '../../crypto/encoding.ts'
import type { Sql } from '../schema/sql.ts'
import { asideBounds, inPlaceOf, OPEN_STATES } from './lane-names.ts'
import { FILE_BYTES, type Share } from './shares.ts'

/** A row holds two megabytes. */
const PART_BYTES = 1_024 * 1_024

/** Whose room is taken. */
export interface Keeper {
  readonly id: number
  readonly lane: string
  readonly sender: string
}

const BYTES = 'SELECT sum(length(bytes)) AS n FROM file_parts'
/** By the open deliveries, as their indexes are written: only they have files. */
const bytesWhere = (clause: string): string =>
  `${BYTES} WHERE delivery IN (SELECT id FROM deliveries
   WHERE state IN ${OPEN_STATES} AND ${clause})`
const OF_SENDER = bytesWhere('sender = ?')
const OF_LANE = bytesWhere('lane = ?')
/** Answers that were set aside are of the conversation still. */
const OF_ASIDE = bytesWhere('lane > ? AND lane < ?')

export class FileStore {
  readonly #sql: Sql
  readonly #share: Share

  constructor(sql: Sql, share: Share = FILE_BYTES) {
    this.#sql = sql
    this.#share = share
  }

  hasRoom({ id, lane, sender }: Keeper, bytes: number): boolean {
    const inPlace = inPlaceOf(lane, id)
    const ofLane = () => this.#sum(OF_LANE, inPlace) + this.#sum(OF_ASIDE, ...asideBounds(inPlace))
    // What costs least is asked first: whoever has filled theirs is refused by it.
    return (
      this.#sum(OF_SENDER, sender) + bytes <= this.#share.sender &&
      ofLane() + bytes <= this.#share.lane &&
      this.#sum(BYTES) + bytes <= this.#share.all
    )
  }

  #sum(query: string, ...values: readonly string[]): number {
    const [row] = this.#sql.exec(query, ...values).toArray()
    return Number(row?.['n'] ?? 0)
  }

  keep(delivery: number, position: number, bytes: Uint8Array): void {
    for (let part = 0; part * PART_BYTES < bytes.length; part++) {
      const from = part * PART_BYTES
      this.#sql.exec(
        'INSERT INTO file_parts (delivery, position, part, bytes) VALUES (?, ?, ?, ?)',
        delivery,
        position,
        part,
        bytes.slice(from, from + PART_BYTES).buffer,
      )
    }
  }

  /** Null where they are gone. */
  bytesOf(delivery: number, position: number): Uint8Array | null {
    const parts = this.#sql
      .exec(
        'SELECT bytes FROM file_parts WHERE delivery = ? AND position = ? ORDER BY part',
        delivery,
        position,
      )
      .toArray()
      .map(({ bytes }) => new Uint8Array(bytes as ArrayBuffer))
    return parts.length === 0 ? null : concatBytes(...parts)
  }

  drop(delivery: number, position: number): void {
    this.#sql.exec('DELETE FROM file_parts WHERE delivery = ? AND position = ?', delivery, position)
  }

  dropOf(delivery: number): void {
    this.#sql.exec('DELETE FROM file_parts WHERE delivery = ?', delivery)
  }

  /** Of deliveries that have ended, however they did. */
  sweep(): void {
    this.#sql.exec(
      `DELETE FROM file_parts WHERE delivery NOT IN
       (SELECT id FROM deliveries WHERE state IN ${OPEN_STATES})`,
    )
  }
}
