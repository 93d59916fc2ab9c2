/** Discord's API as far as an application without a gateway connection uses it. */
import { serveWire, type WireAnswer, type WireCall, type WireServer } from './wire-server.ts'

export interface DiscordWorld {
  readonly application: string
  readonly publicKey: string
  readonly botToken: string
  /** Tokens of interactions that are still good. */
  readonly interactionTokens: Set<string>
  /** Channels that the bot may write in. */
  readonly channels: Set<string>
}

export const DISCORD_BOT_ID = '80351110224678912'
const MAX_CONTENT = 2_000

const refuse = (status: number, code: number, message: string): WireAnswer => ({
  status,
  json: { code, message },
})

export function serveDiscord(world: DiscordWorld): Promise<WireServer> {
  let made = 1_100_000_000_000_000_000n
  const asBot = ({ headers }: WireCall) => headers['authorization'] === `Bot ${world.botToken}`
  const message = ({ json }: WireCall): WireAnswer => {
    const content = String(json?.['content'] ?? '')
    if (content === '' || content.length > MAX_CONTENT)
      return refuse(400, 50_035, 'Invalid Form Body')
    made += 1n
    return { status: 200, json: { id: `${made}`, content, flags: json?.['flags'] } }
  }
  return serveWire((call) => {
    const [, root, id, part, last] = call.path.split('/')
    // Signed by its own query.
    if (root === 'attachments') {
      return call.query.has('hm') ? { status: 200, text: 'a file' } : { status: 404 }
    }
    if (root === 'webhooks') {
      const isGood = id === world.application && world.interactionTokens.has(part ?? '')
      if (!isGood) return refuse(404, 10_015, 'Unknown Webhook')
      if (last === undefined) return message(call)
      return call.method === 'DELETE' ? { status: 204 } : refuse(405, 0, '405: Method Not Allowed')
    }
    if (!asBot(call)) return refuse(401, 0, '401: Unauthorized')
    if (root === 'channels') {
      if (!world.channels.has(id ?? '')) return refuse(403, 50_001, 'Missing Access')
      return call.method === 'DELETE' ? { status: 204 } : message(call)
    }
    if (call.path === `/applications/${world.application}/commands`) {
      return { status: 201, json: { id: '1', ...call.json } }
    }
    if (call.path !== '/applications/@me') return refuse(404, 0, '404: Not Found')
    const bot = { id: DISCORD_BOT_ID, username: 'helper' }
    return {
      status: 200,
      json: { id: world.application, name: 'Helper', verify_key: world.publicKey, bot },
    }
  })
}
