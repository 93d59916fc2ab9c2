/** Signed as Discord signs, judged beside its own library `discord-interactions`. */
import { generateKeyPairSync, sign } from 'node:crypto'
import { verifyKey } from 'discord-interactions'
import { describe, expect, it } from 'vitest'
import { discord } from '../../../../src/channels/discord/index.ts'
import type { BotIdentity, InboundMessage } from '../../../../src/channels/platform.ts'
import { delivery, NOW_MS, SIGNED_AT } from '../proof.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const publicHex = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex')
const APPLICATION = '845027738276462632'
const credentials = {
  application_id: APPLICATION,
  public_key: publicHex,
  bot_token: 'a-bot-token-of-nobody-at-all',
}
const PERSON = '53908232506183680'
const self: BotIdentity = { id: '80351110224678912', username: 'helper' }

const user = { id: PERSON, username: 'Mason', global_name: 'Mason M.', discriminator: '0' }
const command = (changes: object = {}) => ({
  id: '846462639134605312',
  application_id: APPLICATION,
  type: 2,
  token: 'aW50ZXJhY3Rpb246dG9rZW4',
  version: 1,
  guild_id: '290926798626357999',
  channel_id: '645027906669510667',
  channel: { id: '645027906669510667', type: 0 },
  context: 0,
  member: { user, roles: [], permissions: '0' },
  data: {
    id: '771825006014889984',
    name: 'ask',
    type: 1,
    options: [{ name: 'text', type: 3, value: 'what is new?' }],
  },
  ...changes,
})
const {
  guild_id: _guild,
  member: _member,
  ...direct
} = command({
  user,
  context: 1,
  channel: { id: '645027906669510667', type: 1 },
})

const signed = (body: string) => {
  const bytes = Buffer.from(`${SIGNED_AT}${body}`)
  return {
    'x-signature-timestamp': `${SIGNED_AT}`,
    'x-signature-ed25519': sign(null, bytes, privateKey).toString('hex'),
  }
}
const receive = (value: unknown, as: BotIdentity | null = self) => {
  const body = JSON.stringify(value)
  const facts = { method: 'POST', query: new URLSearchParams(), nowMs: NOW_MS, self: as }
  return discord.receive(delivery(signed(body), body), credentials, facts)
}
async function received(value: unknown, as: BotIdentity | null = self) {
  const got = await receive(value, as)
  if (!got.ok) throw new Error(got.error)
  return { ...got.value, json: JSON.parse(got.value.answer.body) }
}
const message = async (value: unknown): Promise<InboundMessage> => {
  const [event] = (await received(value)).events
  if (event?.kind !== 'message') throw new Error('no message')
  return event
}

describe('an interaction of Discord', () => {
  it("holds for Discord's own library exactly when it holds for us", async () => {
    const body = JSON.stringify(command())
    const headers = signed(body)
    for (const text of [body, `${body} `]) {
      const { 'x-signature-ed25519': signature, 'x-signature-timestamp': time } = headers
      const facts = { method: 'POST', query: new URLSearchParams(), nowMs: NOW_MS, self }
      const ours = await discord.receive(delivery(headers, text), credentials, facts)
      expect(ours.ok).toBe(await verifyKey(text, signature, time, publicHex))
    }
  })

  it('is answered PONG where it is a PING', async () => {
    const ping = { id: '1', application_id: APPLICATION, type: 1, token: 't', version: 1 }
    expect(await received(ping)).toMatchObject({ events: [], json: { type: 1 } })
  })

  it('is a message where it is /ask, deferred at once', async () => {
    const got = await received(command())
    expect(got.json).toEqual({ type: 5 })
    expect(got.events).toEqual([
      {
        kind: 'message',
        deliveryId: '846462639134605312',
        sender: { id: PERSON, username: 'mason', displayName: 'Mason M.', kind: 'person' },
        conversation: { kind: 'group', id: '645027906669510667', threadId: null },
        address: {
          channel: '645027906669510667',
          token: 'aW50ZXJhY3Rpb246dG9rZW4',
          tokenUntilMs: 1_000 * SIGNED_AT + 14.5 * 60_000,
        },
        sentAt: 1_000 * SIGNED_AT,
        text: 'what is new?',
        quoted: null,
        isRelayed: false,
        isMention: true,
        isCommand: false,
        files: [],
        albumId: null,
      },
    ])
  })

  it('is a command where it is another one, with its options as words', async () => {
    const options = [
      { name: 'id', type: 3, value: 'apr_1' },
      { name: 'decision', type: 3, value: 'deny' },
    ]
    const approve = command({ data: { id: '1', name: 'approve', type: 1, options } })
    expect(await message(approve)).toMatchObject({ text: '/approve apr_1 deny', isCommand: true })
    const stop = command({ data: { id: '1', name: 'stop', type: 1 } })
    expect(await message(stop)).toMatchObject({ text: '/stop', isCommand: true })
  })

  it('is direct with the application alone: others read on in any other private channel', async () => {
    expect(await message(direct)).toMatchObject({
      conversation: { kind: 'direct', id: PERSON, threadId: null },
    })
    for (const changes of [{ context: 2 }, { context: undefined, channel: { type: 3 } }]) {
      expect(await message({ ...direct, ...changes })).toMatchObject({
        conversation: { kind: 'group', id: '645027906669510667' },
      })
    }
  })

  it('in a thread belongs to the channel and the thread', async () => {
    const channel = { id: '645027906669510667', type: 11, parent_id: '41771983423143937' }
    expect(await message(command({ channel }))).toMatchObject({
      conversation: { kind: 'group', id: '41771983423143937', threadId: '645027906669510667' },
      address: { channel: '645027906669510667' },
    })
  })

  it('names nobody by what is not unique, or could be an id of somebody else', async () => {
    for (const changes of [{ username: '53908232506183681' }, { discriminator: '1337' }]) {
      const member = { user: { ...user, ...changes } }
      expect((await message(command({ member }))).sender.username).toBeNull()
    }
  })

  it('tells bots and itself from people', async () => {
    const of = async (changes: object) =>
      (await message(command({ member: { user: { ...user, ...changes } } }))).sender.kind
    expect(await of({ bot: true })).toBe('bot')
    expect(await of({ bot: true, id: self.id })).toBe('self')
    expect(await of({ bot: false })).toBe('person')
  })

  it('is a decision where a button of ours was pressed, and nothing where another was', async () => {
    const press = (custom_id: string) =>
      command({ type: 3, data: { custom_id, component_type: 2 }, message: { id: '1' } })
    const got = await received(press('approval:allow-once:apr_1'))
    expect(got.json).toEqual({ type: 6 })
    expect(got.events).toMatchObject([
      { kind: 'decision', approvalId: 'apr_1', decision: 'allow-once', sender: { id: PERSON } },
    ])
    expect(await received(press('something:else'))).toMatchObject({ events: [], json: { type: 4 } })
  })

  it('is heard of, and not taken up, where it is of another kind', async () => {
    const of = async (changes: object) => (await received(command(changes))).events
    expect(await of({ data: { id: '1', name: 'Quote', type: 3, target_id: '1' } })).toEqual([])
    expect(await of({ data: { id: '1', name: 'ask', type: 1 } })).toEqual([])
    expect(await of({ type: 5, data: { custom_id: 'x', components: [] } })).toEqual([])
    expect(await received(command({ type: 4 }))).toMatchObject({ events: [], json: { type: 8 } })
  })

  it('is refused unsigned, stale, of another application, and where it is no interaction', async () => {
    const body = JSON.stringify(command())
    const facts = { method: 'POST', query: new URLSearchParams(), nowMs: NOW_MS, self }
    expect(await discord.receive(delivery({}, body), credentials, facts)).toMatchObject({
      ok: false,
    })
    const late = { ...facts, nowMs: NOW_MS + 301_000 }
    expect(await discord.receive(delivery(signed(body), body), credentials, late)).toEqual({
      ok: false,
      error: 'timestamp_stale',
    })
    for (const value of [command({ application_id: '1' }), [], 7, command({ token: '../../x' })]) {
      expect(await receive(value)).toEqual({ ok: false, error: 'malformed' })
    }
  })
})

describe('names on Discord', () => {
  it('are ids and handles, compared in one spelling', () => {
    expect(discord.normalizeSender('@Mason')).toBe('mason')
    expect(discord.normalizeSender(PERSON)).toBe(PERSON)
    for (const name of ['Mason M.', '', '*', 'a', 'mason#1337']) {
      expect(discord.normalizeSender(name), name).toBeNull()
    }
  })
})

describe('credentials of Discord', () => {
  it('are whole, and nothing else', () => {
    expect(discord.credentials.safeParse(credentials).success).toBe(true)
    for (const changes of [
      { public_key: '' },
      { bot_token: '' },
      { application_id: 'x' },
      { x: '1' },
    ]) {
      expect(discord.credentials.safeParse({ ...credentials, ...changes }).success).toBe(false)
    }
  })
})

describe('a file of Discord', () => {
  const asked = (resolved: unknown) =>
    message(
      command({
        data: {
          id: '771825006014889984',
          name: 'ask',
          type: 1,
          options: [
            { name: 'text', type: 3, value: 'what is it?' },
            { name: 'file', type: 11, value: '900' },
          ],
          resolved,
        },
      }),
    )
  const url = 'https://cdn.discordapp.com/ephemeral-attachments/1/900/a.png?ex=1'
  const attachment = { id: '900', filename: 'a.png', size: 7, url, content_type: 'image/png' }

  it('comes beside what is asked', async () => {
    expect(await asked({ attachments: { 900: attachment, 901: attachment } })).toMatchObject({
      text: 'what is it?',
      files: [{ reference: url, name: 'a.png', mimeType: 'image/png', bytes: 7 }],
    })
  })

  it('is none that is not there', async () => {
    for (const resolved of [undefined, {}, { attachments: { 901: attachment } }, 'x']) {
      expect(await asked(resolved)).toMatchObject({ text: 'what is it?', files: [] })
    }
  })
})
