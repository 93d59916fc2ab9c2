import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { tenantConfigSchema } from '../../../../src/domain/config/tenant-config.ts'
import { runIdSchema, userIdSchema } from '../../../../src/domain/ids.ts'
import { NO_USAGE, type Usage } from '../../../../src/domain/message.ts'
import { costMicroUsd, priceOf } from '../../../../src/domain/prices.ts'
import type { TenantSnapshot } from '../../../../src/domain/tenant-snapshot.ts'
import type { RunSpending, UsageRow } from '../../../../src/domain/usage.ts'
import { Timers } from '../../../../src/objects/alarms.ts'
import { migrate, SchemaGate } from '../../../../src/objects/schema/migrate.ts'
import { TENANT_MIGRATIONS } from '../../../../src/objects/schema/tenant.ts'
import { Budgets, FLUSH_USAGE, type NewWarning } from '../../../../src/objects/tenant/budgets.ts'
import { seededRandom } from '../../../support/random.ts'
import { SqliteStorage } from '../sqlite-storage.ts'

beforeEach(() => void vi.useFakeTimers({ now: Date.parse('2026-11-26T12:00:00Z') }))
afterEach(() => void vi.useRealTimers())

/** Two models of one vendor, and one that nobody has priced. */
const PRICES = { 'v/cheap': { input: 0.3, output: 0.7 }, 'v/dear': { input: 3, output: 15 } }

const snapshotOf = (budgets: Readonly<Record<string, unknown>>): TenantSnapshot =>
  ({
    config: tenantConfigSchema.parse({ budgets: { prices: PRICES, ...budgets } }),
    agents: [{ id: 'agt_1', key: 'main', provider: 'v', model: 'cheap' }],
    providers: [{ name: 'v', type: 'openai_compat' }],
  }) as unknown as TenantSnapshot

const tokens = (promptTokens: number, completionTokens = 0): Usage => ({
  ...NO_USAGE,
  promptTokens,
  completionTokens,
})

const spending = (id: string, fields: Partial<RunSpending> = {}): RunSpending => ({
  runId: runIdSchema.parse(`run_${id}`),
  startedAt: Date.now(),
  userId: userIdSchema.parse('ada'),
  agentKey: 'main',
  keyId: '',
  model: null,
  usage: NO_USAGE,
  ...fields,
})

const nameOfRow = ({ day, userId, agentKey, provider, model, keyId }: UsageRow): string =>
  [day, userId, agentKey, provider, model, keyId].join(' ')

/** One life of the object; another one over the same storage is what is left after a crash. */
function open(storage = new SqliteStorage(), database = new Map<string, UsageRow>()) {
  migrate(storage, TENANT_MIGRATIONS)
  const background: Promise<unknown>[] = []
  const warnings: NewWarning[] = []
  const failing = { copy: false, afterCopy: false }
  const onCopy: { next: (() => Promise<void>) | null } = { next: null }
  const timers = new Timers(storage)
  const budgets = new Budgets({
    storage,
    schema: new SchemaGate(storage.host(), TENANT_MIGRATIONS),
    timers,
    now: () => Date.now(),
    inBackground: (work) => void background.push(work),
    copy: async (rows) => {
      if (failing.copy) throw new Error('the database is away')
      for (const row of rows) database.set(nameOfRow(row), row)
      const { next } = onCopy
      onCopy.next = null
      await next?.()
      if (failing.afterCopy) throw new Error('the object died')
    },
    warn: async (some) => void warnings.push(...some),
  })
  const settle = async () => {
    await vi.advanceTimersByTimeAsync(1_000)
    await Promise.all(background.splice(0))
  }
  return { storage, database, budgets, warnings, failing, onCopy, settle, timers }
}

/** What a dead object had in mind it does not do any more. */
function crash({ storage, database }: ReturnType<typeof open>) {
  vi.clearAllTimers()
  return open(storage, database)
}

const ask = (spent: RunSpending, isReservation = false) => ({ ...spent, isReservation })

describe('requests', () => {
  it('are counted as they begin: of many at once exactly the allowed ones', async () => {
    const { budgets } = open()
    const snapshot = snapshotOf({ per_user: { requests_per_day: 5 } })
    const asked = Array.from({ length: 20 }, (_, i) =>
      budgets.judge(ask(spending(`${i}`), i % 2 === 0), snapshot),
    )
    const stops = await Promise.all(asked)
    expect(stops.filter((stop) => stop === null)).toHaveLength(5)
    const other = ask(spending('other', { userId: userIdSchema.parse('bob') }))
    expect(await budgets.judge(other, snapshot)).toBeNull()
  })

  it('are counted once, however often the run asks or is told of', async () => {
    const { budgets } = open()
    const snapshot = snapshotOf({ tenant: { requests_per_day: 1 } })
    const run = spending('1')
    expect(await budgets.judge(ask(run, true), snapshot)).toBeNull()
    for (let i = 0; i < 3; i++) expect(await budgets.judge(ask(run), snapshot)).toBeNull()
    await budgets.tell({ ...run, usage: tokens(5) }, snapshot)
    await budgets.tell({ ...run, usage: tokens(5) }, snapshot)
    const [sums] = await budgets.spentBy([{ scope: 'user', name: 'ada' }])
    expect(sums).toMatchObject({ day: { requests: 1, tokens: 5 }, month: { requests: 1 } })
    expect(await budgets.judge(ask(spending('2')), snapshot)).not.toBeNull()
  })

  it('are given back by a reservation that came to nothing, and by nothing else', async () => {
    const { budgets, database } = open()
    const snapshot = snapshotOf({ tenant: { requests_per_day: 1 } })
    const run = spending('1')
    await budgets.judge(ask(run, true), snapshot)
    await budgets.release(run.runId)
    await budgets.release(run.runId)
    const next = spending('2')
    expect(await budgets.judge(ask(next, true), snapshot)).toBeNull()
    expect(await budgets.judge(ask(next), snapshot)).toBeNull()
    await budgets.release(next.runId)
    expect(await budgets.judge(ask(spending('3')), snapshot)).not.toBeNull()
    await budgets.flush()
    expect([...database.values()].map(({ requests }) => requests)).toEqual([1])
  })

  it('do not count when they are refused', async () => {
    const { budgets, database } = open()
    const closed = snapshotOf({ per_agent: { requests_per_day: 0 } })
    expect(await budgets.judge(ask(spending('1')), closed)).not.toBeNull()
    await budgets.flush()
    expect(database.size).toBe(0)
    const [sums] = await budgets.spentBy([{ scope: 'agent', name: 'main' }])
    expect(sums?.day.requests).toBe(0)
  })
})

describe('tokens and dollars', () => {
  it('end a run before its next call, and let each of several go over by one call', async () => {
    const { budgets } = open()
    const snapshot = snapshotOf({ per_user: { tokens_per_day: 100 } })
    const runs = ['1', '2', '3'].map((id) => spending(id))
    for (const run of runs) expect(await budgets.judge(ask(run), snapshot)).toBeNull()
    // Each has made its first call, of 60 tokens.
    const stops = []
    for (const run of runs)
      stops.push(await budgets.judge(ask({ ...run, usage: tokens(60) }), snapshot))
    expect(stops.map((stop) => stop === null)).toEqual([true, false, false])
    expect(await budgets.judge(ask(spending('4')), snapshot)).not.toBeNull()
    const [sums] = await budgets.spentBy([{ scope: 'user', name: 'ada' }])
    expect(sums?.day.tokens).toBe(180)
  })

  it('are counted apart for users, agents and keys, and together for the tenant', async () => {
    const { budgets } = open()
    const snapshot = snapshotOf({ per_key: { usd_per_month: 0.001 } })
    const paid = spending('1', { keyId: 'key_1', usage: tokens(1_000, 1_000) })
    await budgets.tell(paid, snapshot)
    const sums = await budgets.spentBy([
      { scope: 'tenant', name: '' },
      { scope: 'key', name: 'key_1' },
      { scope: 'key', name: 'key_2' },
      { scope: 'key', name: '' },
    ])
    expect(sums.map(({ month }) => month.costMicroUsd)).toEqual([1_000, 1_000, 0, 0])
    expect(await budgets.judge(ask(spending('2', { keyId: 'key_1' })), snapshot)).not.toBeNull()
    expect(await budgets.judge(ask(spending('3', { keyId: 'key_2' })), snapshot)).toBeNull()
    expect(await budgets.judge(ask(spending('4')), snapshot)).toBeNull()
  })

  it('begin anew with the day and the month', async () => {
    const { budgets } = open()
    const snapshot = snapshotOf({
      per_user: { tokens_per_day: 10, requests_per_month: 3 },
    })
    const spend = async (id: string) => {
      const stop = await budgets.judge(ask(spending(id)), snapshot)
      if (stop === null) await budgets.tell(spending(id, { usage: tokens(10) }), snapshot)
      return stop
    }
    expect(await spend('1')).toBeNull()
    expect((await spend('2'))?.resetsAt).toBe(Date.parse('2026-11-27'))
    for (const [day, id] of [
      ['2026-11-27', '3'],
      ['2026-11-28', '4'],
    ] as const) {
      vi.setSystemTime(Date.parse(day))
      expect(await spend(id)).toBeNull()
    }
    vi.setSystemTime(Date.parse('2026-11-30T23:59:59.999Z'))
    expect((await spend('5'))?.resetsAt).toBe(Date.parse('2026-12-01'))
    vi.setSystemTime(Date.parse('2026-12-01'))
    expect(await spend('6')).toBeNull()
  })

  it('go by the price as it is now, and refuse a model that has none', async () => {
    const { budgets } = open()
    const model = { provider: 'v', name: 'nameless' }
    const snapshot = snapshotOf({ tenant: { usd_per_day: 1 } })
    const stop = await budgets.judge(ask(spending('1', { model })), snapshot)
    expect(stop?.message).toContain('v/nameless')
    const priced = snapshotOf({
      tenant: { usd_per_day: 1 },
      prices: { 'v/nameless': { input: 1, output: 1 } },
    })
    expect(await budgets.judge(ask(spending('1', { model })), priced)).toBeNull()
    await budgets.tell(spending('1', { model, usage: tokens(7) }), priced)
    const [sums] = await budgets.spentBy([{ scope: 'tenant', name: '' }])
    expect(sums?.day.costMicroUsd).toBe(7)
  })
})

describe('a run that several models worked for', () => {
  const cheap = { provider: 'v', name: 'cheap' }
  const dear = { provider: 'v', name: 'dear' }
  const rowsOf = (database: ReadonlyMap<string, UsageRow>) =>
    [...database.values()].map(({ model, requests, inputTokens, costMicroUsd }) => [
      model,
      requests,
      inputTokens,
      costMicroUsd,
    ])

  it("is counted by each one's name and price, whoever answered last", async () => {
    const { budgets, database } = open()
    const snapshot = snapshotOf({ tenant: { usd_per_day: 1 } })
    const tell = (...models: NonNullable<RunSpending['models']>) =>
      budgets.tell(
        spending('1', {
          model: models.at(-1) ?? null,
          models,
          usage: tokens(models.reduce((sum, { usage }) => sum + usage.promptTokens, 0)),
        }),
        snapshot,
      )
    await tell({ ...dear, usage: tokens(100) })
    await tell({ ...dear, usage: tokens(100) }, { ...cheap, usage: tokens(1_000) })
    await tell({ ...cheap, usage: tokens(1_000) }, { ...dear, usage: tokens(400) })
    // Told late, or again, it counts once.
    await tell({ ...dear, usage: tokens(100) })
    await tell({ ...cheap, usage: tokens(1_000) }, { ...dear, usage: tokens(400) })
    await budgets.flush()
    expect(rowsOf(database)).toEqual([
      ['cheap', 0, 1_000, 300],
      ['dear', 1, 400, 1_200],
    ])
    const [sums] = await budgets.spentBy([{ scope: 'tenant', name: '' }])
    expect(sums?.day).toMatchObject({ requests: 1, tokens: 1_400, costMicroUsd: 1_500 })
  })

  it('is counted under the last where nobody knows whose the rest was', async () => {
    const { budgets, database } = open()
    const snapshot = snapshotOf({})
    const models = [{ ...dear, usage: tokens(100) }]
    await budgets.tell(spending('1', { model: cheap, models, usage: tokens(150) }), snapshot)
    await budgets.flush()
    expect(rowsOf(database)).toEqual([
      ['cheap', 1, 50, 15],
      ['dear', 0, 100, 300],
    ])
  })

  it('is not counted again by a mark that knew the last model alone', async () => {
    const { budgets, database, storage } = open()
    const snapshot = snapshotOf({})
    await budgets.tell(spending('1', { model: dear, usage: tokens(100) }), snapshot)
    await budgets.flush()
    const [row] = storage.sql.exec('SELECT body FROM run_marks').toArray()
    const { models: _, ...old } = JSON.parse(String(row?.['body'])) as Record<string, unknown>
    storage.sql.exec('UPDATE run_marks SET body = ?', JSON.stringify(old))
    const next = open(storage, database)
    const models = [
      { ...dear, usage: tokens(100) },
      { ...cheap, usage: tokens(50) },
    ]
    await next.budgets.tell(spending('1', { model: cheap, models, usage: tokens(150) }), snapshot)
    await next.budgets.flush()
    expect(rowsOf(database)).toEqual([
      ['dear', 1, 100, 300],
      ['cheap', 0, 50, 15],
    ])
  })
})

describe('warnings', () => {
  it('come once for a subject, period and limit, also over a restart', async () => {
    const first = open()
    const snapshot = snapshotOf({ per_user: { tokens_per_day: 10 }, warn_at: 0.5 })
    await first.budgets.tell(spending('1', { usage: tokens(4) }), snapshot)
    expect(first.warnings).toEqual([])
    await first.budgets.tell(spending('2', { usage: tokens(1) }), snapshot)
    await first.budgets.tell(spending('3', { usage: tokens(9) }), snapshot)
    expect(first.warnings).toEqual([
      {
        scope: 'user',
        name: 'ada',
        measure: 'tokens',
        period: 'day',
        limit: 10,
        used: 5,
        resetsAt: Date.parse('2026-11-27'),
      },
    ])
    await first.settle()
    const second = crash(first)
    await second.budgets.tell(spending('4', { usage: tokens(1) }), snapshot)
    expect(second.warnings).toEqual([])
    const bob = userIdSchema.parse('bob')
    await second.budgets.tell(spending('5', { userId: bob, usage: tokens(6) }), snapshot)
    expect(second.warnings.map(({ name }) => name)).toEqual(['bob'])
    const raised = snapshotOf({ per_user: { tokens_per_day: 20 }, warn_at: 0.5 })
    await second.budgets.tell(spending('6', { usage: tokens(1) }), raised)
    expect(second.warnings.map(({ limit }) => limit)).toEqual([10, 20])
    vi.setSystemTime(Date.parse('2026-11-27'))
    await second.budgets.tell(spending('7', { usage: tokens(9) }), snapshot)
    expect(second.warnings).toHaveLength(3)
  })
})

describe('what is written down', () => {
  it('waits for company, and then for the database', async () => {
    const { budgets, storage, settle, timers, database } = open()
    const snapshot = snapshotOf({})
    const before = storage.statements.filter((text) => /INSERT/.test(text)).length
    await budgets.tell(spending('1', { usage: tokens(1) }), snapshot)
    await budgets.tell(spending('1', { usage: tokens(2) }), snapshot)
    expect(storage.statements.filter((text) => /INSERT/.test(text))).toHaveLength(before)
    await settle()
    expect(timers.get(FLUSH_USAGE)).toBe(Date.now() + 10_000)
    expect(database.size).toBe(0)
    await budgets.flush()
    expect([...database.values()]).toMatchObject([{ requests: 1, inputTokens: 2 }])
  })

  it('is copied once more after a crash in between, and counts once', async () => {
    const first = open()
    const snapshot = snapshotOf({})
    await first.budgets.tell(spending('1', { usage: tokens(5) }), snapshot)
    first.failing.afterCopy = true
    await expect(first.budgets.flush()).rejects.toThrow('died')
    const second = crash(first)
    await second.budgets.tell(spending('2', { usage: tokens(7) }), snapshot)
    await second.budgets.flush()
    await second.budgets.flush()
    expect([...second.database.values()]).toMatchObject([{ requests: 2, inputTokens: 12 }])
  })

  it('is copied again when it changed while it was being copied', async () => {
    const life = open()
    const snapshot = snapshotOf({})
    await life.budgets.tell(spending('1', { usage: tokens(5) }), snapshot)
    life.onCopy.next = async () => {
      await life.budgets.tell(spending('2', { usage: tokens(7) }), snapshot)
      await life.settle()
    }
    await life.budgets.flush()
    expect([...life.database.values()]).toMatchObject([{ requests: 2, inputTokens: 12 }])
  })

  it('is not lost while the database is away', async () => {
    const { budgets, failing, database } = open()
    const snapshot = snapshotOf({})
    failing.copy = true
    await budgets.tell(spending('1', { usage: tokens(5) }), snapshot)
    await expect(budgets.flush()).rejects.toThrow('away')
    failing.copy = false
    await budgets.flush()
    expect([...database.values()]).toMatchObject([{ requests: 1, inputTokens: 5 }])
  })

  it('goes once its day is over and it is copied, never before', async () => {
    const { budgets, storage, failing } = open()
    const rows = () => storage.sql.exec('SELECT day FROM usage_rows').toArray().length
    await budgets.tell(spending('1', { usage: tokens(5) }), snapshotOf({}))
    await budgets.flush()
    vi.setSystemTime(Date.parse('2026-11-27T12:00:00Z'))
    await budgets.flush()
    expect(rows()).toBe(1)
    vi.setSystemTime(Date.parse('2026-11-28T12:00:00Z'))
    await budgets.flush()
    expect(rows()).toBe(0)
    await budgets.tell(spending('2', { usage: tokens(5) }), snapshotOf({}))
    failing.copy = true
    vi.setSystemTime(Date.parse('2026-12-28T12:00:00Z'))
    await expect(budgets.flush()).rejects.toThrow()
    expect(rows()).toBe(1)
  })

  it('does not grow with those who are refused', async () => {
    const { budgets, storage, settle } = open()
    const closed = snapshotOf({ tenant: { requests_per_day: 0 } })
    for (let i = 0; i < 50; i++) await budgets.judge(ask(spending(`${i}`)), closed)
    await settle()
    expect(storage.sql.exec('SELECT * FROM run_marks').toArray()).toEqual([])
  })

  it('does not count a run again whose mark is too old to be kept', async () => {
    const { budgets, settle, database } = open()
    const run = spending('1', { usage: tokens(5) })
    await budgets.tell(run, snapshotOf({}))
    await settle()
    vi.setSystemTime(Date.now() + 3 * 3_600_000)
    await budgets.flush()
    await budgets.tell(run, snapshotOf({}))
    await budgets.flush()
    expect([...database.values()]).toMatchObject([{ requests: 1, inputTokens: 5 }])
  })
})

describe('sums', () => {
  /** A run as it went: who, with what, and what each of its calls used. */
  interface Played {
    readonly spent: RunSpending
    readonly calls: readonly Usage[]
  }

  const add = (a: Usage, b: Usage): Usage =>
    tokens(a.promptTokens + b.promptTokens, a.completionTokens + b.completionTokens)

  it.for(Array.from({ length: 25 }, (_, seed) => seed))(
    'are those of all calls, whatever is late, repeated or lost in a crash (%i)',
    async (seed) => {
      const { below: int, pick } = seededRandom(seed)
      const isLucky = (percent: number): boolean => int(100) < percent
      const snapshot = snapshotOf({ per_user: { tokens_per_month: 1e9 } })
      const played: Played[] = Array.from({ length: 12 }, (_, i) => ({
        spent: spending(`${seed}x${i}`, {
          userId: userIdSchema.parse(pick(['ada', 'bob'])),
          keyId: pick(['', 'key_1', 'key_2']),
          model: { provider: 'v', name: pick(['cheap', 'dear', 'nameless']) },
        }),
        calls: Array.from({ length: 1 + int(4) }, () => tokens(int(500), int(50))),
      }))
      // Every word of every run, each with all that was used until then, and some of them twice.
      const words = played.flatMap(({ spent, calls }) => {
        let usage = NO_USAGE
        return calls.flatMap((call) => {
          usage = add(usage, call)
          const word = { ...spent, usage }
          return isLucky(30) ? [word, word] : [word]
        })
      })
      for (let i = words.length - 1; i > 0; i--) {
        const j = int(i + 1)
        const [a, b] = [words[i], words[j]]
        if (a && b) [words[i], words[j]] = [b, a]
      }
      let life = open()
      for (const word of words) {
        if (isLucky(50)) await life.budgets.tell(word, snapshot)
        else await life.budgets.judge(ask(word), snapshot)
        if (isLucky(20)) await life.settle()
        if (isLucky(20)) {
          life.failing.afterCopy = isLucky(50)
          await life.budgets.flush().catch(() => undefined)
        }
        if (isLucky(20)) life = crash(life)
      }
      // The last word is told until it is heard: the session's heartbeat does that.
      for (const { spent, calls } of played)
        await life.budgets.tell({ ...spent, usage: calls.reduce(add, NO_USAGE) }, snapshot)
      life.failing.afterCopy = false
      await life.budgets.flush()

      const expected = new Map<string, { requests: number; tokens: number; cost: number }>()
      for (const { spent, calls } of played) {
        const usage = calls.reduce(add, NO_USAGE)
        const name = [spent.userId, spent.model?.name, spent.keyId].join(' ')
        const price = priceOf(PRICES, { name: 'v', type: null }, spent.model?.name ?? '')
        const sum = expected.get(name) ?? { requests: 0, tokens: 0, cost: 0 }
        expected.set(name, {
          requests: sum.requests + 1,
          tokens: sum.tokens + usage.promptTokens + usage.completionTokens,
          cost: sum.cost + (price ? costMicroUsd(usage, price) : 0),
        })
      }
      const copied = new Map(
        [...life.database.values()].map((row) => [
          [row.userId, row.model, row.keyId].join(' '),
          {
            requests: row.requests,
            tokens: row.inputTokens + row.outputTokens,
            cost: row.costMicroUsd,
          },
        ]),
      )
      expect(copied).toEqual(expected)
      const all = [...expected.values()]
      const [tenant] = await life.budgets.spentBy([{ scope: 'tenant', name: '' }])
      expect(tenant?.month).toEqual({
        requests: all.reduce((sum, { requests }) => sum + requests, 0),
        tokens: all.reduce((sum, { tokens: some }) => sum + some, 0),
        costMicroUsd: all.reduce((sum, { cost }) => sum + cost, 0),
      })
    },
  )
})
