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
import { useQuietLog } from '../../gateway/world.ts'

useQuietLog()

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
          list: async ({ prefix, startAfter, limit }) => {
            const all = [...anchors.keys()]
              .filter((key) => key.startsWith(prefix) && key > startAfter)
              .toSorted()
            const objects = all.slice(0, limit).map((key) => ({ key }))
            return { objects, truncated: all.length > limit }
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
          tenant: () => ({ auditProof: () => log.proof() }),
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
    world.clock += 100 * DAY_MS
    await log.append([entry('new.1')])
    await log.onTimer('auditDaily')
    expect(await world.prove(log)).toMatchObject({ ok: true, head: 3, checkpoint: 0, checked: 3 })
    world.retention = 95
    await log.onTimer('auditDaily')
    expect(await world.prove(log)).toMatchObject({ ok: true, head: 3, checkpoint: 2, checked: 1 })
    world.clock += 200 * DAY_MS
    await log.onTimer('auditDaily')
    expect(await world.prove(log)).toMatchObject({ ok: true, head: 3, checkpoint: 3, checked: 0 })
    await log.append([entry('newest')])
    expect(await world.prove(log)).toMatchObject({ ok: true, head: 4, checkpoint: 3, checked: 1 })
  })

  it('keeps what is younger than the least that is kept, whatever somebody stored', async () => {
    const world = openWorld()
    const log = world.open()
    world.retention = 1
    await log.append([entry('a')])
    world.clock += 89 * DAY_MS
    await log.onTimer('auditDaily')
    expect(await world.prove(log)).toMatchObject({ ok: true, checkpoint: 0, checked: 1 })
    world.clock += 2 * DAY_MS
    await log.onTimer('auditDaily')
    expect(await world.prove(log)).toMatchObject({ ok: true, checkpoint: 1, checked: 0 })
  })

  it('cuts nothing off by a time that the database says and no MAC covers', async () => {
    const world = openWorld()
    world.retention = 365
    const log = world.open()
    await log.append([entry('evil.1'), entry('evil.2'), entry('evil.3')])
    await log.state()
    await world.sqlite.d1
      .prepare('UPDATE audit_records SET created_at = 1 WHERE sequence = 3')
      .run()
    await log.onTimer('auditDaily')
    expect(await world.prove(log)).toMatchObject({
      ok: false,
      checkpoint: 0,
      firstBroken: { sequence: 3, fault: 'altered' },
    })
    // What is old by its MAC goes no more either: the cut would hide the break behind it.
    world.clock += 400 * DAY_MS
    await log.onTimer('auditDaily')
    expect(await world.prove(log)).toMatchObject({ ok: false, checkpoint: 0, head: 3 })
  })

  it('cuts off what a key made that is gone, once something vouches for it', async () => {
    const world = openWorld()
    world.retention = 90
    await world.open().append([entry('old.1'), entry('old.2')])
    world.clock += 100 * DAY_MS
    world.ring = ringOf('b2')
    let log = world.open()
    await log.onTimer('auditDaily')
    expect(await world.prove(log)).toMatchObject({ ok: true, checkpoint: 2, head: 2 })
    await log.append([entry('c')])
    world.clock += 10 * DAY_MS
    world.ring = ringOf('c3')
    log = world.open()
    await log.append([entry('d')])
    world.clock += 85 * DAY_MS
    await log.onTimer('auditDaily')
    // The record of the first rotation and `c` are old; `d` and its own are not.
    expect(await world.prove(log)).toMatchObject({ ok: true, checkpoint: 4, checked: 2, head: 6 })
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
    expect(await log.proof()).toMatchObject({ anchors: [{ sequence: 1 }], faults: [] })
    expect(await world.prove(log)).toMatchObject({ ok: true })
  })

  it.each([
    ['forged', (text: string) => text.replace('"sequence":1', '"sequence":0')],
    ['junk', () => 'junk'],
    ['another day’s', (text: string) => text.replace('"at":', '"at":1')],
    ['gone', () => null],
  ])('finds a head that is %s where one lay, and keeps that in mind', async (_, forge) => {
    const world = openWorld()
    const log = world.open()
    await log.append([entry('a')])
    await log.onTimer('auditDaily')
    const [[place, text] = ['', '']] = world.anchors
    const forged = forge(text)
    if (forged === null) world.anchors.delete(place)
    else world.anchors.set(place, forged)
    const found = { ok: false, firstBroken: { sequence: 1, fault: 'anchor_unreadable' } }
    expect(await world.prove(log)).toMatchObject(found)
    world.clock += DAY_MS
    await log.onTimer('auditDaily')
    world.anchors.set(place, text)
    expect(await world.prove(world.open())).toMatchObject(found)
  })

  it('finds a head of another day that was put where one lay', async () => {
    const world = openWorld()
    const log = world.open()
    await log.append([entry('a')])
    await log.onTimer('auditDaily')
    const [[, first] = ['', '']] = world.anchors
    world.clock += DAY_MS
    await log.append([entry('b')])
    await log.onTimer('auditDaily')
    const [, second = ''] = world.anchors.keys()
    world.anchors.set(second, first)
    expect(await world.prove(log)).toMatchObject({ firstBroken: { fault: 'anchor_unreadable' } })
  })

  it('believes heads of before a rotation, and none that claims a lost key for later records', async () => {
    const world = openWorld()
    let log = world.open()
    await log.append([entry('a')])
    await log.onTimer('auditDaily')
    const [[place, text] = ['', '']] = world.anchors
    world.ring = ringOf('b2')
    world.clock += DAY_MS
    log = world.open()
    await log.append([entry('b')])
    await log.onTimer('auditDaily')
    expect(await world.prove(log)).toMatchObject({ ok: true, head: 3, checked: 3 })
    const { head } = await log.state()
    const claimed = { ...JSON.parse(text), sequence: head.sequence, mac: head.mac }
    world.anchors.set(place, JSON.stringify(claimed))
    expect(await world.prove(log)).toMatchObject({ firstBroken: { fault: 'anchor_unreadable' } })
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

  it('stays found once it has laid down heads of its own', async () => {
    const world = openWorld()
    const log = world.open()
    await log.append([entry('a'), entry('evil')])
    await log.onTimer('auditDaily')
    const rolledBack = openWorld()
    for (const [key, text] of world.anchors) rolledBack.anchors.set(key, text)
    const other = rolledBack.open()
    await other.append([entry('a'), entry('innocent')])
    // On the same day: the head that tells of it is not written over.
    await other.onTimer('auditDaily')
    expect([...rolledBack.anchors]).toEqual([...world.anchors])
    for (let day = 0; day < 20; day++) {
      rolledBack.clock += DAY_MS
      await other.onTimer('auditDaily')
    }
    for (const key of world.anchors.keys()) rolledBack.anchors.delete(key)
    expect(rolledBack.anchors.size).toBe(20)
    expect(await rolledBack.prove(rolledBack.open())).toMatchObject({
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
    expect(await world.prove(later)).toMatchObject({ ok: true, head: 5, checked: 5, unverified: 0 })
  })

  it.each([
    ['still there', ringOf('b2', 'a1')],
    ['gone', ringOf('b2')],
  ])('finds what was altered of before a rotation, with the old key %s', async (_, ring) => {
    const world = openWorld()
    await world.open().append([entry('keys.steal'), entry('b')])
    world.ring = ringOf('b2', 'a1')
    await world.open().append([entry('c')])
    world.ring = ring
    const log = world.open()
    await log.state()
    await world.sqlite.d1
      .prepare(
        "UPDATE audit_records SET record = replace(record, 'keys.steal', 'harmless') WHERE sequence = 1",
      )
      .run()
    expect(await world.prove(log)).toMatchObject({
      ok: false,
      firstBroken: { sequence: 1, fault: 'altered' },
    })
  })

  it('is whole over several rotations, and where nothing was appended since the last', async () => {
    const world = openWorld()
    for (const ring of [ringOf('a1'), ringOf('b2', 'a1'), ringOf('c3', 'b2')]) {
      world.ring = ring
      await world.open().append([entry('a')])
    }
    expect(await world.prove(world.open())).toMatchObject({ ok: true, checked: 5, unverified: 0 })
    world.ring = ringOf('d4')
    expect(await world.prove(world.open())).toMatchObject({ ok: true, checked: 5, unverified: 0 })
    const [record] = (
      await world.sqlite.d1
        .prepare('SELECT record FROM audit_records WHERE sequence = 2')
        .all<{ record: string }>()
    ).results
    expect(JSON.parse(record?.record ?? '')).toMatchObject({
      name: 'audit.rekeyed',
      fields: { through: 1, previous_key: expect.stringMatching(/^[0-9a-f]{16}$/) },
      previous: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  })
})
