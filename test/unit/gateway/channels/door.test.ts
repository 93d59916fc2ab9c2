import { describe, expect, it } from 'vitest'
import { CALLBACK_RETRY_MS } from '../../../../src/channels/webhook/callback.ts'
import { isSenderPaired } from '../../../../src/db/channel-pairings.ts'
import type { ChannelInstance } from '../../../../src/domain/channel.ts'
import type { InboundEvent } from '../../../../src/domain/channel-event.ts'
import { createChannelDoor } from '../../../../src/gateway/channels/door.ts'
import type { Judged } from '../../../../src/gateway/channels/open-channel.ts'
import { asked } from '../../api/control.ts'
import { bearer, settings, TOKEN, useQuietLog } from '../world.ts'
import { inGroup, NOTHING_HEARD, openChannels, written } from './world.ts'

useQuietLog()

const ANNA = '491700000001'
const BEN = '491700000002'
/** Whom the tenant named as an owner of its channels. */
const OLGA = '491700000009'

async function open(config: object = {}) {
  const channels = await openChannels()
  await channels.configure({ channels: { commands: { ownerAllowFrom: [OLGA] } } })
  const fields: Partial<ChannelInstance> = { config: { ...config } }
  const instance = await channels.add('whatsapp', fields)
  const judge = async (event: InboundEvent, heard = NOTHING_HEARD): Promise<Judged> =>
    (await channels.open(instance)).judge(event, heard)
  return { ...channels, instance, judge }
}

const pressed = (senderId: string, fields: object = {}): InboundEvent => ({
  ...written(senderId, '', fields),
  kind: 'decision',
  approvalId: 'apr_1',
  decision: 'allow-once',
})

it('repeats what may have arrived only to whoever tells a repeat by its id', async () => {
  const { add, open: opened, instance } = await open()
  expect((await opened(await add('webhook'))).retryMs).toBe(CALLBACK_RETRY_MS)
  expect((await opened(instance)).retryMs).toBeNull()
})

describe('a stranger', () => {
  it('is shown a code once, and is silence after that, and to a fourth', async () => {
    const { judge, instance, world, published, tenant } = await open()
    const first = await judge(written(ANNA))
    if (first.kind !== 'answer') throw new Error(first.kind)
    expect(first.text).toMatch(/[A-HJ-NP-Z2-9]{8}/)
    expect(published.join()).toContain('channel.pair.requested')
    // The code is for the sender alone: admins look it up, and nobody listens along.
    const [code] = /[A-HJ-NP-Z2-9]{8}/.exec(first.text) ?? []
    expect(published.join()).not.toContain(code)
    expect(await judge(written(ANNA, 'again'))).toMatchObject({ kind: 'drop' })
    expect((await judge(written(BEN))).kind).toBe('answer')
    expect((await judge(written('491700000003'))).kind).toBe('answer')
    expect((await judge(written('491700000004'))).kind).toBe('drop')
    const sender = { channel: 'whatsapp', instanceId: instance.id, senderId: ANNA }
    expect(await isSenderPaired(world.db, tenant, sender)).toBe(false)
  })

  it('begins no request by what is passed on, by a button, or in a group', async () => {
    const { judge, published } = await open()
    for (const event of [
      written(ANNA, 'hello', { isRelayed: true }),
      pressed(ANNA),
      written(ANNA, 'hello', inGroup('g')),
    ]) {
      expect((await judge(event)).kind).toBe('drop')
    }
    expect(published.join()).not.toContain('channel.pair.requested')
  })

  it('commands nothing, whoever else is let in', async () => {
    const { judge, pair, instance, sessions } = await open()
    await pair(instance, ANNA)
    for (const text of ['/stop', '/reset', '/status', '/stopall', '/approve apr_1 allow-once'])
      expect((await judge(written(ANNA, text))).kind).toBe('drop')
    expect(sessions).toEqual([])
    expect((await judge(written(ANNA, 'hello'))).kind).toBe('run')
  })
})

describe('an /approve', () => {
  const APPROVE = '/approve apr_1 allow-once'
  const config = { dm_policy: 'open', allow_from: ['*'], group_policy: 'open' }
  const isHeard = async (judged: Promise<Judged>): Promise<boolean> => {
    const { kind } = await judged
    return kind === 'answer'
  }

  it('is carried out for an owner of the channels alone', async () => {
    const { judge } = await open(config)
    // There is no such question: that is what an owner is told, and nobody else.
    const told = await judge(written(OLGA, APPROVE))
    expect(told).toMatchObject({
      kind: 'answer',
      text: expect.stringMatching(/not found|no such/i),
    })
    expect(await isHeard(judge(pressed(OLGA)))).toBe(true)
    expect(await isHeard(judge(written(ANNA, APPROVE)))).toBe(false)
    expect(await isHeard(judge(pressed(ANNA)))).toBe(false)
  })

  it.each<[string, object]>([
    ['the bot itself', { sender: { id: OLGA, username: null, displayName: '', kind: 'self' } }],
    ['another bot', { sender: { id: OLGA, username: null, displayName: '', kind: 'bot' } }],
    ['a forward', { isRelayed: true }],
    [
      'the bot in a group',
      {
        ...inGroup('g'),
        sender: { id: OLGA, username: null, displayName: '', kind: 'self' },
      },
    ],
    ['a forward in a group', { ...inGroup('g'), isRelayed: true }],
  ])('of %s approves nothing', async (_, fields) => {
    const { judge, sessions } = await open(config)
    expect(await judge(written(OLGA, APPROVE, fields))).toMatchObject({ kind: 'drop' })
    expect(sessions).toEqual([])
  })

  it('that is quoted, overheard or in the middle of a sentence is words', async () => {
    const { judge } = await open(config)
    for (const event of [
      written(OLGA, 'what is this?', { quoted: APPROVE }),
      written(OLGA, `please ${APPROVE}`),
    ]) {
      expect(await judge(event)).toMatchObject({ kind: 'run' })
    }
    const heard = { lines: [`Anna: ${APPROVE}`], album: [] }
    const judged = await judge(written(OLGA, 'hello'), heard)
    expect(judged).toMatchObject({
      kind: 'run',
      run: { message: 'hello', outside: { source: { kind: 'channel' } } },
    })
  })

  it('of a hook approves nothing, whoever wrote it', async () => {
    const { add, open: openIt, configure } = await open()
    await configure({ channels: { commands: { ownerAllowFrom: ['ci'] } } })
    const hooks = await add('webhook', { config: { hooks: { ci: { message: APPROVE } } } })
    const address = { hook: 'ci', delivery: 'd', callback: null }
    const call = { address, isRelayed: true, isMention: true }
    const channel = await openIt(hooks)
    const own = await channel.judge(written('ci', APPROVE, call), NOTHING_HEARD)
    expect(own.kind).toBe('drop')
    const caller = written('ci', 'See to it.', { ...call, quoted: APPROVE })
    expect(await channel.judge(caller, NOTHING_HEARD)).toMatchObject({
      kind: 'run',
      run: { message: 'See to it.', outside: { source: { kind: 'webhook' } } },
    })
  })
})

describe('a command', () => {
  it('is about the sender’s own conversation, and as nobody more than an operator', async () => {
    const { judge, sessions } = await open({ allow_from: [ANNA, BEN] })
    expect(await judge(written(ANNA, '/stop'))).toMatchObject({ kind: 'answer' })
    expect(await judge(written(BEN, '/reset'))).toMatchObject({ kind: 'answer' })
    expect(sessions.map(({ call }) => call)).toEqual(['abort', 'reset'])
    expect(sessions[0]?.key).not.toBe(sessions[1]?.key)
    for (const { by } of sessions) {
      expect(by).toMatchObject({ role: 'operator', isMasterScope: false })
      expect(by.credential.kind).toBe('channel')
    }
  })

  it('shows what leads to answers to whoever may command, directly alone', async () => {
    const { judge } = await open({ allow_from: [ANNA], groups: { g: {} } })
    const command = (text: string, fields = {}) => judge(written(ANNA, text, fields))
    expect(await command('/verbose on')).toEqual({ kind: 'show', what: 'verbose', isOn: true })
    expect(await command('/reasoning')).toEqual({ kind: 'show', what: 'reasoning', isOn: null })
    expect(await command('/verbose loud')).toMatchObject({ kind: 'answer' })
    expect(await command('/verbose on', inGroup('g'))).toMatchObject({ kind: 'drop' })
    expect(await command('hello')).toMatchObject({ run: { maySeeSteps: true } })
    expect(await command('hello', inGroup('g'))).toMatchObject({ run: { maySeeSteps: false } })
  })

  it('stops, where it stops all, only what channels began', async () => {
    const { judge, world, sessions } = await open({ allow_from: [OLGA] })
    const { tenant: tenantOf } = world.services
    const run = (userId: string, sessionKey: string) => ({ userId, sessionKey, runId: 'run_1' })
    Object.assign(world.services, {
      tenant: (id: never) => ({
        ...tenantOf(id),
        runningRuns: async () => [
          run('channel:sender:chn_1:1', 'agent:default:whatsapp:direct:1'),
          run('adam', 'agent:default:ws:direct:1'),
        ],
      }),
    })
    await judge(written(OLGA, '/stopall'))
    expect(sessions).toMatchObject([{ key: 'agent:default:whatsapp:direct:1', call: 'abort' }])
  })
})

describe('a message of somebody who is heard', () => {
  it('is put to its session with no more rights than a channel has', async () => {
    const { judge } = await open({ allow_from: [ANNA] })
    const judged = await judge(written(ANNA))
    expect(judged).toMatchObject({
      kind: 'run',
      run: {
        message: 'hello',
        outside: null,
        address: { to: ANNA },
        principal: {
          role: 'operator',
          scopes: ['operator.write'],
          isMasterScope: false,
          credential: { kind: 'channel' },
          channel: { senderId: ANNA },
        },
      },
    })
  })

  it('waits where the sender writes more than they may, by the sender and not the group', async () => {
    const { judge, world } = await open({ groups: { g: {} } })
    world.verdict = { isAllowed: false, bucket: 'user', retryAfterMs: 7_000 } as never
    const later = await judge(written(ANNA, 'hello', inGroup('g')))
    expect(later).toMatchObject({ kind: 'later', afterMs: 7_000 })
    expect(world.taken.at(-1)?.name).toContain(ANNA)
  })

  it('is kept as context where the agent was not asked', async () => {
    const { judge } = await open({ groups: { g: {} } })
    const aside = written(ANNA, 'to each other', { ...inGroup('g'), isMention: false })
    expect(await judge(aside)).toEqual({
      kind: 'overhear',
      line: `Person ${ANNA}: to each other`,
    })
  })
})

describe('the door of a channel', () => {
  it('is closed to what is off or gone, and waits while everything is stopped', async () => {
    const { open: openIt, instance, change, world, tenant } = await open()
    expect(await openIt(instance)).toBeDefined()
    await expect(openIt({ ...instance, id: 'chn_gone' })).rejects.toThrow('closed')
    const adam = { credential: bearer(TOKEN), claims: { tenant, userId: 'adam' } }
    await asked(world, adam, 'estop.set', { kind: 'network', reason: 'drill' })
    await expect(openIt(instance)).rejects.toThrow('paused')
    await change(instance, { enabled: false })
    await expect(openIt(instance)).rejects.toThrow('closed')
  })

  it('is closed where the credentials are gone, or another row’s', async () => {
    const { open: openIt, instance, add, change } = await open()
    const other = await add('whatsapp')
    const { sealedCredentials } = other
    const moved = await change(instance, { sealedCredentials })
    await expect(openIt(moved)).rejects.toThrow('closed')
    await change(moved, { sealedCredentials: null })
    await expect(openIt(moved)).rejects.toThrow('closed')
  })

  it('tells a conversation nothing of what went wrong inside', async () => {
    const { open: openIt, instance } = await open()
    const { wordsOf } = await openIt(instance)
    const failed = { kind: 'failed', code: 'INTERNAL', message: 'canary at /srv/x' } as never
    expect(wordsOf(failed)).not.toContain('canary')
    expect(wordsOf({ kind: 'completed', content: 'yes' } as never)).toBe('yes')
  })
})

describe('a door', () => {
  it('opens onto the same client until something of the tenant changes', async () => {
    const { world, tenant, instance, change } = await open({ allow_from: [ANNA] })
    const door = createChannelDoor(world.services, settings(), tenant, instance.id)
    const clientNow = async () => {
      const opened = await door.open()
      return opened.kind === 'open' ? opened.channel.client : opened.kind
    }
    const first = await clientNow()
    expect(first).toBeTypeOf('object')
    expect(await clientNow()).toBe(first)
    const changed = await change(instance, { config: { allow_from: [BEN] } })
    expect(await clientNow()).not.toBe(first)
    await change(changed, { enabled: false })
    expect(await clientNow()).toBe('closed')
  })
})
