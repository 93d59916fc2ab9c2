import { describe, expect, it } from 'vitest'
import { setMembership } from '../../../src/db/memberships.ts'
import type { TenantId } from '../../../src/domain/ids.ts'
import type { Role, Scope } from '../../../src/domain/principal.ts'
import {
  bearer,
  NOW,
  newKey,
  newTenant,
  openWorld,
  TOKEN,
  user,
  type World,
} from '../gateway/world.ts'
import { type Answer, asked, type Caller, call } from './control.ts'

const DAY = 24 * 3_600_000

async function open() {
  const world = openWorld()
  const tenant = await newTenant(world, { ada: 'admin', vera: 'viewer' })
  const { credential, id } = await newKey(world, tenant, {
    ownerId: 'ada',
    scopes: ['operator.admin'],
  })
  const admin: Caller = { credential }
  const owner: Caller = { credential: bearer(TOKEN), claims: { tenant, userId: 'olga' } }
  const platform: Caller = { credential: bearer(TOKEN), claims: { tenant } }
  return { world, tenant, admin, adminKeyId: id, owner, platform }
}

const code = (answer: Answer): string => (answer.ok ? 'ok' : answer.error.code)
const shown = async (world: World, caller: Caller, id: unknown) => {
  const { keys } = await asked(world, caller, 'api_keys.list')
  return (keys as { id: string; rotated_to: string | null; expires_at: string | null }[]).find(
    (key) => key.id === id,
  )
}
const works = async (world: World, key: unknown): Promise<boolean> =>
  call(world, { credential: bearer(String(key)) }, 'health').then(
    ({ ok }) => ok,
    () => false,
  )

describe('api_keys.revoke', () => {
  it('ends the key, which is listed as revoked from then on', async () => {
    const { world, admin } = await open()
    const wanted = { name: 'ci', scopes: ['operator.read'] }
    const { id, key } = await asked(world, admin, 'api_keys.create', wanted)
    expect(await shown(world, admin, id)).toMatchObject({ revoked: false })
    expect(await works(world, key)).toBe(true)
    await asked(world, admin, 'api_keys.revoke', { id })
    expect(await shown(world, admin, id)).toMatchObject({ revoked: true })
    expect(await works(world, key)).toBe(false)
  })
})

describe('api_keys.create', () => {
  const wanted = { name: 'ci', scopes: ['operator.read'] }

  it('keeps the networks, and the agents by their ids', async () => {
    const { world, tenant, admin } = await open()
    const lists = { allowed_networks: ['203.0.113.0/24'], allowed_agents: ['default'] }
    const { id, key } = await asked(world, admin, 'api_keys.create', { ...wanted, ...lists })
    expect(await shown(world, admin, id)).toMatchObject({
      allowed_networks: ['203.0.113.0/24'],
      allowed_agents: [`agt_${tenant.slice(4)}`],
      rotated_to: null,
    })
    expect(JSON.stringify(await shown(world, admin, id))).not.toContain(String(key))
    expect(await works(world, key)).toBe(true)
  })

  it('rejects networks that tell nobody apart, agents that are not there, and empty lists', async () => {
    const { world, admin } = await open()
    const create = async (lists: object) =>
      code(await call(world, admin, 'api_keys.create', { ...wanted, ...lists }))
    expect(await create({ allowed_networks: ['somewhere'] })).toBe('INVALID_REQUEST')
    expect(await create({ allowed_networks: ['2001:db8::1'] })).toBe('INVALID_REQUEST')
    expect(await create({ allowed_networks: [] })).toBe('INVALID_REQUEST')
    expect(await create({ allowed_networks: Array(33).fill('10.0.0.0/8') })).toBe('INVALID_REQUEST')
    expect(await create({ allowed_agents: ['nobody'] })).toBe('NOT_FOUND')
    expect(await create({ allowed_agents: [] })).toBe('INVALID_REQUEST')
    expect(await create({})).toBe('ok')
  })

  it('gives the platform’s operator agents of the tenant that is named, not of its own', async () => {
    const { world, platform } = await open()
    const other = await newTenant(world)
    const own = `agt_${other.slice(4)}`
    const create = (agent: string) =>
      call(world, platform, 'api_keys.create', {
        ...wanted,
        tenant_id: other,
        allowed_agents: [agent],
      })
    expect(code(await create(own))).toBe('ok')
    expect(code(await create(String(platform.claims?.tenant).replace('ten_', 'agt_')))).toBe(
      'NOT_FOUND',
    )
  })

  it('makes no key that acts as somebody above its maker', async () => {
    const { world, admin, owner, platform } = await open()
    const create = async (caller: Caller, ownerId: string) =>
      code(await call(world, caller, 'api_keys.create', { ...wanted, owner_id: ownerId }))
    expect(await create(admin, 'olga')).toBe('UNAUTHORIZED')
    expect(await create(admin, 'vera')).toBe('ok')
    expect(await create(admin, 'ada')).toBe('ok')
    expect(await create(admin, 'nobody-yet')).toBe('ok')
    expect(await create(owner, 'olga')).toBe('ok')
    expect(await create(platform, 'olga')).toBe('ok')
  })

  it('is not for keys that have lists themselves', async () => {
    const { world, tenant, admin, adminKeyId } = await open()
    const scopes: readonly Scope[] = ['operator.admin']
    const bound = { ownerId: 'ada', scopes, allowedNetworks: ['203.0.113.7'] }
    const { credential } = await newKey(world, tenant, bound)
    for (const [name, params] of [
      ['api_keys.create', wanted],
      ['api_keys.rotate', { id: adminKeyId }],
    ] as const) {
      expect(code(await call(world, { credential }, name, params)), name).toBe('UNAUTHORIZED')
      expect(code(await call(world, admin, name, params)), name).toBe('ok')
    }
  })
})

describe('api_keys.list', () => {
  it('comes in pages, each from where the one before ended', async () => {
    const { world, admin } = await open()
    for (let i = 0; i < 4; i++) {
      await asked(world, admin, 'api_keys.create', { name: `${i}`, scopes: ['operator.read'] })
    }
    const ids = async (params: object) => {
      const { keys } = await asked(world, admin, 'api_keys.list', { ...params })
      return (keys as { id: string }[]).map(({ id }) => id)
    }
    const all = await ids({})
    expect(all).toHaveLength(5)
    const first = await ids({ limit: 3 })
    expect([...first, ...(await ids({ limit: 3, after: first.at(-1) }))]).toEqual(all)
    expect(await ids({ after: 'key_of_nobody' })).toEqual([])
  })
})

describe('api_keys.rotate', () => {
  it('makes a successor of the same rights, and lets both work for the overlap', async () => {
    const { world, admin } = await open()
    const lists = { allowed_networks: ['203.0.113.0/24'], allowed_agents: ['default'] }
    const wanted = { name: 'ci', scopes: ['operator.write'], owner_id: 'vera', ...lists }
    const old = await asked(world, admin, 'api_keys.create', wanted)
    const next = await asked(world, admin, 'api_keys.rotate', {
      id: old['id'],
      overlap_seconds: 60,
    })
    const ends = new Date(NOW + 60_000).toISOString()
    expect(next).toMatchObject({
      name: 'ci',
      scopes: ['operator.write'],
      expires_at: null,
      replaces: { id: old['id'], expires_at: ends },
    })
    expect(next['key']).not.toBe(old['key'])
    const {
      id: _,
      prefix: __,
      created_at: ___,
      last_used_at: ____,
      ...rights
    } = Object(await shown(world, admin, old['id']))
    expect(await shown(world, admin, next['id'])).toMatchObject({
      ...rights,
      rotated_to: null,
      expires_at: null,
    })
    expect(await shown(world, admin, old['id'])).toMatchObject({
      rotated_to: next['id'],
      expires_at: ends,
    })
    expect([await works(world, old['key']), await works(world, next['key'])]).toEqual([true, true])
    world.clock = NOW + 60_000
    expect([await works(world, old['key']), await works(world, next['key'])]).toEqual([false, true])
  })

  it('never lets the old one live longer, and the new one as long as the old was made to', async () => {
    const { world, owner } = await open()
    const wanted = { name: 'brief', scopes: ['operator.read'], expires_in: 3_600 }
    const old = await asked(world, owner, 'api_keys.create', wanted)
    world.clock = NOW + 60_000
    const next = await asked(world, owner, 'api_keys.rotate', { id: old['id'] })
    expect(next['replaces']).toMatchObject({ expires_at: old['expires_at'] })
    expect(next['expires_at']).toBe(new Date(NOW + 60_000 + 3_600_000).toISOString())
  })

  it('overlaps by a day unless told otherwise, and by thirty at most', async () => {
    const { world, admin, adminKeyId: id } = await open()
    const rotate = (overlap_seconds?: number) =>
      call(world, admin, 'api_keys.rotate', { id, overlap_seconds })
    expect(code(await rotate(30 * 86_400 + 1))).toBe('INVALID_REQUEST')
    expect(code(await rotate(-1))).toBe('INVALID_REQUEST')
    expect(await rotate()).toMatchObject({
      value: { replaces: { expires_at: new Date(NOW + DAY).toISOString() } },
    })
  })

  it('happens once to a key, and to none that has ended', async () => {
    const { world, admin } = await open()
    const create = async (fields: object = {}) =>
      (
        await asked(world, admin, 'api_keys.create', {
          name: 'x',
          scopes: ['operator.read'],
          ...fields,
        })
      )['id']
    const rotate = (id: unknown) => call(world, admin, 'api_keys.rotate', { id })
    const [twice, revoked, over] = [await create(), await create(), await create({ expires_in: 1 })]
    const answers = await Promise.all([rotate(twice), rotate(twice), rotate(twice)])
    expect(answers.map(code).toSorted()).toEqual([
      'FAILED_PRECONDITION',
      'FAILED_PRECONDITION',
      'ok',
    ])
    await asked(world, admin, 'api_keys.revoke', { id: revoked })
    expect(code(await rotate(revoked))).toBe('FAILED_PRECONDITION')
    world.clock = NOW + 1_000
    expect(code(await rotate(over))).toBe('FAILED_PRECONDITION')
    expect(code(await rotate('key_of_nobody'))).toBe('NOT_FOUND')
    const { keys } = await asked(world, admin, 'api_keys.list')
    // The admin's own, three that were made, and one successor.
    expect(keys).toHaveLength(5)
  })

  it('is not for keys of people above the caller, nor of another tenant', async () => {
    const { world, tenant, admin, owner } = await open()
    const keyOf = async (ownerId: string, of: TenantId = tenant) =>
      (await newKey(world, of, { ownerId })).id
    const rotate = async (caller: Caller, id: string) =>
      code(await call(world, caller, 'api_keys.rotate', { id }))
    expect(await rotate(admin, await keyOf('olga'))).toBe('UNAUTHORIZED')
    expect(await rotate(owner, await keyOf('olga'))).toBe('ok')
    expect(await rotate(admin, await keyOf('vera'))).toBe('ok')
    const other = await newTenant(world)
    const foreign = await call(world, owner, 'api_keys.rotate', { id: await keyOf('olga', other) })
    const unknown = await call(world, owner, 'api_keys.rotate', { id: 'key_of_nobody' })
    expect(JSON.stringify(foreign)).toBe(JSON.stringify(unknown))
  })
})

describe('a revocation', () => {
  it('is not for keys of people above the caller: an admin could keep an owner out', async () => {
    const { world, tenant, admin, owner, platform } = await open()
    const keyOf = async (ownerId: string) => (await newKey(world, tenant, { ownerId })).id
    const revoke = async (caller: Caller, id: string) =>
      code(await call(world, caller, 'api_keys.revoke', { id, tenant_id: tenant }))
    const ofOwner = await keyOf('olga')
    expect(await revoke(admin, ofOwner)).toBe('UNAUTHORIZED')
    expect(await revoke(admin, await keyOf('vera'))).toBe('ok')
    expect(await revoke(admin, await keyOf('nobody-yet'))).toBe('ok')
    expect(await revoke(owner, ofOwner)).toBe('ok')
    expect(await revoke(platform, await keyOf('olga'))).toBe('ok')
    expect(await revoke(owner, 'key_of_nobody')).toBe('NOT_FOUND')
  })
})

describe('a key with a list of agents', () => {
  it('is told of these alone, and administers nothing', async () => {
    const { world, tenant, owner } = await open()
    for (const agent_key of ['mine', 'other']) {
      await asked(world, owner, 'agents.create', { agent_key })
    }
    await setMembership(
      world.db,
      tenant,
      { userId: user('ada'), role: 'admin' satisfies Role },
      NOW,
    )
    const made = await asked(world, owner, 'api_keys.create', {
      name: 'listed',
      scopes: ['operator.admin'],
      owner_id: 'ada',
      allowed_agents: ['mine'],
    })
    const listed: Caller = { credential: bearer(String(made['key'])) }
    const { agents } = await asked(world, listed, 'agents.list')
    expect((agents as { id: string }[]).map(({ id }) => id)).toEqual(['mine'])
    expect(code(await call(world, listed, 'agents.get', { id: 'mine' }))).toBe('ok')
    const hidden = await call(world, listed, 'agents.get', { id: 'other' })
    expect(hidden).toEqual(await call(world, listed, 'agents.get', { id: 'nobody' }))
    expect(code(hidden)).toBe('NOT_FOUND')
    const judge = (agentId: string) =>
      call(world, listed, 'tools.invoke', { tool: 'list_files', agentId, dryRun: true })
    expect(code(await judge('mine'))).toBe('ok')
    expect(await judge('other')).toEqual(await judge('nobody'))
    const hiddenSession = { sessionKey: 'agent:other:ws:direct:1' }
    expect(code(await call(world, listed, 'chat.history', hiddenSession))).toBe('NOT_FOUND')
    expect(await call(world, listed, 'chat.abort', hiddenSession)).toMatchObject({
      error: { code: 'NOT_FOUND' },
    })
    for (const [name, params] of [
      ['config.patch', { raw: {} }],
      ['agents.create', { agent_key: 'third' }],
      ['agents.update', { id: 'mine', name: 'x' }],
      ['api_keys.list', {}],
      ['security.events.list', {}],
    ] as const) {
      expect(code(await call(world, listed, name, params)), name).toBe('UNAUTHORIZED')
    }
  })
})

describe('a key that a key made', () => {
  const make = (world: World, by: Caller, more: object = {}) =>
    asked(world, by, 'api_keys.create', { name: 'x', scopes: ['operator.admin'], ...more })

  it('lives no longer than that one, whatever is asked', async () => {
    const { world, tenant, owner } = await open()
    const expiresAt = world.clock + DAY
    const { credential, id } = await newKey(world, tenant, {
      ownerId: 'ada',
      scopes: ['operator.admin'],
      expiresAt,
    })
    const by = { credential }
    const ends = new Date(expiresAt).toISOString()
    const forever = await make(world, by)
    expect(forever['expires_at']).toBe(ends)
    expect((await make(world, by, { expires_in: 7 * 24 * 3_600 }))['expires_at']).toBe(ends)
    const short = new Date(world.clock + 60_000).toISOString()
    expect((await make(world, by, { expires_in: 60 }))['expires_at']).toBe(short)
    expect(await shown(world, by, forever['id'])).toMatchObject({ created_by_key: id })
    // A person gives a key the life that they want.
    expect((await make(world, owner))['expires_at']).toBeNull()
    expect(await works(world, forever['key'])).toBe(true)
    world.clock = expiresAt
    expect(await works(world, forever['key'])).toBe(false)
  })

  it('ends with it, and so does all that it made; what a person made stays', async () => {
    const { world, admin, adminKeyId, owner } = await open()
    const child = await make(world, admin)
    const grandchild = await make(world, { credential: bearer(String(child['key'])) })
    const rotated = await asked(world, admin, 'api_keys.rotate', { id: child['id'] })
    const apart = await make(world, owner)
    for (const key of [child, grandchild, rotated, apart]) {
      expect(await works(world, key['key'])).toBe(true)
    }
    await asked(world, owner, 'api_keys.revoke', { id: adminKeyId })
    for (const key of [child, grandchild, rotated]) {
      expect(await works(world, key['key'])).toBe(false)
    }
    expect(await works(world, apart['key'])).toBe(true)
  })

  it('is no way to a longer life by rotating: that takes a person', async () => {
    const { world, tenant, owner } = await open()
    const expiresAt = world.clock + DAY
    const { credential, id } = await newKey(world, tenant, {
      ownerId: 'ada',
      scopes: ['operator.admin'],
      expiresAt,
    })
    const forever = await make(world, owner, { owner_id: 'ada' })
    world.clock += DAY / 2
    const ends = new Date(expiresAt).toISOString()
    const other = await asked(world, { credential }, 'api_keys.rotate', { id: forever['id'] })
    expect(other['expires_at']).toBe(ends)
    const own = await asked(world, { credential }, 'api_keys.rotate', { id })
    expect(own['expires_at']).toBe(ends)
    const byPerson = await asked(world, owner, 'api_keys.rotate', { id: own['id'] })
    expect(Date.parse(String(byPerson['expires_at']))).toBe(world.clock + DAY / 2)
  })
})
