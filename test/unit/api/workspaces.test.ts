import { beforeEach, describe, expect, it } from 'vitest'
import { toBase64Url, utf8 } from '../../../src/crypto/encoding.ts'
import { upsertSession } from '../../../src/db/sessions.ts'
import type { AgentId, TenantId, UserId } from '../../../src/domain/ids.ts'
import { workspaceObjectName } from '../../../src/domain/object-name.ts'
import { newKey, newTenant, openWorld, useQuietLog } from '../gateway/world.ts'
import { asked, type Caller, call as callAs } from './control.ts'

useQuietLog()

const CHANGED = 1_700_000_000_000

let world: ReturnType<typeof openWorld>
let tenantId: TenantId
let admin: Caller
let viewer: Caller
/** Ids of the agents, by key. */
let ids: Readonly<Record<string, string>>
/** Names of objects, in the order of the directory, each with its paths. */
let held: Map<string, readonly string[]>
/** Names of those that were asked for what they hold. */
let woken: string[]

const nameOf = (agent: string, userId: string): string =>
  workspaceObjectName(tenantId, ids[agent] as AgentId, userId as UserId)

beforeEach(async () => {
  world = openWorld()
  tenantId = await newTenant(world, { anna: 'admin', vera: 'viewer' })
  admin = await newKey(world, tenantId, { scopes: ['operator.admin'], ownerId: 'anna' })
  viewer = await newKey(world, tenantId, { scopes: ['operator.read'], ownerId: 'vera' })
  await asked(world, admin, 'agents.create', { agent_key: 'second' })
  const { agents } = await asked(world, admin, 'agents.list')
  ids = {}
  for (const { id: key } of agents as { id: string }[]) {
    const { id } = await asked(world, admin, 'agents.get', { id: key })
    ids = { ...ids, [key]: String(id) }
  }
  held = new Map()
  woken = []
  Object.assign(world.services, {
    // As if one directory held the names of all tenants: a place of one must not lead to another's.
    tenantEnd: () => ({
      names: async (_: string, after: string | null, limit: number) =>
        [...held.keys()]
          .filter((name) => name > (after ?? ''))
          .toSorted()
          .slice(0, limit),
    }),
    workspaceListing: (tenant: TenantId, agentId: AgentId, userId: UserId) => {
      const name = workspaceObjectName(tenant, agentId, userId)
      const paths = held.get(name) ?? []
      return {
        summary: async () => {
          woken.push(name)
          return { files: paths.length, bytes: paths.length * 3, changedAt: CHANGED }
        },
        list: async ({ prefix, after, limit }: { prefix: string; after: string; limit: number }) =>
          paths
            .filter((path) => path.startsWith(prefix) && path > after)
            .slice(0, limit)
            .map((path) => ({ path, size: 3, mode: 420, isUntrusted: false, changedAt: CHANGED })),
      }
    },
  })
})

interface Listed {
  readonly workspaces: readonly { readonly agentId: string; readonly userId: string }[]
  readonly next: string | null
}
const list = async (caller: Caller, params = {}): Promise<Listed> =>
  (await asked(world, caller, 'workspaces.list', params)) as unknown as Listed
const usersOf = ({ workspaces }: Listed) => workspaces.map(({ userId }) => userId)

describe('workspaces.list', () => {
  beforeEach(() => {
    for (const user of ['anna', 'vera', 'zoë', 'channel:tg:1'])
      held.set(nameOf('default', user), ['a'])
    held.set(nameOf('second', 'vera'), ['a', 'b'])
    held.set(nameOf('second', 'empty'), [])
  })

  it('shows an admin all that hold files', async () => {
    const { workspaces, next } = await list(admin)
    expect(next).toBeNull()
    expect(workspaces).toHaveLength(5)
    expect(workspaces).toContainEqual({
      agentId: 'second',
      userId: 'vera',
      scope: 'member',
      files: 2,
      bytes: 6,
      changedAt: new Date(CHANGED).toISOString(),
    })
    expect(workspaces).toContainEqual(
      expect.objectContaining({ userId: 'channel:tg:1', scope: 'channel' }),
    )
  })

  it('goes page by page, each workspace once', async () => {
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page: Listed = await list(admin, { limit: 2, ...(cursor ? { cursor } : {}) })
      seen.push(...page.workspaces.map(({ agentId, userId }) => `${agentId} ${userId}`))
      cursor = page.next
    } while (cursor !== null)
    expect(new Set(seen).size).toBe(5)
    expect(seen).toHaveLength(5)
  })

  it('keeps to one agent, or one person', async () => {
    expect(usersOf(await list(admin, { agentId: 'second' }))).toEqual(['vera'])
    expect((await list(admin, { user_id: 'vera' })).workspaces).toHaveLength(2)
    const first = await list(admin, { agentId: 'default', limit: 3 })
    const rest = await list(admin, { agentId: 'default', limit: 3, cursor: first.next })
    expect([...usersOf(first), ...usersOf(rest)]).toHaveLength(4)
  })

  it('shows everybody else their own, and asks the directory nothing', async () => {
    Object.assign(world.services, {
      tenantEnd: () => {
        throw new Error('the directory is not for viewers')
      },
    })
    const { workspaces } = await list(viewer)
    expect(workspaces.map(({ agentId, userId }) => [agentId, userId]).toSorted()).toEqual([
      ['default', 'vera'],
      ['second', 'vera'],
    ])
    const first = await list(viewer, { limit: 1 })
    const rest = await list(viewer, { limit: 1, cursor: first.next })
    expect([...first.workspaces, ...rest.workspaces]).toHaveLength(2)
    expect(await callAs(world, viewer, 'workspaces.list', { user_id: 'anna' })).toMatchObject({
      error: { code: 'UNAUTHORIZED' },
    })
  })

  it('wakes few of them at once', async () => {
    // Which agent comes first is chance: on the first page it would be woken, and shown to nobody.
    held.delete(nameOf('second', 'empty'))
    for (let i = 0; i < 30; i++) held.set(nameOf('default', `user-${i}`), ['a'])
    const { workspaces, next } = await list(admin)
    expect(workspaces).toHaveLength(20)
    expect(next).not.toBeNull()
    expect(await callAs(world, viewer, 'workspaces.list', { limit: 21 })).toMatchObject({
      error: { code: 'INVALID_REQUEST' },
    })
  })

  it('shows a key for some agents nothing of the others', async () => {
    const narrow = await newKey(world, tenantId, {
      scopes: ['operator.admin'],
      ownerId: 'anna',
      allowedAgents: [ids['second'] as AgentId],
    })
    const { workspaces } = await list(narrow)
    expect(new Set(workspaces.map(({ agentId }) => agentId))).toEqual(new Set(['second']))
  })

  it('leads nowhere else by a cursor that was made up', async () => {
    const other = await newTenant(world, { eve: 'admin' })
    const eve = await newKey(world, other, { scopes: ['operator.admin'], ownerId: 'eve' })
    const own = workspaceObjectName(other, `agt_${other.slice(4)}` as AgentId, 'eve' as UserId)
    held.set(own, ['a'])
    // Ids are chance; one tenant comes after all of them in any case.
    const last = `ten_${'z'.repeat(30)}` as TenantId
    held.set(workspaceObjectName(last, ids['default'] as AgentId, 'anna' as UserId), ['a'])
    const { next } = await list(admin, { limit: 1 })
    woken = []
    const foreign = ['', '/', `../${tenantId}/`, `/${tenantId}/`, '\0', '\uffff']
    for (const cursor of [next, ...foreign.map((text) => toBase64Url(utf8(text)))]) {
      const page = await list(eve, { cursor })
      for (const userId of usersOf(page)) expect(userId).toBe('eve')
      expect(page.next).toBeNull()
    }
    // Nor is anything woken under a name that is another tenant's.
    expect(new Set(woken)).toEqual(new Set([own]))
    expect(await callAs(world, eve, 'workspaces.list', { cursor: '###' })).toMatchObject({
      error: { code: 'INVALID_REQUEST' },
    })
  })

  it('is empty where there is no agent, and shows an admin what one left behind', async () => {
    const bare = await newTenant(world, { eve: 'admin', vic: 'viewer' })
    const eve = await newKey(world, bare, { scopes: ['operator.admin'], ownerId: 'eve' })
    const vic = await newKey(world, bare, { scopes: ['operator.read'], ownerId: 'vic' })
    const erase = world.sqlite.d1.prepare('DELETE FROM agents WHERE tenant_id = ?')
    await erase.bind(bare).run()
    for (const caller of [eve, vic])
      expect(await list(caller)).toEqual({ workspaces: [], next: null })
    held.set(workspaceObjectName(bare, 'agt_gone' as AgentId, 'vic' as UserId), ['a'])
    expect(await list(eve)).toMatchObject({ workspaces: [{ agentId: 'agt_gone', userId: 'vic' }] })
    expect((await list(vic)).workspaces).toEqual([])
    // One that is named is missing all the same, and whose files they are is asked as ever.
    expect(await callAs(world, eve, 'workspaces.list', { agentId: 'gone' })).toMatchObject({
      error: { code: 'NOT_FOUND' },
    })
    expect(await callAs(world, vic, 'workspaces.list', { user_id: 'eve' })).toMatchObject({
      error: { code: 'UNAUTHORIZED' },
    })
  })
})

describe('workspaces.files', () => {
  const files = (caller: Caller, params = {}) =>
    callAs(world, caller, 'workspaces.files', { agentId: 'default', ...params })

  beforeEach(() => {
    held.set(nameOf('default', 'vera'), ['a', 'docs/1', 'docs/2'])
    held.set(nameOf('default', 'anna'), ['secret-plan'])
  })

  it('shows one’s own, page by page and by prefix', async () => {
    expect(await files(viewer, { limit: 2 })).toMatchObject({
      value: { userId: 'vera', files: [{ path: 'a' }, { path: 'docs/1' }] },
    })
    const first = await asked(world, viewer, 'workspaces.files', { agentId: 'default', limit: 2 })
    expect(await files(viewer, { cursor: first['next'] })).toMatchObject({
      value: { files: [{ path: 'docs/2' }], next: null },
    })
    const answer = await files(viewer, { prefix: 'docs/' })
    expect(answer.ok && (answer.value['files'] as unknown[]).length).toBe(2)
  })

  it('ends a page early where names are long, so that one answer fits into a socket', async () => {
    // As they are written each character is six.
    const paths = Array.from({ length: 400 }, (_, i) => `${'\u0001'.repeat(1_000)}${1_000 + i}`)
    held.set(nameOf('default', 'vera'), paths)
    const seen: string[] = []
    for (let cursor: unknown = null, pages = 0; pages === 0 || cursor !== null; pages++) {
      const asking = { agentId: 'default', limit: 1_000, cursor }
      const page = await asked(world, viewer, 'workspaces.files', asking)
      expect(JSON.stringify(page).length).toBeLessThan(300 * 1024)
      seen.push(...(page['files'] as { path: string }[]).map(({ path }) => path))
      cursor = page['next']
      expect(pages).toBeLessThan(20)
    }
    expect(seen).toEqual(paths)
  })

  it('shows those of others to admins alone', async () => {
    expect(await files(admin, { user_id: 'vera' })).toMatchObject({ ok: true })
    const refused = await files(viewer, { user_id: 'anna' })
    expect(refused).toMatchObject({ error: { code: 'UNAUTHORIZED' } })
    expect(JSON.stringify(refused)).not.toContain('secret-plan')
  })

  it('finds them by the conversation, and tells nobody else that there is one', async () => {
    const sessionKey = 'agent:default:ws:direct:talk'
    await upsertSession(world.db, tenantId, {
      sessionKey,
      agentKey: 'default',
      channel: 'ws',
      userId: 'anna' as UserId,
      model: null,
      provider: null,
      messageCount: 1,
      inputTokens: 0,
      outputTokens: 0,
      updatedAt: CHANGED,
    })
    expect(await files(admin, { session_key: sessionKey })).toMatchObject({
      value: { userId: 'anna', files: [{ path: 'secret-plan' }] },
    })
    const foreign = await files(viewer, { session_key: sessionKey })
    const absent = await files(viewer, { session_key: 'agent:default:ws:direct:none' })
    expect(foreign).toEqual(absent)
    expect(foreign).toMatchObject({ error: { code: 'NOT_FOUND' } })
    // Nor does it show beside an agent that there is not, or another than the conversation's.
    for (const agentId of ['no-such-agent', 'second']) {
      expect(await files(viewer, { agentId, session_key: sessionKey })).toEqual(absent)
    }
    const other = { agentId: 'second', session_key: sessionKey }
    expect(await files(admin, other)).toMatchObject({ error: { code: 'INVALID_REQUEST' } })
    const both = { user_id: 'vera', session_key: sessionKey }
    expect(await files(admin, both)).toMatchObject({ error: { code: 'INVALID_REQUEST' } })
  })

  it('knows no agent of another tenant', async () => {
    const other = await newTenant(world, { eve: 'admin' })
    const eve = await newKey(world, other, { scopes: ['operator.admin'], ownerId: 'eve' })
    expect(await callAs(world, eve, 'workspaces.files', { agentId: 'second' })).toMatchObject({
      error: { code: 'NOT_FOUND' },
    })
  })
})
