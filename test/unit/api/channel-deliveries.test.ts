import { describe, expect, it } from 'vitest'
import { setMembership } from '../../../src/db/memberships.ts'
import { authenticate } from '../../../src/gateway/authenticate.ts'
import { createDelivery } from '../../../src/gateway/channels/deliver.ts'
import { openChannels } from '../gateway/channels/world.ts'
import { ADDRESS, bearer, newKey, settings, TOKEN, useQuietLog, user } from '../gateway/world.ts'
import { type Answer, asked, type Caller, call } from './control.ts'

useQuietLog()

const code = (answer: Answer): string => (answer.ok ? 'ok' : answer.error.code)

async function open() {
  const channels = await openChannels()
  const { world, tenant } = channels
  const person = (userId: string): Caller => ({
    credential: bearer(TOKEN),
    claims: { tenant, userId },
  })
  const instance = await channels.add('whatsapp', { name: 'support' })
  const principalOf = async ({ credential, claims = {} }: Caller) => {
    const facts = { clientAddress: ADDRESS, isDevelopment: false }
    const proven = await authenticate(credential, claims, facts, world.services, settings())
    if (!proven.ok) throw new Error(proven.error.kind)
    return proven.value.principal
  }
  const send = (by: Caller, params: object = {}) =>
    call(world, by, 'send', { channel: 'support', to: '42', message: 'hello', ...params })
  return { ...channels, person, instance, principalOf, send }
}

describe('what could not be answered', () => {
  it('is an admin’s to look at, to begin anew and to drop', async () => {
    const { world, person, told, instance } = await open()
    const by = person('adam')
    const id = 'support'
    const { deliveries } = await asked(world, by, 'channels.deliveries.list', { id })
    expect(deliveries).toMatchObject([{ id: 7, sender_id: '42', error: 'nobody was there' }])
    expect(await asked(world, by, 'channels.deliveries.replay', { id })).toEqual({ replayed: 1 })
    const some = { id, deliveries: ['7', 8] }
    expect(await asked(world, by, 'channels.deliveries.replay', some)).toEqual({ replayed: 2 })
    expect(await asked(world, by, 'channels.deliveries.discard', some)).toEqual({ discarded: 2 })
    expect(told).toEqual([
      `${instance.id} replays all`,
      `${instance.id} replays 7,8`,
      `${instance.id} discards 7,8`,
    ])
  })

  it('is nobody else’s, and of no other tenant', async () => {
    const [{ world, person, told }, there] = [await open(), await open()]
    const chosen = { id: 'support', deliveries: [7] }
    for (const name of ['list', 'replay', 'discard']) {
      const refused = await call(world, person('bob'), `channels.deliveries.${name}`, chosen)
      expect([name, code(refused)]).toEqual([name, 'UNAUTHORIZED'])
      const foreign = { ...chosen, id: there.instance.id }
      const away = await call(world, person('adam'), `channels.deliveries.${name}`, foreign)
      expect([name, code(away)]).toEqual([name, 'NOT_FOUND'])
    }
    expect([...told, ...there.told]).toEqual([])
  })

  it('is dropped by number alone: without one, nothing is', async () => {
    const { world, person } = await open()
    for (const deliveries of [[], undefined, ['all']]) {
      const params = { id: 'support', deliveries }
      const answer = await call(world, person('adam'), 'channels.deliveries.discard', params)
      expect(code(answer)).toBe('INVALID_REQUEST')
    }
  })

  it('is counted for everybody who may see the channel', async () => {
    const { world, person } = await open()
    const { channels } = await asked(world, person('bob'), 'channels.status')
    expect(channels).toMatchObject([{ name: 'support', health: { waiting: 1, dead: 1 } }])
  })
})

describe('a word in a channel', () => {
  it('is an admin’s to send, where somebody has written', async () => {
    const { person, send, known, said, instance } = await open()
    expect(code(await send(person('adam')))).toBe('NOT_FOUND')
    known.add('42')
    expect(await send(person('adam'))).toMatchObject({ value: { ok: true, channel: 'support' } })
    expect(said).toEqual([{ instance: instance.id, to: '42', content: 'hello' }])
  })

  it('is no operator’s, nor a key’s below an admin, nor half addressed', async () => {
    const { world, tenant, person, send, known, said } = await open()
    known.add('42')
    const key = await newKey(world, tenant, { ownerId: 'adam', scopes: ['operator.write'] })
    for (const by of [person('bob'), { credential: key.credential }])
      expect(code(await send(by))).toBe('UNAUTHORIZED')
    expect(code(await send(person('adam'), { to: undefined }))).toBe('INVALID_REQUEST')
    expect(code(await send(person('adam'), { channel: undefined }))).toBe('INVALID_REQUEST')
    expect(said).toEqual([])
  })

  it('goes out through no channel that is off, of another agent, or of another tenant', async () => {
    const [{ world, tenant, person, send, known, said, instance, change }, there] = [
      await open(),
      await open(),
    ]
    known.add('42')
    there.known.add('42')
    const made = await asked(world, person('adam'), 'agents.create', { agent_key: 'helper' })
    const { credential } = await newKey(world, tenant, {
      ownerId: 'adam',
      scopes: ['operator.admin'],
      allowedAgents: [String(made['id']) as never],
    })
    expect(code(await send({ credential }))).toBe('UNAUTHORIZED')
    expect(code(await send(person('adam'), { channel: there.instance.id }))).toBe('NOT_FOUND')
    await change(instance, { enabled: false })
    expect(code(await send(person('adam')))).toBe('FAILED_PRECONDITION')
    expect([...said, ...there.said]).toEqual([])
  })
})

describe('the answer of a schedule', () => {
  const toChannel = { channel: 'support', to: '42' } as const

  it('is said for as long as its owner may speak there', async () => {
    const { world, tenant, person, principalOf, known, said } = await open()
    known.add('42')
    const principal = await principalOf(person('adam'))
    const { deliver } = createDelivery(world.services, settings())
    const saying = () => deliver(toChannel, { principal } as never, 'the news')
    expect((await saying()).ok).toBe(true)
    expect(said).toHaveLength(1)
    // Nothing tells the stored principal: what it is worth is looked up.
    const demoted = { userId: user('adam'), role: 'operator' } as const
    await setMembership(world.db, tenant, demoted, world.clock)
    expect((await saying()).ok).toBe(false)
    expect(said).toHaveLength(1)
  })

  it('is said nowhere that never wrote, and nowhere at all where none is named', async () => {
    const { world, person, principalOf, said } = await open()
    const principal = await principalOf(person('adam'))
    const { deliver } = createDelivery(world.services, settings())
    expect((await deliver(toChannel, { principal } as never, 'x')).ok).toBe(false)
    expect((await deliver({ channel: 'session' }, { principal } as never, 'x')).ok).toBe(true)
    expect(said).toEqual([])
  })

  it('is an admin’s to order', async () => {
    const { world, person } = await open()
    const job = { name: 'news', when: 'every 1h', message: 'tell', delivery: toChannel }
    expect(code(await call(world, person('bob'), 'cron.create', job))).toBe('UNAUTHORIZED')
    expect(code(await call(world, person('adam'), 'cron.create', job))).toBe('ok')
  })
})
