import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ChannelClient } from '../../../../src/channels/platform.ts'
import { telegram } from '../../../../src/channels/telegram/index.ts'
import { EgressError, REDIRECT_REFUSED } from '../../../../src/egress/refusal.ts'
import {
  floodWait,
  serveTelegram,
  TELEGRAM_BOT_ID,
  type TelegramWorld,
  telegramWorld,
} from '../../../support/channels/telegram.ts'
import type { WireServer } from '../../../support/channels/wire-server.ts'
import { BOT_TOKEN, credentials, SECRET } from './updates.ts'

const PEER = 4_242
const GROUP = -1_001_234_567_890
const direct = { chat: PEER, thread: null, replyTo: null }
const inTopic = { chat: GROUP, thread: 77, replyTo: 17 }
const question = {
  approvalId: 'apr_abcdefghij0123456789',
  tool: 'exec',
  detail: 'rm -rf build @anna_b',
  reason: 'not on the list',
  choices: ['allow-once', 'allow-always', 'deny'],
} as const

interface Set extends AsyncDisposable {
  readonly world: TelegramWorld
  readonly server: WireServer
  readonly client: ChannelClient & Required<ChannelClient>
}

async function setUp(token = BOT_TOKEN): Promise<Set> {
  const world = telegramWorld({ chats: new Set([PEER, GROUP]) })
  const server = await serveTelegram(world)
  const client = telegram.client(
    { ...credentials, bot_token: token },
    { fetch, baseUrl: server.url },
  )
  return {
    world,
    server,
    client: client as Set['client'],
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
const called = ({ calls }: WireServer): readonly string[] =>
  calls.map(({ path }) => path.slice(path.lastIndexOf('/') + 1))
const refused = (reason: string) => ({ ok: false, error: { kind: 'refused', reason } })

describe('an answer on Telegram', () => {
  it('is a plain text with its spans, and shows no preview', async () => {
    await using set = await setUp()
    const { server, client } = set
    expect(await client.send(direct, '**hello** @anna_b')).toEqual({
      ok: true,
      value: { messageId: '101' },
    })
    expect(server.calls).toMatchObject([
      { method: 'POST', path: `/bot${BOT_TOKEN}/sendMessage`, query: new URLSearchParams() },
    ])
    expect(server.calls[0]?.json).toEqual({
      chat_id: PEER,
      text: 'hello @\u2060anna_b',
      entities: [{ type: 'bold', offset: 0, length: 5 }],
      link_preview_options: { is_disabled: true },
    })
  })

  it('goes into the topic, to the message it answers, even if that is gone by now', async () => {
    await using set = await setUp()
    expect(await set.client.send(inTopic, 'x')).toMatchObject({ ok: true })
    expect(set.server.calls[0]?.json).toMatchObject({
      chat_id: GROUP,
      message_thread_id: 77,
      reply_parameters: { message_id: 17, allow_sending_without_reply: true },
    })
    expect(await set.client.send({ ...inTopic, thread: 1 }, 'x')).toMatchObject({ ok: true })
    expect(set.server.calls[1]?.json).not.toHaveProperty('message_thread_id')
  })

  it('is sent without its spans where Telegram does not take those', async () => {
    await using set = await setUp()
    const json = { ok: false, error_code: 400, description: 'Bad Request: Wrong message entity' }
    set.server.answerNext({ status: 400, json })
    expect(await set.client.send(direct, '`@anna_b`')).toMatchObject({ ok: true })
    expect(set.server.calls.map(({ json }) => json)).toEqual([
      expect.objectContaining({ entities: [{ type: 'code', offset: 0, length: 7 }] }),
      { chat_id: PEER, text: '@\u2060anna_b', link_preview_options: { is_disabled: true } },
    ])
  })

  it('is changed in its place, and an edit that changes nothing is done', async () => {
    await using set = await setUp()
    const { server, client, world } = set
    await client.send(direct, 'one')
    expect(await client.edit(direct, '101', '*two*')).toEqual({ ok: true, value: null })
    expect(server.calls[1]?.json).toEqual({
      chat_id: PEER,
      message_id: 101,
      text: 'two',
      entities: [{ type: 'italic', offset: 0, length: 3 }],
      link_preview_options: { is_disabled: true },
    })
    expect(await client.edit(direct, '101', '*two*')).toEqual({ ok: true, value: null })
    expect(world.messages.get(101)?.shown).toContain('two')
    expect(await client.edit(direct, '999', 'x')).toEqual(
      refused('the message cannot be changed any more'),
    )
    expect(await client.edit(direct, '1e3', 'x')).toMatchObject({ error: { kind: 'refused' } })
    expect(server.calls).toHaveLength(4)
  })

  it('types where it will be, and sends a file as it is', async () => {
    await using set = await setUp()
    const { server, client } = set
    expect(await client.typing(inTopic)).toEqual({ ok: true, value: null })
    expect(server.calls[0]?.json).toEqual({
      chat_id: GROUP,
      message_thread_id: 77,
      action: 'typing',
    })
    const file = {
      name: 'a "b".txt',
      mimeType: 'text/plain',
      bytes: new TextEncoder().encode('hi'),
    }
    expect(await client.sendFile(inTopic, file)).toEqual({ ok: true, value: { messageId: '101' } })
    const form = server.calls[1]
    expect(form?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/)
    for (const part of [
      `name="chat_id"\r\n\r\n${GROUP}\r\n`,
      'name="message_thread_id"\r\n\r\n77\r\n',
      'name="reply_parameters"\r\n\r\n{"message_id":17,"allow_sending_without_reply":true}\r\n',
      'name="document"; filename="a %22b%22.txt"\r\nContent-Type: text/plain\r\n\r\nhi\r\n',
    ]) {
      expect(form?.text).toContain(part)
    }
  })

  it('asks in its frame or not at all', async () => {
    await using set = await setUp()
    const { server, client } = set
    const description = "Bad Request: can't parse entities: the span is wrong"
    server.answerNext({ status: 400, json: { ok: false, error_code: 400, description } })
    expect(await client.ask(direct, question)).toMatchObject({ error: { kind: 'refused' } })
    expect(called(server)).toEqual(['sendMessage'])
    expect(await client.ask({}, question)).toMatchObject({ error: { kind: 'refused' } })
    expect(await client.ask(direct, question)).toMatchObject({ ok: true })
    expect(server.calls[1]?.json).toMatchObject({ link_preview_options: { is_disabled: true } })
  })

  it('shows a picture, and sends it as a document where Telegram takes it for none', async () => {
    await using set = await setUp()
    const { server, client } = set
    const picture = { name: 'a.png', mimeType: 'image/png', bytes: new Uint8Array([137, 80, 255]) }
    expect(await client.sendFile(direct, picture)).toMatchObject({ ok: true })
    expect(called(server)).toEqual(['sendPhoto'])
    expect(server.calls[0]?.bytes.includes(255)).toBe(true)
    const description = 'Bad Request: PHOTO_INVALID_DIMENSIONS'
    server.answerNext({ status: 400, json: { ok: false, error_code: 400, description } })
    expect(await client.sendFile(direct, picture)).toMatchObject({ ok: true })
    expect(called(server).slice(1)).toEqual(['sendPhoto', 'sendDocument'])
    server.answerNext({
      status: 403,
      json: { ok: false, description: 'bot was blocked by the user' },
    })
    expect(await client.sendFile(direct, picture)).toEqual(
      refused('this person has blocked the bot'),
    )
    const drawing = { ...picture, mimeType: 'image/svg+xml' }
    expect(await client.sendFile(direct, drawing)).toMatchObject({ ok: true })
    expect(called(server).at(-1)).toBe('sendDocument')
  })

  it.each([
    [403, 'Forbidden: bot was blocked by the user', 'this person has blocked the bot'],
    [
      403,
      'Forbidden: bot was kicked from the supergroup chat',
      'the bot was removed from the chat',
    ],
    [400, 'Bad Request: chat not found', 'the chat is gone, or the bot was never in it'],
    [400, 'Bad Request: message thread not found', 'the topic is closed or gone'],
    [
      400,
      'Bad Request: not enough rights to send text messages to the chat',
      'the bot may not write in the chat',
    ],
    [401, 'Unauthorized', 'the bot token is void'],
    [404, 'Not Found', 'the bot token is void'],
    [418, `secret ${BOT_TOKEN}`, 'Telegram answered 418'],
  ])('is refused for good with %i %s', async (status, description, reason) => {
    await using set = await setUp()
    set.server.answerNext({ status, json: { ok: false, error_code: status, description } })
    expect(await set.client.send(direct, 'x')).toEqual(refused(reason))
  })

  it('is refused in a group that became another one, whose id it tells', async () => {
    await using set = await setUp()
    const json = {
      ok: false,
      error_code: 400,
      description: 'Bad Request: group chat was upgraded to a supergroup chat',
      parameters: { migrate_to_chat_id: -1_009 },
    }
    set.server.answerNext({ status: 400, json })
    expect(await set.client.send(inTopic, 'x')).toEqual(
      refused('the group became a supergroup, whose id is -1009'),
    )
  })

  it('waits as long as Telegram says, and knows what may have been done', async () => {
    await using set = await setUp()
    const { server, client } = set
    server.answerNext(floodWait(7))
    const rate = { kind: 'rate_limited', retryAfterMs: 7_000 }
    expect(await client.send(direct, 'x')).toEqual({ ok: false, error: rate })
    server.answerNext({ status: 502 })
    expect(await client.send(direct, 'x')).toMatchObject({ error: { kind: 'unavailable' } })
    server.answerNext({ status: 200, json: 'a page of somebody between' })
    expect(await client.send(direct, 'x')).toMatchObject({ error: { kind: 'unknown' } })
  })

  it('goes nowhere without a chat', async () => {
    await using set = await setUp()
    const { client, server } = set
    for (const address of [{}, { chat: '4242' }, { ...direct, thread: 'x' }]) {
      expect(await client.send(address, 'x')).toMatchObject({ error: { kind: 'refused' } })
      expect(await client.edit(address, '1', 'x')).toMatchObject({ error: { kind: 'refused' } })
      expect(await client.typing(address)).toMatchObject({ error: { kind: 'refused' } })
      expect(await client.ask(address, question)).toMatchObject({ error: { kind: 'refused' } })
      expect(await client.settle(address, '1', 'x')).toMatchObject({ error: { kind: 'refused' } })
    }
    expect(server.calls).toEqual([])
  })
})

describe('the pace of edits', () => {
  afterEach(() => void vi.useRealTimers())

  it('is a second in a direct chat, and three in a group, counting what was sent', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'Date'] })
    const made: number[] = []
    const answer = { ok: true, result: { message_id: 1 } }
    const client = telegram.client(credentials, {
      fetch: async () => {
        made.push(Date.now())
        return Response.json(answer)
      },
      baseUrl: 'https://api.telegram.org',
    })
    expect(telegram.minEditMs).toBe(1_000)
    const begun = Date.now()
    await client.send(inTopic, 'one')
    await client.send(direct, 'one')
    await client.edit?.(direct, '1', 'two')
    expect(made).toHaveLength(3)
    const edited = client.edit?.(inTopic, '1', 'two')
    await vi.advanceTimersByTimeAsync(2_999)
    expect(made).toHaveLength(3)
    await vi.advanceTimersByTimeAsync(1)
    expect(await edited).toEqual({ ok: true, value: null })
    expect(made.at(-1)).toBe(begun + 3_000)
    await vi.advanceTimersByTimeAsync(3_000)
    await client.edit?.(inTopic, '1', 'three')
    expect(made.at(-1)).toBe(begun + 6_000)
  })
})

describe('a question on Telegram', () => {
  it('has a button for each choice, and is over without them', async () => {
    await using set = await setUp()
    const { server, client } = set
    expect(await client.ask(inTopic, question)).toEqual({ ok: true, value: { messageId: '101' } })
    const asked = server.calls[0]?.json
    expect(asked).toMatchObject({
      chat_id: GROUP,
      message_thread_id: 77,
      link_preview_options: { is_disabled: true },
      reply_markup: {
        inline_keyboard: [
          [{ text: 'Allow once', callback_data: `approval:allow-once:${question.approvalId}` }],
          [{ text: 'Allow always', callback_data: `approval:allow-always:${question.approvalId}` }],
          [{ text: 'Deny', callback_data: `approval:deny:${question.approvalId}` }],
        ],
      },
    })
    // What is to be run is shown to the letter, in code, where nobody is mentioned.
    expect(asked?.['text']).toContain('rm -rf build @anna_b')
    expect(await client.settle(inTopic, '101', 'Denied by Anna.')).toEqual({
      ok: true,
      value: null,
    })
    expect(server.calls[1]?.json).toEqual({
      chat_id: GROUP,
      message_id: 101,
      text: 'Denied by Anna.',
      entities: [],
      link_preview_options: { is_disabled: true },
    })
  })

  it('is cut to fit, and says so', async () => {
    await using set = await setUp()
    const long = { ...question, detail: 'x'.repeat(50_000) }
    expect(await set.client.ask(direct, long)).toMatchObject({ ok: true })
    expect(set.server.calls[0]?.json?.['text']).toMatch(/Cut: \d+ more characters/)
  })

  it('is not asked where a button could not say which one it is of', async () => {
    await using set = await setUp()
    const long = { ...question, approvalId: 'a'.repeat(60) }
    expect(await set.client.ask(direct, long)).toEqual(refused('the id is too long for a button'))
    expect(set.server.calls).toEqual([])
  })
})

describe('a file on Telegram', () => {
  const file = { reference: 'BQAC-_1', name: 'a.bin', mimeType: null, bytes: null }
  const bytes = new Uint8Array([0, 255, 254, 128, 10, 13, 200])

  it('is taken by its id, byte for byte, up to a size', async () => {
    await using set = await setUp()
    const { world, server, client } = set
    world.files.set('BQAC-_1', { path: 'documents/file_7.bin', bytes })
    expect(await client.fetchFile(file, 7)).toEqual({ ok: true, value: bytes })
    expect(server.calls.map(({ path }) => path)).toEqual([
      `/bot${BOT_TOKEN}/getFile`,
      `/file/bot${BOT_TOKEN}/documents/file_7.bin`,
    ])
    expect(await client.fetchFile(file, 6)).toEqual(refused('the file is larger than allowed'))
    expect(server.calls).toHaveLength(3)
    // Whatever was said of its size.
    server.answerNext({
      status: 200,
      json: { ok: true, result: { file_path: 'documents/file_7.bin' } },
    })
    expect(await client.fetchFile(file, 6)).toEqual(refused('the file is larger than allowed'))
  })

  it('is not taken from a path that leads elsewhere', async () => {
    await using set = await setUp()
    const { server, client } = set
    for (const path of [
      '/etc/passwd',
      '../bot1/getMe',
      'documents/../../x',
      'documents//x',
      'a/./b',
      'a?b',
      'a#b',
      'a\\b',
      'http://evil.example/x',
      'a%2f..%2fb',
      '',
    ]) {
      server.answerNext({ status: 200, json: { ok: true, result: { file_path: path } } })
      expect(await client.fetchFile(file, 100)).toEqual(refused('Telegram names no path of a file'))
    }
    expect(new Set(called(server))).toEqual(new Set(['getFile']))
  })

  it('that is gone, or too big for bots, is refused; what may pass is told apart', async () => {
    await using set = await setUp()
    const { world, server, client } = set
    expect(await client.fetchFile(file, 100)).toMatchObject({ error: { kind: 'refused' } })
    const big = { ok: false, error_code: 400, description: 'Bad Request: file is too big' }
    server.answerNext({ status: 400, json: big })
    expect(await client.fetchFile(file, 100)).toEqual(
      refused('the file is larger than Telegram lets bots have'),
    )
    world.files.set('BQAC-_1', { path: 'x/y', bytes })
    const found = { ok: true, result: { file_path: 'x/y' } }
    for (const [status, kind] of [
      [503, 'unavailable'],
      [302, 'refused'],
      [404, 'refused'],
    ] as const) {
      server.answerNext({ status: 200, json: found })
      server.answerNext({ status, json: {} })
      expect(await client.fetchFile(file, 100)).toMatchObject({ error: { kind } })
    }
  })

  it('that our own guard keeps out is refused, and no word of the address is told', async () => {
    for (const [thrown, kind] of [
      [new EgressError(REDIRECT_REFUSED), 'refused'],
      [new TypeError(`fetch failed: /file/bot${BOT_TOKEN}/x/y`), 'unknown'],
    ] as const) {
      const client = telegram.client(credentials, {
        fetch: async (input) => {
          if (String(input).endsWith('/getFile')) {
            return Response.json({ ok: true, result: { file_path: 'x/y' } })
          }
          throw thrown
        },
        baseUrl: 'https://api.telegram.org',
      })
      const failed = await client.fetchFile?.(file, 100)
      expect(failed).toMatchObject({ ok: false, error: { kind } })
      expect(JSON.stringify(failed)).not.toContain(BOT_TOKEN.slice(11))
    }
  })
})

describe('the bot on Telegram', () => {
  it('says who it is', async () => {
    await using set = await setUp()
    expect(await set.client.identify()).toEqual({
      ok: true,
      value: { id: String(TELEGRAM_BOT_ID), username: 'our_test_bot' },
    })
  })

  it('is nobody with another token, and names none of it', async () => {
    const other = `${TELEGRAM_BOT_ID}:BBF-another_token_of_nobody_012345678`
    await using set = await setUp(other)
    expect(await set.client.identify()).toEqual(refused('the bot token is void'))
    await set.server[Symbol.asyncDispose]()
    const gone = [
      await set.client.identify(),
      await set.client.send(direct, 'x'),
      await set.client.register('https://gateway.example/channels/telegram/chn_1'),
    ]
    expect(gone).toMatchObject(gone.map(() => ({ ok: false, error: { kind: 'unknown' } })))
    expect(JSON.stringify(gone)).not.toContain('BBF-another')
  })

  it('has its updates delivered with our secret, and asks whether it does', async () => {
    await using set = await setUp()
    const { world, server, client } = set
    const url = 'https://gateway.example/channels/telegram/chn_1'
    expect(await client.register(url)).toEqual({ ok: true, value: null })
    expect(called(server)).toEqual(['setWebhook', 'getWebhookInfo'])
    expect(server.calls[0]?.json).toEqual({
      url,
      secret_token: SECRET,
      allowed_updates: ['message', 'callback_query'],
      max_connections: 40,
      drop_pending_updates: false,
    })
    expect(await client.unregister()).toEqual({ ok: true, value: null })
    expect(world.webhook).toBeNull()
    expect(server.calls.at(-1)?.json).toEqual({ drop_pending_updates: false })
  })

  it('is not registered where Telegram refuses the address, or delivers elsewhere after all', async () => {
    await using set = await setUp()
    const { server, client } = set
    expect(await client.register('http://gateway.example/x')).toMatchObject({
      error: { kind: 'refused', reason: expect.stringContaining('HTTPS') },
    })
    for (const info of [
      { url: 'https://other.example/', allowed_updates: ['message', 'callback_query'] },
      { url: 'https://gateway.example/x', allowed_updates: ['message'] },
      { url: '' },
    ]) {
      server.answerNext({ status: 200, json: { ok: true, result: true } })
      server.answerNext({ status: 200, json: { ok: true, result: info } })
      expect(await client.register('https://gateway.example/x')).toMatchObject({
        error: { kind: 'refused' },
      })
    }
  })
})
