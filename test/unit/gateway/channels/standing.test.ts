import { describe, expect, it } from 'vitest'
import { revokeChannelPairing } from '../../../../src/db/channel-pairings.ts'
import type { ChannelInstance } from '../../../../src/domain/channel.ts'
import type { Principal } from '../../../../src/domain/principal.ts'
import { recheckPrincipal } from '../../../../src/gateway/authenticate.ts'
import { channelLevels } from '../../../../src/gateway/channels/standing.ts'
import { settings, useQuietLog } from '../world.ts'
import { inGroup, openChannels, runOf, written } from './world.ts'

useQuietLog()

const ANNA = '491700000001'
const BEN = '491700000002'

async function open(config: object = {}) {
  const channels = await openChannels()
  const { world, tenant } = channels
  const instance = await channels.add('whatsapp', { config: { ...config } })
  const holds = async (principal: Principal): Promise<boolean> =>
    (await recheckPrincipal(principal, world.services, settings())).ok
  const begin = async (event = written(ANNA)): Promise<Principal> =>
    (await runOf(await channels.open(instance), event)).principal
  const letOut = (senderId: string, of: ChannelInstance = instance) =>
    revokeChannelPairing(world.db, tenant, {
      channel: of.channelType,
      instanceId: of.id,
      senderId,
    })
  return { ...channels, instance, holds, begin, letOut }
}

describe('a run of somebody who was paired', () => {
  it('goes on for as long as they are, whatever else is changed', async () => {
    const { begin, holds, pair, instance, letOut } = await open()
    await pair(instance, ANNA)
    const principal = await begin()
    expect(await holds(principal)).toBe(true)
    await pair(instance, BEN)
    await letOut(BEN)
    expect(await holds(principal)).toBe(true)
  })

  it('ends when they are let out, and does not come back by another’s version', async () => {
    const { begin, holds, pair, instance, letOut, snapshot } = await open()
    await pair(instance, ANNA)
    const principal = await begin()
    await letOut(ANNA)
    expect(await holds(principal)).toBe(false)
    expect(await holds({ ...principal, authVersion: -1 })).toBe(false)
    await pair(instance, ANNA)
    const { authVersion } = await snapshot()
    expect(authVersion).toBeGreaterThan(principal.authVersion)
    expect(await holds(principal)).toBe(true)
  })

  it('is worth nothing in a group, and nothing under another instance', async () => {
    const { add, open: openIt, begin, holds, pair, instance } = await open()
    await pair(instance, ANNA)
    const other = await add('whatsapp')
    const channel = await openIt(other)
    const judged = await channel.judge(written(ANNA), { lines: [], album: [] })
    expect(judged.kind).toBe('answer')
    const principal = await begin()
    const { channel: facts } = principal
    if (facts === null) throw new Error('no channel')
    const stale = { ...principal, authVersion: -1 }
    expect(await holds({ ...stale, channel: { ...facts, groupId: '1' } })).toBe(false)
    expect(await holds({ ...stale, channel: { ...facts, instanceId: other.id } })).toBe(false)
    const elsewhere = { ...principal.credential, id: other.id }
    expect(await holds({ ...stale, credential: elsewhere })).toBe(false)
    const moved = { ...facts, instanceId: other.id }
    expect(await holds({ ...stale, credential: elsewhere, channel: moved })).toBe(false)
    expect(await holds({ ...principal, channel: null })).toBe(false)
  })
})

describe('a run of somebody on a list', () => {
  it('ends when the entry is taken off', async () => {
    const { begin, holds, instance, change } = await open({ allow_from: [ANNA, BEN] })
    const principal = await begin()
    const shorter = await change(instance, { config: { allow_from: [ANNA] } })
    expect(await holds(principal)).toBe(true)
    await change(shorter, { config: { allow_from: [BEN] } })
    expect(await holds(principal)).toBe(false)
  })

  it('ends when the policy lets nobody in any more, or the tenant’s own list did', async () => {
    const { begin, holds, configure, instance, change } = await open()
    await configure({ channels: { defaults: { allow_from: [ANNA] } } })
    const principal = await begin()
    expect(await holds(principal)).toBe(true)
    const closed = await change(instance, { config: { dm_policy: 'disabled' } })
    expect(await holds(principal)).toBe(false)
    await change(closed, { config: {} })
    expect(await holds(principal)).toBe(true)
    await configure({})
    expect(await holds(principal)).toBe(false)
  })

  it('ends with the instance: off, of unreadable settings, or gone', async () => {
    const { begin, holds, instance, change } = await open({ allow_from: [ANNA] })
    const principal = await begin()
    const off = await change(instance, { enabled: false })
    expect(await holds(principal)).toBe(false)
    const on = await change(off, { enabled: true })
    expect(await holds(principal)).toBe(true)
    await change(on, { config: { allow_from: [ANNA], dm_polcy: 'open' } })
    expect(await holds(principal)).toBe(false)
    const gone = { ...principal, credential: { ...principal.credential, id: 'chn_gone' } }
    expect(await holds(gone)).toBe(false)
  })
})

describe('a run of a group', () => {
  const GROUP = '120363000000000001'

  it('ends when the group, or its member, is on no list', async () => {
    const { begin, holds, instance, change } = await open({ groups: { [GROUP]: {} } })
    const principal = await begin(written(ANNA, 'hello', inGroup(GROUP)))
    expect(principal.channel).toMatchObject({ groupId: GROUP, senderId: ANNA })
    const open1 = await change(instance, {
      config: { groups: { [GROUP]: { allow_from: [ANNA] } } },
    })
    expect(await holds(principal)).toBe(true)
    const other = await change(open1, { config: { groups: { [GROUP]: { allow_from: [BEN] } } } })
    expect(await holds(principal)).toBe(false)
    await change(other, { config: { allow_from: [ANNA] } })
    expect(await holds(principal)).toBe(false)
  })
})

describe('a run of a hook', () => {
  it('ends when the hook is taken away', async () => {
    const { add, change, holds, open: openIt } = await open()
    const hooks = await add('webhook', { config: { hooks: { ci: {}, cd: {} } } })
    const call = written('ci', 'see to it', {
      address: { hook: 'ci', delivery: 'd', callback: null },
      conversation: { kind: 'direct', id: 'ci', threadId: null },
      isRelayed: true,
    })
    const { principal } = await runOf(await openIt(hooks), call)
    expect(await holds(principal)).toBe(true)
    await change(hooks, { config: { hooks: { cd: {} } } })
    expect(await holds(principal)).toBe(false)
  })
})

describe('the tools of whoever writes', () => {
  it('are narrowed by channel, group and sender, each beside the others', async () => {
    const { begin, snapshot } = await open({
      allow_from: [ANNA, BEN],
      groups: { g1: { tools: { deny: ['exec'] } } },
      tools: { deny: ['write_file'] },
      tools_by_sender: { [ANNA]: { deny: ['web_fetch'] } },
    })
    const denied = async (event = written(ANNA)) =>
      channelLevels(await snapshot(), await begin(event)).flatMap(({ deny }) => deny ?? [])
    expect(await denied()).toEqual(['write_file', 'web_fetch'])
    expect(await denied(written(BEN))).toEqual(['write_file'])
    expect(await denied(written(ANNA, 'hello', inGroup('g1')))).toEqual([
      'write_file',
      'exec',
      'web_fetch',
    ])
  })

  it('are none where the instance is gone or cannot be read, and all beside channels', async () => {
    const { begin, snapshot, instance, change } = await open({ allow_from: [ANNA] })
    const principal = await begin()
    expect(channelLevels(await snapshot(), principal)).toEqual([])
    await change(instance, { config: { nonsense: true } })
    expect(channelLevels(await snapshot(), principal)).toEqual([{ deny: ['*'] }])
    expect(channelLevels(await snapshot(), { channel: null })).toEqual([])
  })
})
