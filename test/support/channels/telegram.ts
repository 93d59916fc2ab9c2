/**
 * A server of the Bot API for one bot: its methods as far as the gateway calls them, with Telegram's own
 * words where it refuses. It checks what is sent as strictly as Telegram does, and delivers nothing.
 */
import { serveWire, type WireAnswer, type WireCall, type WireServer } from './wire-server.ts'

export const TELEGRAM_BOT_ID = 7_100_000_001

export interface TelegramWorld {
  /** `<TELEGRAM_BOT_ID>:<35 characters>`. */
  readonly token: string
  readonly username: string
  /** Chats that the bot may write in. */
  readonly chats: Set<number>
  /** By file id. */
  readonly files: Map<string, { readonly path: string; readonly bytes: Uint8Array }>
  /** By message id: what it says now. */
  readonly messages: Map<number, { readonly chat: number; readonly shown: string }>
  webhook: { readonly url: string; readonly secret: string; readonly updates: unknown } | null
}

export const telegramWorld = (changes: Partial<TelegramWorld> = {}): TelegramWorld => ({
  token: `${TELEGRAM_BOT_ID}:AAF-nobody_has_this_token_0123456789`,
  username: 'our_test_bot',
  chats: new Set(),
  files: new Map(),
  messages: new Map(),
  webhook: null,
  ...changes,
})

type Body = Readonly<Record<string, unknown>>

const done = (result: unknown): WireAnswer => ({ status: 200, json: { ok: true, result } })
const refuse = (status: number, description: string, parameters?: object): WireAnswer => ({
  status,
  json: {
    ok: false,
    error_code: status,
    description,
    ...(parameters === undefined ? {} : { parameters }),
  },
})
const bad = (what: string): WireAnswer => refuse(400, `Bad Request: ${what}`)

export const floodWait = (seconds: number): WireAnswer =>
  refuse(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds })

export function serveTelegram(world: TelegramWorld): Promise<WireServer> {
  let made = 100
  const chatRefused = (chat: unknown): WireAnswer | null =>
    world.chats.has(Number(chat)) ? null : bad('chat not found')
  const messageOf = (chat: unknown, id: number, body: Body) => ({
    message_id: id,
    date: 1_772_323_200,
    chat: { id: Number(chat), type: Number(chat) < 0 ? 'supergroup' : 'private' },
    from: { id: TELEGRAM_BOT_ID, is_bot: true, first_name: 'Ours', username: world.username },
    ...body,
  })
  const keep = (id: number, body: Body): WireAnswer => {
    const { chat_id: chat, text, entities, reply_markup: keyboard } = body
    world.messages.set(id, { chat: Number(chat), shown: shownOf(body) })
    return done(messageOf(chat, id, { text, entities, reply_markup: keyboard }))
  }

  const methods: Readonly<Record<string, (body: Body, call: WireCall) => WireAnswer>> = {
    getMe: () =>
      done({ id: TELEGRAM_BOT_ID, is_bot: true, first_name: 'Ours', username: world.username }),
    sendMessage: (body) => chatRefused(body['chat_id']) ?? textRefused(body) ?? keep(++made, body),
    editMessageText: (body) => {
      const id = Number(body['message_id'])
      const refused = chatRefused(body['chat_id']) ?? textRefused(body)
      if (refused !== null) return refused
      const before = world.messages.get(id)
      if (before?.chat !== Number(body['chat_id'])) return bad('message to edit not found')
      if (before.shown === shownOf(body)) {
        return bad(
          'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
        )
      }
      return keep(id, body)
    },
    sendChatAction: (body) =>
      chatRefused(body['chat_id']) ??
      (body['action'] === 'typing' ? done(true) : bad('wrong parameter action in request')),
    answerCallbackQuery: () => done(true),
    sendDocument: (_, { text }) => {
      const { chat, name } = formOf(text, 'document')
      if (name === undefined) return bad('there is no document in the request')
      const document = { file_id: 'BQACAgIAAx_sent', file_name: name }
      return chatRefused(chat) ?? done(messageOf(chat, ++made, { document }))
    },
    sendPhoto: (_, { text }) => {
      const { chat, name } = formOf(text, 'photo')
      if (name === undefined) return bad('there is no photo in the request')
      const photo = [{ file_id: 'AgACAgIAAx_sent', width: 1, height: 1 }]
      return chatRefused(chat) ?? done(messageOf(chat, ++made, { photo }))
    },
    getFile: ({ file_id: id }) => {
      const file = world.files.get(String(id))
      if (!file) return bad('invalid file_id')
      const { path, bytes } = file
      return done({ file_id: id, file_unique_id: 'AQAD', file_path: path, file_size: bytes.length })
    },
    setWebhook: (body) => {
      const url = URL.parse(String(body['url']))
      const secret = String(body['secret_token'])
      const isLocal = url?.hostname === '127.0.0.1'
      if (url?.protocol !== 'https:' && !isLocal) {
        return bad('bad webhook: An HTTPS URL must be provided for webhook')
      }
      if (!/^[\w-]{1,256}$/.test(secret)) return bad('secret token contains unallowed characters')
      world.webhook = { url: url?.href ?? '', secret, updates: body['allowed_updates'] }
      return done(true)
    },
    getWebhookInfo: () =>
      done({
        url: world.webhook?.url ?? '',
        has_custom_certificate: false,
        pending_update_count: 0,
        allowed_updates: world.webhook?.updates,
      }),
    deleteWebhook: () => {
      world.webhook = null
      return done(true)
    },
  }

  return serveWire((call) => {
    const file = /^\/file\/bot([^/]+)\/(.+)$/.exec(call.path)
    const [, token = file?.[1], method = ''] = /^\/bot([^/]+)\/(\w+)$/.exec(call.path) ?? []
    if (!/^\d+:[\w-]{35,}$/.test(token ?? '')) return refuse(404, 'Not Found')
    if (token !== world.token) return refuse(401, 'Unauthorized')
    if (file) {
      const found = [...world.files.values()].find(({ path }) => path === file[2])
      if (!found) return refuse(404, 'Not Found')
      const headers = { 'content-type': 'application/octet-stream' }
      return { status: 200, bytes: found.bytes, headers }
    }
    return methods[method]?.(call.json ?? {}, call) ?? refuse(404, 'Not Found')
  })
}

const formOf = (text: string, field: string) => ({
  chat: /name="chat_id"\r\n\r\n(-?\d+)\r\n/.exec(text)?.[1],
  name: new RegExp(`name="${field}"; filename="([^"]*)"`).exec(text)?.[1],
})

const shownOf = ({ text, entities = [], reply_markup: keyboard = null }: Body): string =>
  JSON.stringify([text, entities, keyboard])

function textRefused(body: Body): WireAnswer | null {
  const text = String(body['text'] ?? '')
  if (text.trim() === '') return bad('message text is empty')
  if (text.length > 4_096) return bad('message is too long')
  const entities = (body['entities'] ?? []) as readonly Body[]
  if (!entities.every((entity) => isEntity(entity, text))) {
    return bad('can’t parse MessageEntity')
  }
  const links = entities.flatMap(({ url }) => (url === undefined ? [] : [String(url)]))
  const wrong = links.find((link) => !/^(?:https?:\/\/[^/]*\.|tg:\/\/)/.test(link))
  if (wrong !== undefined) return bad(`Wrong message entity: URL '${wrong}' is invalid`)
  const { inline_keyboard: rows = [] } = (body['reply_markup'] ?? {}) as {
    readonly inline_keyboard?: readonly (readonly { readonly callback_data: string }[])[]
  }
  const isTooLong = rows.flat().some(({ callback_data: data }) => Buffer.byteLength(data) > 64)
  return isTooLong ? bad('BUTTON_DATA_INVALID') : null
}

const ENTITIES = ['bold', 'italic', 'strikethrough', 'code', 'pre', 'text_link', 'blockquote']

const isEntity = ({ type, offset, length }: Body, text: string): boolean =>
  ENTITIES.includes(String(type)) &&
  Number(offset) >= 0 &&
  Number(length) > 0 &&
  Number(offset) + Number(length) <= text.length
