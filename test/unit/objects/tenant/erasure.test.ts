/** A tenant's erasure, cut off at every single call it makes, ends like one that never was. */
import { beforeEach, describe, expect, it } from 'vitest'
import { type Database, openDatabase } from '../../../../src/db/database.ts'
import type { TenantId } from '../../../../src/domain/ids.ts'
import type { Deletion } from '../../../../src/domain/ports/platform.ts'
import {
  NAME_KINDS,
  type NameKind,
  type TenantEndPort,
} from '../../../../src/domain/ports/tenant-end.ts'
import { type ErasureParts, eraseStep } from '../../../../src/objects/tenant/erasure.ts'
import { plantedRows } from '../../../support/plant-rows.ts'
import { openSqliteD1, type SqliteD1 } from '../../../support/sqlite-d1.ts'

const ACME = 'ten_acme' as TenantId
const NEIGHBOUR = 'ten_acme2' as TenantId

const BEGUN: Deletion = {
  tenantId: ACME,
  phase: 'closing',
  requestedAt: 1,
  finishedAt: null,
  objects: 0,
  blobs: 0,
  rows: 0,
}

/** All that a tenant leaves anywhere, with every call counted, and one of them failing. */
class Platform {
  readonly sqlite: SqliteD1 = openSqliteD1()
  readonly db: Database = openDatabase(this.sqlite.d1)
  readonly blobs = new Set<string>()
  readonly objects = new Map<string, Set<string>>()
  readonly names = new Map<TenantId, Record<NameKind, string[]>>()
  readonly ended = new Set<TenantId>()
  readonly order: string[] = []
  calls = 0
  failsAt = Number.POSITIVE_INFINITY

  constructor() {
    this.sqlite.beforeQuery = () => this.#call('query')
  }

  async #call(what: string): Promise<void> {
    this.calls++
    if (this.calls === this.failsAt) throw new Error(`cut off at ${what}`)
  }

  async plant(tenantId: TenantId): Promise<void> {
    const insert = (sql: string, ...values: readonly (string | number)[]) =>
      this.sqlite.d1
        .prepare(sql)
        .bind(...values)
        .all()
    await insert(
      'insert into tenants (id, slug, name, created_at, updated_at) values (?, ?, ?, 1, 1)',
      tenantId,
      tenantId,
      tenantId,
    )
    for (const { sql, values } of plantedRows({
      tenantId,
      canary: `told ${tenantId}`,
      secret: `hidden ${tenantId}`,
    }))
      await insert(sql, ...values)
    const names: Record<NameKind, string[]> = {
      inbox: [],
      session: [],
      workspace: [],
      limiter: [],
    }
    for (const kind of NAME_KINDS) {
      for (let i = 0; i < 12; i++) {
        const name = `${tenantId}/${kind}${String(i).padStart(2, '0')}`
        names[kind].push(name)
        this.objects.set(name, new Set([`secret of ${name}`]))
      }
    }
    this.names.set(tenantId, names)
    for (let i = 0; i < 3; i++) this.blobs.add(`${tenantId}/object/${i}`)
    this.calls = 0
  }

  readonly parts: ErasureParts = {
    db: () => this.db,
    directory: () => this.db,
    now: () => 99,
    blobs: {
      list: async ({ prefix = '', limit = 1 }: { prefix?: string; limit?: number } = {}) => {
        await this.#call('list')
        const keys = [...this.blobs]
          .filter((key) => key.startsWith(prefix))
          .slice(0, Math.min(limit, 2))
        return { objects: keys.map((key) => ({ key })) } as never
      },
      delete: async (keys: string | string[]) => {
        await this.#call('delete')
        this.order.push('blobs')
        for (const key of [keys].flat()) this.blobs.delete(key)
      },
    },
    tenant: () => ({
      changing: () => this.#call('changing'),
      changed: async () => {
        await this.#call('changed')
        return { found: false as const }
      },
    }),
    end: (tenantId): TenantEndPort => ({
      names: async (kind, after, limit) => {
        await this.#call('names')
        const all = this.names.get(tenantId)?.[kind] ?? []
        return all.filter((name) => name > (after ?? '')).slice(0, limit)
      },
      forgetNames: async (kind, gone) => {
        await this.#call('forgetNames')
        const all = this.names.get(tenantId)
        if (all) all[kind] = all[kind].filter((name) => !gone.includes(name))
      },
      closeConnections: () => this.#call('closeConnections'),
      erase: async () => {
        await this.#call('erase tenant')
        this.order.push('tenant')
        this.ended.add(tenantId)
        this.names.delete(tenantId)
      },
      noteExport: async () => undefined,
      exportFinishedAt: async () => null,
      resealed: async () => undefined,
    }),
    object: (kind, name) => ({
      erase: async () => {
        await this.#call('erase object')
        this.order.push(kind)
        this.objects.get(name)?.clear()
      },
    }),
  }

  /** As the desk does: what a step came to is kept, what it was cut off in is tried again. */
  async run(): Promise<Deletion> {
    let deletion = BEGUN
    for (let cuts = 0; deletion.phase !== 'ended'; ) {
      try {
        deletion = await eraseStep(this.parts, deletion)
      } catch (error) {
        if (++cuts > 1) throw error
      }
    }
    return deletion
  }

  /** Everything there is, as one text: of this tenant, or of the others. */
  async contents(tenantId: TenantId, isOwn: boolean): Promise<string> {
    const { results } = await this.sqlite.d1
      // Pages of the index of memories are shared: test/unit/db/memory.test.ts reads what is left on them.
      .prepare(
        "select name from sqlite_master where type = 'table' and name not like 'memory_index%'",
      )
      .bind()
      .all<{ name: string }>()
    const rows = await Promise.all(
      results.map(async ({ name }) => {
        const all = (
          await this.sqlite.d1
            .prepare(`select * from "${name}"`)
            .bind()
            .all<Record<string, unknown>>()
        ).results
        return all.filter((row) => ((row['tenant_id'] ?? row['id']) === tenantId) === isOwn)
      }),
    )
    const isOf = (name: string) => name.startsWith(`${tenantId}/`) === isOwn
    return JSON.stringify([
      rows.filter((table) => table.length > 0),
      [...this.objects].filter(([name]) => isOf(name)).flatMap(([, held]) => [...held]),
      [...this.blobs].filter(isOf),
      [...this.names].filter(([id]) => (id === tenantId) === isOwn),
    ])
  }
}

let whole: Platform
beforeEach(async () => {
  whole = new Platform()
  await whole.plant(ACME)
  await whole.plant(NEIGHBOUR)
})

describe('the erasure of a tenant', () => {
  it('leaves nothing of it, and the neighbour as it was', async () => {
    const neighbour = await whole.contents(ACME, false)
    const deletion = await whole.run()
    expect(await whole.contents(ACME, true)).toBe('[[],[],[],[]]')
    expect(await whole.contents(ACME, false)).toBe(neighbour)
    expect(neighbour).toContain(NEIGHBOUR)
    expect([deletion.objects, deletion.blobs, deletion.finishedAt]).toEqual([48, 3, 99])
    expect(deletion.rows).toBeGreaterThan(20)
    expect([...whole.ended]).toEqual([ACME])
  })

  it('ends conversations before their files, files before the bucket, and the tenant itself last', async () => {
    await whole.run()
    const firsts = [...new Set(whole.order)]
    expect(firsts).toEqual(['inbox', 'session', 'workspace', 'limiter', 'blobs', 'tenant'])
  })

  it('ends the same whatever single call it is cut off at', { timeout: 60_000 }, async () => {
    await whole.run()
    const { calls } = whole
    expect(calls).toBeGreaterThan(100)
    for (let failsAt = 1; failsAt <= calls; failsAt += 7) {
      const platform = new Platform()
      await platform.plant(ACME)
      await platform.plant(NEIGHBOUR)
      const neighbour = await platform.contents(ACME, false)
      platform.calls = 0
      platform.failsAt = failsAt
      const deletion = await platform.run()
      expect([failsAt, deletion.phase]).toEqual([failsAt, 'ended'])
      expect(platform.calls).toBeGreaterThanOrEqual(failsAt)
      platform.failsAt = Number.POSITIVE_INFINITY
      expect(await platform.contents(ACME, true)).toBe('[[],[],[],[]]')
      expect(await platform.contents(ACME, false)).toBe(neighbour)
    }
  })

  it('of one that has ended changes nothing', async () => {
    const ended = await whole.run()
    expect(await eraseStep(whole.parts, ended)).toBe(ended)
  })
})
