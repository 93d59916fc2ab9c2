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
import type {
  AuditEntry,
  AuditPoint,
  AuditProof,
  AuditRow,
  AuditState,
  BrokenLink,
  ChainHead,
} from '../../domain/audit-record.ts'
import { MIN_AUDIT_DAYS } from '../../domain/config/retention.ts'
import type { TenantId } from '../../domain/ids.ts'
import {
  chainKeyId,
  chainKeys,
  chainKeysById,
  GENESIS,
  headOf,
  nextRow,
} from '../../telemetry/audit-chain.ts'
import { logError } from '../../telemetry/log.ts'
import type { Timers } from '../alarms.ts'
import type { SchemaGate } from '../schema/migrate.ts'
import type { SqlStorage, SqlValue } from '../schema/sql.ts'
import { type AnchorStore, layDown, readAnchors } from './audit-anchor.ts'
import { AuditPoints, plainOf } from './audit-points.ts'
import { findCut } from './audit-prune.ts'

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

export interface AuditLogPorts {
  readonly storage: SqlStorage
  readonly schema: SchemaGate
  readonly timers: Timers
  readonly keyRing: KeyRing
  readonly anchors: AnchorStore
  tenantId(): TenantId
  database(): Database
  now(): number
  /** Null: kept for good. Never fewer than the least that any tenant keeps. */
  retentionDays(): Promise<number | null>
}

export class AuditLog {
  readonly #ports: AuditLogPorts
  readonly #points: AuditPoints
  /** What writes takes its turn here: a MAC is made while others wait. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(ports: AuditLogPorts) {
    this.#ports = ports
    this.#points = new AuditPoints(ports.storage.sql)
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
    await this.#ports.timers.setIfAbsent(DAILY, nextDay(now, plainOf(this.#points.head())))
  }

  /** Everything that was appended is in the database when this answers. */
  state(): Promise<AuditState> {
    return this.#inTurn(() => this.#state())
  }

  /** As `state`, with what was laid down outside of both. */
  proof(): Promise<AuditProof> {
    return this.#inTurn(async () => {
      const state = await this.#state()
      if (state.eras.length === 0) return { ...state, anchors: [], faults: [] }
      const { anchors, isWhole } = await readAnchors(
        this.#ports,
        state.eras,
        this.#points.anchored(),
      )
      const unreadable: BrokenLink = { sequence: state.head.sequence, fault: 'anchor_unreadable' }
      const faults = this.#points.faults()
      return { ...state, anchors, faults: isWhole ? faults : [...faults, unreadable] }
    })
  }

  async #state(): Promise<AuditState> {
    if ((await this.#ports.schema.forReading()) === 0) {
      return { head: GENESIS, checkpoint: plainOf(null), eras: [] }
    }
    await this.#ports.schema.forWriting()
    await this.#copyAll()
    const { sequence, mac, link } = this.#points.head() ?? GENESIS
    return {
      head: { sequence, mac, link },
      checkpoint: this.#points.checkpoint(),
      eras: this.#points.eras(),
    }
  }

  /** Whether the timer was one of the chain's. */
  async onTimer(name: string): Promise<boolean> {
    if (name === COPY) await this.#inTurn(() => this.#copyAll())
    else if (name === DAILY) await this.#daily()
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
    const head = this.#points.head()
    const isRekeyed = head !== null && head.keyId !== keyId
    const all = isRekeyed && entries.length > 0 ? [rekeyed(head, head.keyId), ...entries] : entries
    const rows: AuditRow[] = []
    let last: ChainHead = head ?? GENESIS
    for (const entry of all) {
      const row = await nextRow(key, last, entry, now())
      rows.push(row)
      last = await headOf(row)
    }
    storage.transactionSync(() => {
      for (const id of ended) storage.sql.exec('DELETE FROM audit_begun WHERE id = ?', id)
      if (rows.length === 0) return
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
      this.#points.setHead({ ...last, keyId })
      if (isRekeyed) this.#points.endEra(head)
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

  /** Held against the earlier ones first: a new head must not push out what tells of a rollback. */
  async #daily(): Promise<void> {
    const proof = await this.proof()
    await this.#inTurn(async () => {
      const missed = await this.#missedAnchor(proof)
      const { timers, now } = this.#ports
      const found = missed === null ? proof.faults : [missed, ...proof.faults]
      for (const fault of found) this.#points.keepFault(fault, now())
      if (missed !== null) logError('audit.rolled_back', new Error(missed.fault), {})
      const place = await layDown(this.#ports, proof.head, found.length > 0)
      if (place !== null) this.#points.setAnchored(proof.head, place)
      await this.#prune(proof)
      await timers.set(DAILY, nextDay(now(), proof.head))
    })
  }

  /** The first signed head that the chain does not pass through. What was cut off is not asked for. */
  async #missedAnchor({ anchors, head, checkpoint }: AuditProof): Promise<BrokenLink | null> {
    const { database, tenantId } = this.#ports
    for (const { sequence, mac } of anchors) {
      const fault = {
        sequence: Math.min(sequence, head.sequence + 1),
        fault: 'anchor_missed',
      } as const
      if (sequence > head.sequence) return fault
      const known = [head, checkpoint].find((point) => point.sequence === sequence)
      if (known === undefined && sequence < checkpoint.sequence) continue
      const [row] =
        known === undefined
          ? await listAuditRows(database(), tenantId(), { after: sequence - 1, limit: 1 })
          : [known]
      // One that is missing from the copy is found there.
      if (row?.sequence === sequence && row.mac !== mac) return fault
    }
    return null
  }

  /** The point first: rows before it count no more, whether or not they are gone yet. */
  async #prune({ head, eras }: AuditProof): Promise<void> {
    const { database, tenantId, keyRing, now, retentionDays } = this.#ports
    const days = await retentionDays()
    if (days === null) return
    const oldest = now() - Math.max(days, MIN_AUDIT_DAYS) * DAY_MS
    const proof = { keys: await chainKeysById(keyRing, tenantId()), eras, anchors: [] }
    const pageAfter = (after: number) =>
      listAuditRows(database(), tenantId(), { after, limit: MAX_AUDIT_PAGE })
    while (true) {
      const checkpoint = this.#points.checkpoint()
      const cut = await findCut(pageAfter, { head, checkpoint }, proof, oldest)
      if (cut === null) return
      if ('fault' in cut) {
        // It stays where verification finds it.
        logError('audit.not_pruned', new Error(cut.fault), { sequence: cut.sequence })
        return
      }
      this.#points.cut(cut)
      await pruneAuditRows(database(), tenantId(), cut, now())
    }
  }
}

/** From here on another key makes the records; this one holds the hash of all before it. */
const rekeyed = ({ sequence }: AuditPoint, previousKey: string): AuditEntry => ({
  kind: 'change',
  name: 'audit.rekeyed',
  actor: { userId: '', credential: '' },
  fields: { through: sequence, previous_key: previousKey },
})

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
