import { describe, expect, it } from 'vitest'
import { feishu } from '../../../../src/channels/feishu/index.ts'
import { FEISHU_BOT_ID, serveFeishu } from '../../../support/channels/feishu.ts'

const SECRET = 'an-app-secret-of-nobody'
const CHAT = 'oc_5ce6d572455d361153b7xx51da133945'
const address = { chat: CHAT, inThread: null }

async function setUp(appSecret = SECRET) {
  const world = {
    appId: 'cli_a1b2c3d4e5f6g7h8',
    appSecret: SECRET,
    chats: new Set([CHAT]),
    resources: new Map<string, Uint8Array>(),
    token: 't-first',
  }
  const server = await serveFeishu(world)
  const credentials = {
    app_id: world.appId,
    app_secret: appSecret,
    verification_token: 'a-verification-token',
  }
  return { world, server, client: feishu.client(credentials, { fetch, baseUrl: server.url }) }
}
const paths = (calls: readonly { readonly path: string }[]) =>
  calls.map(({ path }) => path.replace('/open-apis', ''))
const TOKEN_PATH = '/auth/v3/tenant_access_token/internal'

describe('an answer on Feishu', () => {
  it('is a text to the chat, calling nobody, under a token asked for once', async () => {
    const { server, client } = await setUp()
    await using _ = server
    const text = '**hi** <at user_id="all">all</at>'
    expect(await client.send(address, text)).toEqual({ ok: true, value: { messageId: 'om_sent1' } })
    expect(await client.send(address, 'again')).toMatchObject({ ok: true })
    expect(paths(server.calls)).toEqual([TOKEN_PATH, '/im/v1/messages', '/im/v1/messages'])
    expect(server.calls[1]).toMatchObject({
      method: 'POST',
      json: {
        receive_id: CHAT,
        msg_type: 'text',
        content: JSON.stringify({ text: 'hi <\u200bat user_id="all">all<\u200b/at>' }),
      },
    })
    expect(server.calls[1]?.headers['authorization']).toBe('Bearer t-first')
  })

  it('goes into a thread by answering in it', async () => {
    const { server, client } = await setUp()
    await using _ = server
    expect(await client.send({ chat: CHAT, inThread: 'om_1' }, 'x')).toMatchObject({ ok: true })
    expect(server.calls.at(-1)).toMatchObject({
      path: '/open-apis/im/v1/messages/om_1/reply',
      json: { reply_in_thread: true, msg_type: 'text' },
    })
  })

  it('asks for another token when the one it has became void, once', async () => {
    const { world, server, client } = await setUp()
    await using _ = server
    await client.send(address, 'x')
    world.token = 't-second'
    expect(await client.send(address, 'y')).toMatchObject({ ok: true })
    expect(paths(server.calls).filter((path) => path === TOKEN_PATH)).toHaveLength(2)
    const isVoid = { status: 400, json: { code: 99_991_663, msg: 'Invalid access token' } }
    server.answerNext(isVoid)
    server.answerNext({
      status: 200,
      json: { code: 0, tenant_access_token: 't-second', expire: 7_200 },
    })
    server.answerNext(isVoid)
    expect(await client.send(address, 'z')).toMatchObject({ error: { kind: 'refused' } })
  })

  it('asks again before a token runs out', async () => {
    const { server, client } = await setUp()
    await using _ = server
    const token = { code: 0, tenant_access_token: 't-first', expire: 299 }
    server.answerNext({ status: 200, json: token })
    await client.send(address, 'x')
    await client.send(address, 'y')
    expect(paths(server.calls).filter((path) => path === TOKEN_PATH)).toHaveLength(2)
  })

  it('waits where it is asked to, and is refused where the bot is not', async () => {
    const { world, server, client } = await setUp()
    await using _ = server
    await client.identify()
    server.answerNext({ status: 400, json: { code: 99_991_400, msg: 'request trigger limit' } })
    expect(await client.send(address, 'x')).toMatchObject({ error: { kind: 'rate_limited' } })
    world.chats.clear()
    expect(await client.send(address, 'x')).toEqual({
      ok: false,
      error: { kind: 'refused', reason: 'the bot is not in the chat' },
    })
    expect(await client.send({ chat: '../x', inThread: null }, 'x')).toMatchObject({
      error: { kind: 'refused' },
    })
  })
})

describe('an app of Feishu', () => {
  it('is known by its bot', async () => {
    const { server, client } = await setUp()
    await using _ = server
    expect(await client.identify()).toEqual({
      ok: true,
      value: { id: FEISHU_BOT_ID, username: null },
    })
  })

  it('is refused with another secret, which is not told', async () => {
    const { server, client } = await setUp('another-secret-of-nobody')
    await using _ = server
    const refused = await client.identify()
    expect(refused).toEqual({
      ok: false,
      error: { kind: 'refused', reason: 'app id and app secret do not belong together' },
    })
    server.answerNext({ status: 503 })
    expect(await client.identify()).toMatchObject({ error: { kind: 'unavailable' } })
  })
})

const fileOf = (reference: string) => ({ reference, name: 'a', mimeType: null, bytes: null })

describe('a file of Feishu', () => {
  const picture = new Uint8Array([137, 80, 78, 71])
  const reference = 'om_1/resources/img_1?type=image'

  it('is fetched from its message, under a token that holds', async () => {
    const { server, client, world } = await setUp()
    await using _ = server
    world.resources.set('om_1/img_1?image', picture)
    expect(await client.fetchFile?.(fileOf(reference), 99)).toEqual({ ok: true, value: picture })
    world.token = 't-second'
    expect(await client.fetchFile?.(fileOf(reference), 99)).toEqual({ ok: true, value: picture })
    expect(server.calls.at(-1)?.headers['authorization']).toBe('Bearer t-second')
    expect(await client.fetchFile?.(fileOf(reference), 3)).toMatchObject({ ok: false })
    const other = fileOf('om_2/resources/img_1?type=image')
    expect(await client.fetchFile?.(other, 99)).toMatchObject({ error: { kind: 'refused' } })
  })

  it.each([
    'om_1',
    '../../bot/v3/info',
    'om_1/resources/../x?type=image',
    'om_1/resources/a?type=b',
  ])('is asked for at no other place: %s', async (elsewhere) => {
    const { server, client } = await setUp()
    await using _ = server
    expect(await client.fetchFile?.(fileOf(elsewhere), 99)).toMatchObject({ ok: false })
    expect(server.calls).toEqual([])
  })
})
