/**
 * Where an authorisation server sends a browser back to. The gateway takes nothing from a browser that
 * proves nobody: the page hands the code to the person, and whoever began the authorisation ends it with
 * their own credential. Somebody lured into signing in gives nothing to whoever lured them.
 *
 * Each MCP server has an address of its own here, and a client of its own: an authorisation server that
 * sends the browser on to another server's gets a code that arrives at the other's address, and is shown
 * to nobody (mix-up, RFC 9700 section 4.4).
 */
import { z } from 'zod'
import { parseBase64Url, parseUtf8, toBase64Url, utf8 } from '../../crypto/encoding.ts'
import { installStateToken } from '../../crypto/located-token.ts'
import { type ClientIdentity, clientMetadata } from '../../tools/mcp/authorization.ts'
import type { AppContext } from '../door.ts'
import { jsonResponse } from '../http-response.ts'

const CALLBACK_PATH = '/v1/mcp/callback'
const CLIENT_PATH = '/v1/mcp/clients'
export const CALLBACK_ROUTE = `${CALLBACK_PATH}/:server`
export const CLIENT_ROUTE = `${CLIENT_PATH}/:server`
/** Of clients from before servers had their own: tokens are refreshed under it, and no code is taken. */
export const SHARED_CALLBACK_PATH = CALLBACK_PATH
export const SHARED_CLIENT_PATH = '/v1/mcp/client.json'

/** As whom the gateway asks for access to one server. */
export const identityFor = (ownOrigin: string, serverId: string) =>
  ({
    redirectUrl: `${ownOrigin}${CALLBACK_PATH}/${serverId}`,
    metadataUrl: `${ownOrigin}${CLIENT_PATH}/${serverId}`,
  }) satisfies ClientIdentity

/** A state says which server it is for, so that the page can tell that a code came to the wrong one. */
export const stateFor = (token: string, serverId: string): string => `${token}.${serverId}`

const MAX_CODE_CHARS = 4_096

const handoverSchema = z.object({
  state: z.string().max(200),
  code: z.string().min(1).max(MAX_CODE_CHARS),
  iss: z.string().max(2_000).nullable(),
  /** Whose address it arrived at; null for what is no MCP server's. */
  server: z.string().max(100).nullable().default(null),
})
export type Handover = Readonly<z.infer<typeof handoverSchema>>

export const handoverOf = (handover: z.input<typeof handoverSchema>): string =>
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
function handoverPage(
  c: AppContext,
  server: string | null,
  isFor: (state: string) => boolean,
): Response {
  const handover = handoverSchema.safeParse({
    state: c.req.query('state'),
    code: c.req.query('code'),
    iss: c.req.query('iss') ?? null,
    server,
  })
  if (!handover.success) {
    return shown('<h1>Not authorised</h1><p>The sign-in was not completed. Begin again.</p>', 400)
  }
  if (!isFor(handover.data.state)) {
    return shown(
      '<h1>Not authorised</h1><p>This answer is for something else than what was begun: where you were asked to sign in led you on to somebody else, or it was begun before an update of the gateway. Nothing was taken. Begin again, and only with a server that you trust.</p>',
      400,
    )
  }
  // Base64url: no character of it means anything to HTML.
  return shown(
    `<h1>One step left</h1><p>If you began this authorisation at EdgeClaw, give it this code. Give it to nobody else: whoever asks you for it wants your access.</p><p><code>${handoverOf(handover.data)}</code></p>`,
    200,
  )
}

export function mcpCallback(c: AppContext): Response {
  const server = c.req.param('server') ?? null
  return handoverPage(c, server, (state) => server !== null && state.endsWith(`.${server}`))
}

/** The page after an installation in a chat platform; a code for an MCP server has no business here. */
export const installCallback = (c: AppContext): Response =>
  handoverPage(c, null, (state) => installStateToken.parse(state) !== null)

const ownOriginOf = (c: AppContext): string =>
  c.get('door').runtime.settings.publicOrigin ?? new URL(c.req.url).origin

const clientDocument = (identity: Required<Omit<ClientIdentity, 'scope'>>): Response =>
  jsonResponse(
    {
      client_id: identity.metadataUrl,
      ...clientMetadata(identity),
      token_endpoint_auth_method: 'none',
    },
    200,
  )

const SERVER_ID = /^mcp_[a-z0-9]{1,64}$/

/** Who we are, for authorisation servers that take a client's address for its name. */
export function mcpClientDocument(c: AppContext): Response {
  const server = c.req.param('server') ?? ''
  // Says nothing of whether there is such a server: an address of ours is all that it could give away.
  return SERVER_ID.test(server)
    ? clientDocument(identityFor(ownOriginOf(c), server))
    : jsonResponse({ error: { code: 'NOT_FOUND', message: 'there is no such client' } }, 404)
}

export function sharedClientDocument(c: AppContext): Response {
  const origin = ownOriginOf(c)
  return clientDocument({
    redirectUrl: `${origin}${SHARED_CALLBACK_PATH}`,
    metadataUrl: `${origin}${SHARED_CLIENT_PATH}`,
  })
}
