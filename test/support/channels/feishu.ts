/** Feishu's open API as far as the bot of an app uses it. Refusals come with 200 or 400 and a code. */
import { serveWire, type WireServer } from './wire-server.ts'

export interface FeishuWorld {
  readonly appId: string
  readonly appSecret: string
  /** Chats that the bot is in. */
  readonly chats: Set<string>
  /** By message, key and type, as `om_1/img_1?image`. */
  readonly resources?: Map<string, Uint8Array>
  /** What it answers to be good from now on; others are void. */
  token: string
}

export const FEISHU_BOT_ID = 'ou_b07b07b07b07b07b07b07b07b07b07b0'

export function serveFeishu(world: FeishuWorld): Promise<WireServer> {
  let made = 0
  return serveWire(({ path, headers, json, query }) => {
    if (path === '/open-apis/auth/v3/tenant_access_token/internal') {
      const isKnown = json?.['app_id'] === world.appId && json['app_secret'] === world.appSecret
      if (!isKnown) return { status: 200, json: { code: 10_014, msg: 'app secret invalid' } }
      const token = { tenant_access_token: world.token, expire: 7_200 }
      return { status: 200, json: { code: 0, msg: 'ok', ...token } }
    }
    if (headers['authorization'] !== `Bearer ${world.token}`) {
      return { status: 400, json: { code: 99_991_663, msg: 'Invalid access token' } }
    }
    if (path === '/open-apis/bot/v3/info') {
      const bot = { activate_status: 2, app_name: 'Helper', open_id: FEISHU_BOT_ID }
      return { status: 200, json: { code: 0, msg: 'ok', bot } }
    }
    const [, message, key] =
      /^\/open-apis\/im\/v1\/messages\/([^/]+)\/resources\/([^/]+)$/.exec(path) ?? []
    if (message !== undefined) {
      const bytes = world.resources?.get(`${message}/${key}?${query.get('type')}`)
      return bytes === undefined
        ? { status: 400, json: { code: 234_003, msg: 'File not in msg.' } }
        : { status: 200, bytes, headers: { 'content-type': 'image/png' } }
    }
    const isReply = /^\/open-apis\/im\/v1\/messages\/om_\w+\/reply$/.test(path)
    const isNew = path === '/open-apis/im/v1/messages' && query.get('receive_id_type') === 'chat_id'
    if (!isReply && !isNew) return { status: 404, json: { code: 99_992_402, msg: 'no such path' } }
    if (isNew && !world.chats.has(String(json?.['receive_id']))) {
      return { status: 400, json: { code: 230_002, msg: 'Bot can NOT be out of the chat.' } }
    }
    made += 1
    return {
      status: 200,
      json: { code: 0, msg: 'success', data: { message_id: `om_sent${made}` } },
    }
  })
}
