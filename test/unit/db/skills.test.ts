import { describe, expect, it } from 'vitest'
import { createAgent, deleteAgent } from '../../../src/db/agents.ts'
import {
  addSkillVersion,
  createSkill,
  deleteSkill,
  grantSkill,
  listSkillVersions,
  type NewSkillVersion,
  readSkill,
  restoreSkillVersion,
  revokeSkill,
  switchSkill,
} from '../../../src/db/skills.ts'
import { loadSnapshot } from '../../../src/db/tenants.ts'
import type { AgentId, UserId } from '../../../src/domain/ids.ts'
import { SKILL_LIMITS } from '../../../src/domain/skill.ts'
import { DEFAULT_TENANT, FIRST_AGENT, NOW, OWNER, risen, TENANT, useDatabase } from './fixture.ts'

const fixture = useDatabase()
const ID = 'skl_review'

const saying = (text: string, fields: Partial<NewSkillVersion> = {}): NewSkillVersion => ({
  description: `describes ${text}`,
  text,
  files: [{ path: 'run.sh', content: `echo ${text}` }],
  size: 100,
  contentHash: `hash of ${text}`,
  findings: ['role_override'],
  createdBy: OWNER,
  ...fields,
})
const create = (id = ID, name = 'review', maxBytes?: number) =>
  createSkill(fixture.db, TENANT, { id, name, enabled: true }, saying('one'), NOW, maxBytes)
const add = (text: string, maxBytes?: number) =>
  addSkillVersion(fixture.db, TENANT, ID, saying(text), NOW, maxBytes)
const grant = (agentId: AgentId, userId: UserId | null = null) =>
  grantSkill(fixture.db, TENANT, { skillId: ID, agentId, userId, grantedBy: OWNER }, NOW)
const listed = async () => (await loadSnapshot(fixture.db, TENANT))?.skills ?? []
const numbers = async () =>
  (await listSkillVersions(fixture.db, TENANT, ID)).map(({ number }) => number)
const countOf = async (table: string) =>
  (await fixture.d1.prepare(`select count(*) as n from ${table}`).all<{ n: number }>()).results[0]
    ?.n

describe('a skill', () => {
  it('stands in the snapshot in the order of names, and nobody has it', async () => {
    expect(await risen(fixture.db, () => create())).toEqual({ version: 1, authVersion: 0 })
    await create('skl_a', 'a-first')
    expect(await listed()).toMatchObject([
      { name: 'a-first', grants: [] },
      { id: ID, name: 'review', description: 'describes one', version: 1, enabled: true },
    ])
    expect(JSON.stringify(await listed())).not.toContain('echo')
    expect((await loadSnapshot(fixture.db, DEFAULT_TENANT))?.skills).toEqual([])
  })

  it('has a name that no other has, and leaves nothing behind when it is refused', async () => {
    await create()
    expect(await create('skl_other')).toMatchObject({ error: 'already_exists' })
    expect(await create('skl_other', 'other', 199)).toMatchObject({ error: 'full' })
    expect(await create('skl_other', 'other', 200)).toMatchObject({ ok: true })
    expect([await countOf('skills'), await countOf('skill_versions')]).toEqual([2, 2])
    expect(await countOf('skill_files')).toBe(2)
  })

  it('says what its version in force says, and keeps the older ones as they were', async () => {
    await create()
    const version = await risen(fixture.db, () => add('two'))
    expect(version).toEqual({ version: 1, authVersion: 0 })
    expect(await listed()).toMatchObject([{ version: 2, description: 'describes two' }])
    expect(await readSkill(fixture.db, TENANT, ID, 1)).toMatchObject({
      text: 'one',
      files: [{ path: 'run.sh', content: 'echo one' }],
      version: { findings: ['role_override'], fileCount: 1 },
    })
    await restoreSkillVersion(fixture.db, TENANT, ID, 1, NOW)
    expect(await listed()).toMatchObject([{ version: 1, description: 'describes one' }])
    // What is made next is newer than all there are.
    expect(await add('three')).toEqual({ ok: true, value: 3 })
    expect(await numbers()).toEqual([3, 2, 1])
    expect(await restoreSkillVersion(fixture.db, TENANT, ID, 9, NOW)).toMatchObject({ ok: false })
    expect(await listed()).toMatchObject([{ version: 3 }])
  })

  it('takes no version that there is no room for, and loses none by it', async () => {
    await create()
    expect(await add('two', 199)).toMatchObject({ error: 'full' })
    expect(await numbers()).toEqual([1])
    expect(await listed()).toMatchObject([{ version: 1, description: 'describes one' }])
    expect(await addSkillVersion(fixture.db, TENANT, 'skl_none', saying('x'), NOW)).toMatchObject({
      error: 'not_found',
    })
    expect(await countOf('skill_versions')).toBe(1)
    expect(await countOf('skill_files')).toBe(1)
  })

  it('keeps its newest versions, with their files', async () => {
    await create()
    for (let i = 0; i < SKILL_LIMITS.maxVersions; i++) await add(`text ${i}`)
    const kept = await numbers()
    expect(kept).toHaveLength(SKILL_LIMITS.maxVersions)
    expect(kept.at(-1)).toBe(2)
    expect(await countOf('skill_files')).toBe(SKILL_LIMITS.maxVersions)
  })

  it('is made two versions of at once by nobody', async () => {
    await create()
    const results = await Promise.all([add('two'), add('too')])
    const made = results.flatMap((each) => (each.ok ? [each.value] : []))
    expect(new Set(made).size).toBe(made.length)
    expect(await numbers()).toEqual([...made, 1].toSorted((a, b) => b - a))
  })
})

describe('grants of a skill', () => {
  it('are for an agent with everybody or with one user, and go one by one', async () => {
    await create()
    expect(await risen(fixture.db, () => grant(FIRST_AGENT))).toEqual({
      version: 1,
      authVersion: 0,
    })
    await grant(FIRST_AGENT, 'alice' as UserId)
    await grant(FIRST_AGENT, 'alice' as UserId)
    expect(await listed()).toMatchObject([
      {
        grants: [
          { agentId: FIRST_AGENT, userId: null },
          { agentId: FIRST_AGENT, userId: 'alice' },
        ],
      },
    ])
    const all = { skillId: ID, agentId: FIRST_AGENT, userId: null }
    expect(await revokeSkill(fixture.db, TENANT, all)).toMatchObject({ ok: true })
    expect(await revokeSkill(fixture.db, TENANT, all)).toMatchObject({ error: 'not_found' })
    expect(await listed()).toMatchObject([{ grants: [{ userId: 'alice' }] }])
  })

  it('are given for no skill that is not there, and go with it', async () => {
    expect(await grant(FIRST_AGENT)).toMatchObject({ error: 'not_found' })
    await create()
    await grant(FIRST_AGENT)
    await switchSkill(fixture.db, TENANT, ID, false, NOW)
    expect(await listed()).toMatchObject([{ enabled: false }])
    await deleteSkill(fixture.db, TENANT, ID)
    for (const table of ['skills', 'skill_versions', 'skill_files', 'skill_grants'])
      expect(await countOf(table)).toBe(0)
  })

  it('go with their agent', async () => {
    const id = 'agt_helper' as AgentId
    const agent = {
      id,
      key: 'helper',
      displayName: 'Helper',
      provider: 'demo',
      model: 'demo',
      agentType: 'open',
      status: 'active',
      systemPrompt: '',
      settings: {},
    } as const
    await createAgent(fixture.db, TENANT, agent, NOW)
    await create()
    await grant(id)
    await grant(FIRST_AGENT)
    await deleteAgent(fixture.db, TENANT, id)
    await deleteAgent(fixture.db, TENANT, FIRST_AGENT)
    expect(await listed()).toMatchObject([{ grants: [{ agentId: FIRST_AGENT }] }])
  })
})
