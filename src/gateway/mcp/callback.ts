/**
 * Where an authorisation server sends a browser back to. The gateway takes nothing from a browser that
 * proves nobody: the page hands the code to the person, and whoever began the authorisation ends it with
 * their own credential. Somebody lured into signing in gives nothing to whoever lured them.
 */
import { z } from 'zod'
import { parseBase64Url, parseUtf8, toBase64Url, utf8 } from '../../crypto/encoding.ts'
import { clientMetadata } from '../../tools/mcp/authorization.ts'
import type { AppContext } from '../door.ts'
import { jsonResponse } from '../http-response.ts'

export const CALLBACK_PATH = '/v1/mcp/callback'
export const CLIENT_PATH = '/v1/mcp/client.json'

const MAX_CODE_CHARS = 4_096

const handoverSchema = z.object({
  state: z.string().max(200),
  code: z.string().min(1).max(MAX_CODE_CHARS),
  iss: z.string().max(2_000).nullable(),
})
export type Handover = Readonly<z.infer<typeof handoverSchema>>

export const handoverOf = (handover: Handover): string =>
  toBase64Url(utf8(JSON.stringify(handover)))

export function parseHandover(text: string): Handover | null {
  const bytes = parseBase64Url(text.trim())
  const json = bytes === null ? null : parseUtf8(bytes)
  try {
    return handoverSchema.parse(JSON.parse(json ?? ''))
  } catch {
    return null
  }
}

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
}

const shown = (words: string, status: number): Response =>
  new Response(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>EdgeClaw</title><body><main>${words}</main></body></html>`,
    { status, headers: HEADERS },
  )

/** What an authorisation server says of a failure may be an attacker's words: none are shown. */
export function mcpCallback(c: AppContext): Response {
  const handover = handoverSchema.safeParse({
    state: c.req.query('state'),
    code: c.req.query('code'),
    iss: c.req.query('iss') ?? null,
  })
  if (!handover.success) {
    return shown('<h1>Not authorised</h1><p>The sign-in was not completed. Begin again.</p>', 400)
  }
  // Base64url: no character of it means anything to HTML.
  return shown(
    `<h1>One step left</h1><p>If you began this authorisation at EdgeClaw, give it this code. Give it to nobody else: whoever asks you for it wants your access.</p><p><code>${handoverOf(handover.data)}</code></p>`,
    200,
  )
}

/** Who we are, for authorisation servers that take a client's address for its name. */
export function mcpClientDocument(c: AppContext): Response {
  const origin = c.get('door').runtime.settings.publicOrigin ?? new URL(c.req.url).origin
  const metadataUrl = `${origin}${CLIENT_PATH}`
  return jsonResponse(
    {
      client_id: metadataUrl,
      ...clientMetadata({ redirectUrl: `${origin}${CALLBACK_PATH}`, metadataUrl }),
      token_endpoint_auth_method: 'none',
    },
    200,
  )
}
