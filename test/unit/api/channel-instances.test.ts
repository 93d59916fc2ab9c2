import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openChannelCredentials } from '../../../src/crypto/channel-secret.ts'
import type { ChannelType } from '../../../src/domain/channel.ts'
import { openChannels, WHATSAPP } from '../gateway/channels/world.ts'
import { bearer, newKey, TOKEN, useQuietLog } from '../gateway/world.ts'
import { type Answer, asked, type Caller, call } from './control.ts'

const lines = useQuietLog()
const requests: string[] = []

/** The platform knows every number, and says what it was asked with. */
beforeEach(() => {
  requests.length = 0
  vi.stubGlobal('fetch', async (url: unknown) => {
    requests.push(String(url))
    return Response.json({ id: WHATSAPP.phone_number_id })
  })
})
afterEach(() => void vi.unstubAllGlobals())

const code = (answer: Answer): string => (answer.ok ? 'ok' : answer.error.code)
const wordsOf = (answer: Answer): string => (answer.ok ? '' : answer.error.message)

const HOOKS = { proof: 'secret', secret: 'canary-secret-of-the-hooks' }
const CANARY = /canary/

async function open() {
  const channels = await openChannels()
  const { world, tenant } = channels
  const person = (userId: string): Caller => ({
    credential: bearer(TOKEN),
    claims: { tenant, userId },
  })
  const adam = person('adam')
  const owner: Caller = { credential: bearer(TOKEN), claims: { tenant } }
  const create = (fields: object = {}, by = adam) =>
    call(world, by, 'channels.instances.create', {
      name: 'support',
      channel_type: 'whatsapp',
      agent_id: 'default',
      credentials: WHATSAPP,
      ...fields,
    })
  const rowOf = async (reference: string) => {
    const { channelInstances } = await channels.snapshot()
    const found = channelInstances.find(({ id, name }) => id === reference || name === reference)
    if (!found) throw new Error(`no ${reference}`)
    return found
  }
  const update = (params: object, by = adam) =>
    call(world, by, 'channels.instances.update', { id: 'support', ...params })
  return { ...channels, person, adam, owner, create, rowOf, update }
}

describe('a channel', () => {
  it('is connected by an admin, and tells where the platform is to deliver', async () => {
    const { create, rowOf } = await open()
    const answer = await create()
    const { id } = await rowOf('support')
    expect(answer).toMatchObject({
      value: {
        id,
        name: 'support',
        enabled: true,
        webhook_url: `https://gateway.example/channels/whatsapp/${id}`,
        bot: { id: WHATSAPP.phone_number_id },
      },
    })
    expect(requests.join()).toContain('graph.facebook.com')
  })

  it('is not changed by whoever looked at it before somebody else changed it', async () => {
    const { create, update, rowOf, owner } = await open()
    const made = await create()
    const { revision } = await rowOf('support')
    expect(made).toMatchObject({ value: { revision } })
    const first = await update({ config: { dm_policy: 'disabled' }, revision })
    expect(first).toMatchObject({ ok: true })
    const late = await update({ config: { dm_policy: 'open' }, revision }, owner)
    expect(late).toMatchObject({ error: { code: 'FAILED_PRECONDITION' } })
    expect((await rowOf('support')).config).toMatchObject({ dm_policy: 'disabled' })
    const { revision: now } = await rowOf('support')
    expect(await update({ display_name: 'Help', revision: now })).toMatchObject({
      ok: true,
      value: { display_name: 'Help' },
    })
  })

  it('is nobody’s to see or change below an admin', async () => {
    const { world, tenant, create, person } = await open()
    await create()
    const key = await newKey(world, tenant, { ownerId: 'adam', scopes: ['operator.write'] })
    for (const by of [person('bob'), { credential: key.credential }]) {
      for (const [name, params] of [
        ['channels.instances.list', {}],
        ['channels.instances.get', { id: 'support' }],
        ['channels.instances.update', { id: 'support', enabled: false }],
        ['channels.instances.delete', { id: 'support' }],
        ['channels.instances.test', { id: 'support' }],
        ['channels.toggle', { id: 'support', enabled: false }],
      ] as const) {
        expect([name, code(await call(world, by, name, params))]).toEqual([name, 'UNAUTHORIZED'])
      }
      expect(code(await create({ name: 'mine' }, by))).toBe('UNAUTHORIZED')
    }
    const listed = await asked(world, person('bob'), 'channels.list')
    expect(Object.keys((listed['channels'] as object[])[0] ?? {}).toSorted()).toEqual([
      'agent_id',
      'channel_type',
      'display_name',
      'enabled',
      'id',
      'name',
    ])
  })

  it('is another’s only under its own name, and of an agent that is there', async () => {
    const { create } = await open()
    await create()
    expect(code(await create())).toBe('ALREADY_EXISTS')
    expect(code(await create({ name: 'other', agent_id: 'nobody' }))).toBe('NOT_FOUND')
    expect(code(await create({ name: 'Not A Name' }))).toBe('INVALID_REQUEST')
  })

  it('is called like no other one’s id, and by its id is meant before all others', async () => {
    const { create, add, world, adam } = await open()
    const first = await add('whatsapp', { name: 'first' })
    expect(code(await create({ name: first.id }))).toBe('INVALID_REQUEST')
    expect(code(await create({ name: 'chn_support' }))).toBe('INVALID_REQUEST')
    expect(code(await create({ name: 'chn-support' }))).toBe('ok')
    const second = await add('whatsapp', { name: first.id })
    const meant = await asked(world, adam, 'channels.instances.get', { id: first.id })
    expect([meant['name'], second.name]).toEqual(['first', first.id])
  })

  it('is not listed to a key that reaches other agents', async () => {
    const { world, tenant, adam, create, rowOf } = await open()
    await create()
    const made = await asked(world, adam, 'agents.create', { agent_key: 'helper' })
    const reaches = async (allowedAgents: readonly string[]) => {
      const fields = { ownerId: 'adam', scopes: ['operator.read'], allowedAgents } as never
      const { credential } = await newKey(world, tenant, fields)
      return (await asked(world, { credential }, 'channels.list'))['channels'] as readonly object[]
    }
    expect(await reaches([String(made['id'])])).toEqual([])
    const { agentId } = await rowOf('support')
    expect(await reaches([agentId])).toHaveLength(1)
  })
})

describe('credentials', () => {
  it('come out in no answer, event, line of the trail or of the log', async () => {
    const { world, create, adam, published, update } = await open()
    const made = await create()
    expect(code(made)).toBe('ok')
    const heard: unknown[] = [made]
    const ask = async (name: string, params: object = {}) =>
      void heard.push(await call(world, adam, name, params as never))
    heard.push(await create({ credentials: { ...WHATSAPP, more: 'canary' } }))
    heard.push(await create({ credentials: { ...WHATSAPP, phone_number_id: 'canary' } }))
    heard.push(await update({ credentials: WHATSAPP, display_name: 'Support' }))
    heard.push(await update({ credentials: { access_token: 'canary' } }))
    await ask('channels.instances.list')
    await ask('channels.instances.get', { id: 'support' })
    await ask('channels.instances.test', { id: 'support' })
    await ask('channels.status')
    await ask('channels.toggle', { id: 'support', enabled: false })
    await ask('config.get')
    await ask('channels.instances.delete', { id: 'support' })
    await world.settled()
    expect(heard).toHaveLength(12)
    expect(JSON.stringify(heard)).not.toMatch(CANARY)
    expect(published.length).toBeGreaterThan(0)
    expect(published.join()).not.toMatch(CANARY)
    expect(JSON.stringify(world.events)).not.toMatch(CANARY)
    expect(lines.join()).not.toMatch(CANARY)
    expect(JSON.stringify(heard)).not.toContain('aes-gcm:')
  })

  it('look the same masked, however many there are and however long', async () => {
    const { create, world, adam } = await open()
    await create()
    await create({ name: 'hooks', channel_type: 'webhook', credentials: HOOKS })
    const { instances } = await asked(world, adam, 'channels.instances.list')
    expect((instances as { credentials: object }[]).map(({ credentials }) => credentials)).toEqual([
      { all: '***' },
      { all: '***' },
    ])
  })

  it('are refused under names that the platform does not know, which alone are told', async () => {
    const { create } = await open()
    const extra = await create({ credentials: { ...WHATSAPP, bot_token: 'canary' } })
    expect(code(extra)).toBe('INVALID_REQUEST')
    expect(wordsOf(extra)).toContain('bot_token')
    const { verify_token: _, ...short } = WHATSAPP
    const missing = await create({ credentials: short })
    expect(code(missing)).toBe('INVALID_REQUEST')
    expect(wordsOf(missing)).toContain('verify_token')
    expect(code(await create({ credentials: { ...WHATSAPP, app_secret: '' } }))).toBe(
      'INVALID_REQUEST',
    )
  })

  it('are sealed for their own row alone', async () => {
    const { world, tenant, create, rowOf } = await open()
    await create()
    const { id, sealedCredentials } = await rowOf('support')
    const { keyRing } = world.services
    const opened = await openChannelCredentials(keyRing, tenant, id, sealedCredentials ?? '')
    expect(opened.ok && JSON.parse(opened.value.text)).toEqual(WHATSAPP)
    const moved = await openChannelCredentials(keyRing, tenant, 'chn_x', sealedCredentials ?? '')
    expect(moved.ok).toBe(false)
  })

  it('of a hook are never the gateway’s own token', async () => {
    const { create } = await open()
    const hook = { name: 'hooks', channel_type: 'webhook' satisfies ChannelType }
    const refused = await create({ ...hook, credentials: { proof: 'bearer', secret: TOKEN } })
    expect(code(refused)).toBe('INVALID_REQUEST')
    expect(wordsOf(refused)).not.toContain(TOKEN)
    expect(code(await create({ ...hook, credentials: HOOKS }))).toBe('ok')
  })

  it('are erased with the address that they were set for, unless they come anew', async () => {
    const { owner, create, rowOf, update } = await open()
    await create({}, owner)
    const away = { api_base_url: 'https://elsewhere.example', allow_private_network: true }
    expect(code(await update({ config: { dm_policy: 'open' } }, owner))).toBe('ok')
    expect((await rowOf('support')).sealedCredentials).not.toBeNull()
    expect(await update({ config: away }, owner)).toMatchObject({
      value: { credentials: {}, bot: null },
    })
    expect((await rowOf('support')).sealedCredentials).toBeNull()
    expect(code(await update({ credentials: WHATSAPP }, owner))).toBe('ok')
    // The way back is another address as well; a path of the same one is not.
    const path = { ...away, api_base_url: 'https://elsewhere.example/v2' }
    await update({ config: path }, owner)
    expect((await rowOf('support')).sealedCredentials).not.toBeNull()
    await update({ config: {} }, owner)
    expect((await rowOf('support')).sealedCredentials).toBeNull()
  })
})

describe('settings of a channel', () => {
  it('are refused with keys that nobody reads', async () => {
    const { create, update } = await open()
    await create()
    for (const config of [
      { dm_polcy: 'open' },
      { dm_policy: 'everyone' },
      { groups: { '*': { requireMention: false } } },
      { mention_patterns: ['(a+)+$'] },
      { api_base_url: 'file:///etc/passwd' },
    ]) {
      expect([config, code(await update({ config }))]).toEqual([config, 'INVALID_REQUEST'])
      expect(code(await create({ name: 'other', config }))).toBe('INVALID_REQUEST')
    }
    expect(code(await update({ config: { dm_policy: 'open', allow_from: ['*'] } }))).toBe('ok')
  })

  it('of hooks are refused where they are written, not where they are called', async () => {
    const { create } = await open()
    const hooks = (hook: object, name = 'ci') =>
      create({
        name: 'hooks',
        channel_type: 'webhook',
        credentials: HOOKS,
        config: { hooks: { [name]: hook } },
      })
    expect(code(await hooks({ mesage: 'see to it' }))).toBe('INVALID_REQUEST')
    expect(code(await hooks({ allow_session_key: true }))).toBe('INVALID_REQUEST')
    expect(code(await hooks({}, 'Not/A/Name'))).toBe('INVALID_REQUEST')
    expect(code(await hooks({ message: 'see to it' }))).toBe('ok')
  })

  it('lead to another address only where an owner of the gateway says so', async () => {
    const { create, owner, person } = await open()
    const config = { api_base_url: 'https://elsewhere.example' }
    const isPrivate = { ...config, allow_private_network: true }
    for (const by of [person('adam'), person('olga')]) {
      expect(code(await create({ config }, by))).toBe('INVALID_REQUEST')
      expect(code(await create({ config: isPrivate }, by))).toBe('UNAUTHORIZED')
      expect(code(await create({ config: { allow_private_network: true } }, by))).toBe(
        'UNAUTHORIZED',
      )
    }
    expect(requests).toEqual([])
    expect(code(await create({ config: isPrivate }, owner))).toBe('ok')
  })

  it('that an owner opened are no admin’s to point elsewhere', async () => {
    const { create, owner, update } = await open()
    const config = { api_base_url: 'https://elsewhere.example', allow_private_network: true }
    await create({ config }, owner)
    const moved = { ...config, api_base_url: 'https://third.example' }
    expect(code(await update({ config: moved }))).toBe('UNAUTHORIZED')
    expect(code(await update({ display_name: 'Support' }))).toBe('ok')
  })
})

describe('what an admin does with a channel', () => {
  it('holds at once: off, on, and gone with all that was its own', async () => {
    const { world, adam, create, rowOf, told, pair, snapshot, open: openIt } = await open()
    await create()
    const instance = await rowOf('support')
    await pair(instance, '42')
    const { authVersion } = await snapshot()
    await asked(world, adam, 'channels.toggle', { id: 'support', enabled: false })
    expect((await snapshot()).authVersion).toBeGreaterThan(authVersion)
    await expect(openIt(instance)).rejects.toThrow('closed')
    await asked(world, adam, 'channels.toggle', { id: instance.id, enabled: true })
    expect(await openIt(instance)).toBeDefined()
    await world.settled()
    expect(told).toContain(`${instance.id} changed`)
    await asked(world, adam, 'channels.instances.delete', { id: 'support' })
    await expect(openIt(instance)).rejects.toThrow('closed')
    expect(told).toContain(`${instance.id} erased`)
    expect(await asked(world, adam, 'channel.pair.list')).toEqual({ pairings: [] })
    expect(code(await call(world, adam, 'channels.instances.get', { id: 'support' }))).toBe(
      'NOT_FOUND',
    )
  })

  it('leads to no instance of a neighbour', async () => {
    const [here, there] = [await open(), await open()]
    await there.create()
    const { id } = await there.rowOf('support')
    for (const [name, more] of [
      ['channels.instances.get', {}],
      ['channels.instances.update', { enabled: false }],
      ['channels.instances.delete', {}],
      ['channels.instances.test', {}],
      ['channels.toggle', { enabled: false }],
    ] as const) {
      const answer = await call(here.world, here.adam, name, { id, ...more })
      expect([name, code(answer)]).toEqual([name, 'NOT_FOUND'])
    }
    expect(await there.rowOf('support')).toMatchObject({ enabled: true })
  })

  it('asks no platform while an emergency stop is in force', async () => {
    const { world, adam, create } = await open()
    await create()
    requests.length = 0
    await asked(world, adam, 'estop.set', { kind: 'network', reason: 'drill' })
    const probe = await asked(world, adam, 'channels.instances.test', { id: 'support' })
    expect(probe).toMatchObject({ ok: false, bot: null })
    expect(requests).toEqual([])
  })
})
