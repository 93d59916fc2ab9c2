import { describe, expect, it, vi } from 'vitest'
import { revokeChannelPairing } from '../../../../src/db/channel-pairings.ts'
import type { Audience, ToldTo } from '../../../../src/domain/channel-event.ts'
import { useQuietLog } from '../world.ts'
import { openChannels } from './world.ts'

useQuietLog()

const ANNA = '491700000001'
const BEN = '491700000002'
const GROUP = '120363000000000001'
const AT = { to: 'there' }
const OPEN = { kind: 'open', address: AT }
const refused = (reason: string) => ({
  kind: 'refused',
  reason: `whoever it was for is not let in any more: ${reason}`,
})

const directly = (id: string): Audience => ({
  conversation: { kind: 'direct', id, threadId: null },
  sender: { id, username: null },
})
const inGroup = (id: string): Audience => ({
  conversation: { kind: 'group', id: GROUP, threadId: 't' },
  sender: { id, username: null },
})

async function open(config: object = {}) {
  const channels = await openChannels()
  const instance = await channels.add('whatsapp', { config: { ...config } })
  const to = async (audience: ToldTo) => (await channels.open(instance)).recipientOf(AT, audience)
  return { ...channels, instance, to }
}

describe('what is said to somebody', () => {
  it('goes to whom a list names, and to nobody whose entry was taken off', async () => {
    const { to, instance, change } = await open({ allow_from: [ANNA, BEN] })
    expect([await to(directly(ANNA)), await to(directly(BEN))]).toEqual([OPEN, OPEN])
    await change(instance, { config: { allow_from: [BEN] } })
    const now = [await to(directly(ANNA)), await to(directly(BEN))]
    expect(now).toEqual([refused('dm_policy_pairing_required'), OPEN])
  })

  it('goes to whoever is paired, for as long as they are', async () => {
    const { to, instance, pair, world, tenant } = await open()
    await pair(instance, ANNA)
    expect(await to(directly(ANNA))).toEqual(OPEN)
    const place = { channel: instance.channelType, instanceId: instance.id, senderId: ANNA }
    await revokeChannelPairing(world.db, tenant, place)
    expect(await to(directly(ANNA))).toEqual(refused('dm_policy_pairing_required'))
  })

  it('costs no look into the database as long as nothing of the tenant changed', async () => {
    const { to, instance, pair, world, tenant } = await open()
    await pair(instance, ANNA)
    const database = vi.spyOn(world.services, 'database')
    expect(await to(directly(ANNA))).toEqual(OPEN)
    expect(database).toHaveBeenCalledTimes(1)
    const again = [await to(directly(ANNA)), await to(directly(BEN)), await to(directly(ANNA))]
    expect(again).toEqual([OPEN, refused('dm_policy_pairing_required'), OPEN])
    expect(database).toHaveBeenCalledTimes(2)
    const place = { channel: instance.channelType, instanceId: instance.id, senderId: ANNA }
    await revokeChannelPairing(world.db, tenant, place)
    expect(await to(directly(ANNA))).toEqual(refused('dm_policy_pairing_required'))
    await pair(instance, ANNA)
    expect(await to(directly(ANNA))).toEqual(OPEN)
  })

  it('goes to nobody directly where the policy says so', async () => {
    const { to, instance, change } = await open({ allow_from: [ANNA] })
    await change(instance, { config: { allow_from: [ANNA], dm_policy: 'disabled' } })
    expect(await to(directly(ANNA))).toEqual(refused('dm_policy_disabled'))
  })

  it('goes to strangers where it is about their not being let in', async () => {
    const { to } = await open()
    expect([await to('anyone'), await to(directly(ANNA))]).toEqual([
      OPEN,
      refused('dm_policy_pairing_required'),
    ])
  })
})

describe('what is said in a group', () => {
  it('goes there for as long as the group is let in, whoever of it left', async () => {
    const { to, instance, change } = await open({ groups: { [GROUP]: { allow_from: [ANNA] } } })
    expect(await to(inGroup(ANNA))).toEqual(OPEN)
    const other = await change(instance, {
      config: { groups: { [GROUP]: { allow_from: [BEN] } } },
    })
    expect(await to(inGroup(ANNA))).toEqual(OPEN)
    const elsewhere = await change(other, { config: { groups: { another: {} } } })
    expect(await to(inGroup(ANNA))).toEqual(refused('group_policy_not_allowlisted'))
    await change(elsewhere, { config: { groups: { [GROUP]: {} }, group_policy: 'disabled' } })
    expect(await to(inGroup(ANNA))).toEqual(refused('group_policy_disabled'))
  })

  it('goes where the last one heard lets the group in, until they are let out', async () => {
    const { to, instance, change } = await open({ group_allow_from: [ANNA] })
    expect([await to(inGroup(ANNA)), await to(inGroup(BEN))]).toEqual([
      OPEN,
      refused('group_policy_not_allowlisted'),
    ])
    await change(instance, { config: {} })
    expect(await to(inGroup(ANNA))).toEqual(refused('group_policy_empty_allowlist'))
  })
})

describe('an answer to a hook', () => {
  const called = { hook: 'ci', delivery: 'd', callback: 'https://old.example/' }
  const hooks = async (ci: object | null) => {
    const channels = await openChannels()
    const config = { hooks: ci === null ? { cd: {} } : { ci } }
    const instance = await channels.add('webhook', { config })
    return (await channels.open(instance)).recipientOf(called, 'anyone')
  }

  it('goes where the hook says now, and not where it said back then', async () => {
    const callback = 'https://new.example/'
    expect(await hooks({ callback_url: callback })).toEqual({
      kind: 'open',
      address: { ...called, callback },
    })
  })

  it('goes nowhere where the hook says so, and is refused where there is none', async () => {
    const address = { ...called, callback: null }
    expect(await hooks({})).toEqual({ kind: 'nowhere', address })
    expect(await hooks(null)).toEqual({ kind: 'refused', reason: 'the hook is gone' })
  })
})
