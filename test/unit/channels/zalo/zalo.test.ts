import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { BotIdentity } from '../../../../src/channels/platform.ts'
import { zalo } from '../../../../src/channels/zalo/index.ts'
import { serveZalo } from '../../../support/channels/zalo.ts'
import { delivery, NOW_MS, SIGNED_AT } from '../proof.ts'

const ACCOUNT = '388613280878808645'
const PERSON = '246845883529197922'
const TOKEN = 'an-access-token-of-nobody-at-all'
const credentials = {
  app_id: '360846524940903967',
  oa_secret: 'an-oa-secret-of-nobody',
  access_token: TOKEN,
}
const self: BotIdentity = { id: ACCOUNT, username: null }

const event = (changes: object = {}) => ({
  app_id: credentials.app_id,
  sender: { id: PERSON },
  user_id_by_app: '552177279717587730',
  recipient: { id: ACCOUNT },
  event_name: 'user_send_text',
  message: { text: 'xin chào', msg_id: '96d3cdf3af150460909' },
  timestamp: `${1_000 * SIGNED_AT}`,
  ...changes,
})
const receive = (value: unknown, as: BotIdentity | null = self) => {
  const body = JSON.stringify(value)
  const text = `${credentials.app_id}${body}${1_000 * SIGNED_AT}${credentials.oa_secret}`
  const headers = { 'x-zevent-signature': `mac=${createHash('sha256').update(text).digest('hex')}` }
  const facts = { method: 'POST', query: new URLSearchParams(), nowMs: NOW_MS, self: as }
  return zalo.receive(delivery(headers, body), credentials, facts)
}

describe('an event of Zalo', () => {
  it('is a direct message of whoever wrote', async () => {
    const got = await receive(event())
    expect(got).toMatchObject({ ok: true, value: { answer: { status: 200 } } })
    expect(got.ok ? got.value.events : []).toEqual([
      {
        kind: 'message',
        deliveryId: '96d3cdf3af150460909',
        sender: { id: PERSON, username: null, displayName: PERSON, kind: 'person' },
        conversation: { kind: 'direct', id: PERSON, threadId: null },
        address: { user: PERSON },
        sentAt: 1_000 * SIGNED_AT,
        text: 'xin chào',
        quoted: null,
        isRelayed: false,
        isMention: false,
        isCommand: false,
        files: [],
        albumId: null,
      },
    ])
  })

  it("is the account's own where the account wrote", async () => {
    const own = event({
      event_name: 'oa_send_text',
      sender: { id: ACCOUNT },
      recipient: { id: PERSON },
    })
    expect(await receive(own)).toMatchObject({
      ok: true,
      value: { events: [{ sender: { id: ACCOUNT, kind: 'self' }, conversation: { id: PERSON } }] },
    })
  })

  it('is nothing where it is of another account, another kind, or no text', async () => {
    const others = [
      event({ recipient: { id: '388613280878808646' } }),
      event({ event_name: 'follow', message: undefined }),
      event({ event_name: 'user_send_image', message: { msg_id: '1', attachments: [] } }),
      event({ message: { msg_id: '1' } }),
      event({ sender: { id: '../x' } }),
    ]
    for (const other of others) {
      expect(await receive(other)).toMatchObject({ ok: true, value: { events: [] } })
    }
  })

  it('is refused unsigned, and where it is of another app', async () => {
    const facts = { method: 'POST', query: new URLSearchParams(), nowMs: NOW_MS, self }
    const body = JSON.stringify(event())
    expect(await zalo.receive(delivery({}, body), credentials, facts)).toEqual({
      ok: false,
      error: 'signature_missing',
    })
    for (const changes of [{ app_id: '1' }, { event_name: undefined }]) {
      expect(await receive(event(changes))).toEqual({ ok: false, error: 'malformed' })
    }
  })
})

async function setUp(token = TOKEN) {
  const world = { accessToken: TOKEN, account: ACCOUNT, open: new Set([PERSON]) }
  const server = await serveZalo(world)
  const given = { ...credentials, access_token: token }
  return { world, server, client: zalo.client(given, { fetch, baseUrl: server.url }) }
}

describe('an answer on Zalo', () => {
  it('is plain text to the person', async () => {
    const { server, client } = await setUp()
    await using _ = server
    expect(await client.send({ user: PERSON }, '**yes**')).toEqual({
      ok: true,
      value: { messageId: 'sent1' },
    })
    expect(server.calls[0]).toMatchObject({
      method: 'POST',
      path: '/v3.0/oa/message/cs',
      json: { recipient: { user_id: PERSON }, message: { text: 'yes' } },
    })
    expect(server.calls[0]?.headers['access_token']).toBe(TOKEN)
  })

  it('is refused in plain words, and waits where Zalo asks for it', async () => {
    const { world, server, client } = await setUp()
    await using _ = server
    world.open.clear()
    expect(await client.send({ user: PERSON }, 'x')).toEqual({
      ok: false,
      error: { kind: 'refused', reason: 'this person has not written for seven days' },
    })
    server.answerNext({ status: 200, json: { error: -32, message: 'limit' } })
    expect(await client.send({ user: PERSON }, 'x')).toMatchObject({
      error: { kind: 'rate_limited' },
    })
    server.answerNext({ status: 500 })
    expect(await client.send({ user: PERSON }, 'x')).toMatchObject({
      error: { kind: 'unavailable' },
    })
    expect(await client.send({}, 'x')).toMatchObject({ error: { kind: 'refused' } })
  })
})

describe('an official account of Zalo', () => {
  it('is known by its id to the holder of its token alone', async () => {
    const { server, client } = await setUp()
    await using _ = server
    expect(await client.identify()).toEqual({ ok: true, value: { id: ACCOUNT, username: null } })
    const other = await setUp('another-access-token-of-nobody')
    await using __ = other.server
    expect(await other.client.identify()).toEqual({
      ok: false,
      error: { kind: 'refused', reason: 'the access token is void or has run out' },
    })
  })

  it('names people by the digits of their id', () => {
    expect(zalo.normalizeSender(` ${PERSON}`)).toBe(PERSON)
    for (const name of ['Lan', '', '*', '12']) expect(zalo.normalizeSender(name)).toBeNull()
  })
})

describe('a file of Zalo', () => {
  const image = (url: string) => ({ type: 'image', payload: { url, thumbnail: url } })
  const sent = (attachments: readonly unknown[], event_name = 'user_send_image') =>
    receive(event({ event_name, message: { msg_id: '1', text: 'look', attachments } }))

  it('comes with its words', async () => {
    const url = 'https://f20-zpc.zdn.vn/a.jpg'
    expect(await sent([image(url), { type: 'location' }])).toMatchObject({
      value: {
        events: [
          { text: 'look', files: [{ reference: url, name: 'image', mimeType: null, bytes: null }] },
        ],
      },
    })
    const file = { type: 'file', payload: { url, name: 'a.pdf', size: '1' } }
    expect(await sent([file], 'user_send_file')).toMatchObject({
      value: { events: [{ files: [{ name: 'a.pdf' }] }] },
    })
    const nothing = event({ message: { msg_id: '1' } })
    expect(await receive(nothing)).toMatchObject({ value: { events: [] } })
  })

  it('is fetched from Zalo, and from nobody else', async () => {
    const server = await serveZalo({ accessToken: TOKEN, account: ACCOUNT, open: new Set() })
    await using _ = server
    const client = zalo.client(credentials, { fetch, baseUrl: server.url })
    const fetchFile = (reference: string) =>
      client.fetchFile?.({ reference, name: 'a', mimeType: null, bytes: null }, 99)
    expect(await fetchFile(`${server.url}/files/a`)).toMatchObject({ ok: true })
    expect(server.calls[0]?.headers).not.toHaveProperty('access_token')
    for (const url of ['https://evil.example/a', 'http://zdn.vn/a', 'https://evilzdn.vn/a']) {
      expect(await fetchFile(url)).toMatchObject({ error: { kind: 'refused' } })
    }
    expect(server.calls).toHaveLength(1)
  })
})
