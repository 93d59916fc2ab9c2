/**
 * What a tenant's object knows of its audit chain and no copy can contradict: its end, where it was cut,
 * under which keys it was made, and what was once found wrong. Rows alone; it judges nothing.
 */
import type { AuditPoint, BrokenLink, ChainHead, KeyEra } from '../../domain/audit-record.ts'
import { GENESIS } from '../../telemetry/audit-chain.ts'
import type { SqlStorage } from '../schema/sql.ts'

interface StoredPoint extends ChainHead {
  readonly keyId: string
}

/** The last record under a key that was replaced, for each: `rekeyed/17`. */
const REKEYED = 'rekeyed'

export class AuditPoints {
  readonly #sql: SqlStorage['sql']

  /** Touches no storage. */
  constructor(sql: SqlStorage['sql']) {
    this.#sql = sql
  }

  head(): StoredPoint | null {
    return this.#get('head')
  }

  setHead(head: StoredPoint): void {
    this.#set('head', head)
  }

  /** @param head of before: its record is the last under its key */
  endEra(head: StoredPoint): void {
    this.#set(`${REKEYED}/${head.sequence}`, head)
  }

  /** Those of what was cut off as well: heads that were laid down under their keys are still there. */
  eras(): readonly KeyEra[] {
    const ended = this.#sql
      .exec(
        'SELECT sequence, key_id FROM audit_points WHERE instr(name, ?) = 1 ORDER BY sequence',
        REKEYED,
      )
      .toArray()
      .map((row) => ({ through: Number(row['sequence']), keyId: String(row['key_id']) }))
    const head = this.head()
    return head === null ? ended : [...ended, { through: head.sequence, keyId: head.keyId }]
  }

  checkpoint(): AuditPoint {
    return plainOf(this.#get('checkpoint'))
  }

  /** What was found wrong in the part that is cut off goes with it. */
  cut({ sequence, mac }: AuditPoint): void {
    this.#set('checkpoint', { sequence, mac, link: null, keyId: '' })
    this.#sql.exec('DELETE FROM audit_faults WHERE sequence <= ?', sequence)
  }

  /** Where the head lies that was laid down last. */
  anchored(): string | null {
    return this.#get('anchored')?.keyId ?? null
  }

  setAnchored({ sequence, mac }: AuditPoint, place: string): void {
    this.#set('anchored', { sequence, mac, link: null, keyId: place })
  }

  faults(): readonly BrokenLink[] {
    return this.#sql
      .exec('SELECT fault, sequence FROM audit_faults ORDER BY found_at, fault')
      .toArray()
      .map((row) => ({
        sequence: Number(row['sequence']),
        fault: String(row['fault']) as BrokenLink['fault'],
      }))
  }

  /** The first of a kind says enough. */
  keepFault({ fault, sequence }: BrokenLink, now: number): void {
    this.#sql.exec(
      'INSERT OR IGNORE INTO audit_faults (fault, sequence, found_at) VALUES (?, ?, ?)',
      fault,
      sequence,
      now,
    )
  }

  #get(name: string): StoredPoint | null {
    const [row] = this.#sql
      .exec('SELECT sequence, mac, key_id, link FROM audit_points WHERE name = ?', name)
      .toArray()
    if (row === undefined) return null
    const { sequence, mac, key_id: keyId, link } = row
    return {
      sequence: Number(sequence),
      mac: String(mac),
      keyId: String(keyId),
      link: typeof link === 'string' ? link : null,
    }
  }

  #set(name: string, { sequence, mac, keyId, link }: StoredPoint): void {
    this.#sql.exec(
      'INSERT OR REPLACE INTO audit_points (name, sequence, mac, key_id, link) VALUES (?, ?, ?, ?, ?)',
      name,
      sequence,
      mac,
      keyId,
      link,
    )
  }
}

export const plainOf = (point: AuditPoint | null): AuditPoint =>
  point === null
    ? { sequence: GENESIS.sequence, mac: GENESIS.mac }
    : { sequence: point.sequence, mac: point.mac }
