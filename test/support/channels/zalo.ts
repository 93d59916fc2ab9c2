/** The open API of Zalo as far as an official account uses it. It answers 200 whatever happened. */
import { serveWire, type WireServer } from './wire-server.ts'

export interface ZaloWorld {
  readonly accessToken: string
  readonly account: string
  /** Who has written within seven days. */
  readonly open: Set<string>
}

const MAX_TEXT = 2_000

export function serveZalo(world: ZaloWorld): Promise<WireServer> {
  let made = 0
  const say = (error: number, message: string) => ({ status: 200, json: { error, message } })
  return serveWire(({ path, headers, json }) => {
    if (path.startsWith('/files/')) return { status: 200, text: 'a file' }
    if (headers['access_token'] !== world.accessToken) return say(-216, 'Access token is invalid')
    if (path === '/v2.0/oa/getoa') {
      const data = { oa_id: world.account, name: 'Helper' }
      return { status: 200, json: { error: 0, message: 'Success', data } }
    }
    if (path !== '/v3.0/oa/message/cs') return say(-404, 'API not found')
    const { user_id: user } = (json?.['recipient'] ?? {}) as { readonly user_id?: string }
    const { text } = (json?.['message'] ?? {}) as { readonly text?: string }
    if (!world.open.has(user ?? '')) return say(-230, 'User has not interacted with the OA')
    if (!text || text.length > MAX_TEXT) return say(-201, 'Text is invalid')
    made += 1
    const data = { message_id: `sent${made}`, user_id: user }
    return { status: 200, json: { error: 0, message: 'Success', data } }
  })
}
