/**
 * A tenant's audit chain where it is written: one record after the other, each stored with the new head
 * before anybody is answered. Records are copied to the database, and leave here once they are; the
 * points that prove the copy stay. Once a day the head is signed and laid down outside of both, and
 * what the tenant keeps no longer is cut off behind a checkpoint.
 */
import type { KeyRing } from '../../crypto/keys.ts'
import {
  copyAuditRows,
  listAuditRows,
  MAX_AUDIT_PAGE,
  pruneAuditRows,
} from '../../db/audit-records.ts'
import type { Database } from '../../db/database.ts'
import type { AuditEntry, AuditPoint, AuditRow, AuditState } from '../../domain/audit-record.ts'
import type { TenantId } from '../../domain/ids.ts'
import { chainKeyId, chainKeys, GENESIS, nextRow, signHead } from '../../telemetry/audit-chain.ts'
import type { Timers } from '../alarms.ts'
import type { SchemaGate } from '../schema/migrate.ts'
import type { SqlStorage, SqlValue } from '../schema/sql.ts'
import { type AnchorStore, readAnchor, writeAnchor } from './audit-anchor.ts'

const COPY = 'copyAudit'
const DAILY = 'auditDaily'
const UNENDED = 'auditUnended'
/** No operation takes as long: whoever has not told its end by then will not. */
const END_MS = 2 * 60_000
/** Records wait this long for company on their way to the database. */
const COPY_DELAY_MS = 1_000
const COPY_BATCH = 400
const DAY_MS = 86_400_000
/** A gateway of many tenants does not sign all heads in one minute. */
const DAILY_SPREAD_MS = 3_600_000

type PointName = 'head' | 'checkpoint' | 'rekeyed'
interface StoredPoint extends AuditPoint {
  readonly keyId: string
}

export interface AuditLogPorts {
  readonly storage: SqlStorage
  readonly schema: SchemaGate
  readonly timers: Timers
  readonly keyRing: KeyRing
  readonly anchors: AnchorStore
  tenantId(): TenantId
  database(): Database
  now(): number
  /** Null: kept for good. */
  retentionDays(): Promise<number | null>
}

export class AuditLog {
  readonly #ports: AuditLogPorts
  /** What writes takes its turn here: a MAC is made while others wait. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(ports: AuditLogPorts) {
    this.#ports = ports
  }

  append(entries: readonly AuditEntry[]): Promise<void> {
    return this.#inTurn(async () => {
      if (entries.length === 0) return
      await this.#ports.schema.forWriting()
      await this.#append(entries)
      await this.#setTimers()
    })
  }

  /** Stored when it answers: the change comes after. */
  begin(id: string, entry: AuditEntry): Promise<void> {
    return this.#inTurn(async () => {
      const { schema, storage, timers, now } = this.#ports
      await schema.forWriting()
      storage.sql.exec(
        'INSERT INTO audit_begun (id, entry, begun_at) VALUES (?, ?, ?)',
        id,
        JSON.stringify(entry),
        now(),
      )
      await timers.setIfAbsent(UNENDED, now() + END_MS)
    })
  }

  /** One that was begun too long ago has its record already, and gets this one as well. */
  end(id: string, entry: AuditEntry | null): Promise<void> {
    return this.#inTurn(async () => {
      if ((await this.#ports.schema.forReading()) === 0) return
      await this.#ports.schema.forWriting()
      await this.#append(entry === null ? [] : [entry], [id])
      if (entry !== null) await this.#setTimers()
    })
  }

  async #setTimers(): Promise<void> {
    const now = this.#ports.now()
    await this.#ports.timers.setIfAbsent(COPY, now + COPY_DELAY_MS)
    await this.#ports.timers.setIfAbsent(DAILY, nextDay(now, plain(this.#point('head'))))
  }

  /** Everything that was appended is in the database when this answers. */
  state(): Promise<AuditState> {
    return this.#inTurn(async () => {
      if ((await this.#ports.schema.forReading()) === 0) {
        return { head: GENESIS, checkpoint: GENESIS, rekeyedAfter: 0, anchor: null }
      }
      await this.#ports.schema.forWriting()
      await this.#copyAll()
      const { tenantId, anchors, keyRing, now } = this.#ports
      return {
        head: plain(this.#point('head')),
        checkpoint: plain(this.#point('checkpoint')),
        rekeyedAfter: this.#point('rekeyed')?.sequence ?? 0,
        anchor: await readAnchor(anchors, keyRing, tenantId(), now()),
      }
    })
  }

  /** Whether the timer was one of the chain's. */
  async onTimer(name: string): Promise<boolean> {
    if (name === COPY) await this.#inTurn(() => this.#copyAll())
    else if (name === DAILY) await this.#inTurn(() => this.#daily())
    else if (name === UNENDED) await this.#inTurn(() => this.#closeUnended())
    else return false
    return true
  }

  #inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const turn = this.#last.then(work, work)
    this.#last = turn.catch(() => undefined)
    return turn
  }

  async #closeUnended(): Promise<void> {
    const { storage, timers, now } = this.#ports
    const begun = storage.sql
      .exec('SELECT id, entry, begun_at FROM audit_begun ORDER BY begun_at, id')
      .toArray()
    const late = begun.filter((row) => Number(row['begun_at']) <= now() - END_MS)
    const entries = late.map((row): AuditEntry => {
      const entry = JSON.parse(String(row['entry'])) as AuditEntry
      return { ...entry, fields: { ...entry.fields, outcome: 'unknown' } }
    })
    await this.#append(
      entries,
      late.map((row) => String(row['id'])),
    )
    if (entries.length > 0) await this.#setTimers()
    const next = begun[late.length]
    if (next !== undefined) await timers.set(UNENDED, Number(next['begun_at']) + END_MS)
  }

  /** @param ended the changes that these records are the end of, in the same step */
  async #append(entries: readonly AuditEntry[], ended: readonly string[] = []): Promise<void> {
    const { storage, keyRing, tenantId, now } = this.#ports
    const [key] = await chainKeys(keyRing, tenantId())
    if (key === undefined) throw new Error('the key ring is empty')
    const keyId = await chainKeyId(key)
    const head = this.#point('head')
    const isRekeyed = head !== null && head.keyId !== keyId
    const all = isRekeyed && entries.length > 0 ? [REKEYED, ...entries] : entries
    const rows: AuditRow[] = []
    for (const entry of all) {
      rows.push(await nextRow(key, rows.at(-1) ?? plain(head), entry, now()))
    }
    const last = rows.at(-1)
    storage.transactionSync(() => {
      for (const id of ended) storage.sql.exec('DELETE FROM audit_begun WHERE id = ?', id)
      if (last === undefined) return
      for (const { sequence, record, previousMac, mac, createdAt } of rows) {
        storage.sql.exec(
          'INSERT INTO audit_records (sequence, record, previous_mac, mac, created_at) VALUES (?, ?, ?, ?, ?)',
          sequence,
          record,
          previousMac,
          mac,
          createdAt,
        )
      }
      this.#setPoint('head', { ...last, keyId })
      if (isRekeyed) this.#setPoint('rekeyed', head)
    })
  }

  /** Copied first, deleted after: a crash between the two copies the same rows again. */
  async #copyAll(): Promise<void> {
    const { storage, database, tenantId } = this.#ports
    while (true) {
      const rows = storage.sql
        .exec('SELECT * FROM audit_records ORDER BY sequence LIMIT ?', COPY_BATCH)
        .toArray()
        .map(rowOf)
      const last = rows.at(-1)
      if (last === undefined) return
      await copyAuditRows(database(), tenantId(), rows)
      storage.sql.exec('DELETE FROM audit_records WHERE sequence <= ?', last.sequence)
    }
  }

  async #daily(): Promise<void> {
    const { tenantId, anchors, keyRing, timers, now } = this.#ports
    await this.#copyAll()
    const [key] = await chainKeys(keyRing, tenantId())
    if (key === undefined) throw new Error('the key ring is empty')
    const { sequence, mac } = plain(this.#point('head'))
    await writeAnchor(
      anchors,
      await signHead(key, { tenantId: tenantId(), sequence, mac, at: now() }),
    )
    await this.#prune()
    await timers.set(DAILY, nextDay(now(), { sequence, mac }))
  }

  /** The point first: rows before it count no more, whether or not they are gone yet. */
  async #prune(): Promise<void> {
    const { database, tenantId, now, retentionDays } = this.#ports
    const days = await retentionDays()
    if (days === null) return
    const oldest = now() - days * DAY_MS
    while (true) {
      const { sequence: after } = plain(this.#point('checkpoint'))
      const rows = await listAuditRows(database(), tenantId(), { after, limit: MAX_AUDIT_PAGE })
      const last = rows.findLast(({ createdAt }) => createdAt < oldest)
      if (last === undefined) return
      this.#setPoint('checkpoint', { ...last, keyId: '' })
      await pruneAuditRows(database(), tenantId(), last, now())
      if (rows.length < MAX_AUDIT_PAGE) return
    }
  }

  #point(name: PointName): StoredPoint | null {
    const [row] = this.#ports.storage.sql
      .exec('SELECT sequence, mac, key_id FROM audit_points WHERE name = ?', name)
      .toArray()
    if (row === undefined) return null
    const { sequence, mac, key_id: keyId } = row
    return { sequence: Number(sequence), mac: String(mac), keyId: String(keyId) }
  }

  #setPoint(name: PointName, { sequence, mac, keyId }: StoredPoint): void {
    this.#ports.storage.sql.exec(
      'INSERT OR REPLACE INTO audit_points (name, sequence, mac, key_id) VALUES (?, ?, ?, ?)',
      name,
      sequence,
      mac,
      keyId,
    )
  }
}

/** From here on another key makes the records; those before it need the one that was. */
const REKEYED: AuditEntry = {
  kind: 'change',
  name: 'audit.rekeyed',
  actor: { userId: '', credential: '' },
  fields: {},
}

const plain = (point: AuditPoint | null): AuditPoint =>
  point === null ? GENESIS : { sequence: point.sequence, mac: point.mac }

const rowOf = (row: Record<string, SqlValue>): AuditRow => ({
  sequence: Number(row['sequence']),
  record: String(row['record']),
  previousMac: String(row['previous_mac']),
  mac: String(row['mac']),
  createdAt: Number(row['created_at']),
})

/** Spread by the head, which is as good as a chance and needs none. */
const nextDay = (now: number, { mac }: AuditPoint): number =>
  (Math.floor(now / DAY_MS) + 1) * DAY_MS + (Number.parseInt(mac.slice(0, 8), 16) % DAILY_SPREAD_MS)
