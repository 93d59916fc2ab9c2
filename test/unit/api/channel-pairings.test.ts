import { describe, expect, it } from 'vitest'
import { createChannelPairing, isSenderPaired } from '../../../src/db/channel-pairings.ts'
import { MAX_PENDING_PER_INSTANCE } from '../../../src/domain/channel-pairing.ts'
import { openChannels } from '../gateway/channels/world.ts'
import { bearer, newKey, TOKEN, useQuietLog } from '../gateway/world.ts'
import { type Answer, asked, type Caller, call } from './control.ts'

useQuietLog()

const HOUR = 3_600_000
const code = (answer: Answer): string => (answer.ok ? 'ok' : answer.error.code)

async function open() {
  const channels = await openChannels()
  const { world, tenant } = channels
  const person = (userId: string): Caller => ({
    credential: bearer(TOKEN),
    claims: { tenant, userId },
  })
  const instance = await channels.add('whatsapp', { name: 'support' })
  let asks = 0
  /** As a stranger does by writing for the first time. */
  const ask = (senderId: string, typed: string, of = instance) =>
    createChannelPairing(
      world.db,
      tenant,
      {
        id: `prg_${++asks}`,
        channel: of.channelType,
        instanceId: of.id,
        senderId,
        code: typed,
        displayName: `${senderId} says so`,
        address: JSON.stringify({ lane: senderId, address: { to: senderId } }),
        createdAt: world.clock,
        expiresAt: world.clock + HOUR,
      },
      MAX_PENDING_PER_INSTANCE,
    )
  const isIn = (senderId: string, of = instance) => {
    const sender = { channel: of.channelType, instanceId: of.id, senderId }
    return isSenderPaired(world.db, tenant, sender)
  }
  const decide = (
    verb: 'approve' | 'deny',
    typed: string,
    by = person('adam'),
    channel = 'support',
  ) => call(world, by, `channel.pair.${verb}`, { channel, code: typed })
  const revoke = (senderId: string, by = person('adam')) =>
    call(world, by, 'channel.pair.revoke', { channel: 'support', sender_id: senderId })
  return { ...channels, person, instance, ask, isIn, decide, revoke }
}

describe('a sender who asks', () => {
  it('is let in by the code, however it is typed, and both sides are told', async () => {
    const { world, ask, decide, isIn, said, instance, published } = await open()
    await ask('42', 'ABCDWXYZ')
    expect(await isIn('42')).toBe(false)
    const answer = await decide('approve', ' abcd-wxyz ')
    expect(answer).toMatchObject({ value: { ok: true, sender_id: '42', channel: 'support' } })
    expect(await isIn('42')).toBe(true)
    await world.settled()
    expect(said).toEqual([{ instance: instance.id, to: '42', content: expect.any(String) }])
    expect(published.join()).toContain('channel.pair.approve')
  })

  it('is let in once: a code is of no use after it', async () => {
    const { ask, decide } = await open()
    await ask('42', 'ABCDWXYZ')
    expect(code(await decide('approve', 'ABCDWXYZ'))).toBe('ok')
    for (const verb of ['approve', 'deny'] as const)
      expect(code(await decide(verb, 'ABCDWXYZ'))).toBe('NOT_FOUND')
  })

  it('stays out with another code, one of another channel, or one that is over', async () => {
    const { world, add, ask, decide, isIn } = await open()
    const other = await add('whatsapp', { name: 'sales' })
    await ask('42', 'ABCDWXYZ', other)
    await ask('43', 'ABCDWXY2')
    expect(code(await decide('approve', 'ABCDWXYZ'))).toBe('NOT_FOUND')
    expect(code(await decide('approve', '________'))).toBe('NOT_FOUND')
    world.clock += HOUR
    expect(code(await decide('approve', 'ABCDWXY2'))).toBe('NOT_FOUND')
    expect([await isIn('42', other), await isIn('43')]).toEqual([false, false])
  })

  it('is not heard again until the code would have ended, once turned away', async () => {
    const { world, ask, decide, isIn, said } = await open()
    await ask('42', 'ABCDWXYZ')
    expect(code(await decide('deny', 'ABCDWXYZ'))).toBe('ok')
    await world.settled()
    expect(said).toEqual([])
    expect(await ask('42', 'ABCDWXY2')).toBe(false)
    expect(await isIn('42')).toBe(false)
    world.clock += HOUR
    expect(await ask('42', 'ABCDWXY3')).toBe(true)
  })

  it('finds no room behind three others of the instance, whose room is its own', async () => {
    const { add, ask } = await open()
    const codes = ['ABCDWXY2', 'ABCDWXY3', 'ABCDWXY4', 'ABCDWXY5']
    const entered = await Promise.all(codes.map((typed, i) => ask(`s${i}`, typed)))
    expect(entered.filter(Boolean)).toHaveLength(MAX_PENDING_PER_INSTANCE)
    expect(await ask('s0', 'ABCDWXY6')).toBe(false)
    const other = await add('whatsapp', { name: 'sales' })
    expect(await ask('s9', 'ABCDWXY7', other)).toBe(true)
  })

  it('is let in by an admin alone, of the same tenant', async () => {
    const { world, tenant, person, ask, decide, revoke, isIn } = await open()
    const there = await open()
    await ask('42', 'ABCDWXYZ')
    const { credential } = await newKey(world, tenant, {
      ownerId: 'adam',
      scopes: ['operator.write', 'operator.pairing', 'operator.approvals'],
    })
    for (const by of [person('bob'), { credential }]) {
      expect(code(await decide('approve', 'ABCDWXYZ', by))).toBe('UNAUTHORIZED')
      expect(code(await decide('deny', 'ABCDWXYZ', by))).toBe('UNAUTHORIZED')
      expect(code(await revoke('42', by))).toBe('UNAUTHORIZED')
      expect(code(await call(world, by, 'channel.pair.list'))).toBe('UNAUTHORIZED')
    }
    expect(code(await there.decide('approve', 'ABCDWXYZ'))).toBe('NOT_FOUND')
    expect(await isIn('42')).toBe(false)
    expect(code(await decide('approve', 'ABCDWXYZ'))).toBe('ok')
  })
})

describe('a sender who was let in', () => {
  it('is let out at once, and what they are in the middle of is judged anew', async () => {
    const { person, world, ask, decide, revoke, isIn, snapshot } = await open()
    await ask('42', 'ABCDWXYZ')
    await decide('approve', 'ABCDWXYZ')
    const { authVersion } = await snapshot()
    expect(code(await revoke('43'))).toBe('NOT_FOUND')
    expect(code(await revoke('42'))).toBe('ok')
    expect((await snapshot()).authVersion).toBeGreaterThan(authVersion)
    expect(await isIn('42')).toBe(false)
    expect(code(await revoke('42'))).toBe('NOT_FOUND')
    expect(await asked(world, person('adam'), 'channel.pair.list')).toEqual({ pairings: [] })
  })

  it('stays for good, and is listed beside those that wait', async () => {
    const { world, person, ask, decide, isIn } = await open()
    await ask('42', 'ABCDWXYZ')
    await decide('approve', 'ABCDWXYZ')
    world.clock += 400 * 24 * HOUR
    await ask('43', 'ABCDWXY2')
    const { pairings } = await asked(world, person('adam'), 'channel.pair.list')
    expect(pairings).toMatchObject([
      { sender_id: '43', status: 'pending', code: 'ABCDWXY2', channel: 'support' },
      { sender_id: '42', status: 'approved', code: null, decided_by: 'adam' },
    ])
    expect(await isIn('42')).toBe(true)
  })

  it('is no device of anybody’s', async () => {
    const { world, person, ask, decide } = await open()
    await ask('42', 'ABCDWXYZ')
    const asDevice = { code: 'ABCDWXYZ' }
    expect(code(await call(world, person('adam'), 'device.pair.approve', asDevice))).not.toBe('ok')
    await decide('approve', 'ABCDWXYZ')
    const listed = await call(world, person('olga'), 'device.pair.list')
    expect(JSON.stringify(listed)).not.toContain('"42"')
  })
})
