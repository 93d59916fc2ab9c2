/** Meta's Graph API as far as one number of the Cloud API uses it. */
import { serveWire, type WireAnswer, type WireServer } from './wire-server.ts'

export interface WhatsappWorld {
  readonly accessToken: string
  readonly phoneNumberId: string
  /** Who has written within 24 hours. */
  readonly open: Set<string>
  /** By the id of the media. */
  readonly media?: Map<string, Uint8Array>
}

const MAX_TEXT = 4_096

export const metaError = (code: number, message: string, status = 400): WireAnswer => ({
  status,
  json: {
    error: { message: `(#${code}) ${message}`, type: 'OAuthException', code, fbtrace_id: 'A1' },
  },
})

export function serveWhatsapp(world: WhatsappWorld): Promise<WireServer> {
  let made = 0
  const media = world.media ?? new Map<string, Uint8Array>()
  const server = serveWire(({ method, path, headers, json }) => {
    if (headers['authorization'] !== `Bearer ${world.accessToken}`) {
      return metaError(190, 'Invalid OAuth access token', 401)
    }
    if (method === 'GET' && path === `/${world.phoneNumberId}`) {
      return { status: 200, json: { id: world.phoneNumberId } }
    }
    const file = media.get(path.split('/').at(-1) ?? '')
    if (method === 'GET' && file !== undefined) {
      if (path.startsWith('/attachments/')) return { status: 200, bytes: file }
      const url = `http://${headers['host']}/attachments${path}`
      const facts = { messaging_product: 'whatsapp', mime_type: 'image/png', id: path.slice(1) }
      return { status: 200, json: { ...facts, url, file_size: file.length } }
    }
    if (path !== `/${world.phoneNumberId}/messages`) return metaError(100, 'Unsupported request')
    if (json?.['messaging_product'] !== 'whatsapp') return metaError(100, 'Invalid parameter')
    if (json['status'] === 'read') return { status: 200, json: { success: true } }
    const to = String(json['to'])
    if (!world.open.has(to)) return metaError(131_047, 'Re-engagement message')
    const text = json['text'] as { readonly body?: string } | undefined
    if ((text?.body?.length ?? 0) > MAX_TEXT) return metaError(100, 'Invalid parameter')
    made += 1
    return {
      status: 200,
      json: {
        messaging_product: 'whatsapp',
        contacts: [{ input: to, wa_id: to }],
        messages: [{ id: `wamid.sent${made}` }],
      },
    }
  })
  return server
}
