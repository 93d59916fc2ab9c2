/** Agents: which provider they name, in what order they are listed, and what an end of one takes along. */
import { expect, it } from 'vitest'
import { listNotes, saveNote } from '../../../src/db/memory.ts'
import { loadSnapshot } from '../../../src/db/tenants.ts'
import { agentIdSchema } from '../../../src/domain/ids.ts'
import { bearer, NOW, newTenant, openWorld, TOKEN, user } from '../gateway/world.ts'
import { asked, call } from './control.ts'

async function open() {
  const world = openWorld()
  const tenant = await newTenant(world, { olga: 'owner' })
  const olga = { credential: bearer(TOKEN), claims: { tenant, userId: 'olga' } }
  const { id } = await asked(world, olga, 'agents.create', { agent_key: 'helper' })
  const snapshot = await loadSnapshot(world.db, tenant)
  const helper = agentIdSchema.parse(id)
  const first = snapshot?.agents.find(({ isDefault }) => isDefault)?.id ?? helper
  const save = (agentId: typeof helper, noteId: string) =>
    saveNote(
      world.db,
      tenant,
      { agentId, userId: user('ada') },
      { noteId, title: '', text: `boats of ${agentId}`, isUntrusted: false },
      NOW,
    )
  for (const agentId of [helper, first]) await save(agentId, `mem_${agentId}`)
  const notesOf = async (agentId: typeof helper) => {
    const of = { agentId, userId: user('ada') }
    return (await listNotes(world.db, tenant, of, { limit: 10, offset: 0 })).length
  }
  return { world, olga, helper, first, save, notesOf }
}

it('takes what the agent noted along, before it is answered, and no other’s', async () => {
  const { world, olga, helper, first, save, notesOf } = await open()
  await asked(world, olga, 'agents.delete', { id: 'helper' })
  expect([await notesOf(helper), await notesOf(first)]).toEqual([0, 1])
  // A run of it that goes on meanwhile.
  expect(await save(helper, 'mem_late')).toEqual({ ok: false, error: 'no_agent' })
})

it('takes it along first: what breaks off leaves an agent that can be deleted again', async () => {
  const { world, olga, helper, notesOf } = await open()
  const away = async (): Promise<never> => {
    throw new Error('the object is away')
  }
  const tenant: typeof world.services.tenant = (tenantId) => ({
    ...world.services.tenant(tenantId),
    changing: away,
  })
  const broken = { ...world, services: { ...world.services, tenant } }
  expect((await call(broken, olga, 'agents.delete', { id: 'helper' })).ok).toBe(false)
  expect(await notesOf(helper)).toBe(0)
  expect(await asked(world, olga, 'agents.delete', { id: 'helper' })).toEqual({ ok: true })
})

it('is none of the default agent, which forgets nothing', async () => {
  const { world, olga, first, notesOf } = await open()
  const refused = await call(world, olga, 'agents.delete', { id: first })
  expect(refused).toMatchObject({ ok: false, error: { code: 'FAILED_PRECONDITION' } })
  expect(await notesOf(first)).toBe(1)
})

it('lists the default agent first, whatever comes before it by name', async () => {
  const { world, olga } = await open()
  await asked(world, olga, 'agents.create', { agent_key: 'aardvark' })
  const { agents } = await asked(world, olga, 'agents.list')
  const keys = (agents as { id: string }[]).map(({ id }) => id)
  expect(keys).toEqual([keys[0], 'aardvark', 'helper'])
  const first = await asked(world, olga, 'agents.get', { id: String(keys[0]) })
  expect(first).toMatchObject({ is_default: true })
})

it('names its provider as runs look it up: one that is known by its id alone would never answer', async () => {
  const { world, olga } = await open()
  const made = await asked(world, olga, 'providers.create', {
    name: 'house',
    provider_type: 'demo',
  })
  const helperWith = (provider: unknown) =>
    call(world, olga, 'agents.update', { id: 'helper', provider, model: 'demo' })
  expect(await helperWith(made['id'])).toMatchObject({
    error: { code: 'INVALID_REQUEST', message: expect.stringContaining('is not configured') },
  })
  expect(await helperWith('house')).toMatchObject({ ok: true, value: { provider: 'house' } })
})
