/** Settings that an agent gives up: no value says that, so they are named. */
import { expect, it } from 'vitest'
import { findOperation } from '../../../src/api/registry.ts'
import { useQuietLog } from '../gateway/world.ts'
import { openConfigWorld } from './config-world.ts'

useQuietLog()

async function open() {
  const opened = await openConfigWorld()
  const admin = (await opened.as('olga', 'operator.admin')).call
  const operator = (await opened.as('otto', 'operator.write')).call
  const settings = {
    temperature: 0.2,
    heartbeat_prompt: 'look around',
    tools: { deny: ['exec'] },
    fallbacks: [{ provider: 'demo', model: 'demo' }],
  }
  await admin('agents.create', { agent_key: 'helper', settings })
  const kept = async () => {
    const got = await admin('agents.get', { id: 'helper' })
    if (!got.ok) throw new Error(JSON.stringify(got.error))
    return (got.value as { readonly settings: unknown }).settings
  }
  return { admin, operator, settings, kept }
}

it('takes back what is named and keeps the rest', async () => {
  const { admin, settings, kept } = await open()
  const unset = ['temperature', 'tools']
  expect((await admin('agents.update', { id: 'helper', unset })).ok).toBe(true)
  const { temperature: _, tools: __, ...rest } = settings
  expect(await kept()).toEqual(rest)
})

it('sets what is both taken back and said anew', async () => {
  const { admin, kept } = await open()
  await admin('agents.update', { id: 'helper', unset: ['temperature'], temperature: 1 })
  expect(await kept()).toMatchObject({ temperature: 1 })
})

it('knows no other fields', () => {
  const params = findOperation('agents.update')?.params
  for (const unset of [['system_prompt'], ['__proto__'], ['nonsense'], 'temperature'])
    expect(params?.safeParse({ id: 'helper', unset }).success).toBe(false)
})

it('needs what setting them needs: a permission, and an admin for the fallbacks', async () => {
  const { admin, operator, settings, kept } = await open()
  const unset = ['tools']
  const refused = { ok: false, error: { code: 'UNAUTHORIZED' } }
  expect(await operator('agents.update', { id: 'helper', unset })).toMatchObject(refused)
  const permission = { configType: 'agent_settings', userId: 'otto', permission: 'allow' }
  expect((await admin('config.permissions.grant', permission)).ok).toBe(true)
  const fallbacks = { id: 'helper', unset: ['fallbacks'] }
  expect(await operator('agents.update', fallbacks)).toMatchObject(refused)
  expect(await kept()).toEqual(settings)
  expect((await operator('agents.update', { id: 'helper', unset })).ok).toBe(true)
  expect(await kept()).not.toHaveProperty('tools')
})
