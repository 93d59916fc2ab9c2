/** Slack's Web API as far as a bot of one workspace uses it, with the errors of its documents. */
import { serveWire, type WireAnswer, type WireCall, type WireServer } from './wire-server.ts'

export interface SlackWorld {
  readonly botToken: string
  /** Channels that the bot is a member of, direct ones among them. */
  readonly channels: Set<string>
  /** People, and the conversation that the bot has with each. */
  readonly people: Map<string, string>
  /** Of `/files-pri/<name>`. */
  readonly files: Map<string, string>
  /** Codes of an installation that are still good, each once. */
  readonly codes: Set<string>
  readonly client: { readonly id: string; readonly secret: string }
  readonly scope: string
}

export const SLACK_BOT = { user_id: 'U0BOT00001', user: 'helper', bot_id: 'B0BOT00001' }
export const SLACK_TEAM = 'T0TEAM0001'
export const SLACK_APP = 'A0APP00001'
/** The limit of `chat.update`; a new message may be longer, and is cut. */
const MAX_UPDATE_CHARS = 4_000

export const slackWorld = (changes: Partial<SlackWorld> = {}): SlackWorld => ({
  botToken: 'xoxb-of-nobody-at-all',
  channels: new Set(['C0GENERAL1', 'D0DIRECT01']),
  people: new Map([['U0PERSON01', 'D0DIRECT01']]),
  files: new Map(),
  codes: new Set(),
  client: { id: '1.2', secret: 'not-a-client-secret' },
  scope: 'chat:write,commands',
  ...changes,
})

const said = (json: object): WireAnswer => ({ status: 200, json: { ok: true, ...json } })
const refuse = (error: string): WireAnswer => ({ status: 200, json: { ok: false, error } })

export async function serveSlack(world: SlackWorld): Promise<WireServer> {
  let made = 0
  const posted = new Map<string, string>()
  const uploads = new Map<string, { length: number; isThere: boolean }>()
  const placeOf = (id: unknown): string | null => {
    const channel = world.people.get(String(id)) ?? String(id)
    return world.channels.has(channel) ? channel : null
  }

  const post = ({ json }: WireCall): WireAnswer => {
    const channel = placeOf(json?.['channel'])
    if (channel === null) return refuse('channel_not_found')
    if (!json?.['text'] && !json?.['blocks']) return refuse('no_text')
    made += 1
    const ts = `1772323300.${String(made).padStart(6, '0')}`
    posted.set(`${channel}:${ts}`, String(json['text']))
    return said({ channel, ts, message: { type: 'message', text: json['text'], ts } })
  }

  const update = ({ json }: WireCall): WireAnswer => {
    const { channel, ts, text } = json ?? {}
    // Unlike a new message, a person's id does not do.
    if (!world.channels.has(String(channel))) return refuse('channel_not_found')
    if (!posted.has(`${channel}:${ts}`)) return refuse('message_not_found')
    if (String(text).length > MAX_UPDATE_CHARS) return refuse('msg_too_long')
    posted.set(`${channel}:${ts}`, String(text))
    return said({ channel, ts, text })
  }

  const uploadUrl = ({ text, json }: WireCall): WireAnswer => {
    const form = new URLSearchParams(text)
    const length = Number(form.get('length'))
    // This method takes a form alone.
    if (json !== undefined || !form.get('filename') || !length) return refuse('invalid_arguments')
    const id = `F0FILE${String(uploads.size).padStart(4, '0')}`
    uploads.set(id, { length, isThere: false })
    return said({ upload_url: `${server.url}/upload/v1/${id}`, file_id: id })
  }

  const upload = ({ path, bytes }: WireCall): WireAnswer => {
    const file = uploads.get(path.split('/').at(-1) ?? '')
    if (file?.length !== bytes.length) return { status: 400, text: 'Bad Request' }
    file.isThere = true
    return { status: 200, text: `OK - ${file.length}` }
  }

  const complete = ({ json }: WireCall): WireAnswer => {
    const files = (json?.['files'] ?? []) as readonly { id: string }[]
    if (!files.every(({ id }) => uploads.get(id)?.isThere)) return refuse('file_not_found')
    // An id of a person is none of a channel here.
    if (!world.channels.has(String(json?.['channel_id']))) return refuse('channel_not_found')
    return said({ files })
  }

  const exchange = ({ headers, text }: WireCall): WireAnswer => {
    const { id, secret } = world.client
    const basic = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
    if (headers['authorization'] !== basic) return refuse('bad_client_secret')
    if (!world.codes.delete(new URLSearchParams(text).get('code') ?? '')) {
      return refuse('invalid_code')
    }
    return said({
      app_id: SLACK_APP,
      token_type: 'bot',
      access_token: world.botToken,
      scope: world.scope,
      bot_user_id: SLACK_BOT.user_id,
      team: { id: SLACK_TEAM, name: 'Team' },
      enterprise: null,
      is_enterprise_install: false,
      authed_user: { id: 'U0PERSON01' },
    })
  }

  const file = ({ path }: WireCall): WireAnswer => {
    const text = world.files.get(path.slice('/files-pri/'.length))
    if (text === undefined) return { status: 404 }
    return { status: 200, text, headers: { 'content-type': 'text/plain; charset=utf-8' } }
  }

  const METHODS: Readonly<Record<string, (call: WireCall) => WireAnswer>> = {
    '/auth.test': () => said({ ...SLACK_BOT, team_id: SLACK_TEAM, team: 'Team' }),
    '/chat.postMessage': post,
    '/chat.update': update,
    '/conversations.open': ({ json }) => {
      const id = world.people.get(String(json?.['users']))
      return id === undefined ? refuse('user_not_found') : said({ channel: { id } })
    },
    '/files.getUploadURLExternal': uploadUrl,
    '/files.completeUploadExternal': complete,
  }

  const server = await serveWire((call) => {
    if (call.path.startsWith('/upload/v1/')) return upload(call)
    if (call.path === '/oauth.v2.access') return exchange(call)
    const isBot = call.headers['authorization'] === `Bearer ${world.botToken}`
    if (call.path.startsWith('/files-pri/')) {
      // Who may not read it is shown the page to sign in at.
      return isBot ? file(call) : { status: 302, headers: { location: 'https://slack.com/signin' } }
    }
    if (!isBot) return refuse(call.headers['authorization'] ? 'invalid_auth' : 'not_authed')
    return METHODS[call.path]?.(call) ?? refuse('unknown_method')
  })
  return server
}
