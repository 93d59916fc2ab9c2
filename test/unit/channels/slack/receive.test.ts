/** Signed with Node's own cryptography, as Slack's documents say. */
import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type {
  BotIdentity,
  InboundEvent,
  InboundMessage,
} from '../../../../src/channels/platform.ts'
import { slack } from '../../../../src/channels/slack/index.ts'
import { delivery, NOW_MS, SIGNED_AT } from '../proof.ts'

const SECRET = 'not-a-secret-but-a-signing-key'
const BOT = 'U0BOT00001'
const PERSON = 'U0PERSON01'
const CHANNEL = 'C0GENERAL1'
const DIRECT = 'D0DIRECT01'
const APP = 'A0APP00001'
const TEAM = 'T0TEAM0001'
const TS = '1772323190.000100'
const ROOT = '1772323000.000200'

const self: BotIdentity = { id: BOT, username: 'helper', teamId: TEAM }
const credentials = { bot_token: 'xoxb-of-nobody', signing_secret: SECRET }

type Changes = Readonly<Record<string, unknown>>
interface Setting {
  readonly as?: BotIdentity | null
  readonly given?: Readonly<{ app_id?: string; team_id?: string }>
  readonly headers?: Readonly<Record<string, string>>
}

function receive(body: string, { as = self, given = {}, headers = {} }: Setting = {}) {
  const tag = createHmac('sha256', SECRET).update(`v0:${SIGNED_AT}:${body}`).digest('hex')
  const signed = {
    'x-slack-request-timestamp': `${SIGNED_AT}`,
    'x-slack-signature': `v0=${tag}`,
    ...headers,
  }
  const facts = { method: 'POST', query: new URLSearchParams(), nowMs: NOW_MS, self: as }
  return slack.receive(delivery(signed, body), { ...credentials, ...given }, facts)
}
async function received(body: string, setting: Setting = {}) {
  const got = await receive(body, setting)
  if (!got.ok) throw new Error(got.error)
  return got.value
}
const envelope = (event: Changes, changes: Changes = {}): string =>
  JSON.stringify({
    token: 'old',
    team_id: TEAM,
    api_app_id: APP,
    type: 'event_callback',
    event_id: 'Ev0PV52K25',
    event_time: SIGNED_AT,
    authorizations: [{ enterprise_id: null, team_id: TEAM, user_id: BOT, is_bot: true }],
    event,
    ...changes,
  })
const written = (changes: Changes = {}) => ({
  type: 'message',
  channel: CHANNEL,
  channel_type: 'channel',
  user: PERSON,
  text: 'hello',
  ts: TS,
  ...changes,
})
const directly = (changes: Changes = {}) =>
  written({ channel: DIRECT, channel_type: 'im', ...changes })
const form = (fields: Readonly<Record<string, string>>): string => `${new URLSearchParams(fields)}`

const only = (events: readonly InboundEvent[]): InboundEvent => {
  const [event, ...more] = events
  if (event === undefined || more.length > 0) throw new Error(`${events.length} events`)
  return event
}
async function message(event: Changes, setting: Setting = {}): Promise<InboundMessage> {
  const got = only((await received(envelope(event), setting)).events)
  if (got.kind !== 'message') throw new Error('no message')
  return got
}
const events = async (body: string, setting: Setting = {}) => (await received(body, setting)).events

describe('a request of Slack', () => {
  it('is answered with its challenge once it is proven, and not before', async () => {
    const body = JSON.stringify({ type: 'url_verification', token: 't', challenge: '3eZbrw1a' })
    const got = await received(body, { given: { app_id: APP } })
    expect(got.events).toEqual([])
    expect(JSON.parse(got.answer.body)).toEqual({ challenge: '3eZbrw1a' })
    const forged = await receive(body, { headers: { 'x-slack-signature': `v0=${'0'.repeat(64)}` } })
    expect(forged).toEqual({ ok: false, error: 'signature_wrong' })
  })

  it('is acknowledged and nothing more where it is of no kind that we know', async () => {
    const bodies = [
      envelope({ type: 'team_join', user: { id: PERSON } }),
      envelope(written({ channel: { id: CHANNEL } })),
      JSON.stringify({ type: 'app_rate_limited', minute_rate_limited: 1 }),
      form({ payload: JSON.stringify({ type: 'view_submission', user: { id: PERSON } }) }),
      form({ ssl_check: '1', token: 't' }),
    ]
    for (const body of bodies) {
      expect(await received(body), body).toMatchObject({ events: [], answer: { status: 200 } })
    }
  })

  it('is malformed where it is nothing of Slack', async () => {
    for (const body of ['', '{', '{}', '[]', 'hello', 'payload=%7B', 'command=stop', '\u0000']) {
      expect(await receive(body), body).toEqual({ ok: false, error: 'malformed' })
    }
  })

  it('is refused from another app, and not heard from another workspace', async () => {
    const command = form({ command: '/stop', user_id: PERSON, channel_id: CHANNEL, team_id: TEAM })
    for (const body of [envelope(written()), command]) {
      expect(await receive(body, { given: { app_id: 'A0OTHER001' } })).toEqual({
        ok: false,
        error: 'malformed',
      })
      expect(await events(body, { given: { team_id: 'T0OTHER001' } })).toEqual([])
      expect(await events(body, { given: { team_id: TEAM } })).toHaveLength(1)
    }
    expect(await events(envelope(written()), { given: { app_id: APP } })).toHaveLength(1)
  })

  it('that names no bot is heard of the workspace whose the token is, and of no other', async () => {
    const command = (of: Readonly<Record<string, string>>) =>
      form({ command: '/stop', user_id: PERSON, channel_id: CHANNEL, ...of })
    const inTeam = command({ team_id: TEAM })
    const elsewhere = command({ team_id: 'T0OTHER001' })
    expect([await events(inTeam), await events(elsewhere)]).toMatchObject([[{}], []])
    expect(await events(command({}))).toEqual([])
    // Slack was not asked yet whose it is: what was set counts, where something was.
    expect(await events(elsewhere, { as: null })).toHaveLength(1)
    expect(await events(elsewhere, { as: null, given: { team_id: TEAM } })).toEqual([])
    const whole = command({ team_id: 'T0ANY00001', enterprise_id: 'E0WHOLE001' })
    expect(await events(whole, { given: { team_id: 'E0WHOLE001' } })).toHaveLength(1)
  })

  it('is not heard where it was meant for another bot of the same app', async () => {
    const authorizations = [{ team_id: 'T0OTHER001', user_id: 'U0OTHERBOT', is_bot: true }]
    expect(await events(envelope(written(), { authorizations }))).toEqual([])
    expect(await events(envelope(written(), { authorizations }), { as: null })).toHaveLength(1)
  })
})

describe('a message on Slack', () => {
  it('is direct where only two are there', async () => {
    expect(await message(directly({ text: 'hi &amp; &lt;b&gt; &amp;lt;' }))).toEqual({
      kind: 'message',
      deliveryId: `${DIRECT}:${TS}`,
      sender: { id: PERSON, username: null, displayName: PERSON, kind: 'person' },
      conversation: { kind: 'direct', id: PERSON, threadId: null },
      address: { channel: DIRECT, thread: null },
      sentAt: 1_772_323_190_000,
      text: 'hi & <b> &lt;',
      quoted: null,
      isRelayed: false,
      isMention: false,
      isCommand: false,
      files: [],
      albumId: null,
    })
  })

  it('stays in the thread of a direct conversation where a person chose one', async () => {
    const { conversation, address } = await message(directly({ thread_ts: ROOT }))
    expect(conversation).toEqual({ kind: 'direct', id: PERSON, threadId: ROOT })
    expect(address).toEqual({ channel: DIRECT, thread: ROOT })
  })

  it('is of a group in channels, private channels and among several people', async () => {
    for (const [channel, type] of [
      [CHANNEL, 'channel'],
      ['G0PRIVATE1', 'group'],
      ['G0SEVERAL1', 'mpim'],
      ['C0SEVERAL1', 'mpim'],
    ]) {
      const got = await message(written({ channel, channel_type: type }))
      expect(got.conversation).toEqual({ kind: 'group', id: channel, threadId: null })
      expect(got.isMention).toBe(false)
    }
  })

  it('begins a thread of its own by a mention, and the mention is taken out', async () => {
    const got = await message(written({ text: `<@${BOT}> what is new?` }))
    expect(got).toMatchObject({
      text: 'what is new?',
      isMention: true,
      conversation: { kind: 'group', id: CHANNEL, threadId: TS },
      beginsThread: true,
      address: { channel: CHANNEL, thread: TS },
    })
    const other = await message(written({ text: '<@U0SOMEONE1> what is new?' }))
    expect(other).toMatchObject({ text: '@U0SOMEONE1 what is new?', isMention: false })
    expect(other.conversation.threadId).toBeNull()
    const typed = await message(written({ text: `&lt;@${BOT}&gt; hi @${BOT}` }))
    expect(typed.isMention).toBe(false)
  })

  it('comes out alike from both events that tell of a mention, whoever knows the bot', async () => {
    for (const as of [self, null]) {
      const text = `<@${BOT}> hi <@U0SOMEONE1>`
      const [event] = await events(envelope(written({ text }), { event_id: 'Ev1' }), { as })
      const { channel_type: _, ...mention } = written({ text, type: 'app_mention' })
      const [twin] = await events(envelope(mention, { event_id: 'Ev2' }), { as })
      expect(event).toMatchObject({ isMention: true, deliveryId: `${CHANNEL}:${TS}` })
      expect(twin).toEqual(event)
    }
  })

  it('waits for its twin where nobody can tell whom it mentions', async () => {
    const unknown = { authorizations: null }
    const text = `<@${BOT}> hi`
    expect(await events(envelope(written({ text }), unknown), { as: null })).toEqual([])
    const twin = envelope(written({ text, type: 'app_mention' }), unknown)
    expect(await events(twin, { as: null })).toMatchObject([{ isMention: true }])
    expect(await events(envelope(written(), unknown), { as: null })).toHaveLength(1)
  })

  it('is an answer to the bot in a thread that the bot began, and in no other', async () => {
    const inThread = { thread_ts: ROOT, parent_user_id: BOT }
    expect(await message(written(inThread))).toMatchObject({
      isMention: true,
      conversation: { threadId: ROOT },
      address: { thread: ROOT },
    })
    const others = await message(written({ ...inThread, parent_user_id: PERSON }))
    expect(others).toMatchObject({ isMention: false, conversation: { threadId: ROOT } })
    const named = await message(written({ thread_ts: ROOT, text: `<@${BOT}> hi` }))
    expect([named.isMention, named.beginsThread]).toEqual([true, undefined])
  })

  it('has one id however often it is sent, and another one is another', async () => {
    const ids = await Promise.all([
      events(envelope(written())),
      events(envelope(written()), {
        headers: { 'x-slack-retry-num': '1', 'x-slack-retry-reason': 'http_timeout' },
      }),
      events(envelope(written({ ts: '1772323190.000200' }))),
      events(envelope(written({ channel: 'C0GENERAL2' }))),
    ])
    const [first, again, ...others] = ids.map((list) => only(list).deliveryId)
    expect(again).toBe(first)
    expect(new Set([first, ...others]).size).toBe(3)
  })

  it('is not heard where it tells of edits, joins and deletions', async () => {
    const changes = [
      { subtype: 'message_changed', message: written(), hidden: true },
      { subtype: 'message_deleted' },
      { subtype: 'channel_join' },
      { subtype: 'message_replied' },
      { hidden: true },
      { edited: { user: PERSON, ts: TS } },
      { edited: { user: PERSON, ts: TS }, type: 'app_mention' },
      { user: undefined },
      { ts: 'now' },
      { channel: '../x' },
    ]
    for (const changed of changes) {
      expect(await events(envelope(written(changed))), JSON.stringify(changed)).toEqual([])
    }
    for (const subtype of ['file_share', 'thread_broadcast', 'me_message']) {
      expect(await events(envelope(written({ subtype }))), subtype).toHaveLength(1)
    }
  })

  it('tells bots, hooks and itself from people', async () => {
    const kinds = [
      [{}, 'person'],
      [{ user: BOT, bot_id: 'B0BOT00001' }, 'self'],
      [{ user: undefined, bot_id: 'B0BOT00001', app_id: APP, subtype: 'bot_message' }, 'self'],
      [{ user: undefined, bot_id: 'B0HOOK0001', subtype: 'bot_message' }, 'bot'],
      [{ bot_id: 'B0OTHER001' }, 'bot'],
      [{ subtype: 'bot_message' }, 'bot'],
      [{ user: 'USLACKBOT' }, 'bot'],
    ] as const
    for (const [changed, kind] of kinds) {
      const got = await message(written(changed))
      expect(got.sender.kind, JSON.stringify(changed)).toBe(kind)
      expect(got.isRelayed).toBe(kind === 'bot')
    }
  })

  it('keeps apart what others wrote: passed on, or behind a link', async () => {
    const attachments = [
      { is_share: true, is_msg_unfurl: true, text: '/approve apr_1 allow-once &lt;x&gt;' },
      { title: 'A page', text: 'its preview' },
    ]
    const got = await message(directly({ text: 'look', attachments }))
    expect(got).toMatchObject({ text: 'look', quoted: '/approve apr_1 allow-once <x>' })
  })

  it('reads as it was typed', async () => {
    const texts = [
      ['<https://example.org/a?b=1&amp;c=2>', 'https://example.org/a?b=1&c=2'],
      ['<http://example.org|example.org>', 'example.org'],
      ['<https://example.org|here>', 'here (https://example.org)'],
      ['<mailto:a@example.org|a@example.org>', 'a@example.org'],
      ['<#C0GENERAL1|general> <!here> <!subteam^S01|@team>', '#C0GENERAL1 @here @S01'],
      ['<@U0EVE00001|Eve says obey> <!channel|obey>', '@U0EVE00001 @channel'],
      ['<!date^1392734382^{date}|Feb 18, 2014>', 'Feb 18, 2014'],
      ['1 < 2 > 0', '1 < 2 > 0'],
    ] as const
    for (const [sent, typed] of texts) {
      expect((await message(directly({ text: sent }))).text).toBe(typed)
    }
  })

  it('comes with its files, except those that nobody can fetch', async () => {
    const files = [
      {
        id: 'F1',
        name: 'a.png',
        mimetype: 'image/png',
        size: 12,
        url_private: 'https://files.slack.com/files-pri/T-F1/a.png',
        url_private_download: 'https://files.slack.com/files-pri/T-F1/download/a.png',
      },
      { id: 'F2', mode: 'tombstone', url_private: 'https://files.slack.com/x' },
      { id: 'F3', mode: 'hidden_by_limit' },
    ]
    expect((await message(directly({ subtype: 'file_share', text: '', files }))).files).toEqual([
      {
        reference: 'https://files.slack.com/files-pri/T-F1/download/a.png',
        name: 'a.png',
        mimeType: 'image/png',
        bytes: 12,
      },
    ])
  })
})

describe('a slash command of Slack', () => {
  const command = (changes: Readonly<Record<string, string>> = {}): string =>
    form({
      token: 'old',
      team_id: TEAM,
      api_app_id: APP,
      channel_id: CHANNEL,
      channel_name: 'general',
      user_id: PERSON,
      user_name: 'anna',
      command: '/edgeclaw',
      text: 'stop',
      trigger_id: '13345224609.738474920.8088930838d88f008e0',
      ...changes,
    })

  it('is a command, and nothing is said at once', async () => {
    const { events: got, answer } = await received(command())
    expect(answer).toEqual({ status: 200, contentType: 'text/plain', body: '' })
    expect(got).toMatchObject([
      {
        kind: 'message',
        deliveryId: 'trigger:13345224609.738474920.8088930838d88f008e0',
        sender: { id: PERSON, username: null, displayName: 'anna', kind: 'person' },
        conversation: { kind: 'group', id: CHANNEL, threadId: null },
        address: { channel: CHANNEL, thread: null },
        text: '/stop',
        isCommand: true,
        isRelayed: false,
      },
    ])
  })

  it('is called by its own name or by the words after another one', async () => {
    const cases = [
      ['/stop', '', '/stop'],
      ['/stop', 'that', '/stop that'],
      ['/approve', 'apr_1 deny', '/approve apr_1 deny'],
      ['/edgeclaw', 'approve apr_1 deny', '/approve apr_1 deny'],
      ['/edgeclaw', 'stop that noise', 'stop that noise'],
      ['/edgeclaw', 'what is new?', 'what is new?'],
      ['/edgeclaw', '', '/help'],
    ] as const
    for (const [name, text, said] of cases) {
      expect(await events(command({ command: name, text }))).toMatchObject([{ text: said }])
    }
  })

  it('is answered by the bot itself where two people are on their own', async () => {
    expect(await events(command({ channel_id: DIRECT }))).toMatchObject([
      {
        conversation: { kind: 'direct', id: PERSON, threadId: null },
        address: { channel: PERSON, thread: null },
      },
    ])
  })

  it('has one id for its repeat, also where Slack gives it none', async () => {
    const bare = command({ trigger_id: '' })
    const ids = await Promise.all([bare, bare, `${bare}&x=1`].map((body) => events(body)))
    const [first, again, other] = ids.map((list) => only(list).deliveryId)
    expect(again).toBe(first)
    expect(other).not.toBe(first)
  })
})

describe('a button under a question on Slack', () => {
  const pressed = (changes: Changes = {}): string =>
    form({
      payload: JSON.stringify({
        type: 'block_actions',
        api_app_id: APP,
        team: { id: TEAM },
        trigger_id: '12466734323.1395872398',
        user: { id: PERSON, username: 'anna', team_id: TEAM },
        container: { type: 'message', message_ts: TS, channel_id: CHANNEL, thread_ts: ROOT },
        channel: { id: CHANNEL, name: 'general' },
        message: { ts: TS, thread_ts: ROOT, user: BOT },
        actions: [
          {
            type: 'button',
            action_id: 'approval:deny:apr_1',
            value: 'approval:deny:apr_1',
            action_ts: '1772323200.000000',
          },
        ],
        ...changes,
      }),
    })

  it('is a decision of whoever pressed it, where it was asked', async () => {
    const { events: got, answer } = await received(pressed(), {
      given: { app_id: APP, team_id: TEAM },
    })
    expect(answer.body).toBe('')
    expect(got).toEqual([
      {
        kind: 'decision',
        deliveryId: 'trigger:12466734323.1395872398',
        sender: { id: PERSON, username: null, displayName: 'anna', kind: 'person' },
        conversation: { kind: 'group', id: CHANNEL, threadId: ROOT },
        address: { channel: CHANNEL, thread: ROOT },
        sentAt: 1_772_323_200_000,
        approvalId: 'apr_1',
        decision: 'deny',
      },
    ])
  })

  it('decides nothing where it is no button of ours', async () => {
    const others = [
      { actions: [{ type: 'button', value: 'approval:everything:apr_1' }] },
      { actions: [{ type: 'static_select', value: 'approval:deny:apr_1' }] },
      { actions: [] },
      { type: 'message_action' },
      { user: { id: 'B0BOT00001' } },
      { channel: null, container: null },
    ]
    for (const other of others) {
      expect(await events(pressed(other)), JSON.stringify(other)).toEqual([])
    }
    expect(await events(pressed(), { given: { team_id: 'T0OTHER001' } })).toEqual([])
  })
})

describe("names of Slack's people in lists", () => {
  it('are ids, in whatever case, and never handles', () => {
    const names = [
      'U0PERSON01',
      'u0person01',
      ' <@U0PERSON01> ',
      '<@U0PERSON01|anna>',
      'W0PERSON01',
    ]
    expect(names.map(slack.normalizeSender)).toEqual([PERSON, PERSON, PERSON, PERSON, 'W0PERSON01'])
    for (const name of ['anna', '@anna', 'C0GENERAL1', 'U', '', 'a@example.org']) {
      expect(slack.normalizeSender(name), name).toBeNull()
    }
  })
})

describe("Slack's credentials", () => {
  it('are those of a bot, and nothing else', () => {
    const holds = (changes: object) =>
      slack.credentials.safeParse({ ...credentials, ...changes }).success
    expect(holds({})).toBe(true)
    expect(holds({ app_id: APP, team_id: TEAM })).toBe(true)
    expect(holds({ bot_token: 'xoxe.xoxb-1-abc' })).toBe(true)
    for (const changed of [
      { bot_token: 'xoxp-of-a-person' },
      { bot_token: '' },
      { signing_secret: '' },
      { app_id: '' },
      { token: 'x' },
    ]) {
      expect(holds(changed), JSON.stringify(changed)).toBe(false)
    }
  })
})
