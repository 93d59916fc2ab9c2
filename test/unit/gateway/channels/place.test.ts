import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isChannelUser } from '../../../../src/domain/channel-user.ts'
import type { DmScope } from '../../../../src/domain/config/channels.ts'
import { parseSessionKey } from '../../../../src/domain/session-key.ts'
import { asked } from '../../api/control.ts'
import { bearer, TOKEN, useQuietLog } from '../world.ts'
import { inGroup, openChannels, runOf, written } from './world.ts'

useQuietLog()

const ANNA = '491700000001'
const BEN = '491700000002'

async function open(dmScope?: DmScope, links: Readonly<Record<string, readonly string[]>> = {}) {
  const channels = await openChannels()
  const session = { identityLinks: links, ...(dmScope ? { dmScope } : {}) }
  await channels.configure({ session, gateway: { rate_limit_rpm: 0 } })
  const config = { dm_policy: 'open', allow_from: ['*'], group_policy: 'open' }
  const [one, two] = [
    await channels.add('whatsapp', { config }),
    await channels.add('whatsapp', { config }),
  ]
  const placeOf = async (senderId: string, of = one, fields: object = {}) => {
    const run = await runOf(await channels.open(of), written(senderId, 'hello', fields))
    return { key: run.sessionKey, owner: run.principal.userId as string }
  }
  return { ...channels, one, two, placeOf }
}

describe('whose a direct conversation is', () => {
  it('is one person’s with one instance, where nothing is said', async () => {
    const { placeOf, one, two } = await open()
    const places = [await placeOf(ANNA), await placeOf(BEN), await placeOf(ANNA, two)]
    expect(new Set(places.map(({ key }) => key)).size).toBe(3)
    expect(new Set(places.map(({ owner }) => owner)).size).toBe(3)
    expect(await placeOf(ANNA, one)).toEqual(places[0])
    for (const { key } of places) expect(parseSessionKey(key)).toMatchObject({ ok: true })
  })

  it.each<[DmScope, boolean, boolean]>([
    ['per-account-channel-peer', false, false],
    ['per-channel-peer', false, true],
    ['per-peer', false, true],
    ['main', true, true],
  ])(
    'under %s is shared between people: %s, between instances: %s',
    async (scope, people, both) => {
      const { placeOf, one, two } = await open(scope)
      const [anna, ben, there] = [await placeOf(ANNA), await placeOf(BEN), await placeOf(ANNA, two)]
      // Conversation and files go together: who shares the one shares the other, and nobody else.
      expect([anna.key === ben.key, anna.owner === ben.owner]).toEqual([people, people])
      expect([anna.key === there.key, anna.owner === there.owner]).toEqual([both, both])
      expect(one.id).not.toBe(two.id)
    },
  )

  it('is one person’s under the ids that the tenant says are theirs', async () => {
    const { placeOf, two } = await open(undefined, {
      anna: [`whatsapp:${ANNA}`, `whatsapp:${BEN}`],
    })
    expect(await placeOf(ANNA)).toEqual(await placeOf(BEN, two))
    expect(await placeOf('491700000003')).not.toEqual(await placeOf(ANNA))
  })

  it('belongs to nobody but a channel', async () => {
    for (const scope of ['main', 'per-peer', 'per-channel-peer', undefined] as const) {
      const { placeOf } = await open(scope)
      const places = [await placeOf(ANNA), await placeOf(ANNA, undefined, inGroup('g'))]
      for (const { owner } of places) expect(isChannelUser(owner)).toBe(true)
    }
  })
})

describe('whose a group’s conversation is', () => {
  it('is the group’s: alike for its members, and no person’s', async () => {
    const { placeOf, one } = await open()
    const anna = await placeOf(ANNA, one, inGroup('g1'))
    expect(await placeOf(BEN, one, inGroup('g1'))).toEqual(anna)
    const others = [
      await placeOf(ANNA, one, inGroup('g2')),
      await placeOf(ANNA),
      // Whoever calls themselves as the group is called.
      await placeOf('g1'),
      await placeOf('group:g1'),
    ]
    for (const other of others) {
      expect(other.owner).not.toBe(anna.owner)
      expect(other.key).not.toBe(anna.key)
    }
  })

  it('is another in each of its threads, of the same owner', async () => {
    const { placeOf, one } = await open()
    const [a, b] = [
      await placeOf(ANNA, one, inGroup('g1', 't1')),
      await placeOf(ANNA, one, inGroup('g1', 't2')),
    ]
    expect(a.key).not.toBe(b.key)
    expect(a.owner).toBe(b.owner)
  })

  it('stays apart from every person, whatever ids both choose', async () => {
    const id = fc.oneof(
      fc.string({ minLength: 1, maxLength: 80, unit: 'binary' }),
      fc.constantFrom('group:1', 'main', 'peer:1', 'sender:1:2', '=', '1=u', 'A', 'a', '1:2'),
    )
    for (const scope of ['main', 'per-peer', 'per-channel-peer', undefined] as const) {
      const { placeOf, one } = await open(scope)
      await fc.assert(
        fc.asyncProperty(id, id, async (person, group) => {
          const direct = await placeOf(person)
          const shared = await placeOf(person, one, inGroup(group))
          expect(direct.owner).not.toBe(shared.owner)
          expect(direct.key).not.toBe(shared.key)
        }),
        { numRuns: 25 },
      )
    }
  })
})

describe('two people', () => {
  it('never meet under the default scope, in whatever order they write', async () => {
    const { one, two, open: openIt } = await open()
    const people = [ANNA, BEN, ANNA.slice(0, -1), `${ANNA}1`, 'a:b', 'a', 'A', '=41', 'a=3ab']
    const channels = [await openIt(one), await openIt(two)]
    const step = fc.record({
      who: fc.nat(people.length - 1),
      where: fc.nat(1),
      text: fc.string({ maxLength: 20 }),
      thread: fc.option(fc.constantFrom('t1', 't:1'), { nil: null }),
    })
    const heldBy = new Map<string, string>()
    const ownedBy = new Map<string, string>()
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 12 }), async (steps) => {
        await Promise.all(
          steps.map(async ({ who, where, text, thread }) => {
            const senderId = people[who] ?? ''
            const channel = channels[where]
            if (channel === undefined) throw new Error('no channel')
            const conversation = { kind: 'direct', id: senderId, threadId: thread } as const
            // A text of one's own is no command here: it begins with a word.
            const event = written(senderId, `says ${text}`, { conversation })
            const { sessionKey, principal, message, outside } = await runOf(channel, event)
            const whose = `${where} ${senderId}`
            expect(heldBy.get(sessionKey) ?? whose).toBe(whose)
            expect(ownedBy.get(principal.userId) ?? whose).toBe(whose)
            heldBy.set(sessionKey, whose)
            ownedBy.set(principal.userId, whose)
            expect([message, outside]).toEqual([`says ${text}`, null])
          }),
        )
      }),
      { numRuns: 60 },
    )
    expect(ownedBy.size).toBe(2 * people.length)
  })
})

describe('the agent that answers', () => {
  it('is the group’s own where one is named, and none where that is gone', async () => {
    const { world, tenant, one, change, open: openIt } = await open()
    const adam = { credential: bearer(TOKEN), claims: { tenant, userId: 'adam' } }
    await asked(world, adam, 'agents.create', { agent_key: 'helper' })
    const config = {
      ...one.config,
      groups: { g1: { agent: 'helper' }, g2: { agent: 'nobody' }, g3: {} },
    }
    const channel = await openIt(await change(one, { config }))
    const keyIn = async (group: string) =>
      (await runOf(channel, written(ANNA, 'hello', inGroup(group)))).sessionKey
    expect(await keyIn('g1')).toMatch(/^agent:helper:/)
    expect(await keyIn('g3')).toMatch(/^agent:default:/)
    await expect(keyIn('g2')).rejects.toThrow('agent_not_available')
  })
})
