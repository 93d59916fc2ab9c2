/** The audit trail: every change and event is in it, with who did it; what was tampered with is found. */
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { TenantId } from '../../src/domain/ids.ts'
import { tenantObjectName } from '../../src/domain/object-name.ts'
import {
  bearer,
  bindings,
  connected,
  createKey,
  createTenant,
  http,
  type Key,
  migrate,
  operator,
  TOKEN,
} from './support/gateway.ts'
import type { TestSocket } from './support/socket.ts'

const { BLOBS: blobs } = env as unknown as { readonly BLOBS: R2Bucket }

let platform: TestSocket
let tenantId: string
let owner: TestSocket
let admin: TestSocket
let adminKey: Key
let otherTenant: string
let stranger: TestSocket

beforeAll(async () => {
  await migrate()
  platform = await operator()
  const open = async (slug: string): Promise<[string, TestSocket]> => {
    const id = await createTenant(platform, slug)
    await platform.ask('tenants.users.add', { tenant_id: id, user_id: 'olga', role: 'owner' })
    return [id, await connected({ token: TOKEN, tenant_id: id, user_id: 'olga' })]
  }
  ;[tenantId, owner] = await open('trailed')
  ;[otherTenant, stranger] = await open('trailed-too')
  adminKey = await createKey(platform, tenantId, { scopes: ['operator.admin'], owner: 'ada' })
  admin = await connected({ token: adminKey.key })
}, 60_000)

interface Shown extends Readonly<Record<string, unknown>> {
  readonly sequence: number
  readonly kind: string
  readonly name: string
  readonly actor: { readonly userId: string; readonly credential: string }
  readonly fields: Readonly<Record<string, unknown>>
}

const recordsOf = async (
  by: TestSocket,
  params: Readonly<Record<string, unknown>> = {},
): Promise<readonly Shown[]> =>
  (await by.ask('audit.list', { limit: 500, ...params }))['records'] as Shown[]

const latest = async (by: TestSocket, name: string): Promise<Shown | undefined> =>
  (await recordsOf(by)).find((record) => record.name === name)

const count = async (chain: string): Promise<number> => {
  const query = bindings.DB.prepare('SELECT count(*) AS n FROM audit_records WHERE tenant_id = ?')
  return Number((await query.bind(chain).first<{ n: number }>())?.n)
}

describe('the trail of a tenant', () => {
  it('holds a change with who made it and what it was about, at the moment it is answered', async () => {
    const agent = await admin.ask('agents.create', { agent_key: 'trailed', system_prompt: 'hush' })
    expect(await latest(admin, 'agents.create')).toMatchObject({
      kind: 'change',
      actor: { userId: 'ada', credential: adminKey.id },
      fields: { agent: agent['id'], agent_key: 'trailed' },
    })
    const { hash } = await admin.ask('config.patch', { raw: { tools: { deny: ['edit'] } } })
    expect(await latest(admin, 'config.patch')).toMatchObject({
      fields: { config: String(hash).slice(0, 12), settings: 'tools.deny', changed: '1' },
    })
    expect(JSON.stringify(await recordsOf(admin))).not.toContain('hush')
  })

  it('holds nothing of what changed nothing: reading, refusals, dry runs', async () => {
    const before = (await recordsOf(admin))[0]?.sequence
    await admin.ask('agents.list')
    await admin.ask('config.patch', { raw: { tools: { deny: ['exec'] } }, dryRun: true })
    await admin.refused('agents.create', { agent_key: 'trailed' })
    expect((await recordsOf(admin))[0]?.sequence).toBe(before)
  })

  it('is the changed tenant’s, whoever made the change, and names the operator by kind alone', async () => {
    const made = await latest(admin, 'api_keys.create')
    expect(made).toMatchObject({
      actor: { userId: 'system', credential: 'gateway_token' },
      fields: { key: adminKey.id, scopes: 'operator.admin' },
    })
    expect(JSON.stringify(made)).not.toContain(adminKey.key)
    expect(await latest(stranger, 'api_keys.create')).toBeUndefined()
  })

  it('holds security events, in one chain with the changes', async () => {
    const key = await createKey(platform, tenantId, { scopes: ['operator.write'], owner: 'eve' })
    const eve = await connected({ token: key.key })
    await eve.ask('chat.send', {
      sessionKey: 'agent:default:ws:direct:trail',
      message: 'run: rm -rf /',
    })
    await expect
      .poll(async () => (await latest(admin, 'security.exec_denied'))?.actor.userId, {
        timeout: 10_000,
      })
      .toBe('eve')
    const events = await recordsOf(admin, { kind: 'event' })
    expect(events.length).toBeGreaterThan(0)
    expect(new Set(events.map(({ kind }) => kind))).toEqual(new Set(['event']))
    expect(JSON.stringify(events)).not.toContain('rm -rf')
    const all = await recordsOf(admin, { after: 0 })
    expect(all.map(({ sequence }) => sequence)).toEqual(all.map((_, index) => index + 1))
  })

  it('keeps concurrent changes in one order, each once', async () => {
    const labels = Array.from({ length: 12 }, (_, index) => `same-time-${index}`)
    await Promise.all(
      labels.map((name) => owner.ask('providers.create', { name, provider_type: 'demo' })),
    )
    const made = (await recordsOf(admin)).filter(({ name }) => name === 'providers.create')
    expect(made.length).toBe(labels.length)
    expect(await admin.ask('audit.verify')).toMatchObject({ ok: true, firstBroken: null })
  })

  it('is shown page by page, exported with its MACs, and to no other tenant', async () => {
    const first = await admin.ask('audit.export', { limit: 3 })
    const lines = String(first['ndjson'])
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ sequence }) => sequence)).toEqual([1, 2, 3])
    expect(lines[1].previousMac).toBe(lines[0].mac)
    expect(first['next']).toBe(3)
    const second = await admin.ask('audit.export', { limit: 2, after: first['next'] })
    expect(JSON.parse(String(second['ndjson']).split('\n')[0] ?? '').previousMac).toBe(lines[2].mac)
    for (const operation of ['audit.list', 'audit.export', 'audit.verify']) {
      const refused = await stranger.refused(operation, { tenant_id: tenantId })
      const unknown = await stranger.refused(operation, { tenant_id: 'ten_nobody' })
      expect(refused, operation).toEqual(unknown)
      expect(refused.code).toBe('NOT_FOUND')
    }
    const overHttp = await http('/v1/audit?limit=1', { headers: bearer(adminKey.key) })
    expect((overHttp.json()['records'] as unknown[]).length).toBe(1)
  })
})

describe('the trail of the platform', () => {
  it('holds what is no single tenant’s, and is the operator’s alone', async () => {
    const records = await recordsOf(platform, { platform: true })
    const created = records.filter(({ name }) => name === 'tenants.create')
    expect(created.map(({ fields }) => fields['tenant'])).toEqual(
      expect.arrayContaining([tenantId, otherTenant]),
    )
    expect(await platform.ask('audit.verify', { platform: true })).toMatchObject({ ok: true })
    const refused = await owner.refused('audit.list', { platform: true })
    expect(refused.code).toBe('NOT_FOUND')
    expect((await owner.refused('audit.list', { tenant_id: 'ten_platform' })).code).toBe(
      'NOT_FOUND',
    )
  })
})

describe('verification', () => {
  const update = (column: string, value: string | number, sequence: number) =>
    bindings.DB.prepare(
      `UPDATE audit_records SET ${column} = ? WHERE tenant_id = ? AND sequence = ?`,
    )
      .bind(value, tenantId, sequence)
      .run()
  const rowOf = async (sequence: number): Promise<Record<string, string | number>> => {
    const query = bindings.DB.prepare(
      'SELECT * FROM audit_records WHERE tenant_id = ? AND sequence = ?',
    )
    const row = await query.bind(tenantId, sequence).first<Record<string, string | number>>()
    if (row === null) throw new Error(`no record ${sequence}`)
    return row
  }
  const insert = (chain: string, row: Record<string, string | number | undefined>) =>
    bindings.DB.prepare(
      `INSERT INTO audit_records (tenant_id, sequence, record, previous_mac, mac, created_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
    )
      .bind(
        chain,
        row['sequence'],
        row['record'],
        row['previous_mac'],
        row['mac'],
        row['created_at'],
      )
      .run()

  it('walks the whole chain to the head', async () => {
    const verified = await admin.ask('audit.verify')
    expect(verified).toMatchObject({ ok: true, unverified: 0, checkpoint: 0, firstBroken: null })
    expect(verified['checked']).toBe(verified['head'])
    expect(verified['checked']).toBe(await count(tenantId))
  })

  it('walks a part of it, which is broken by what is in that part', async () => {
    const { record } = await rowOf(2)
    const whole = Number((await admin.ask('audit.verify'))['checked'])
    await update('record', `${record} `, 2)
    const later = await admin.ask('audit.verify', { after: 5 })
    expect(later).toMatchObject({ ok: true, checked: whole - 4 })
    expect(await admin.ask('audit.verify', { after: 2 })).toMatchObject({ ok: false })
    await update('record', record ?? '', 2)
    const { mac } = await rowOf(5)
    await update('mac', '0'.repeat(64), 5)
    expect(await admin.ask('audit.verify', { after: 5 })).toMatchObject({
      ok: false,
      firstBroken: { sequence: 5, fault: 'altered' },
    })
    await update('mac', mac ?? '', 5)
  })

  it('finds a record that was rewritten, and where', async () => {
    const { record } = await rowOf(2)
    await update('record', String(record).replace('"kind":"change"', '"kind":"event"'), 2)
    expect(await admin.ask('audit.verify')).toMatchObject({
      ok: false,
      firstBroken: { sequence: 2, fault: 'altered' },
    })
    const { findings } = await admin.ask('security.audit')
    expect(findings).toContainEqual(
      expect.objectContaining({ checkId: 'audit.chain_broken', severity: 'critical' }),
    )
    await update('record', record ?? '', 2)
    expect(await admin.ask('audit.verify')).toMatchObject({ ok: true })
  })

  it('finds a record that was taken out, at the end as well', async () => {
    const last = Number((await admin.ask('audit.verify'))['head'])
    for (const sequence of [3, last]) {
      const row = await rowOf(sequence)
      await bindings.DB.prepare('DELETE FROM audit_records WHERE tenant_id = ? AND sequence = ?')
        .bind(tenantId, sequence)
        .run()
      expect(await admin.ask('audit.verify')).toMatchObject({
        ok: false,
        firstBroken: { sequence, fault: sequence === last ? 'truncated' : 'gap' },
      })
      await insert(tenantId, row)
      expect(await admin.ask('audit.verify')).toMatchObject({ ok: true })
    }
  })

  it('finds a record behind the head, and one that comes from another tenant', async () => {
    const last = Number((await admin.ask('audit.verify'))['head'])
    const row = await rowOf(last)
    await insert(tenantId, { ...row, sequence: last + 1 })
    expect(await admin.ask('audit.verify')).toMatchObject({
      ok: false,
      firstBroken: { sequence: last + 1, fault: 'beyond_head' },
    })
    await bindings.DB.prepare('DELETE FROM audit_records WHERE tenant_id = ? AND sequence = ?')
      .bind(tenantId, last + 1)
      .run()
    await stranger.ask('audit.list')
    const foreign = await bindings.DB.prepare(
      'SELECT mac FROM audit_records WHERE tenant_id = ? AND sequence = 1',
    )
      .bind(otherTenant)
      .first<{ mac: string }>()
    const own = await rowOf(1)
    await update('mac', foreign?.mac ?? '', 1)
    expect(await admin.ask('audit.verify')).toMatchObject({ ok: false })
    await update('mac', own['mac'] ?? '', 1)
    expect(await admin.ask('audit.verify')).toMatchObject({ ok: true })
  })

  it('finds a cut that left no checkpoint; a head of every day lies outside of the database', async () => {
    await owner.ask('config.patch', { raw: { retention: { audit_days: 90 } } })
    const daily = (at: number) =>
      runInDurableObject(
        bindings.TENANTS.getByName(tenantObjectName(tenantId as TenantId)),
        async (instance, state) => {
          state.storage.sql.exec("UPDATE timers SET at = ? WHERE name = 'auditDaily'", at)
          await (instance as unknown as { alarm(): Promise<void> }).alarm()
        },
      )
    // Nothing is a day old yet: only the head is laid down.
    await daily(1)
    expect(await admin.ask('audit.verify')).toMatchObject({ ok: true, checkpoint: 0 })
    const { objects } = await blobs.list({ prefix: `${tenantId}/audit/` })
    expect(objects.length).toBe(1)
    const old = Number((await admin.ask('audit.verify'))['head'])
    await admin.ask('agents.update', { id: 'trailed', display_name: 'a name' })
    expect(await admin.ask('audit.verify')).toMatchObject({ ok: true, head: old + 1 })
    await bindings.DB.prepare('DELETE FROM audit_records WHERE tenant_id = ? AND sequence <= 2')
      .bind(tenantId)
      .run()
    expect(await admin.ask('audit.verify')).toMatchObject({
      ok: false,
      firstBroken: { sequence: 1, fault: 'gap' },
    })
  })
})
