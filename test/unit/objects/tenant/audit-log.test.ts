/** A chain where it is written: over crashes, rotations of the key and days. */
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { proveChain } from '../../../../src/api/audit-proof.ts'
import type { Services } from '../../../../src/api/context.ts'
import { type KeyRing, parseKeyRing } from '../../../../src/crypto/keys.ts'
import { openDatabase } from '../../../../src/db/database.ts'
import type { AuditEntry } from '../../../../src/domain/audit-record.ts'
import { tenantIdSchema } from '../../../../src/domain/ids.ts'
import { type AlarmStorage, Timers } from '../../../../src/objects/alarms.ts'
import { SchemaGate } from '../../../../src/objects/schema/migrate.ts'
import { TENANT_MIGRATIONS } from '../../../../src/objects/schema/tenant.ts'
import { AuditLog } from '../../../../src/objects/tenant/audit-log.ts'
import { openSqliteD1 } from '../../../support/sqlite-d1.ts'

const TENANT = tenantIdSchema.parse('ten_acme')
const START = Date.UTC(2026, 0, 1)
const DAY_MS = 86_400_000

const ringOf = (current: string, previous?: string): KeyRing => {
  const ring = parseKeyRing({
    current: current.repeat(32),
    ...(previous === undefined ? {} : { previous: previous.repeat(32) }),
  })
  if (!ring.ok) throw new Error(ring.error)
  return ring.value
}

function objectStorage(): AlarmStorage {
  const database = new DatabaseSync(':memory:')
  let armed: number | null = null
  return {
    sql: {
      exec: (query, ...bindings) => ({
        toArray: () =>
          database
            .prepare(query)
            .all(...(bindings as (string | number | null)[]))
            .map((row) => ({ ...row })) as Record<string, string | number | null>[],
      }),
    },
    transactionSync: (closure) => {
      database.exec('BEGIN')
      try {
        const value = closure()
        database.exec('COMMIT')
        return value
      } catch (error) {
        database.exec('ROLLBACK')
        throw error
      }
    },
    getAlarm: async () => armed,
    setAlarm: async (at) => {
      armed = at
    },
    deleteAlarm: async () => {
      armed = null
    },
  }
}

/** Runs the statement at once: what `exec` gives back is read by nobody for writes. */
function eager(storage: AlarmStorage): AlarmStorage {
  return {
    ...storage,
    sql: {
      exec: (query, ...bindings) => {
        const rows = storage.sql.exec(query, ...bindings).toArray()
        return { toArray: () => rows }
      },
    },
  }
}

const entry = (name: string): AuditEntry => ({
  kind: 'change',
  name,
  actor: { userId: 'ada', credential: 'key_1' },
  fields: {},
})

function openWorld() {
  const sqlite = openSqliteD1()
  const db = openDatabase(sqlite.d1)
  const storage = eager(objectStorage())
  const anchors = new Map<string, string>()
  const world = {
    db,
    sqlite,
    anchors,
    clock: START,
    ring: ringOf('a1'),
    retention: null as number | null,
    /** As after an eviction: nothing but what is stored is left. */
    open: (): AuditLog =>
      new AuditLog({
        storage,
        schema: new SchemaGate(
          { storage, blockConcurrencyWhile: (callback) => callback() },
          TENANT_MIGRATIONS,
        ),
        timers: new Timers(storage),
        keyRing: world.ring,
        anchors: {
          put: async (key, text) => void anchors.set(key, text),
          get: async (key) => {
            const text = anchors.get(key)
            return text === undefined ? null : { text: async () => text }
          },
        },
        tenantId: () => TENANT,
        database: () => db,
        now: () => world.clock,
        retentionDays: async () => world.retention,
      }),
    pending: () =>
      Number(storage.sql.exec('SELECT count(*) AS n FROM audit_records').toArray()[0]?.['n']),
    records: () =>
      storage.sql
        .exec('SELECT record FROM audit_records ORDER BY sequence')
        .toArray()
        .map((row) => JSON.parse(String(row['record'])) as AuditEntry)
        .map(({ name, fields }) => ({ name, fields })),
    timer: (name: string) =>
      storage.sql.exec('SELECT at FROM timers WHERE name = ?', name).toArray()[0]?.['at'],
    prove: (log: AuditLog) =>
      proveChain(
        {
          database: () => db,
          keyRing: world.ring,
          tenant: () => ({ auditState: () => log.state() }),
        } as unknown as Services,
        TENANT,
      ),
  }
  return world
}

describe('an audit log', () => {
  it('that nothing was appended to leaves nothing behind, and is whole', async () => {
    const world = openWorld()
    const log = world.open()
    expect(await world.prove(log)).toMatchObject({ ok: true, head: 0, checked: 0 })
  })

  it('numbers what comes at once one after the other, over every restart', async () => {
    const world = openWorld()
    let log = world.open()
    await Promise.all(Array.from({ length: 20 }, (_, index) => log.append([entry(`a.${index}`)])))
    expect(world.pending()).toBe(20)
    log = world.open()
    await log.append([entry('b.1'), entry('b.2')])
    expect(await world.prove(log)).toMatchObject({ ok: true, head: 22, checked: 22 })
    expect(world.pending()).toBe(0)
  })

  it('holds a change that was begun and never ended, as one of unknown outcome', async () => {
    const world = openWorld()
    let log = world.open()
    await log.begin('chg_ended', entry('ended'))
    await log.begin('chg_lost', entry('lost'))
    await log.end('chg_ended', entry('ended'))
    const due = Number(world.timer('auditUnended'))
    expect(due).toBe(START + 2 * 60_000)
    world.clock = due - 1
    await log.begin('chg_late', entry('late'))
    // As after a crash in the middle of the change.
    log = world.open()
    world.clock = due
    await log.onTimer('auditUnended')
    expect(world.records()).toEqual([
      { name: 'ended', fields: {} },
      { name: 'lost', fields: { outcome: 'unknown' } },
    ])
    expect(world.timer('auditUnended')).toBe(due - 1 + 2 * 60_000)
    await log.end('chg_late', null)
    world.clock = due + 3 * 60_000
    await log.onTimer('auditUnended')
    expect(world.records()).toHaveLength(2)
    expect(await world.prove(log)).toMatchObject({ ok: true, head: 2, checked: 2 })
  })

  it('writes nothing for a change that did not happen', async () => {
    const world = openWorld()
    const log = world.open()
    await log.begin('chg_1', entry('refused'))
    await log.end('chg_1', null)
    world.clock += DAY_MS
    await log.onTimer('auditUnended')
    expect(world.records()).toEqual([])
  })

  it('loses nothing to a database that fails', async () => {
    const world = openWorld()
    const log = world.open()
    await log.append([entry('a'), entry('b')])
    world.sqlite.beforeQuery = () => {
      throw new Error('the database is away')
    }
    const failing = log.onTimer('copyAudit')
    await expect(failing).rejects.toThrow()
    world.sqlite.beforeQuery = () => undefined
    expect(world.pending()).toBe(2)
    await log.append([entry('c')])
    expect(await world.prove(world.open())).toMatchObject({ ok: true, head: 3, checked: 3 })
  })

  it('cuts off what is older than is kept, behind a checkpoint', async () => {
    const world = openWorld()
    const log = world.open()
    await log.append([entry('old.1'), entry('old.2')])
    world.clock += 10 * DAY_MS
    await log.append([entry('new.1')])
    await log.onTimer('auditDaily')
    expect(await world.prove(log)).toMatchObject({ ok: true, head: 3, checkpoint: 0, checked: 3 })
    world.retention = 5
    await log.onTimer('auditDaily')
    expect(await world.prove(log)).toMatchObject({ ok: true, head: 3, checkpoint: 2, checked: 1 })
    world.clock += 30 * DAY_MS
    await log.onTimer('auditDaily')
    expect(await world.prove(log)).toMatchObject({ ok: true, head: 3, checkpoint: 3, checked: 0 })
    await log.append([entry('newest')])
    expect(await world.prove(log)).toMatchObject({ ok: true, head: 4, checkpoint: 3, checked: 1 })
  })

  it('lays its head down once a day, signed, and sets the next day’s timer', async () => {
    const world = openWorld()
    const log = world.open()
    await log.append([entry('a')])
    const first = Number(world.timer('auditDaily'))
    expect(first).toBeGreaterThanOrEqual(START + DAY_MS)
    expect(first).toBeLessThan(START + 2 * DAY_MS)
    world.clock = first
    await log.onTimer('auditDaily')
    expect([...world.anchors.keys()]).toEqual(['ten_acme/audit/2026-01-02.json'])
    expect(Number(world.timer('auditDaily'))).toBeGreaterThanOrEqual(START + 2 * DAY_MS)
    expect((await log.state()).anchor?.sequence).toBe(1)
    const [[key, text] = ['', '']] = world.anchors
    world.anchors.set(key, text.replace('"sequence":1', '"sequence":9'))
    expect((await log.state()).anchor).toBeNull()
  })

  it('is found to be rolled back behind a head that was laid down', async () => {
    const world = openWorld()
    const log = world.open()
    await log.append([entry('a'), entry('b')])
    await log.onTimer('auditDaily')
    const rolledBack = openWorld()
    for (const [key, text] of world.anchors) rolledBack.anchors.set(key, text)
    const other = rolledBack.open()
    await other.append([entry('a')])
    expect(await rolledBack.prove(other)).toMatchObject({
      ok: false,
      firstBroken: { fault: 'anchor_missed' },
    })
    await other.append([entry('another')])
    expect(await rolledBack.prove(other)).toMatchObject({
      ok: false,
      firstBroken: { sequence: 2, fault: 'anchor_missed' },
    })
  })

  it('goes on under another key, and says where that began', async () => {
    const world = openWorld()
    await world.open().append([entry('a'), entry('b')])
    world.ring = ringOf('b2', 'a1')
    const log = world.open()
    await log.append([entry('c')])
    // The record of the change of keys stands between.
    expect(await world.prove(log)).toMatchObject({ ok: true, head: 4, checked: 4, unverified: 0 })
    world.ring = ringOf('b2')
    const later = world.open()
    await later.append([entry('d')])
    expect(await world.prove(later)).toMatchObject({ ok: true, head: 5, checked: 3, unverified: 2 })
  })
})
