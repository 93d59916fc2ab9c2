import { describe, expect, it } from 'vitest'
import { actsAsAdmin, checkMayChange } from '../../../src/api/config-rights.ts'
import { findOperation } from '../../../src/api/registry.ts'
import { useQuietLog } from '../gateway/world.ts'
import { openConfigWorld } from './config-world.ts'

useQuietLog()

const UNAUTHORIZED = { ok: false, error: { code: 'UNAUTHORIZED' } }
const RPM = { raw: { gateway: { rate_limit_rpm: 7 } } }

/** An admin, and somebody whose key is but an operator's. */
async function open() {
  const opened = await openConfigWorld()
  const admin = (await opened.as('olga', 'operator.admin')).call
  const operator = (await opened.as('otto', 'operator.write')).call
  const grant = async (fields: object) => {
    const granted = await admin('config.permissions.grant', {
      configType: 'gateway',
      userId: 'otto',
      permission: 'allow',
      ...fields,
    })
    if (!granted.ok) throw new Error(JSON.stringify(granted.error))
    return granted.value as { id: string }
  }
  const newAgent = async (agent_key: string) => {
    await admin('agents.create', { agent_key })
    return agent_key
  }
  return { ...opened, admin, operator, grant, newAgent }
}

describe('config.patch by somebody who is no admin', () => {
  it('is refused without a permission, a patch of nothing as well, and in a dry run', async () => {
    const { operator, current, brackets } = await open()
    for (const raw of [RPM.raw, {}, { nonsense: 1 }, { gateway: null }]) {
      expect(await operator('config.patch', { raw })).toMatchObject(UNAUTHORIZED)
      expect(await operator('config.patch', { raw, dryRun: true })).toMatchObject(UNAUTHORIZED)
    }
    expect((await current()).gateway.rate_limit_rpm).toBe(20)
    expect(brackets).toEqual([])
  })

  it('works for exactly the sections that are permitted', async () => {
    const { operator, grant, current } = await open()
    await grant({})
    expect(await operator('config.patch', RPM)).toMatchObject({ ok: true })
    expect((await current()).gateway.rate_limit_rpm).toBe(7)
    for (const raw of [
      { tools: { deny: ['exec'] } },
      { ...RPM.raw, tools: { deny: ['exec'] } },
      { gateway: { rate_limit_rpm: 9 }, agents: null },
      { agent_settings: {} },
      '{"__proto__":{"tools":{}}}',
    ]) {
      expect(await operator('config.patch', { raw })).toMatchObject(UNAUTHORIZED)
    }
    expect((await current()).gateway.rate_limit_rpm).toBe(7)
  })

  it('ends with the permission, and with a denial by name over one of everybody', async () => {
    const { operator, grant, admin } = await open()
    const { id } = await grant({})
    expect(await operator('config.patch', RPM)).toMatchObject({ ok: true })
    await admin('config.permissions.revoke', { id })
    expect(await operator('config.patch', RPM)).toMatchObject(UNAUTHORIZED)
    await grant({ userId: '*' })
    expect(await operator('config.patch', RPM)).toMatchObject({ ok: true })
    await grant({ permission: 'deny' })
    expect(await operator('config.patch', RPM)).toMatchObject(UNAUTHORIZED)
    expect(await admin('config.patch', RPM)).toMatchObject({ ok: true })
  })

  it('is not opened by a permission that holds in a group alone', async () => {
    const { operator, grant } = await open()
    await grant({ scope: 'group:telegram:-100' })
    await grant({ userId: 'group:telegram:-100' })
    expect(await operator('config.patch', RPM)).toMatchObject(UNAUTHORIZED)
  })

  it('never reaches what says what other people may do', async () => {
    const { operator, admin, grant, current } = await open()
    await grant({ configType: 'tools' })
    await admin('config.patch', { raw: { tools: { by_owner: { otto: { deny: ['exec'] } } } } })
    for (const tools of [
      null,
      { by_owner: null },
      { by_owner: { otto: null } },
      { by_credential: { key_1: { allow: ['*'] } } },
      { approvals: { requester_may_approve: true } },
    ]) {
      expect(await operator('config.patch', { raw: { tools } })).toMatchObject(UNAUTHORIZED)
    }
    expect((await current()).tools.by_owner).toEqual({ otto: { deny: ['exec'] } })
    const raw = { tools: { deny: ['web_fetch'] } }
    expect(await operator('config.patch', { raw })).toMatchObject({ ok: true })
  })

  it('takes no platform setting either', async () => {
    const { operator, grant } = await open()
    await grant({})
    expect(
      await operator('config.patch', { raw: { gateway: { owner_ids: ['otto'] } } }),
    ).toMatchObject({
      error: {
        code: 'INVALID_REQUEST',
        message: expect.stringContaining('belongs to the operator'),
      },
    })
  })
})

describe('agents.update by somebody who is no admin', () => {
  const settings = { temperature: 0.5 }

  it('works for exactly the agents that are permitted, and their settings alone', async () => {
    const { operator, grant, newAgent } = await open()
    const [mine, other] = [await newAgent('mine'), await newAgent('other')]
    expect(await operator('agents.update', { id: mine, settings })).toMatchObject(UNAUTHORIZED)
    await grant({ configType: 'agent_settings', agentId: mine })
    expect(await operator('agents.update', { id: mine, settings })).toMatchObject({
      value: { settings },
    })
    expect(await operator('agents.update', { id: mine, temperature: 1 })).toMatchObject({
      value: { settings: { temperature: 1 } },
    })
    expect(await operator('agents.update', { id: other, settings })).toMatchObject(UNAUTHORIZED)
    for (const beside of [
      { system_prompt: 'x' },
      { model: 'x' },
      { name: 'x' },
      { status: 'disabled' },
    ]) {
      const refused = await operator('agents.update', { id: mine, settings, ...beside })
      expect(refused, JSON.stringify(beside)).toMatchObject(UNAUTHORIZED)
    }
    expect(await operator('config.patch', { raw: { agents: {} } })).toMatchObject(UNAUTHORIZED)
  })

  it('works for every agent where every agent is permitted, but for one that is denied', async () => {
    const { operator, grant, newAgent } = await open()
    const [one, two] = [await newAgent('one'), await newAgent('two')]
    await grant({ configType: 'agent_settings' })
    await grant({ configType: 'agent_settings', agentId: two, permission: 'deny' })
    expect(await operator('agents.update', { id: one, settings })).toMatchObject({ ok: true })
    expect(await operator('agents.update', { id: two, settings })).toMatchObject(UNAUTHORIZED)
  })

  it('does not know an agent that there is not, whatever is permitted', async () => {
    const { operator } = await open()
    expect(await operator('agents.update', { id: 'agt_elsewhere', settings })).toMatchObject({
      error: { code: 'NOT_FOUND' },
    })
  })
})

describe('an admin', () => {
  it('acts as one with the scope alone: a credential may be made for less', async () => {
    const { as } = await open()
    const { context } = await as('olga', 'operator.admin')
    const { principal } = context
    expect(actsAsAdmin(principal)).toBe(true)
    const less = { ...principal, scopes: ['operator.write' as const] }
    expect(actsAsAdmin(less)).toBe(false)
    expect(actsAsAdmin({ ...principal, role: 'operator' })).toBe(false)
    const wanted = { types: ['gateway'], agentId: null }
    expect(await checkMayChange(context, wanted)).toEqual({ ok: true, value: null })
    expect(await checkMayChange({ ...context, principal: less }, wanted)).toMatchObject(
      UNAUTHORIZED,
    )
  })
})

describe('agents.update', () => {
  it('suggests the setting that was meant', () => {
    const parse = (settings: unknown): string =>
      findOperation('agents.update')?.params.safeParse({ id: 'one', settings }).error?.issues[0]
        ?.message ?? 'allowed'
    expect(parse({ exec_aproval: {} })).toBe(
      'settings.exec_aproval is not a setting; did you mean settings.exec_approval?',
    )
    expect(parse({ autonomy: { level: 'readony' } })).toBe(
      'is one of readonly, supervised, full; did you mean readonly?',
    )
    expect(parse({ sandbox: { runners: [] } })).toContain('belongs to the operator of the gateway')
    expect(parse({ autonomy: { level: 'readonly' } })).toBe('allowed')
  })
})

describe('the tools of an agent', () => {
  it('are names of tools and groups: a mistyped one is refused, not taken for a denial of all', async () => {
    const { admin, newAgent } = await open()
    const id = await newAgent('one')
    const settings = { tools: { deny: ['group:sesions'] } }
    const refused = {
      error: { code: 'INVALID_REQUEST', message: expect.stringContaining('group:sessions?') },
    }
    expect(await admin('agents.update', { id, settings })).toMatchObject(refused)
    expect(await admin('agents.update', { id, ...settings })).toMatchObject(refused)
    expect(await admin('agents.create', { agent_key: 'two', settings })).toMatchObject(refused)
    const known = { tools: { deny: ['group:sessions'] } }
    expect(await admin('agents.update', { id, settings: known })).toMatchObject({ ok: true })
  })
})

describe('agents.get', () => {
  it('shows what the settings come to under the tenant’s', async () => {
    const { admin, newAgent } = await open()
    const id = await newAgent('one')
    await admin('config.patch', { raw: { agents: { defaults: { temperature: 0.1 } } } })
    await admin('agents.update', { id, settings: { autonomy: { level: 'readonly' } } })
    expect(await admin('agents.get', { id })).toMatchObject({
      value: {
        settings: { autonomy: { level: 'readonly' } },
        effective: { autonomy: { level: 'readonly' }, temperature: 0.1, sandbox: { mode: 'all' } },
      },
    })
  })
})

describe('config.permissions.grant', () => {
  it('says one thing of a subject: the newer takes the place of the older', async () => {
    const { grant, admin } = await open()
    const first = await grant({})
    const second = await grant({ permission: 'deny' })
    expect(second.id).toBe(first.id)
    expect(await admin('config.permissions.list')).toMatchObject({
      value: {
        permissions: [{ permission: 'deny', userId: 'otto', grantedBy: 'olga', agentId: '*' }],
      },
    })
  })

  it('names agents by key or id, and knows no foreign one', async () => {
    const { admin, newAgent } = await open()
    const wanted = { configType: 'agent_settings', userId: 'otto', permission: 'allow' }
    const key = await newAgent('mine')
    const granted = await admin('config.permissions.grant', { ...wanted, agentId: key })
    expect(granted).toMatchObject({ value: { agentId: expect.stringMatching(/^agt_/) } })
    const foreign = await openConfigWorld()
    const elsewhere = (await foreign.as('sara', 'operator.admin')).call
    const id = (granted.value as { agentId: string }).agentId
    const unknown = await elsewhere('config.permissions.grant', { ...wanted, agentId: 'agt_never' })
    expect(await elsewhere('config.permissions.grant', { ...wanted, agentId: id })).toEqual(unknown)
    expect(unknown).toMatchObject({ error: { code: 'NOT_FOUND' } })
  })

  it('takes no agent for a section, which is the whole tenant’s', async () => {
    const { admin, newAgent } = await open()
    const agentId = await newAgent('mine')
    const wanted = { configType: 'gateway', userId: 'otto', permission: 'allow', agentId }
    expect(await admin('config.permissions.grant', wanted)).toMatchObject({
      error: { code: 'INVALID_REQUEST' },
    })
  })

  it.each([{ configType: 'gatway' }, { permission: 'maybe' }, { scope: 'everywhere' }])(
    'takes no %j',
    async (wrong) => {
      const { admin } = await open()
      const wanted = { configType: 'gateway', userId: 'otto', permission: 'allow', ...wrong }
      await expect(admin('config.permissions.grant', wanted)).rejects.toThrow()
    },
  )
})

describe('config.permissions.revoke', () => {
  it('finds what it takes back by id or by whom it concerns, and nothing of another tenant', async () => {
    const { admin, grant, world } = await open()
    const { id } = await grant({})
    const foreign = await openConfigWorld(world)
    const elsewhere = (await foreign.as('sara', 'operator.admin')).call
    const never = await elsewhere('config.permissions.revoke', { id: 'cpm_never' })
    expect(never).toMatchObject({ error: { code: 'NOT_FOUND' } })
    expect(await elsewhere('config.permissions.revoke', { id })).toEqual(never)
    const subject = { configType: 'gateway', userId: 'otto' }
    expect(await elsewhere('config.permissions.revoke', subject)).toEqual(never)
    expect(await elsewhere('config.permissions.list')).toMatchObject({ value: { permissions: [] } })
    expect(await admin('config.permissions.revoke', subject)).toMatchObject({ ok: true })
    expect(await admin('config.permissions.revoke', { id })).toEqual(never)
    expect(await admin('config.permissions.revoke', {})).toMatchObject({
      error: { code: 'INVALID_REQUEST' },
    })
  })
})

describe('config.permissions.check', () => {
  const ask = { configType: 'gateway' }
  const verdict = (allowed: boolean, rule: string) => ({ ok: true, value: { allowed, rule } })

  it('answers for oneself what a change would be answered', async () => {
    const { operator, admin, grant, as } = await open()
    const viewer = (await as('otto', 'operator.read')).call
    expect(await operator('config.permissions.check', ask)).toEqual(verdict(false, 'no permission'))
    await grant({})
    expect(await operator('config.permissions.check', ask)).toEqual(
      verdict(true, 'individual allow'),
    )
    expect(await admin('config.permissions.check', ask)).toEqual(verdict(true, 'role'))
    // The same person with a key that is for reading alone.
    expect(await viewer('config.permissions.check', ask)).toEqual(verdict(false, 'role'))
  })

  it('answers for others to admins alone', async () => {
    const { operator, admin, grant } = await open()
    await grant({ permission: 'deny' })
    const other = { ...ask, userId: 'otto' }
    expect(await admin('config.permissions.check', other)).toEqual(
      verdict(false, 'individual deny'),
    )
    expect(await operator('config.permissions.check', { ...ask, userId: 'olga' })).toMatchObject(
      UNAUTHORIZED,
    )
    expect(await operator('config.permissions.check', other)).toEqual(
      verdict(false, 'individual deny'),
    )
  })
})
