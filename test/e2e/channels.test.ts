/**
 * A channel over the production bundle on workerd: Slack's wire in and out, who is let in, and what
 * kills in the middle leave of it.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SLACK_BOT, serveSlack, slackWorld } from '../support/channels/slack.ts'
import {
  deliver,
  eventOf,
  SIGNING_SECRET,
  type SlackMessage,
  signed,
} from '../support/channels/slack-sender.ts'
import type { WireServer } from '../support/channels/wire-server.ts'
import { type GatewayProcess, startGatewayProcess, until } from '../support/gateway-process.ts'

const KILLS = Number(process.env['EDGECLAW_CHANNEL_KILLS'] || 10)
const PEOPLE = Array.from({ length: 12 }, (_, i) => `U0PEER${String(i).padStart(4, '0')}`)
const channelOf = (user: string): string => user.replace('U0', 'D0')
const SOON_MS = 20_000

let gateway: GatewayProcess
let slack: WireServer
let webhook = ''
let clock = 1_772_323_200

const nextTs = (): string => `${++clock}.000100`

beforeAll(async () => {
  const channels = new Set(['C0GENERAL1', 'D0DIRECT01', 'D0STRANGER', ...PEOPLE.map(channelOf)])
  const world = slackWorld({ channels })
  slack = await serveSlack(world)
  gateway = await startGatewayProcess({ args: ['--no-runner'] })
  await api('PATCH', '/v1/config', {
    raw: {
      gateway: { rate_limit_rpm: 0, rate_limit_session_rpm: 0 },
      channels: { commands: { ownerAllowFrom: ['slack:U0OWNER001'] } },
    },
  })
  const { status, value } = await api('POST', '/v1/channels/instances', {
    name: 'team',
    channel_type: 'slack',
    agent_id: 'default',
    credentials: { bot_token: world.botToken, signing_secret: SIGNING_SECRET },
    config: {
      api_base_url: slack.url,
      allow_private_network: true,
      allow_from: ['U0PERSON01', 'U0OWNER001', ...PEOPLE],
      groups: { C0GENERAL1: {} },
    },
  })
  expect([status, value['bot']]).toEqual([201, { id: SLACK_BOT.user_id, username: SLACK_BOT.user }])
  webhook = `${gateway.url}${new URL(String(value['webhook_url'])).pathname}`
}, 240_000)

afterAll(async () => {
  await gateway?.stop()
  await slack?.[Symbol.asyncDispose]()
})

async function api(method: string, path: string, body?: unknown) {
  const response = await fetch(`${gateway.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${gateway.token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, value: (await response.json()) as Record<string, unknown> }
}

const send = (message: SlackMessage): Promise<number> => deliver(webhook, eventOf(message))

interface Said {
  readonly channel: string
  readonly text: string
  readonly thread: unknown
}

/** What a conversation shows in the end: messages in their order, each as it was last written. */
function shown(channel: string): readonly Said[] {
  const messages = new Map<string, Said>()
  let posted = 0
  for (const { path, json } of slack.calls) {
    if (json?.['channel'] !== channel) continue
    const said = { channel, text: String(json['text']), thread: json['thread_ts'] }
    if (path === '/chat.postMessage') messages.set(`p${posted++}`, said)
    // The fake numbers messages over all channels: the one that is changed is the newest of its own.
    if (path === '/chat.update')
      messages.set(`p${posted - 1}`, { ...said, thread: messages.get(`p${posted - 1}`)?.thread })
  }
  return [...messages.values()]
}

const answered = (channel: string, words: string) =>
  until(
    `an answer with ${words}`,
    () => shown(channel).some(({ text }) => text.includes(words)),
    SOON_MS,
  )

describe('a direct message', () => {
  it('is answered in its conversation, once, however often it is delivered', async () => {
    const message = { text: 'hello over there', ts: nextTs() }
    expect(await Promise.all([send(message), send(message), send(message)])).toEqual([
      200, 200, 200,
    ])
    await answered('D0DIRECT01', 'hello over there')
    expect(await send(message)).toBe(200)
    await send({ text: 'the second one', ts: nextTs() })
    await answered('D0DIRECT01', 'the second one')
    expect(shown('D0DIRECT01')).toHaveLength(2)
    for (const { json } of slack.calls.filter(({ path }) => path === '/chat.postMessage')) {
      expect(json).toMatchObject({ unfurl_links: false, unfurl_media: false })
    }
  })

  it('is answered with a file of the workspace, behind the words', async () => {
    const content = JSON.stringify({ path: 'report.csv', content: 'a,b\n1,2\n' })
    const text = `tool: write_file ${content}\ntool: send_file {"path":"report.csv"}`
    await send({ text, ts: nextTs() })
    const shared = () => slack.calls.find(({ path }) => path === '/files.completeUploadExternal')
    await until('a file', () => shared() !== undefined, SOON_MS)
    expect(shared()?.json).toMatchObject({
      channel_id: 'D0DIRECT01',
      files: [{ title: 'report.csv' }],
    })
    const upload = slack.calls.find(({ path }) => path.startsWith('/upload/v1/'))
    expect(upload?.text).toBe('a,b\n1,2\n')
  })

  it('is not heard with a wrong signature, an old one, or none', async () => {
    const body = eventOf({ text: 'forged', ts: nextTs() })
    const old = Math.floor(Date.now() / 1_000) - 301
    expect(await deliver(webhook, body, signed(body, 'c'.repeat(32)))).toBe(401)
    expect(await deliver(webhook, body, signed(body, SIGNING_SECRET, old))).toBe(401)
    expect(await deliver(webhook, body, { 'content-type': 'application/json' })).toBe(401)
    expect(await deliver(`${webhook}x`, body)).toBe(404)
    await send({ text: 'a real one', ts: nextTs() })
    await answered('D0DIRECT01', 'a real one')
    expect(JSON.stringify(shown('D0DIRECT01'))).not.toContain('forged')
  })

  it('of a stranger is answered with a code, and once an admin says so by the agent', async () => {
    const stranger = { user: 'U0STRANGER', channel: 'D0STRANGER' }
    await send({ ...stranger, text: 'let me in', ts: nextTs() })
    await send({ ...stranger, text: 'please', ts: nextTs() })
    await answered('D0STRANGER', 'I do not know you yet')
    const { value } = await api('GET', '/v1/channels/pairings')
    const [waiting] = value['pairings'] as { code: string }[]
    expect(JSON.stringify(shown('D0STRANGER'))).toContain(String(waiting?.code))
    const decision = { channel: 'team', code: waiting?.code.toLowerCase() }
    expect(await api('POST', '/v1/channels/pairings/approve', decision)).toMatchObject({
      status: 200,
    })
    await answered('D0STRANGER', 'let in')
    await send({ ...stranger, text: 'thank you kindly', ts: nextTs() })
    await answered('D0STRANGER', 'thank you kindly')
    await api('POST', '/v1/channels/pairings/revoke', { channel: 'team', sender_id: 'U0STRANGER' })
    await send({ ...stranger, text: 'still here', ts: nextTs() })
    await send({ text: 'after that', ts: nextTs() })
    await answered('D0DIRECT01', 'after that')
    expect(JSON.stringify(shown('D0STRANGER'))).not.toContain('still here')
  })
})

describe('a channel', () => {
  it('is answered in a thread when the bot is named, and only then', async () => {
    const channel = 'C0GENERAL1'
    await send({ channel, text: 'nobody asked you', ts: nextTs() })
    const ts = nextTs()
    await send({ channel, text: `<@${SLACK_BOT.user_id}> what is new`, ts })
    await answered(channel, 'what is new')
    const said = shown(channel)
    expect(said).toHaveLength(1)
    expect(said[0]?.thread).toBe(ts)
  })

  it('is not commanded by a bot, nor by whoever is no owner', async () => {
    const channel = 'C0GENERAL1'
    const command = `<@${SLACK_BOT.user_id}> /stopall`
    await send({ channel, text: command, ts: nextTs() })
    await send({
      channel,
      text: command,
      ts: nextTs(),
      more: { subtype: 'bot_message', bot_id: SLACK_BOT.bot_id },
    })
    await send({ channel, text: `<@${SLACK_BOT.user_id}> still there`, ts: nextTs() })
    await answered(channel, 'still there')
    expect(JSON.stringify(shown(channel))).not.toContain('Nothing is running')
    const user = 'U0OWNER001'
    await send({ channel, user, text: `<@${SLACK_BOT.user_id}> /stopall`, ts: nextTs() })
    await answered(channel, 'Nothing is running')
  })
})

describe('ten deliveries a second under SIGKILLs, each sent three times', () => {
  it('lose none, keep the order of each conversation, and run none twice', {
    timeout: 180_000,
  }, async () => {
    const sent = new Map(PEOPLE.map((user) => [user, [] as string[]]))
    const turns = new Map<string, Promise<unknown>>()
    let isOver = false
    const kills = (async () => {
      for (let kill = 0; kill < KILLS; kill++) {
        await delay(900)
        await gateway.restarted(gateway.killWorkerd())
      }
      isOver = true
    })()
    for (let n = 0; !isOver || n % PEOPLE.length !== 0; n++) {
      const user = PEOPLE[n % PEOPLE.length] ?? ''
      const text = `word ${n} end`
      sent.get(user)?.push(text)
      const message = { user, channel: channelOf(user), text, ts: nextTs() }
      // Of one person in their order, as the platform does; nobody waits for anybody else.
      const taken = (): Promise<unknown> =>
        Promise.all([untilTaken(message), untilTaken(message), untilTaken(message)])
      turns.set(user, (turns.get(user) ?? Promise.resolve()).then(taken))
      await delay(100)
    }
    await kills
    await Promise.all(turns.values())
    const last = (): boolean =>
      PEOPLE.every((user) =>
        JSON.stringify(shown(channelOf(user))).includes(sent.get(user)?.at(-1) ?? 'none'),
      )
    await until('the last answer of everybody', last, 90_000)
    const { value } = await api('GET', '/v1/channels/status')
    const [{ health }] = value['channels'] as [{ health: { unknown: number; dead: number } }]
    let repeated = 0
    for (const user of PEOPLE) {
      const heard = shown(channelOf(user)).flatMap(({ text }) => /word \d+ end/.exec(text) ?? [])
      const distinct = heard.filter((text, at) => heard.indexOf(text) === at)
      repeated += heard.length - distinct.length
      const said = sent.get(user) ?? []
      const missing = said.filter((text) => !distinct.includes(text))
      // An answer that was on its way at a kill may be of unknown outcome, and is said to be.
      expect(missing.length).toBeLessThanOrEqual(health.unknown)
      expect(distinct).toEqual(said.filter((text) => distinct.includes(text)))
    }
    const total = [...sent.values()].flat().length
    console.log(
      `${total} messages, each three times, ${KILLS} kills: ${repeated} previews repeated, ${health.unknown} of unknown outcome, ${health.dead} put aside`,
    )
    expect(health.dead).toBe(0)
    expect(health.unknown).toBeLessThanOrEqual(KILLS * PEOPLE.length)
    // A question and an answer for each message: no run was made twice. The list comes a little behind.
    await until('a run of each message', async () => (await countMessages()) >= 2 * total, SOON_MS)
    expect(await countMessages()).toBe(2 * total)
  })
})

async function countMessages(): Promise<number> {
  // As often as a credential may ask.
  await delay(250)
  const { value } = await api('GET', '/v1/sessions?channel=slack&limit=100')
  const sessions = value['sessions'] as { key: string; messageCount: number }[]
  return sessions
    .filter(({ key }) => key.includes('u0peer'))
    .reduce((sum, { messageCount }) => sum + messageCount, 0)
}

/** As Slack does: again, until somebody takes it. */
async function untilTaken(message: SlackMessage): Promise<void> {
  for (let tries = 0; tries < 60; tries++) {
    const status = await send(message).catch(() => 0)
    if (status === 200) return
    await delay(250)
  }
  throw new Error('nobody took the delivery')
}
