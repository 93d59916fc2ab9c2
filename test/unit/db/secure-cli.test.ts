import { describe, expect, it } from 'vitest'
import {
  createBinary,
  deleteBinary,
  findSealedEnv,
  grantBinary,
  listGrants,
  type NewBinary,
  revokeGrant,
  updateBinary,
} from '../../../src/db/secure-cli.ts'
import { loadSnapshot } from '../../../src/db/tenants.ts'
import type { AgentId, BinaryId } from '../../../src/domain/ids.ts'
import { FIRST_AGENT, NOW, OWNER, risen, TENANT, useDatabase } from './fixture.ts'

const fixture = useDatabase()
const ID = 'bin_gh' as BinaryId
const gh: NewBinary = {
  id: ID,
  name: 'gh',
  absolutePath: '/usr/bin/gh',
  description: 'GitHub',
  denyArgs: ['repo delete'],
  denyVerbose: ['--verbose'],
  hosts: ['api.github.com'],
  sealedEnv: 'aes-gcm:first',
  timeoutSeconds: 30,
  isGlobal: false,
  enabled: true,
}
const create = (binary = gh) => createBinary(fixture.db, TENANT, binary, NOW)
const update = (patch: Parameters<typeof updateBinary>[3]) =>
  updateBinary(fixture.db, TENANT, ID, patch, NOW + 1)
const grant = (agentId = FIRST_AGENT, denyArgs: string[] = []) =>
  grantBinary(fixture.db, TENANT, { binaryId: ID, agentId, denyArgs, grantedBy: OWNER }, NOW)
const sealedEnv = () => findSealedEnv(fixture.db, TENANT, ID)
const binaries = async () => (await loadSnapshot(fixture.db, TENANT))?.binaries ?? []

describe('a registered binary', () => {
  it('stands in the snapshot with its grants, and without its secret', async () => {
    expect(await risen(fixture.db, () => create())).toEqual({ version: 1, authVersion: 0 })
    expect(await risen(fixture.db, () => grant(FIRST_AGENT, ['secret*']))).toMatchObject({
      version: 1,
    })
    const { sealedEnv: _, ...shown } = gh
    expect(await binaries()).toEqual([
      { ...shown, hasCredential: true, grants: [{ agentId: FIRST_AGENT, denyArgs: ['secret*'] }] },
    ])
    expect(JSON.stringify(await loadSnapshot(fixture.db, TENANT))).not.toContain('aes-gcm:first')
    expect(await sealedEnv()).toBe('aes-gcm:first')
  })

  it('is there once by its name', async () => {
    await create()
    expect(await create({ ...gh, id: 'bin_other' as BinaryId })).toEqual({
      ok: false,
      error: 'already_exists',
    })
  })

  it('loses its credential when its path changes', async () => {
    await create()
    expect(await update({ absolutePath: '/usr/local/bin/gh' })).toMatchObject({
      value: { hasCredential: false },
    })
    expect(await sealedEnv()).toBeNull()
  })

  it('loses its credential when its hosts change', async () => {
    await create()
    await update({ hosts: ['api.github.com', 'thief.example'] })
    expect(await sealedEnv()).toBeNull()
  })

  it('keeps its credential when anything else changes', async () => {
    await create()
    const same = { absolutePath: gh.absolutePath, hosts: gh.hosts }
    await update({ ...same, denyArgs: [], description: 'x', timeoutSeconds: 5, isGlobal: true })
    expect(await sealedEnv()).toBe('aes-gcm:first')
    expect((await binaries())[0]).toMatchObject({ isGlobal: true, timeoutSeconds: 5, denyArgs: [] })
  })

  it('takes a new credential with a new destination', async () => {
    await create()
    await update({ absolutePath: '/opt/gh/bin/gh', sealedEnv: 'aes-gcm:second' })
    expect(await sealedEnv()).toBe('aes-gcm:second')
  })

  it('goes with its grants, so that a later one of its name has none', async () => {
    await create()
    await grant()
    expect(await deleteBinary(fixture.db, TENANT, ID)).toMatchObject({ ok: true })
    expect(await deleteBinary(fixture.db, TENANT, ID)).toEqual({ ok: false, error: 'not_found' })
    await create()
    expect((await binaries())[0]?.grants).toEqual([])
  })
})

describe('a grant', () => {
  it('is for a binary and an agent that are there', async () => {
    expect(await grant()).toEqual({ ok: false, error: 'not_found' })
    await create()
    expect(await grant('agt_absent' as AgentId)).toEqual({ ok: false, error: 'not_found' })
    expect(await grant()).toMatchObject({ ok: true })
  })

  it('replaces its patterns when it is given again', async () => {
    await create()
    await grant(FIRST_AGENT, ['a'])
    await grant(FIRST_AGENT, ['b'])
    expect(await listGrants(fixture.db, TENANT, ID)).toMatchObject([
      { agentId: FIRST_AGENT, denyArgs: ['b'], grantedBy: OWNER },
    ])
  })

  it('can be taken back', async () => {
    await create()
    await grant()
    const revoke = () => revokeGrant(fixture.db, TENANT, ID, FIRST_AGENT)
    expect(await risen(fixture.db, revoke)).toMatchObject({ version: 1 })
    expect(await revoke()).toEqual({ ok: false, error: 'not_found' })
    expect((await binaries())[0]?.grants).toEqual([])
  })
})
