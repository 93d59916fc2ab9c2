/**
 * The end of a tenant, in the real runtime: canaries in every table, kind of object and bucket, an
 * export that tells what it may, and an erasure after which no byte of them is anywhere.
 */
import {
  abortAllDurableObjects,
  listDurableObjectIds,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { TENANT_TABLES } from '../../src/db/schema-walk.ts'
import { PLATFORM_CHAIN } from '../../src/domain/audit-record.ts'
import {
  agentIdSchema,
  DEFAULT_TENANT,
  type TenantId,
  tenantIdSchema,
  userIdSchema,
} from '../../src/domain/ids.ts'
import {
  inboxObjectName,
  tenantObjectName,
  workspaceObjectName,
} from '../../src/domain/object-name.ts'
import type { InboxPort } from '../../src/domain/ports/inbox.ts'
import type { LimiterPort } from '../../src/domain/ports/limiter.ts'
import type { PlatformPort } from '../../src/domain/ports/platform.ts'
import type { WorkspacePort } from '../../src/domain/ports/workspace.ts'
import { plantedRows } from '../support/plant-rows.ts'
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

const { BLOBS, WORKSPACES } = env as unknown as {
  BLOBS: R2Bucket
  WORKSPACES: DurableObjectNamespace
}
const NAMESPACES = {
  SESSIONS: bindings.SESSIONS,
  CONNECTIONS: bindings.CONNECTIONS,
  INBOXES: bindings.INBOXES,
  LIMITERS: bindings.LIMITERS,
  TENANTS: bindings.TENANTS,
  WORKSPACES,
}

interface Planted {
  readonly tenantId: TenantId
  readonly slug: string
  readonly canary: string
  readonly secret: string
  readonly key: Key
  readonly socket: TestSocket
  readonly sessionKey: string
}

const query = async (sql: string, ...values: readonly (string | number)[]) =>
  (
    await bindings.DB.prepare(sql)
      .bind(...values)
      .all<Record<string, unknown>>()
  ).results

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

async function file(workspace: WorkspacePort, path: string, bytes: Uint8Array): Promise<void> {
  const staged = await workspace.stage(bytes)
  if (!staged.ok) throw new Error(staged.error.kind)
  const entry = { path, ...staged.value, mode: 0o644, isUntrusted: false }
  const committed = await workspace.commit({
    commitKey: path,
    base: null,
    put: [entry],
    delete: [],
  })
  if (!committed.ok) throw new Error(committed.error.kind)
}

/** By the product's own ways where there are any, and a row made of the schema in every other table. */
async function plant(by: TestSocket, slug: string): Promise<Planted> {
  const canary = `cormorantof${slug}`
  const secret = `kestrelof${slug}`
  const tenantId = tenantIdSchema.parse(await createTenant(by, slug))
  const key = await createKey(by, tenantId, { scopes: ['operator.admin'], owner: `user-${canary}` })
  const socket = await connected({ token: key.key })
  await socket.ask('providers.create', {
    name: `vendor-${canary}`,
    provider_type: 'openai_compat',
    api_base: `https://${slug}.example/v1`,
    api_key: `sk-${secret}`,
  })
  const made = await http('/v1/agents', {
    method: 'POST',
    headers: { ...bearer(key.key), 'idempotency-key': `once-${canary}` },
    body: { agent_key: 'helper', display_name: `agent ${canary}` },
  })
  if (made.status !== 201) throw new Error(made.text)
  // Twice, so that a version of it is kept as well; under a name like that nothing is shown again.
  for (const link of ['x', 'y']) {
    const identityLinks = { [canary]: [link], api_key: [`linked-${secret}`] }
    await socket.ask('config.patch', { raw: { session: { identityLinks } } })
  }
  const sessionKey = 'agent:helper:ws:direct:talk'
  await socket.ask('chat.send', { sessionKey, message: `remember ${canary}` })
  const agentId = agentIdSchema.parse(made.json()['id'])
  const name = workspaceObjectName(tenantId, agentId, userIdSchema.parse(`user-${canary}`))
  const workspace = WORKSPACES.getByName(name) as unknown as WorkspacePort
  await file(workspace, 'small.txt', bytesOf(`small ${canary}`))
  // Beyond what stands inline: it goes to the bucket, and comes in several parts of an export.
  await file(workspace, 'large.bin', bytesOf(`${`${canary} `.repeat(40_000)}end`))
  const channel = await socket.ask('channels.instances.create', {
    name: 'hooks',
    display_name: `hooks of ${canary}`,
    channel_type: 'webhook',
    agent_id: 'helper',
    credentials: { proof: 'secret', secret: `hook-secret-of-${secret}` },
  })
  const inboxName = inboxObjectName(tenantId, String(channel['id']))
  const inbox = bindings.INBOXES.getByName(inboxName) as unknown as InboxPort
  // Nothing to say, so nobody is called: what it was called stays.
  await inbox.say({ key: `said-${canary}`, lane: canary, address: {}, content: '' })
  const except: string[] = []
  for (const { name: table } of TENANT_TABLES) {
    const [row] = await query(`select 1 from "${table}" where tenant_id = ? limit 1`, tenantId)
    if (row) except.push(table)
  }
  for (const { sql, values } of plantedRows({ tenantId, canary, secret, except })) {
    await bindings.DB.prepare(sql)
      .bind(...values)
      .run()
  }
  return { tenantId, slug, canary, secret, key, socket, sessionKey }
}

/** What one object has stored: its tables and its keys. */
const storedIn = (stub: DurableObjectStub): Promise<string> =>
  runInDurableObject(stub, async (_, { storage }) => {
    const tables = storage.sql
      .exec<{ name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
      )
      .toArray()
    const rows = tables.map(({ name }) => [
      name,
      storage.sql.exec(`SELECT * FROM "${name}"`).toArray(),
    ])
    const text = (_key: string, value: unknown): unknown =>
      value instanceof ArrayBuffer ? new TextDecoder().decode(value) : value
    return JSON.stringify([rows, [...(await storage.list())], await storage.getAlarm()], text)
  })

/** Everything that is stored anywhere, object by object: also in those that no directory names. */
async function everywhere(): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  const tables = await query(
    "select name from sqlite_master where type = 'table' and name not like '\\_cf%' escape '\\'",
  )
  for (const { name } of tables)
    found.set(`d1 ${name}`, JSON.stringify(await query(`select * from "${name}"`)))
  const { objects } = await BLOBS.list()
  for (const { key } of objects)
    found.set(`r2 ${key}`, `${key} ${await (await BLOBS.get(key))?.text()}`)
  for (const [kind, namespace] of Object.entries(NAMESPACES)) {
    for (const id of await listDurableObjectIds(namespace)) {
      found.set(`${kind} ${id.toString()}`, await storedIn(namespace.get(id)))
    }
  }
  return found
}

const placesOf = async (...texts: readonly string[]): Promise<readonly string[]> =>
  [...(await everywhere())]
    .filter(([, text]) => texts.some((one) => text.includes(one)))
    .map(([place]) => place)

/** But for the desk that erased it, and the platform's trail, which tells of the deletion. */
async function placesBesidePlatform(tenantId: TenantId): Promise<readonly string[]> {
  const chain = bindings.TENANTS.getByName(tenantObjectName(PLATFORM_CHAIN))
  const ours = [desk(), chain].map(({ id }) => `TENANTS ${id.toString()}`)
  const told = await query(
    'select distinct tenant_id from audit_records where instr(record, ?) > 0',
    tenantId,
  )
  const isTold = told.every((row) => row['tenant_id'] === PLATFORM_CHAIN)
  if (isTold) ours.push('d1 audit_records')
  return (await placesOf(tenantId)).filter((place) => !ours.includes(place))
}

/** Of one tenant, in the database, the bucket and its workspaces. */
async function restOf(tenantId: TenantId): Promise<string> {
  const directory = bindings.TENANTS.getByName(tenantObjectName(tenantId))
  const names = await runInDurableObject(directory, (_, { storage }) =>
    storage.sql.exec<{ name: string }>("SELECT name FROM names WHERE kind = 'workspace'").toArray(),
  )
  const workspaces = await Promise.all(
    names.map(({ name }) => storedIn(WORKSPACES.getByName(name))),
  )
  const rows = []
  for (const { name } of TENANT_TABLES)
    rows.push(await query(`select * from "${name}" where tenant_id = ?`, tenantId))
  const { objects } = await BLOBS.list({ prefix: `${tenantId}/` })
  const blobs = await Promise.all(
    objects.map(async ({ key }) => [key, await (await BLOBS.get(key))?.text()]),
  )
  return JSON.stringify([
    workspaces,
    rows,
    await query('select * from tenants where id = ?', tenantId),
    blobs,
  ])
}

/** What is written behind an answer is written: the neighbour's rows change no more by themselves. */
async function settled({ tenantId, sessionKey }: Planted): Promise<void> {
  const stub = bindings.TENANTS.getByName(tenantObjectName(tenantId))
  const isSettled = async (): Promise<boolean> => {
    const [row] = await query(
      'select message_count as n from session_index where tenant_id = ? and session_key = ?',
      tenantId,
      sessionKey,
    )
    await runDurableObjectAlarm(stub)
    const waiting = await runInDurableObject(
      stub,
      (_, { storage }) => storage.sql.exec('SELECT 1 FROM security_events').toArray().length,
    )
    return Number(row?.['n']) >= 2 && waiting === 0
  }
  for (let i = 0; !(await isSettled()); i++) if (i > 500) throw new Error('it never settles')
}

type Record_ = Readonly<Record<string, unknown>>

/** Over HTTP, as whoever writes the pages to a file would. */
async function exported(tenantId: string): Promise<readonly Record_[]> {
  const records: Record_[] = []
  for (let place = ''; ; ) {
    const page = await http(`/v1/tenants/${tenantId}/export${place}`, { headers: bearer(TOKEN) })
    if (page.status === 429) {
      // More pages than a credential may ask for at once: told how long, it waits so long.
      const seconds = Number(page.headers.get('retry-after'))
      await new Promise((resolve) => setTimeout(resolve, 1_000 * seconds))
      continue
    }
    expect([page.status, page.text.length < 1_000_000]).toEqual([200, true])
    records.push(...(page.json()['records'] as Record_[]))
    const { next } = page.json()
    if (next === null) return records
    place = `?cursor=${next}`
  }
}

const desk = () => bindings.TENANTS.getByName(tenantObjectName(DEFAULT_TENANT))

async function ended(by: TestSocket, tenantId: string): Promise<Record_> {
  for (let i = 0; i < 500; i++) {
    await runDurableObjectAlarm(desk())
    // Not by the operation each time: its bucket is smaller than an erasure's number of turns.
    const stored = await runInDurableObject(desk(), (object) =>
      (object as unknown as PlatformPort).deletion(tenantId as TenantId),
    )
    if (stored?.phase === 'ended') return by.ask('tenants.deletion', { tenant_id: tenantId })
  }
  throw new Error('the deletion never ends')
}

let by: TestSocket
let north: Planted
let south: Planted
beforeAll(async () => {
  await migrate()
  by = await operator()
  north = await plant(by, 'north')
  south = await plant(by, 'south')
  await settled(south)
}, 120_000)

it('has canaries in every table, every kind of object and the bucket', async () => {
  const places = await placesOf(north.canary)
  for (const { name } of TENANT_TABLES) {
    const rows = await query(
      `select count(*) as n from "${name}" where tenant_id = ?`,
      north.tenantId,
    )
    expect([name, Number(rows[0]?.['n']) > 0]).toEqual([name, true])
  }
  for (const kind of [
    'd1 agents',
    'd1 memberships',
    'r2',
    'SESSIONS',
    'WORKSPACES',
    'LIMITERS',
    'INBOXES',
  ]) {
    expect([kind, places.some((place) => place.startsWith(kind))]).toEqual([kind, true])
  }
  expect(await placesOf(north.secret)).toContain('d1 pairings')
})

describe('an export', () => {
  it('tells rows, conversations and files, and no secret', async () => {
    const records = await exported(north.tenantId)
    const text = JSON.stringify(records)
    expect(text).not.toContain(north.secret)
    expect(text).not.toContain('aes-gcm:')
    expect(text).not.toContain(south.canary)
    const tables = new Set(records.flatMap(({ kind, table }) => (kind === 'row' ? [table] : [])))
    expect([...tables].toSorted()).toEqual(TENANT_TABLES.map(({ name }) => name))
    const sessions = records.filter(({ kind }) => kind === 'session')
    expect(JSON.stringify(sessions)).toContain(`remember ${north.canary}`)
    const parts = records.filter(({ kind, path }) => kind === 'file' && path === 'large.bin')
    expect(parts.length).toBeGreaterThan(1)
    const whole = parts.map((part) => atob(String(part['content_base64']))).join('')
    expect(whole).toBe(`${`${north.canary} `.repeat(40_000)}end`)
    const [small] = records.filter(({ path }) => path === 'small.txt')
    expect(atob(String(small?.['content_base64']))).toBe(`small ${north.canary}`)
    // That it began, and that it reached its end; not each of the pages between.
    const trail = await by.ask('audit.list', { tenant_id: north.tenantId, limit: 500 })
    const told = (trail['records'] as Record_[]).filter(({ name }) => name === 'tenants.export')
    expect(told.map(({ fields }) => fields)).toEqual([{ pages: 'last' }, { pages: 'first' }])
  })

  it('refuses a cursor that no page gave, and names of another tenant lead nowhere', async () => {
    const garbled = await by.request('tenants.export', { tenant_id: north.tenantId, cursor: '%%%' })
    expect(garbled.error?.code).toBe('INVALID_REQUEST')
    const name = `${south.tenantId}/agent%3Ahelper%3Aws%3Adirect%3Atalk`
    const forged = btoa(JSON.stringify({ at: 'sessions', name, before: 9_999 }))
      .replaceAll('=', '')
      .replaceAll('+', '-')
      .replaceAll('/', '_')
    const page = await by.request('tenants.export', { tenant_id: north.tenantId, cursor: forged })
    expect(JSON.stringify(page)).not.toContain(south.canary)
  })
})

describe('a deletion', () => {
  it('is refused without the slug, without an export, and of the platform’s own tenant', async () => {
    const ask = async (params: Record_) => (await by.request('tenants.delete', params)).error?.code
    expect(await ask({ tenant_id: south.tenantId, confirm: 'north' })).toBe('INVALID_REQUEST')
    expect(await ask({ tenant_id: south.tenantId, confirm: 'south' })).toBe('FAILED_PRECONDITION')
    expect(await ask({ tenant_id: DEFAULT_TENANT, confirm: 'default', without_export: true })).toBe(
      'FAILED_PRECONDITION',
    )
    expect(
      (await query('select status from tenants where id = ?', south.tenantId))[0]?.['status'],
    ).toBe('active')
  })

  it('is not allowed by an export whose last page alone was asked for', async () => {
    const last = btoa(JSON.stringify({ at: 'files', name: '~', path: null, offset: 0 })).replaceAll(
      '=',
      '',
    )
    const page = await by.ask('tenants.export', { tenant_id: south.tenantId, cursor: last })
    expect(page['next']).toBeNull()
    const refused = await by.request('tenants.delete', {
      tenant_id: south.tenantId,
      confirm: 'south',
    })
    expect(refused.error?.code).toBe('FAILED_PRECONDITION')
  })

  it('closes the tenant at once, erases every byte of it, and leaves the neighbour as it was', {
    timeout: 120_000,
  }, async () => {
    // What its object has counted and appended is copied now, not in the middle.
    await south.socket.ask('usage.get', { group_by: 'day' })
    await south.socket.ask('audit.list')
    const neighbour = await restOf(south.tenantId)
    for (const held of [`small ${south.canary}`, south.secret, 'end'])
      expect(neighbour).toContain(held)
    const owner = await connected({ token: TOKEN, tenant_id: north.tenantId, user_id: 'system' })
    const begun = await by.ask('tenants.delete', { tenant_id: north.tenantId, confirm: 'north' })
    expect(begun['tenant_id']).toBe(north.tenantId)
    expect((await http('/v1/agents', { headers: bearer(north.key.key) })).status).toBe(401)
    const asOperator = await http('/v1/agents', {
      headers: { ...bearer(TOKEN), 'x-edgeclaw-tenant-id': north.tenantId },
    })
    expect(asOperator.status).toBe(404)
    expect((await north.socket.closed).code).toBe(1008)
    expect((await owner.closed).code).toBe(1008)
    const reopened = await by.request('tenants.update', { id: north.tenantId, status: 'active' })
    expect(reopened.error?.code).toBe('NOT_FOUND')
    const deletion = await ended(by, north.tenantId)
    expect(Number(deletion['objects'])).toBeGreaterThanOrEqual(3)
    expect(deletion['blobs']).toBe(1)
    expect(await placesOf(north.canary, north.secret)).toEqual([])
    // Its id stands in the platform's own record of the deletion, and nowhere else.
    expect(await placesBesidePlatform(north.tenantId)).toEqual([])
    expect(await restOf(south.tenantId)).toBe(neighbour)
  })

  it('leaves its credentials unknown and its slug free', async () => {
    const answer = await http('/v1/agents', { headers: bearer(north.key.key) })
    const never = await http('/v1/agents', {
      headers: bearer(`ec_${'a'.repeat(20)}_${'x'.repeat(43)}`),
    })
    expect([answer.status, answer.text]).toEqual([401, never.text])
    expect((await by.request('tenants.get', { id: north.tenantId })).error?.code).toBe('NOT_FOUND')
    expect(await createTenant(by, 'north')).not.toBe(north.tenantId)
  })

  it('lets nothing begin anew in its objects: a name of it is entered nowhere', async () => {
    const name = workspaceObjectName(
      north.tenantId,
      agentIdSchema.parse('agt_late'),
      userIdSchema.parse('late'),
    )
    const refusedIn = (stub: DurableObjectStub, work: (object: object) => Promise<unknown>) =>
      runInDurableObject(stub, (object) =>
        work(object).then(
          () => 'written',
          (error: Error) => error.message,
        ),
      )
    const staged = await refusedIn(WORKSPACES.getByName(name), (object) =>
      (object as WorkspacePort).stage(bytesOf('late')),
    )
    expect(staged).toBe('the tenant of this workspace is gone')
    const taken = await refusedIn(bindings.LIMITERS.getByName(`${north.tenantId}/late`), (object) =>
      (object as LimiterPort).take([{ bucket: 'runs', ratePerMinute: 1, burst: 1 }]),
    )
    expect(taken).toBe('the tenant of this limiter is gone')
    expect(await placesBesidePlatform(north.tenantId)).toEqual([])
  })

  it('goes on where it was when the object that does it is lost in the middle', {
    timeout: 120_000,
  }, async () => {
    const west = await plant(by, 'west')
    await exported(west.tenantId)
    // Rows that nothing can read any more shall not keep a tenant from its end.
    await query("update agents set settings = 'no json' where tenant_id = ?", west.tenantId)
    await by.ask('tenants.delete', { tenant_id: west.tenantId, confirm: 'west' })
    for (let i = 0; i < 3; i++) {
      await abortAllDurableObjects()
      await runDurableObjectAlarm(desk())
    }
    await abortAllDurableObjects()
    await ended(await operator(), west.tenantId)
    expect(await placesOf(west.canary, west.secret)).toEqual([])
  })
})
