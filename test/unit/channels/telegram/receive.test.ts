import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { senderList } from '../../../../src/channels/senders.ts'
import { telegram } from '../../../../src/channels/telegram/index.ts'
import {
  ANNA,
  credentials,
  DIRECT,
  entity,
  eventsOf,
  GROUP,
  inGroup,
  message,
  OURS,
  receive,
  SELF,
  update,
} from './updates.ts'

const said = (text: string, changes: object = {}) =>
  update({ message: message({ text, ...changes }) })
const mention = (text: string, name = '@our_test_bot') => ({
  entities: [entity('mention', text, name)],
})
const command = (text: string, marked: string) => ({
  entities: [entity('bot_command', text, marked)],
})
const TOPIC = { is_topic_message: true, message_thread_id: 77 }

describe('a message on Telegram', () => {
  it('is one of a person, in a chat of their own', async () => {
    expect(await eventsOf(said('Hello'))).toEqual([
      {
        kind: 'message',
        deliveryId: '900001',
        sender: { id: '4242', username: 'anna_b', displayName: 'Anna Berg', kind: 'person' },
        conversation: { kind: 'direct', id: '4242', threadId: null },
        address: { chat: 4_242, thread: null, replyTo: null },
        sentAt: 1_772_323_199_000,
        text: 'Hello',
        quoted: null,
        isRelayed: false,
        isMention: false,
        isCommand: false,
        files: [],
        albumId: null,
      },
    ])
  })

  it('is answered in its group, and in the topic that it stands in', async () => {
    for (const type of ['group', 'supergroup']) {
      expect(await eventsOf(inGroup('hi', { chat: { ...GROUP, type } }))).toMatchObject([
        {
          conversation: { kind: 'group', id: '-1001234567890', threadId: null },
          address: { chat: -1_001_234_567_890, thread: null, replyTo: 17 },
        },
      ])
    }
    expect(await eventsOf(inGroup('hi', TOPIC))).toMatchObject([
      { conversation: { threadId: '77' }, address: { thread: 77 } },
    ])
  })

  it('is of no topic where its thread is a chain of answers', async () => {
    expect(await eventsOf(inGroup('hi', { message_thread_id: 77 }))).toMatchObject([
      { conversation: { threadId: null }, address: { thread: null } },
    ])
  })

  it('carries its files, the largest size of a photo, and its album', async () => {
    const sizes = [
      { file_id: 'small', width: 90, height: 60, file_size: 1_000 },
      { file_id: 'large', width: 900, height: 600, file_size: 90_000 },
      { file_id: 'middle', width: 320, height: 213, file_size: 9_000 },
    ]
    const photo = message({ photo: sizes, caption: 'look', media_group_id: '13579' })
    expect(await eventsOf(update({ message: photo }))).toMatchObject([
      {
        text: 'look',
        albumId: '13579',
        files: [{ reference: 'large', name: 'photo.jpg', mimeType: 'image/jpeg', bytes: 90_000 }],
      },
    ])
    const file = { file_id: 'BQAC-_1', file_name: 'plan.pdf', mime_type: 'application/pdf' }
    const document = message({ document: { ...file, file_size: 12 } })
    expect(await eventsOf(update({ message: document }))).toMatchObject([
      {
        text: '',
        files: [{ reference: 'BQAC-_1', name: 'plan.pdf', mimeType: 'application/pdf', bytes: 12 }],
      },
    ])
    const voice = message({ voice: { file_id: 'AwAC', duration: 3, mime_type: 'audio/ogg' } })
    expect(await eventsOf(update({ message: voice }))).toMatchObject([
      { files: [{ reference: 'AwAC', name: 'voice.ogg', bytes: null }] },
    ])
    const animation = { file_id: 'CgAC', file_name: 'cat.mp4' }
    const moving = message({ animation, document: animation })
    expect(await eventsOf(update({ message: moving }))).toMatchObject([
      { files: [{ reference: 'CgAC', name: 'cat.mp4' }] },
    ])
  })

  it('has what it answers beside it, the chosen part before the whole', async () => {
    const reply_to_message = message({ message_id: 3, text: 'the whole of it' })
    expect(await eventsOf(said('why?', { reply_to_message }))).toMatchObject([
      { text: 'why?', quoted: 'the whole of it', isMention: false },
    ])
    const quote = { text: 'whole', position: 4, is_manual: true }
    expect(await eventsOf(said('why?', { reply_to_message, quote }))).toMatchObject([
      { quoted: 'whole' },
    ])
    const external_reply = { origin: { type: 'channel' } }
    expect(await eventsOf(said('why?', { external_reply, quote }))).toMatchObject([
      { text: 'why?', quoted: 'whole' },
    ])
  })

  it('is another’s where it was passed on: it calls nobody, and commands nothing', async () => {
    const text = '/stop@our_test_bot'
    const relays = [
      { forward_origin: { type: 'user', sender_user: ANNA, date: 1 } },
      { forward_origin: { type: 'hidden_user', sender_user_name: 'x', date: 1 } },
      { forward_date: 1_772_323_000 },
      { via_bot: { id: 5, is_bot: true, first_name: 'Gif' } },
      { is_automatic_forward: true },
    ]
    for (const relay of relays) {
      const events = await eventsOf(inGroup(text, { ...command(text, text), ...relay }))
      expect(events).toMatchObject([
        { text: '', quoted: text, isRelayed: true, isMention: false, isCommand: false },
      ])
    }
    const own = await eventsOf(inGroup(text, command(text, text)))
    expect(own).toMatchObject([{ text: '/stop', isRelayed: false, isCommand: true }])
  })

  it('of an anonymous admin or a channel is no person’s', async () => {
    const from = { id: 1_087_968_824, is_bot: true, first_name: 'Group' }
    for (const sender_chat of [GROUP, { id: -1_009, title: 'News', type: 'channel' }]) {
      expect(await eventsOf(inGroup('hi', { from, sender_chat }))).toMatchObject([
        {
          sender: {
            id: String(sender_chat.id),
            username: null,
            displayName: sender_chat.title,
            kind: 'bot',
          },
          isRelayed: true,
        },
      ])
    }
    // Whatever stands in `from`: it is not who wrote.
    expect(await eventsOf(inGroup('hi', { sender_chat: GROUP }))).toMatchObject([
      { sender: { id: '-1001234567890', kind: 'bot' } },
    ])
  })

  it('of a bot, and of ourselves, says so', async () => {
    const kinds = [
      [ANNA, 'person'],
      [{ ...ANNA, is_bot: true }, 'bot'],
      [OURS, 'self'],
    ] as const
    for (const [from, kind] of kinds) {
      expect(await eventsOf(inGroup('hi', { from }))).toMatchObject([{ sender: { kind } }])
    }
  })

  it.each([
    ['an edit', { edited_message: message({ text: 'x' }) }],
    ['a post of a channel', { channel_post: message({ text: 'x' }) }],
    [
      'a message in a channel',
      { message: message({ text: 'x', chat: { id: -1, type: 'channel' } }) },
    ],
    ['one without a sender', { message: message({ text: 'x', from: undefined }) }],
    ['somebody who joined', { message: message({ chat: GROUP, new_chat_members: [ANNA] }) }],
    ['a group that moved', { message: message({ chat: GROUP, migrate_to_chat_id: -1_002 }) }],
    ['a membership', { my_chat_member: { chat: GROUP, from: ANNA } }],
    ['a kind that is not known', { something_new: { id: 1 } }],
    ['a form that is not known', { message: { text: 7 } }],
    ['a file of no file id', { message: message({ document: { file_id: '../x' } }) }],
  ])('is nothing where it is %s', async (_, changes) => {
    expect(await receive(update(changes))).toEqual({
      ok: true,
      value: {
        events: [],
        replayKey: null,
        answer: { status: 200, contentType: 'application/json', body: '{}' },
      },
    })
  })

  it('is malformed where it is no update, and never heard with another secret', async () => {
    for (const value of ['', '[]', '"x"', '{"message":{}}', '{"update_id":"7"}', '\ufffd{']) {
      expect(await receive(value)).toEqual({ ok: false, error: 'malformed' })
    }
    const other = 'another_Secret7_of_24_letters'
    expect(await receive(said('x'), SELF, other)).toEqual({ ok: false, error: 'signature_wrong' })
  })

  it('never breaks the reader, whatever it holds', async () => {
    const anything = fc.record(
      {
        from: fc.anything(),
        chat: fc.oneof(fc.constant(GROUP), fc.anything()),
        text: fc.oneof(fc.string({ unit: 'binary' }), fc.anything()),
        entities: fc.anything(),
        photo: fc.anything(),
        reply_to_message: fc.anything(),
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(anything, async (changes) => {
        const text = JSON.stringify(
          update({ message: { ...message(), ...changes } }),
          (_, value) => (typeof value === 'bigint' ? Number(value) : value),
        )
        expect(await receive(text)).toMatchObject({ ok: true })
      }),
      { numRuns: 60 },
    )
  })
})

describe('a call of the bot', () => {
  it('is a mention that Telegram marked, and its name is taken out', async () => {
    for (const [text, left] of [
      ['@our_test_bot what now?', 'what now?'],
      ['tell me, @Our_Test_Bot , what now?', 'tell me, , what now?'],
      ['😀🇩🇪 hey @our_test_bot', '😀🇩🇪 hey'],
    ] as const) {
      const name = text.match(/@\w+/)?.[0]
      expect(await eventsOf(inGroup(text, mention(text, name)))).toMatchObject([
        { text: left, isMention: true, isCommand: false },
      ])
    }
  })

  it('is a mention of its id, by whatever name', async () => {
    const text = 'hey Helper, go'
    const entities = [entity('text_mention', text, 'Helper', { user: OURS })]
    expect(await eventsOf(inGroup(text, { entities }))).toMatchObject([
      { text: 'hey , go', isMention: true },
    ])
    const other = [entity('text_mention', text, 'Helper', { user: ANNA })]
    expect(await eventsOf(inGroup(text, { entities: other }))).toMatchObject([
      { text, isMention: false },
    ])
  })

  it('is taken out once, where two marks of it lie over each other', async () => {
    const text = '@our_test_bot go'
    const over = entity('text_mention', text, '@our', { user: OURS })
    const entities = [...mention(text).entities, over]
    expect(await eventsOf(inGroup(text, { entities }))).toMatchObject([{ text: 'go' }])
  })

  it('can stand in a caption', async () => {
    const caption = '@our_test_bot read this'
    const { entities } = mention(caption)
    const photo = [{ file_id: 'p', width: 1, height: 1 }]
    const changes = { text: undefined, photo, caption, caption_entities: entities }
    expect(await eventsOf(inGroup('', changes))).toMatchObject([
      { text: 'read this', isMention: true },
    ])
  })

  it('is no name that was only written, and none that another bot’s begins with', async () => {
    for (const [text, entities] of [
      ['`@our_test_bot` is its name', [entity('code', '`@our_test_bot`', '@our_test_bot')]],
      ['@our_test_bot', []],
      ['@our_test_bot2 hello', [entity('mention', '@our_test_bot2', '@our_test_bot2')]],
      ['mail x@our_test_bot', [entity('mention', 'mail x@our_test_bot', 'x@our_test_bot')]],
      ['short', [{ type: 'mention', offset: 400, length: 13 }]],
    ] as const) {
      expect(await eventsOf(inGroup(text, { entities }))).toMatchObject([
        { text, isMention: false },
      ])
    }
  })

  it('is an answer to the bot, but not a message in a topic that it began', async () => {
    const reply_to_message = { message_id: 3, from: OURS, chat: GROUP, date: 1, text: 'Done.' }
    expect(await eventsOf(inGroup('thanks', { reply_to_message }))).toMatchObject([
      { isMention: true, quoted: 'Done.' },
    ])
    const topic = { ...reply_to_message, text: undefined, forum_topic_created: { name: 'x' } }
    expect(await eventsOf(inGroup('hi', { ...TOPIC, reply_to_message: topic }))).toMatchObject([
      { isMention: false, quoted: null },
    ])
  })

  it('is a command with its name, which loses the name', async () => {
    const text = '/approve@our_test_bot apr_1 deny'
    expect(await eventsOf(inGroup(text, command(text, '/approve@our_test_bot')))).toMatchObject([
      { text: '/approve apr_1 deny', isMention: true, isCommand: true },
    ])
  })

  it('is a command without a name in a direct chat, and not in a group of many bots', async () => {
    const text = '/stop'
    expect(await eventsOf(said(text, command(text, text)))).toMatchObject([
      { text, isCommand: true },
    ])
    expect(await eventsOf(inGroup(text, command(text, text)))).toMatchObject([
      { text, isCommand: false, isMention: false },
    ])
  })

  it('is no command further on in the text', async () => {
    const text = 'do not /stop@our_test_bot'
    expect(await eventsOf(inGroup(text, command(text, '/stop@our_test_bot')))).toMatchObject([
      { text: 'do not /stop', isMention: true, isCommand: false },
    ])
  })

  it('is none where the command is another bot’s', async () => {
    const text = '/stop@weather_bot'
    expect(await eventsOf(inGroup(text, command(text, text)))).toEqual([])
    expect(await eventsOf(said(text, command(text, text)))).toEqual([])
  })

  it('goes by the id of the token, and by a name only where it is that bot’s', async () => {
    const text = '@our_test_bot hi'
    const known = inGroup(text, mention(text))
    expect(await eventsOf(known, null)).toMatchObject([{ isMention: false }])
    expect(await eventsOf(known, { ...SELF, id: '1' })).toMatchObject([{ isMention: false }])
    expect(await eventsOf(inGroup('x', { from: OURS }), null)).toMatchObject([
      { sender: { kind: 'self' } },
    ])
  })
})

describe('a button on Telegram', () => {
  const query = (changes: object = {}) =>
    update({
      callback_query: {
        id: '4382bfdwdsb323b2d9',
        from: ANNA,
        message: { message_id: 55, chat: GROUP, date: 1, from: OURS, ...TOPIC },
        chat_instance: '1',
        data: 'approval:deny:apr_abcdefghij0123456789',
        ...changes,
      },
    })
  const stops = '{"method":"answerCallbackQuery","callback_query_id":"4382bfdwdsb323b2d9"}'

  it('decides, in the name of whoever pressed it, and stops waiting at once', async () => {
    expect(await receive(query())).toEqual({
      ok: true,
      value: {
        events: [
          {
            kind: 'decision',
            deliveryId: '900001',
            sender: { id: '4242', username: 'anna_b', displayName: 'Anna Berg', kind: 'person' },
            conversation: { kind: 'group', id: '-1001234567890', threadId: '77' },
            address: { chat: -1_001_234_567_890, thread: 77, replyTo: null },
            sentAt: null,
            approvalId: 'apr_abcdefghij0123456789',
            decision: 'deny',
          },
        ],
        answer: { status: 200, contentType: 'application/json', body: stops },
        replayKey: null,
      },
    })
  })

  it('is the peer’s own in a direct chat, also under a message that is too old to be shown', async () => {
    const old = { message_id: 55, chat: DIRECT, date: 0 }
    expect(await eventsOf(query({ message: old }))).toMatchObject([
      { conversation: { kind: 'direct', id: '4242' } },
    ])
  })

  it('of somebody else decides nothing, and stops waiting all the same', async () => {
    for (const changes of [
      { data: 'approval:always:apr_1' },
      { data: 'x' },
      { data: undefined, game_short_name: 'chess' },
      { message: undefined, inline_message_id: 'AAA' },
      { message: { message_id: 1, chat: { id: -5, type: 'channel' }, date: 1 } },
    ]) {
      expect(await receive(query(changes))).toMatchObject({
        ok: true,
        value: { events: [], answer: { body: stops } },
      })
    }
  })
})

describe('what an instance of Telegram is given', () => {
  it('names the bot and a secret that nobody guesses', () => {
    expect(telegram.credentials.safeParse(credentials).success).toBe(true)
    for (const changes of [
      { bot_token: '' },
      { bot_token: 'bot123:x' },
      { bot_token: `${credentials.bot_token}/../x` },
      { bot_token: `${credentials.bot_token}\n` },
      { webhook_secret: '' },
      { webhook_secret: 'short' },
      { webhook_secret: 'with spaces and more than 24' },
      { webhook_secret: 'x'.repeat(257) },
      { chat_id: '1' },
    ]) {
      expect(telegram.credentials.safeParse({ ...credentials, ...changes }).success).toBe(false)
    }
  })

  it('lists senders by their number or their username, and nobody by a display name', () => {
    const { ids, usernames } = senderList(
      ['telegram:4242', '@Anna_B', 'Berg', 'Anna Berg', '-1001234567890', '042', 'slack:U1'],
      telegram,
    )
    expect([...ids]).toEqual(['4242', 'berg'])
    expect([...usernames]).toEqual(['anna_b', 'berg'])
  })
})
