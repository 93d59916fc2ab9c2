import { createCipheriv, createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { decryptFeishu } from '../../../../src/channels/feishu/decrypt.ts'
import { feishu } from '../../../../src/channels/feishu/index.ts'
import type { BotIdentity, InboundMessage } from '../../../../src/channels/platform.ts'
import { delivery, NOW_MS, SIGNED_AT } from '../proof.ts'

const KEY = 'an-encrypt-key-of-nobody'
const TOKEN = 'a-verification-token'
const plain = {
  app_id: 'cli_a1b2c3d4e5f6g7h8',
  app_secret: 'an-app-secret-of-nobody',
  verification_token: TOKEN,
}
const sealed = { ...plain, encrypt_key: KEY }
const PERSON = 'ou_84aad35d084aa403a838cf73ee18467a'
const self: BotIdentity = { id: 'ou_b07b07b07b07b07b07b07b07b07b07b0', username: null }

const message = (changes: object = {}, sender: object = {}) => ({
  schema: '2.0',
  header: {
    event_id: '5e3702a84e847582be8db7fb73283c02',
    event_type: 'im.message.receive_v1',
    create_time: '1772323199000',
    token: TOKEN,
    app_id: 'cli_a1b2c3d4e5f6g7h8',
    tenant_key: '736588c9260f175e',
  },
  event: {
    sender: {
      sender_id: { union_id: 'on_1', user_id: 'e33ggbyz', open_id: PERSON },
      sender_type: 'user',
      tenant_key: '736588c9260f175e',
      ...sender,
    },
    message: {
      message_id: 'om_5ce6d572455d361153b7cb51da133945',
      create_time: '1772323198000',
      chat_id: 'oc_5ce6d572455d361153b7xx51da133945',
      chat_type: 'group',
      message_type: 'text',
      content: JSON.stringify({ text: '@_user_1 hello @_user_2' }),
      mentions: [
        { key: '@_user_1', id: { open_id: self.id }, name: 'Helper', tenant_key: '7' },
        { key: '@_user_2', id: { open_id: 'ou_1234' }, name: 'Tom\nB', tenant_key: '7' },
      ],
      ...changes,
    },
  },
})
const challenge = (token = TOKEN) => ({
  type: 'url_verification',
  token,
  challenge: 'ajls384kdjx98XX',
})

const seal = (value: unknown, key = KEY): string => {
  const iv = Buffer.alloc(16, 9)
  const cipher = createCipheriv('aes-256-cbc', createHash('sha256').update(key).digest(), iv)
  const bytes = Buffer.concat([iv, cipher.update(JSON.stringify(value)), cipher.final()])
  return JSON.stringify({ encrypt: bytes.toString('base64') })
}
const signed = (body: string) => ({
  'x-lark-request-timestamp': `${SIGNED_AT}`,
  'x-lark-request-nonce': '40a8n',
  'x-lark-signature': createHash('sha256').update(`${SIGNED_AT}40a8n${KEY}${body}`).digest('hex'),
})
const facts = { method: 'POST', query: new URLSearchParams(), nowMs: NOW_MS, self }
const openly = (value: unknown, as = facts) =>
  feishu.receive(delivery({}, JSON.stringify(value)), plain, as)
const sealedly = (body: string, headers: Readonly<Record<string, string>> = signed(body)) =>
  feishu.receive(delivery(headers, body), sealed, facts)

async function said(value: unknown, as = facts): Promise<InboundMessage> {
  const got = await openly(value, as)
  const [event] = got.ok ? got.value.events : []
  if (event?.kind !== 'message') throw new Error('no message')
  return event
}

describe("Feishu's check of the address", () => {
  it('is answered, plain and sealed', async () => {
    const answer = { body: '{"challenge":"ajls384kdjx98XX"}', contentType: 'application/json' }
    expect(await openly(challenge())).toMatchObject({ ok: true, value: { events: [], answer } })
    expect(await sealedly(seal(challenge()))).toMatchObject({ ok: true, value: { answer } })
    expect(await sealedly(seal(challenge()), {})).toMatchObject({ ok: true, value: { answer } })
  })

  it('is refused with another token, and looks the same whatever is wrong unsigned', async () => {
    expect(await openly(challenge('x'))).toEqual({ ok: false, error: 'signature_wrong' })
    const bodies = [
      seal(challenge('x')),
      seal(challenge(), 'another key'),
      seal(message()),
      JSON.stringify(challenge()),
      '{"encrypt":"AAAA"}',
      'no json',
    ]
    for (const body of bodies) {
      expect(await sealedly(body, {}), body).toEqual({ ok: false, error: 'signature_missing' })
    }
  })
})

describe('an event of Feishu', () => {
  it('opens as the documentation shows', async () => {
    const published = 'P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk='
    expect(await decryptFeishu(published, 'test key')).toBe('hello world')
  })

  it('is a message of a group, with our mention taken out and others named', async () => {
    expect(await said(message())).toEqual({
      kind: 'message',
      deliveryId: 'om_5ce6d572455d361153b7cb51da133945',
      sender: { id: PERSON, username: null, displayName: PERSON, kind: 'person' },
      conversation: { kind: 'group', id: 'oc_5ce6d572455d361153b7xx51da133945', threadId: null },
      address: { chat: 'oc_5ce6d572455d361153b7xx51da133945', inThread: null },
      sentAt: 1_772_323_198_000,
      text: 'hello @ou_1234',
      quoted: null,
      isRelayed: false,
      isMention: true,
      isCommand: false,
      files: [],
      albumId: null,
    })
  })

  it('is no mention where others were called, all were, or we do not know who we are', async () => {
    const text = JSON.stringify({ text: '@_all hello @_user_2' })
    const mentions = [{ key: '@_user_2', id: { open_id: 'ou_1234' }, name: 'Tom' }]
    expect(await said(message({ content: text, mentions }))).toMatchObject({
      isMention: false,
      text: '@_all hello @ou_1234',
    })
    const unknown = { ...facts, self: null as unknown as BotIdentity }
    expect(await said(message(), unknown)).toMatchObject({ isMention: false })
  })

  it('is direct in a chat of two, and in a thread belongs to it', async () => {
    expect(await said(message({ chat_type: 'p2p' }))).toMatchObject({
      conversation: { kind: 'direct', id: PERSON, threadId: null },
    })
    expect(await said(message({ thread_id: 'omt_1' }))).toMatchObject({
      conversation: { kind: 'group', threadId: 'omt_1' },
      address: { inThread: 'om_5ce6d572455d361153b7cb51da133945' },
    })
  })

  it('is read where it is rich text, and ignored where it is something else', async () => {
    const content = JSON.stringify({
      title: 'News',
      content: [
        [
          { tag: 'at', user_id: '@_user_1' },
          { tag: 'text', text: ' see ' },
        ],
        [
          { tag: 'a', text: 'this', href: 'https://example.org' },
          { tag: 'img', image_key: 'x' },
        ],
      ],
    })
    expect((await said(message({ message_type: 'post', content }))).text).toBe('News\n see \nthis')
    const image = message({ message_type: 'sticker', content: '{"file_key":"x"}' })
    const broken = message({ content: 'no json' })
    const other = {
      ...message(),
      header: { ...message().header, event_type: 'im.chat.updated_v1' },
    }
    for (const value of [image, broken, other]) {
      expect(await openly(value)).toMatchObject({ ok: true, value: { events: [] } })
    }
  })

  it('tells apps and itself from people', async () => {
    expect((await said(message({}, { sender_type: 'app' }))).sender.kind).toBe('bot')
    const own = { sender_id: { open_id: self.id } }
    expect((await said(message({}, own))).sender.kind).toBe('self')
  })

  it('is taken sealed and signed, and knows its replay', async () => {
    const body = seal(message())
    expect(await sealedly(body)).toMatchObject({
      ok: true,
      value: { events: [{ text: 'hello @ou_1234' }], replayKey: signed(body)['x-lark-signature'] },
    })
  })

  it('is refused plain where it must be sealed, and sealed where there is no key', async () => {
    const body = JSON.stringify(message())
    expect(await sealedly(body)).toEqual({ ok: false, error: 'malformed' })
    expect(await openly(JSON.parse(seal(message())))).toEqual({
      ok: false,
      error: 'secret_missing',
    })
  })

  it('is refused signed wrongly, late, with another token and of another app', async () => {
    const body = seal(message())
    const wrong = { ...signed(body), 'x-lark-request-nonce': 'other' }
    expect(await sealedly(body, wrong)).toEqual({ ok: false, error: 'signature_wrong' })
    const late = { ...facts, nowMs: NOW_MS + 301_000 }
    expect(await feishu.receive(delivery(signed(body), body), sealed, late)).toEqual({
      ok: false,
      error: 'timestamp_stale',
    })
    const header = message().header
    const stolen = { ...message(), header: { ...header, token: 'x' } }
    expect(await openly(stolen)).toEqual({ ok: false, error: 'signature_wrong' })
    expect(await sealedly(seal(stolen))).toEqual({ ok: false, error: 'signature_wrong' })
    const foreign = { ...message(), header: { ...header, app_id: 'cli_other' } }
    expect(await openly(foreign)).toEqual({ ok: false, error: 'malformed' })
    for (const value of [{}, [], 'x', { schema: '1.0' }]) {
      expect(await openly(value)).toEqual({ ok: false, error: 'malformed' })
    }
  })
})

describe('names on Feishu', () => {
  it('are open ids', () => {
    expect(feishu.normalizeSender(` ${PERSON.toUpperCase()}`)).toBe(PERSON)
    for (const name of ['Tom', '', 'on_1234', 'oc_1234', '*']) {
      expect(feishu.normalizeSender(name), name).toBeNull()
    }
  })
})

describe('a file of Feishu', () => {
  const files = async (message_type: string, content: object) => {
    const got = await openly(message({ message_type, content: JSON.stringify(content) }))
    const [event] = got.ok ? got.value.events : []
    return event?.kind === 'message'
      ? event.files.map(({ reference, name }) => [reference, name])
      : null
  }
  const OF = 'om_5ce6d572455d361153b7cb51da133945/resources'

  it('is a resource of its message', async () => {
    expect(await files('image', { image_key: 'img_1' })).toEqual([
      [`${OF}/img_1?type=image`, 'image'],
    ])
    expect(await files('file', { file_key: 'file_1', file_name: 'a.pdf' })).toEqual([
      [`${OF}/file_1?type=file`, 'a.pdf'],
    ])
    expect(await files('audio', { file_key: 'file_2', duration: 1 })).toEqual([
      [`${OF}/file_2?type=file`, 'audio'],
    ])
    const post = {
      content: [
        [
          { tag: 'text', text: 'see' },
          { tag: 'img', image_key: 'img_2' },
        ],
      ],
    }
    expect(await files('post', post)).toEqual([[`${OF}/img_2?type=image`, 'image']])
  })

  it('is none where its key leads elsewhere', async () => {
    expect(await files('image', { image_key: '../x' })).toBeNull()
    expect(await files('sticker', { file_key: 'file_1' })).toBeNull()
  })
})
