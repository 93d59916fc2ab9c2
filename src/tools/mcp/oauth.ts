/**
 * OAuth 2.1 with PKCE for one server, over the library's flow: begun for an admin, completed with the
 * code that came back, and refreshed by runs. Tokens belong to the issuer that gave them and to this
 * server as their resource (RFC 8707); a run never asks anybody to sign in.
 */
import {
  type AuthProvider,
  auth,
  exchangeAuthorization,
  extractWWWAuthenticateParams,
  type OAuthClientProvider,
  refreshAuthorization,
} from '@modelcontextprotocol/client'
import { z } from 'zod'
import type { Fetch } from '../../domain/model.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import {
  type ClientIdentity,
  clientMetadata,
  type McpAuthorization,
  NO_AUTHORIZATION,
  type PendingAuthorization,
} from './authorization.ts'

type Stored<Method extends 'clientInformation' | 'tokens' | 'discoveryState'> = NonNullable<
  Awaited<ReturnType<NonNullable<OAuthClientProvider[Method]>>>
>

export interface MemoryProvider extends OAuthClientProvider {
  /** What is known by now. */
  current(): McpAuthorization
  pending(): PendingAuthorization
  /** Where the flow wants the person to go; null while it wants nobody. */
  authorizationUrl(): URL | null
}

/** The flow's memory for as long as one step of it takes; whoever runs the step keeps what it leaves. */
export function createMemoryProvider(
  start: McpAuthorization,
  identity: ClientIdentity,
  { state, verifier = '' }: { readonly state?: string; readonly verifier?: string } = {},
): MemoryProvider {
  let known = start
  let codeVerifier = verifier
  let asked: URL | null = null
  return {
    redirectUrl: identity.redirectUrl,
    ...(identity.metadataUrl?.startsWith('https:')
      ? { clientMetadataUrl: identity.metadataUrl }
      : {}),
    clientMetadata: clientMetadata(identity),
    ...(state === undefined ? {} : { state: () => state }),
    clientInformation: () => (known.client ?? undefined) as Stored<'clientInformation'> | undefined,
    saveClientInformation: (client) => {
      known = { ...known, client }
    },
    tokens: () => (known.tokens ?? undefined) as Stored<'tokens'> | undefined,
    saveTokens: (tokens) => {
      known = { ...known, tokens }
    },
    discoveryState: () => (known.discovery ?? undefined) as Stored<'discoveryState'> | undefined,
    saveDiscoveryState: (discovery) => {
      known = { ...known, discovery: { ...discovery } }
    },
    saveCodeVerifier: (text) => {
      codeVerifier = text
    },
    codeVerifier: () => codeVerifier,
    redirectToAuthorization: (url) => {
      asked = url
    },
    invalidateCredentials: (scope) => {
      if (scope === 'all' || scope === 'tokens') known = { ...known, tokens: null }
      if (scope === 'all' || scope === 'client') known = { ...known, client: null }
      if (scope === 'all' || scope === 'discovery') known = { ...known, discovery: null }
    },
    current: () => known,
    pending: () => ({
      authorization: known,
      verifier: codeVerifier,
      redirectUrl: identity.redirectUrl,
    }),
    authorizationUrl: () => asked,
  }
}

export interface BeginOptions {
  readonly serverUrl: URL
  /** A client that the admin registered by hand, if any. */
  readonly start: McpAuthorization
  readonly identity: ClientIdentity
  readonly state: string
  readonly fetch: Fetch
}

/** What the server says to somebody without a token: where its metadata is, and which scope it wants. */
async function askChallenge(serverUrl: URL, fetch: Fetch) {
  const response = await fetch(serverUrl.href, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'ping' }),
  })
  await response.body?.cancel().catch(() => {})
  return response.status === 401 ? extractWWWAuthenticateParams(response) : {}
}

const registeredSchema = z.object({ redirect_uris: z.array(z.string()) })

/**
 * A client that was registered for another address, or named by another document of ours, would have
 * codes sent where none is taken: it is registered anew, once. One that was made by hand stays.
 */
function usableClient(
  client: McpAuthorization['client'],
  { redirectUrl, metadataUrl }: ClientIdentity,
): McpAuthorization['client'] {
  if (client === null) return null
  const registered = registeredSchema.safeParse(client)
  if (registered.success && !registered.data.redirect_uris.includes(redirectUrl)) return null
  const { client_id: id } = client
  const isOurs = metadataUrl !== undefined && id.startsWith(`${new URL(metadataUrl).origin}/`)
  return isOurs && id !== metadataUrl ? null : client
}

export async function beginAuthorization({
  serverUrl,
  start,
  identity,
  state,
  fetch,
}: BeginOptions): Promise<Result<{ url: URL; pending: PendingAuthorization }, string>> {
  // Tokens and addresses of an earlier time are asked for anew; a client made by hand stays.
  const client = usableClient(start.client, identity)
  const provider = createMemoryProvider({ ...NO_AUTHORIZATION, client }, identity, { state })
  try {
    const { resourceMetadataUrl, scope } = await askChallenge(serverUrl, fetch)
    await auth(provider, {
      serverUrl,
      fetchFn: fetch,
      ...(resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl }),
      ...(scope === undefined ? {} : { scope }),
    })
  } catch {
    return err('the server names no authorisation server that can be used')
  }
  const url = provider.authorizationUrl()
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return err('the authorisation server names no page for people')
  }
  return ok({ url, pending: provider.pending() })
}

type Discovery = McpAuthorization['discovery']

const metadataSchema = z.looseObject({
  issuer: z.string(),
  authorization_response_iss_parameter_supported: z.unknown().optional(),
})

/** As it was when the authorisation began; servers of an older kind have none. */
function metadataOf(discovery: Discovery): { metadata?: never } {
  const metadata = metadataSchema.safeParse(discovery?.['authorizationServerMetadata'])
  return metadata.success ? { metadata: metadata.data as never } : {}
}

function issuerOf(discovery: Discovery): string | null {
  const metadata = metadataSchema.safeParse(discovery?.['authorizationServerMetadata'])
  return metadata.success ? metadata.data.issuer : (discovery?.authorizationServerUrl ?? null)
}

/** As the server spells it (RFC 8707); the library checked that it is this server's when it was found. */
function resourceOf(discovery: Discovery): { resource?: string } {
  const found = z.object({ resource: z.string() }).safeParse(discovery?.['resourceMetadata'])
  return found.success ? { resource: found.data.resource } : {}
}

/** RFC 9207 section 2.4, compared letter by letter; whatever is said must be right, wherever it is said. */
function checkIssuer(discovery: Discovery, iss: string | null): Result<null, string> {
  const expected = issuerOf(discovery)
  if (iss !== null && iss !== expected) {
    return err(
      'the answer names another issuer than the one that was asked (RFC 9207): you may have been led on to another authorisation server; nothing was sent',
    )
  }
  const metadata = metadataSchema.safeParse(discovery?.['authorizationServerMetadata'])
  const isPromised =
    metadata.success && metadata.data.authorization_response_iss_parameter_supported === true
  return iss === null && isPromised
    ? err(
        'the answer names no issuer, and the authorisation server says that its answers do (RFC 9207); nothing was sent',
      )
    : ok(null)
}

export interface CompleteOptions {
  readonly pending: PendingAuthorization
  readonly code: string
  readonly iss: string | null
  readonly fetch: Fetch
}

export async function completeAuthorization({
  pending: { authorization, verifier, redirectUrl },
  code,
  iss,
  fetch,
}: CompleteOptions): Promise<Result<McpAuthorization, string>> {
  const { client, discovery } = authorization
  const issuer = issuerOf(discovery)
  if (client === null || discovery === null || issuer === null) {
    return err('the authorisation was not begun as it should be')
  }
  const checked = checkIssuer(discovery, iss)
  if (!checked.ok) return checked
  try {
    // The library's own flow would write what the server says of a failure into our log.
    const tokens = await exchangeAuthorization(discovery.authorizationServerUrl, {
      ...metadataOf(discovery),
      clientInformation: client as Stored<'clientInformation'>,
      authorizationCode: code,
      ...(iss === null ? {} : { iss }),
      codeVerifier: verifier,
      redirectUri: redirectUrl,
      ...resourceOf(discovery),
      fetchFn: fetch,
    })
    return ok({ client, discovery, tokens: { ...tokens, issuer } })
  } catch {
    return err('the authorisation server did not accept the code')
  }
}

export interface BearerOptions {
  readonly authorization: McpAuthorization
  readonly fetch: Fetch
  /** @returns what is in force: theirs, when somebody else refreshed at the same time */
  onRefreshed(refreshed: McpAuthorization): Promise<McpAuthorization>
  /** What another run may have stored meanwhile. */
  reload(): Promise<McpAuthorization | null>
}

/** With the refresh token, at the issuer that gave it. Null when there is none, or it is not taken. */
async function refresh(
  { client, tokens, discovery }: McpAuthorization,
  fetch: Fetch,
): Promise<McpAuthorization | null> {
  if (client === null || discovery === null || tokens?.refresh_token === undefined) return null
  const issuer = issuerOf(discovery)
  if (issuer === null || tokens.issuer !== issuer) return null
  try {
    const given = await refreshAuthorization(discovery.authorizationServerUrl, {
      ...metadataOf(discovery),
      clientInformation: client as Stored<'clientInformation'>,
      refreshToken: tokens.refresh_token,
      ...resourceOf(discovery),
      fetchFn: fetch,
    })
    return { client, discovery, tokens: { ...tokens, ...given, issuer } }
  } catch {
    return null
  }
}

/** For a connection of a run. A token that is not taken is refreshed once; else an admin must act. */
export function createBearer(options: BearerOptions): AuthProvider {
  let current = options.authorization
  return {
    token: async () => current.tokens?.access_token,
    onUnauthorized: async () => {
      const stored = await options.reload()
      if (stored?.tokens && stored.tokens.access_token !== current.tokens?.access_token) {
        current = stored
        return
      }
      const refreshed = await refresh(current, options.fetch)
      if (refreshed !== null) current = await options.onRefreshed(refreshed)
    },
  }
}
