import { describe, expect, it } from 'vitest'
import {
  createAgent,
  deleteAgent,
  type NewAgent,
  parseAgentRecord,
  selectAgents,
  setAgentPackages,
  updateAgent,
} from '../../../src/db/agents.ts'
import type { AgentId } from '../../../src/domain/ids.ts'
import type { AgentPackage } from '../../../src/domain/sandbox-package.ts'
import { FIRST_AGENT, NOW, risen, TENANT, useDatabase } from './fixture.ts'

const fixture = useDatabase()
const SECOND = 'agt_second' as AgentId
const ABSENT = 'agt_absent' as AgentId
const secondAgent: NewAgent = {
  id: SECOND,
  key: 'coder',
  displayName: 'Coder',
  provider: 'demo',
  model: 'demo',
  agentType: 'predefined',
  status: 'active',
  systemPrompt: 'You write code.',
  settings: { temperature: 0.2, shell_deny_groups: { network_recon: false } },
}
const create = (agent = secondAgent) => createAgent(fixture.db, TENANT, agent, NOW)
const stored = async (id: AgentId) =>
  (await selectAgents(fixture.db, TENANT)).find((agent) => agent.id === id)
const defaults = async () =>
  (await selectAgents(fixture.db, TENANT)).filter((agent) => agent.isDefault).map(({ id }) => id)

describe('createAgent', () => {
  it('stores an agent that is no default, of this tenant', async () => {
    expect(await risen(fixture.db, () => create())).toEqual({ version: 1, authVersion: 0 })
    expect(await stored(SECOND)).toEqual({
      ...secondAgent,
      tenantId: TENANT,
      isDefault: false,
      packages: [],
      createdAt: NOW,
      updatedAt: NOW,
    })
  })

  it('rejects a key that is taken', async () => {
    expect(await create({ ...secondAgent, key: 'default' })).toEqual({
      ok: false,
      error: 'already_exists',
    })
  })

  it('throws on stored settings that the schema refuses', async () => {
    await fixture.d1.prepare(`update agents set settings = '{"rights":"all"}'`).run()
    const read = async () => (await selectAgents(fixture.db, TENANT)).map(parseAgentRecord)
    await expect(read()).rejects.toThrow()
  })
})

describe('updateAgent', () => {
  it('changes what is named and keeps the rest', async () => {
    await create()
    const change = () => updateAgent(fixture.db, TENANT, SECOND, { model: 'large' }, NOW + 1)
    expect(await risen(fixture.db, change)).toEqual({ version: 1, authVersion: 0 })
    expect(await stored(SECOND)).toEqual({
      ...secondAgent,
      tenantId: TENANT,
      model: 'large',
      isDefault: false,
      packages: [],
      createdAt: NOW,
      updatedAt: NOW + 1,
    })
  })

  it('rejects an agent that does not exist', async () => {
    const result = await updateAgent(fixture.db, TENANT, ABSENT, { model: 'large' }, NOW)
    expect(result).toEqual({ ok: false, error: 'not_found' })
  })
})

const package_ = (name: string): AgentPackage => ({
  manager: 'apt',
  name,
  version: '1.0-1',
  addedBy: 'olga',
  addedAt: NOW,
})

describe('setAgentPackages', () => {
  const set = (base: readonly AgentPackage[], next: readonly AgentPackage[], id = SECOND) =>
    setAgentPackages(fixture.db, TENANT, id, { base, next }, NOW + 1)

  it('replaces the list that it was made from', async () => {
    await create()
    const [jq, fd] = [package_('jq'), package_('fd-find')]
    const first = () => set([], [jq])
    expect(await risen(fixture.db, first)).toEqual({ version: 1, authVersion: 0 })
    // Whatever order a caller's members have.
    const { manager, ...rest } = jq
    expect(await set([{ ...rest, manager } as AgentPackage], [fd, jq])).toMatchObject({
      ok: true,
      value: { packages: [fd, jq], updatedAt: NOW + 1 },
    })
    expect((await stored(SECOND))?.packages).toEqual([fd, jq])
  })

  it('leaves a list alone that others changed meanwhile', async () => {
    await create()
    await set([], [package_('jq')])
    expect(await set([], [package_('gh')])).toEqual({ ok: false, error: 'stale' })
    expect((await stored(SECOND))?.packages).toEqual([package_('jq')])
  })

  it('rejects an agent that does not exist, and a list out of order', async () => {
    expect(await set([], [], ABSENT)).toEqual({ ok: false, error: 'not_found' })
    await create()
    await expect(set([], [package_('jq'), package_('gh')])).rejects.toThrow()
  })

  it('is the only way to them', async () => {
    await create()
    await set([], [package_('jq')])
    const smuggled: object = { packages: [] }
    await updateAgent(fixture.db, TENANT, SECOND, { ...smuggled, model: 'large' }, NOW)
    expect((await stored(SECOND))?.packages).toEqual([package_('jq')])
  })
})

describe('the default agent', () => {
  it('is not deleted', async () => {
    const result = await deleteAgent(fixture.db, TENANT, FIRST_AGENT)
    expect(result).toEqual({ ok: false, error: 'is_default' })
    expect(await defaults()).toEqual([FIRST_AGENT])
  })

  it('leaves the others free to be deleted', async () => {
    await create()
    expect(await deleteAgent(fixture.db, TENANT, SECOND)).toEqual({ ok: true, value: null })
    expect(await deleteAgent(fixture.db, TENANT, SECOND)).toEqual({ ok: false, error: 'not_found' })
  })
})
