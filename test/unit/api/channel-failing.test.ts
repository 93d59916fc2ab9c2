/** How the channels of an overview are: asked for some seconds once, and of each tenant by itself. */
import { describe, expect, it } from 'vitest'
import { openChannels } from '../gateway/channels/world.ts'
import { bearer, TOKEN, useQuietLog } from '../gateway/world.ts'
import { asked } from './control.ts'

useQuietLog()

const WELL = {
  waiting: 0,
  dead: 0,
  unknown: 0,
  lastReceivedAt: null,
  lastSentAt: null,
  lastError: null,
}

async function open() {
  const { world, tenant, add } = await openChannels()
  const looks: string[] = []
  const state = { dead: 0, isSilent: false }
  const { inbox } = world.services
  const services = {
    ...world.services,
    inbox: (...[tenantId, id]: Parameters<typeof inbox>) => ({
      ...inbox(tenantId, id),
      health: async () => {
        looks.push(id)
        if (state.isSilent) throw new Error('away')
        return { ...WELL, dead: state.dead }
      },
    }),
  }
  const by = (userId: string) => ({ credential: bearer(TOKEN), claims: { tenant, userId } })
  const channels = async (userId = 'adam') =>
    (await asked({ ...world, services }, by(userId), 'overview.get'))['channels']
  return { world, add, looks, state, channels, by }
}

describe('the channels of an overview', () => {
  it('are asked once for some seconds, whoever looks', async () => {
    const { world, add, looks, state, channels } = await open()
    const { id } = await add('whatsapp', { name: 'support' })
    for (const who of ['adam', 'bob', 'adam'])
      expect(await channels(who)).toEqual({ healthy: 1, failing: 0 })
    expect(looks).toEqual([id])
    state.dead = 1
    world.clock += 4_999
    expect(await channels()).toEqual({ healthy: 1, failing: 0 })
    world.clock += 1
    expect(await channels()).toEqual({ healthy: 0, failing: 1 })
    expect(looks).toEqual([id, id])
  })

  it('that do not tell are not well, and not asked at every look', async () => {
    const { add, looks, state, channels } = await open()
    await add('whatsapp', { name: 'support' })
    state.isSilent = true
    for (let n = 0; n < 2; n++) expect(await channels()).toEqual({ healthy: 0, failing: 1 })
    expect(looks).toHaveLength(1)
  })

  it('are no other tenant’s, and no longer those that were switched off', async () => {
    const [here, there] = [await open(), await open()]
    await here.add('whatsapp', { name: 'support' })
    await there.add('whatsapp', { name: 'support' })
    here.state.dead = 1
    expect(await here.channels()).toEqual({ healthy: 0, failing: 1 })
    expect(await there.channels()).toEqual({ healthy: 1, failing: 0 })
    const off = { id: 'support', enabled: false }
    await asked(here.world, here.by('adam'), 'channels.instances.update', off)
    expect(await here.channels()).toEqual({ healthy: 0, failing: 0 })
  })
})
