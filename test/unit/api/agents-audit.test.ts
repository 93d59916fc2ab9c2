/** What the trail says of a changed agent: the settings that are not as they were, and no values. */
import { expect, it } from 'vitest'
import { findOperation } from '../../../src/api/registry.ts'
import { useQuietLog } from '../gateway/world.ts'
import { openConfigWorld } from './config-world.ts'

useQuietLog()

async function open() {
  const { call } = await (await openConfigWorld()).as('olga', 'operator.admin')
  await call('agents.create', {
    agent_key: 'helper',
    settings: { temperature: 0.2, heartbeat_prompt: 'look around', tools: { deny: ['exec'] } },
  })
  return async (params: object) => {
    const answer = await call('agents.update', { id: 'helper', ...params })
    if (!answer.ok) throw new Error(JSON.stringify(answer.error))
    return (await findOperation('agents.update')?.audit?.(params, answer.value)) ?? null
  }
}

it('names each setting that was taken back', async () => {
  const update = await open()
  expect(await update({ unset: ['temperature', 'tools'] })).toMatchObject({
    agent: expect.stringMatching(/^agt_/),
    settings: 'tools.deny temperature',
    changed: '2',
  })
})

it('names what is other than it was, however it was sent, and holds no value', async () => {
  const update = await open()
  const told = await update({
    system_prompt: 'Never say the word bluebell.',
    temperature: 0.2,
    settings: { tools: { deny: ['exec', 'web_fetch'] }, heartbeat_prompt: 'look behind' },
  })
  expect(told).toMatchObject({ settings: 'tools.deny heartbeat_prompt system_prompt' })
  expect(JSON.stringify(told)).not.toMatch(/bluebell|web_fetch|behind/)
})

it('says nothing of what is sent as it was', async () => {
  const update = await open()
  expect(
    await update({ display_name: 'helper', temperature: 0.2, unset: ['fallbacks'] }),
  ).toBeNull()
})
