import { describe, expect, it } from 'vitest'
import { discord } from '../../../../src/channels/discord/index.ts'
import { DISCORD_BOT_ID, serveDiscord } from '../../../support/channels/discord.ts'

const APPLICATION = '845027738276462632'
const PUBLIC_KEY = 'ab'.repeat(32)
const CHANNEL = '645027906669510667'
const BOT_TOKEN = 'a-bot-token-of-nobody-at-all'

async function setUp() {
  const world = {
    application: APPLICATION,
    publicKey: PUBLIC_KEY,
    botToken: BOT_TOKEN,
    interactionTokens: new Set(['good']),
    channels: new Set([CHANNEL]),
  }
  const server = await serveDiscord(world)
  const credentials = { application_id: APPLICATION, public_key: PUBLIC_KEY, bot_token: BOT_TOKEN }
  const client = (changes: Partial<typeof credentials> = {}) =>
    discord.client({ ...credentials, ...changes }, { fetch, baseUrl: server.url })
  return { world, server, client }
}
const address = (changes: object = {}) => ({
  channel: CHANNEL,
  token: 'good',
  tokenUntilMs: Date.now() + 60_000,
  ...changes,
})
const question = {
  approvalId: 'apr_1',
  tool: 'exec',
  detail: 'rm -rf build @everyone',
  reason: 'not on the list',
  choices: ['allow-once', 'allow-always', 'deny'],
} as const

describe('an answer on Discord', () => {
  it('goes through the interaction, calling nobody and showing no preview', async () => {
    const { server, client } = await setUp()
    await using _ = server
    const sent = await client().send(address(), 'hello **you** @everyone <@&41771983423143936>')
    expect(sent).toMatchObject({ ok: true })
    const [call] = server.calls
    expect(call).toMatchObject({ method: 'POST', path: `/webhooks/${APPLICATION}/good` })
    expect(call?.headers).not.toHaveProperty('authorization')
    expect(call?.json).toEqual({
      content: 'hello **you** @\u200beveryone \\<@&41771983423143936>',
      flags: 4,
      allowed_mentions: { parse: [] },
    })
  })

  it('goes to the channel as the bot once the token is over, by our clock or by theirs', async () => {
    const { server, client } = await setUp()
    await using _ = server
    const late = address({ tokenUntilMs: Date.now() - 1 })
    expect(await client().send(late, 'late')).toMatchObject({ ok: true })
    expect(server.calls.map(({ path }) => path)).toEqual([`/channels/${CHANNEL}/messages`])
    expect(server.calls[0]?.headers['authorization']).toBe(`Bot ${BOT_TOKEN}`)
    expect(await client().send(address({ token: 'spent' }), 'spent')).toMatchObject({ ok: true })
    expect(server.calls.map(({ path }) => path).slice(1)).toEqual([
      `/webhooks/${APPLICATION}/spent`,
      `/channels/${CHANNEL}/messages`,
    ])
    for (const { json } of server.calls) {
      expect(json).toMatchObject({ flags: 4, allowed_mentions: { parse: [] } })
    }
  })

  it('is refused where the bot may not write, and where nothing is known', async () => {
    const { world, server, client } = await setUp()
    await using _ = server
    world.channels.clear()
    const late = address({ tokenUntilMs: 0 })
    expect(await client().send(late, 'x')).toEqual({
      ok: false,
      error: { kind: 'refused', reason: 'the bot cannot see the channel' },
    })
    expect(await client().send({}, 'x')).toMatchObject({ ok: false, error: { kind: 'refused' } })
    expect(await client().send(address({ channel: null, tokenUntilMs: 0 }), 'x')).toMatchObject({
      error: { kind: 'refused' },
    })
  })

  it('waits as long as Discord says, and tells an outage from a refusal', async () => {
    const { server, client } = await setUp()
    await using _ = server
    server.answerNext({ status: 429, json: { message: 'slow', retry_after: 1.5, global: false } })
    expect(await client().send(address(), 'x')).toEqual({
      ok: false,
      error: { kind: 'rate_limited', retryAfterMs: 1_500 },
    })
    server.answerNext({ status: 502 })
    expect(await client().send(address(), 'x')).toMatchObject({ error: { kind: 'unavailable' } })
  })

  it('names no token in what it says of a failure', async () => {
    const { server, client } = await setUp()
    const gone = server.url
    await server[Symbol.asyncDispose]()
    const failed = await client().send(address(), gone)
    expect(failed).toMatchObject({ ok: false, error: { kind: 'unknown' } })
    expect(JSON.stringify(failed)).not.toContain('good')
  })
})

describe('a question on Discord', () => {
  it('has a button for each choice, and calls nobody', async () => {
    const { server, client } = await setUp()
    await using _ = server
    expect(await client().ask?.(address(), question)).toMatchObject({ ok: true })
    expect(server.calls[0]?.json).toMatchObject({
      flags: 4,
      allowed_mentions: { parse: [] },
      components: [
        {
          type: 1,
          components: [
            { type: 2, style: 3, label: 'Allow once', custom_id: 'approval:allow-once:apr_1' },
            { type: 2, style: 2, label: 'Allow always', custom_id: 'approval:allow-always:apr_1' },
            { type: 2, style: 4, label: 'Deny', custom_id: 'approval:deny:apr_1' },
          ],
        },
      ],
    })
    expect(server.calls[0]?.text).not.toContain('@everyone')
    expect(server.calls[0]?.text).toContain('rm -rf build')
  })

  it('goes, and what became of it is said, though it is gone already', async () => {
    const { server, client } = await setUp()
    await using _ = server
    server.answerNext({ status: 404, json: { code: 10_008, message: 'Unknown Message' } })
    expect(await client().settle?.(address(), '17', 'Denied.')).toEqual({ ok: true, value: null })
    expect(server.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `DELETE /webhooks/${APPLICATION}/good/messages/17`,
      `POST /webhooks/${APPLICATION}/good`,
    ])
  })
})

describe('an application of Discord', () => {
  it('is known by its bot', async () => {
    const { server, client } = await setUp()
    await using _ = server
    expect(await client().identify()).toEqual({
      ok: true,
      value: { id: DISCORD_BOT_ID, username: 'helper' },
    })
  })

  it('is refused where token, key and id are of several', async () => {
    const { server, client } = await setUp()
    await using _ = server
    const changes = [
      { application_id: '845027738276462633' },
      { public_key: 'cd'.repeat(32) },
      { bot_token: 'another-bot-token-of-nobody' },
    ]
    for (const changed of changes) {
      const refused = await client(changed).identify()
      expect(refused).toMatchObject({ ok: false, error: { kind: 'refused' } })
    }
  })

  it('gets its commands and the address of its endpoint', async () => {
    const { server, client } = await setUp()
    await using _ = server
    const hook = 'https://gateway.example/channels/discord/ch_1'
    expect(await client().register?.(hook)).toEqual({ ok: true, value: null })
    const commands = server.calls.filter(({ path }) => path.endsWith('/commands'))
    expect(commands.map(({ json }) => json?.['name'])).toEqual([
      'ask',
      'stop',
      'stopall',
      'reset',
      'status',
      'approve',
      'reasoning',
      'verbose',
      'help',
    ])
    expect(server.calls.at(-1)).toMatchObject({
      method: 'PATCH',
      path: '/applications/@me',
      json: { interactions_endpoint_url: hook },
    })
  })

  it('has its address entered by hand where it cannot be set', async () => {
    const { server } = await setUp()
    await using _ = server
    const noPatch: typeof fetch = (input, init) =>
      init?.method === 'PATCH' ? Promise.reject(new TypeError('no way')) : fetch(input, init)
    const credentials = {
      application_id: APPLICATION,
      public_key: PUBLIC_KEY,
      bot_token: BOT_TOKEN,
    }
    const client = discord.client(credentials, { fetch: noPatch, baseUrl: server.url })
    expect(await client.register?.('https://gateway.example/x')).toEqual({
      ok: false,
      error: {
        kind: 'refused',
        reason:
          'enter https://gateway.example/x as the Interactions Endpoint URL of the application',
      },
    })
  })
})

describe('a file of Discord', () => {
  it('is fetched from where Discord keeps files, without the token, and from nobody else', async () => {
    const { server, client } = await setUp()
    await using _ = server
    const fetchFile = (reference: string) =>
      client().fetchFile?.({ reference, name: 'a', mimeType: null, bytes: null }, 99)
    const got = await fetchFile(`${server.url}/attachments/1/2/a.txt?ex=1&hm=2`)
    expect(got).toEqual({ ok: true, value: new TextEncoder().encode('a file') })
    expect(server.calls[0]?.headers).not.toHaveProperty('authorization')
    for (const url of ['https://evil.example/a', 'https://cdn.discordapp.com.evil.example/a']) {
      expect(await fetchFile(url)).toMatchObject({ error: { kind: 'refused' } })
    }
    expect(server.calls).toHaveLength(1)
  })
})
