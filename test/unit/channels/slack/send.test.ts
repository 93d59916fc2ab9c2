import { describe, expect, it } from 'vitest'
import { slack } from '../../../../src/channels/slack/index.ts'
import type { Fetch } from '../../../../src/domain/model.ts'
import {
  SLACK_BOT,
  SLACK_TEAM,
  type SlackWorld,
  serveSlack,
  slackWorld,
} from '../../../support/channels/slack.ts'

const CHANNEL = 'C0GENERAL1'
const PERSON = 'U0PERSON01'
const ROOT = '1772323000.000200'
const INERT = { parse: 'none', link_names: false, unfurl_links: false, unfurl_media: false }

async function setUp(changes: Partial<SlackWorld> = {}) {
  const world = slackWorld(changes)
  const server = await serveSlack(world)
  const client = (botToken = world.botToken, way: Fetch = fetch) =>
    slack.client(
      { bot_token: botToken, signing_secret: 'not-a-secret' },
      { fetch: way, baseUrl: server.url },
    )
  return { world, server, client }
}
const address = (changes: object = {}) => ({ channel: CHANNEL, thread: null, ...changes })
const file = (reference: string, mimeType = 'text/plain') => ({
  reference,
  name: 'a.txt',
  mimeType,
  bytes: null,
})
const question = {
  approvalId: 'apr_1',
  tool: 'exec',
  detail: 'rm -rf build <!channel>',
  reason: 'not on the list',
  choices: ['allow-once', 'allow-always', 'deny'],
} as const

describe('an answer on Slack', () => {
  it('is posted as the bot, calling nobody and showing no preview', async () => {
    const { server, client, world } = await setUp()
    await using _ = server
    const sent = await client().send(address(), 'hello **you** <!channel> @here')
    expect(sent).toEqual({ ok: true, value: { messageId: `${CHANNEL}:1772323300.000001` } })
    expect(server.calls).toMatchObject([
      { path: '/chat.postMessage', headers: { authorization: `Bearer ${world.botToken}` } },
    ])
    expect(server.calls[0]?.json).toEqual({
      channel: CHANNEL,
      text: 'hello *you* &lt;!channel&gt; @here',
      mrkdwn: true,
      ...INERT,
    })
  })

  it('goes into its thread', async () => {
    const { server, client } = await setUp()
    await using _ = server
    await client().send(address({ thread: ROOT }), 'x')
    expect(server.calls[0]?.json).toMatchObject({ channel: CHANNEL, thread_ts: ROOT })
  })

  it('grows by edits, also where it was sent to a person', async () => {
    const { server, client } = await setUp()
    await using _ = server
    const sent = await client().send(address({ channel: PERSON }), 'a')
    if (!sent.ok) throw new Error(sent.error.kind)
    const { messageId } = sent.value
    const edited = await client().edit?.(address({ channel: PERSON }), messageId, 'a & b')
    expect(edited).toEqual({ ok: true, value: null })
    expect(server.calls.at(-1)).toMatchObject({ path: '/chat.update' })
    expect(server.calls.at(-1)?.json).toEqual({
      channel: 'D0DIRECT01',
      ts: '1772323300.000001',
      text: 'a &amp; b',
      mrkdwn: true,
      ...INERT,
    })
    expect(await client().edit?.(address(), `${CHANNEL}:1.000001`, 'x')).toEqual({
      ok: false,
      error: { kind: 'refused', reason: 'the message is gone' },
    })
  })

  it('of the longest size is one that can still be edited', async () => {
    const { server, client } = await setUp()
    await using _ = server
    const sent = await client().send(address(), 'a')
    if (!sent.ok) throw new Error(sent.error.kind)
    const longest = '<'.repeat(slack.maxChunk / 4)
    expect(slack.measure(longest)).toBe(slack.maxChunk)
    const { messageId } = sent.value
    expect(await client().edit?.(address(), messageId, longest)).toMatchObject({ ok: true })
    expect(await client().edit?.(address(), messageId, `${longest}<`)).toMatchObject({
      error: { kind: 'refused', reason: 'the message is longer than Slack takes' },
    })
  })

  it('goes nowhere where nothing is known', async () => {
    const { server, client } = await setUp()
    await using _ = server
    for (const unknown of [{}, address({ channel: '#general' }), address({ thread: 'x' })]) {
      expect(await client().send(unknown, 'x')).toMatchObject({ error: { kind: 'refused' } })
    }
    for (const messageId of ['', CHANNEL, `${CHANNEL}:x`, `${PERSON}:${ROOT}`]) {
      const edited = await client().edit?.(address(), messageId, 'x')
      expect(edited).toMatchObject({ error: { kind: 'refused' } })
    }
    expect(server.calls).toEqual([])
  })

  it('fails as Slack says: never, later, or perhaps not at all', async () => {
    const { server, client } = await setUp()
    await using _ = server
    const kinds = [
      ['channel_not_found', 'refused'],
      ['not_in_channel', 'refused'],
      ['invalid_auth', 'refused'],
      ['msg_too_long', 'refused'],
      ['an_error_of_next_year', 'refused'],
      ['ratelimited', 'rate_limited'],
      ['service_unavailable', 'unavailable'],
      ['internal_error', 'unknown'],
      ['fatal_error', 'unknown'],
    ] as const
    for (const [error, kind] of kinds) {
      server.answerNext({ status: 200, json: { ok: false, error } })
      expect(await client().send(address(), 'x'), error).toMatchObject({ error: { kind } })
    }
    server.answerNext({ status: 429, headers: { 'retry-after': '30' } })
    expect(await client().send(address(), 'x')).toEqual({
      ok: false,
      error: { kind: 'rate_limited', retryAfterMs: 30_000 },
    })
    server.answerNext({ status: 200, text: 'no JSON' })
    expect(await client().send(address(), 'x')).toMatchObject({ error: { kind: 'unknown' } })
  })

  it('repeats neither the token nor words that are no code', async () => {
    const { server, client, world } = await setUp()
    await using _ = server
    const error = `bad token ${world.botToken}`
    server.answerNext({ status: 200, json: { ok: false, error } })
    const failed = await client().send(address(), 'x')
    expect(failed).toMatchObject({ ok: false })
    expect(JSON.stringify(failed)).not.toContain('token')
  })
})

describe('a question on Slack', () => {
  it('has a button for each choice, and calls nobody', async () => {
    const { server, client } = await setUp()
    await using _ = server
    expect(await client().ask?.(address({ thread: ROOT }), question)).toMatchObject({ ok: true })
    const [call] = server.calls
    const button = (choice: string, text: string, style: object) => ({
      type: 'button',
      text: { type: 'plain_text', text },
      action_id: `approval:${choice}:apr_1`,
      value: `approval:${choice}:apr_1`,
      ...style,
    })
    expect(call?.json).toMatchObject({
      thread_ts: ROOT,
      ...INERT,
      blocks: [
        { type: 'section', text: { type: 'mrkdwn', verbatim: true } },
        {
          type: 'actions',
          elements: [
            button('allow-once', 'Allow once', { style: 'primary' }),
            button('allow-always', 'Allow always', {}),
            button('deny', 'Deny', { style: 'danger' }),
          ],
        },
      ],
    })
    expect(call?.text).toContain('rm -rf build &lt;!channel&gt;')
    expect(call?.text).not.toContain('<!channel>')
  })

  it('fits into a section, and says what is cut', async () => {
    const { server, client } = await setUp()
    await using _ = server
    await client().ask?.(address(), { ...question, detail: '<'.repeat(5_000) })
    const blocks = server.calls[0]?.json?.['blocks'] as readonly { text: { text: string } }[]
    const shown = blocks[0]?.text.text ?? ''
    expect(shown.length).toBeLessThanOrEqual(3_000)
    expect(shown).toContain('more characters are not shown here')
  })

  it('loses its buttons once it is settled', async () => {
    const { server, client } = await setUp()
    await using _ = server
    const asked = await client().ask?.(address(), question)
    if (!asked?.ok) throw new Error('not asked')
    const settled = await client().settle?.(address(), asked.value.messageId, 'Denied.')
    expect(settled).toEqual({ ok: true, value: null })
    expect(server.calls.at(-1)).toMatchObject({
      path: '/chat.update',
      json: { text: 'Denied.', blocks: [], ...INERT },
    })
  })
})

describe('a bot of Slack', () => {
  it('is known by its token, and refused by another', async () => {
    const { server, client } = await setUp()
    await using _ = server
    expect(await client().identify()).toEqual({
      ok: true,
      value: { id: SLACK_BOT.user_id, username: 'helper', teamId: SLACK_TEAM },
    })
    expect(await client('xoxb-another').identify()).toEqual({
      ok: false,
      error: { kind: 'refused', reason: 'the bot token is void' },
    })
  })
})

describe('a file of a person on Slack', () => {
  it('is fetched with the token, up to a size', async () => {
    const { server, client } = await setUp({ files: new Map([['a.txt', 'hello']]) })
    await using _ = server
    const at = file(`${server.url}/files-pri/a.txt`)
    const got = await client().fetchFile?.(at, 5)
    expect(got).toEqual({ ok: true, value: new Uint8Array(Buffer.from('hello')) })
    expect(await client().fetchFile?.(at, 4)).toMatchObject({ error: { kind: 'refused' } })
  })

  it('is not asked for at any host but those of Slack', async () => {
    const asked: string[] = []
    const spy: typeof fetch = (input) => {
      asked.push(String(input))
      return Promise.resolve(new Response('x'))
    }
    const credentials = { bot_token: 'xoxb-of-nobody', signing_secret: 'not-a-secret' }
    const parts = { fetch: spy, baseUrl: 'https://slack.com/api' }
    const client = slack.client(credentials, parts)
    const others = [
      'https://files.slack.com.evil.example/x',
      'https://evilslack.com/x',
      'https://files.slack.com@evil.example/x',
      'https://x:y@files.slack.com/x',
      'http://files.slack.com/x',
      'https://files.slack.com:8443/x',
      'https://evil.example/files.slack.com',
      'file:///etc/passwd',
      'F1',
    ]
    for (const other of others) {
      const got = await client.fetchFile?.(file(other), 9)
      expect(got, other).toMatchObject({ ok: false, error: { kind: 'refused' } })
    }
    expect(asked).toEqual([])
    const own = 'https://files.slack.com/files-pri/T-F/a.txt'
    expect(await client.fetchFile?.(file(own), 9)).toMatchObject({ ok: true })
    expect(asked).toEqual([own])
  })

  it('is not taken for the page to sign in at', async () => {
    const { server, client } = await setUp()
    await using _ = server
    const at = `${server.url}/files-pri/a.txt`
    const page = {
      status: 200,
      text: '<html>',
      headers: { 'content-type': 'text/html; charset=x' },
    }
    server.answerNext(page)
    expect(await client().fetchFile?.(file(at), 99)).toMatchObject({ error: { kind: 'refused' } })
    server.answerNext(page)
    expect(await client().fetchFile?.(file(at, 'text/html'), 99)).toMatchObject({ ok: true })
    expect(await client('xoxb-another').fetchFile?.(file(at), 99)).toMatchObject({
      error: { kind: 'refused' },
    })
  })
})

describe('a file for a person on Slack', () => {
  const out = { name: 'a.txt', mimeType: 'text/plain', bytes: new Uint8Array(Buffer.from('hello')) }

  it('is laid down and shared in its thread, and the token stays at the API', async () => {
    const { server, client } = await setUp()
    await using _ = server
    const sent = await client().sendFile?.(address({ thread: ROOT }), out)
    expect(sent).toEqual({ ok: true, value: { messageId: 'F0FILE0000' } })
    expect(server.calls.map(({ path }) => path)).toEqual([
      '/files.getUploadURLExternal',
      '/upload/v1/F0FILE0000',
      '/files.completeUploadExternal',
    ])
    expect(server.calls[1]?.text).toBe('hello')
    expect(server.calls[1]?.headers).not.toHaveProperty('authorization')
    expect(server.calls[2]?.json).toEqual({
      files: [{ id: 'F0FILE0000', title: 'a.txt' }],
      channel_id: CHANNEL,
      thread_ts: ROOT,
    })
  })

  it('finds the conversation with a person first', async () => {
    const { server, client } = await setUp()
    await using _ = server
    expect(await client().sendFile?.(address({ channel: PERSON }), out)).toMatchObject({ ok: true })
    expect(server.calls.at(-1)?.json).toMatchObject({ channel_id: 'D0DIRECT01' })
    const nobody = await client().sendFile?.(address({ channel: 'U0NOBODY01' }), out)
    expect(nobody).toMatchObject({ error: { reason: 'this person is not in the workspace' } })
  })

  it('may be sent again for as long as it was not shared', async () => {
    const { server, client } = await setUp()
    await using _ = server
    const cutOff: Fetch = async (url, init) => {
      if (String(url).includes(at)) throw new TypeError('broke off')
      return fetch(url as string, init)
    }
    let at = '/upload/'
    const sent = () => client(undefined, cutOff).sendFile?.(address(), out)
    expect(await sent()).toMatchObject({ error: { kind: 'unavailable' } })
    at = 'completeUploadExternal'
    expect(await sent()).toMatchObject({ error: { kind: 'unknown' } })
  })

  it('is not laid down at anybody else', async () => {
    const { server, client } = await setUp()
    await using _ = server
    const json = { ok: true, upload_url: 'https://evil.example/upload', file_id: 'F1' }
    server.answerNext({ status: 200, json })
    expect(await client().sendFile?.(address(), out)).toMatchObject({ error: { kind: 'refused' } })
    expect(server.calls).toHaveLength(1)
  })
})
