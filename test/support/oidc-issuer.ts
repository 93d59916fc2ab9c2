/**
 * An issuer as they really are, on loopback: discovery, keys, sign-in with PKCE and tokens over HTTP.
 * It can be taken down, change its keys, and be told to answer wrongly. Whoever opens its sign-in is
 * let in at once, as `person`.
 */
import { createHash, type KeyObject } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

export const CLIENT_ID = 'edgeclaw-dashboard'
export const AUDIENCE = 'edgeclaw'

export interface KeyPair {
  readonly kid: string
  readonly alg: string
  readonly privateKey: CryptoKey | KeyObject
  readonly jwk: JWK
}

export async function newKeyPair(kid: string, alg = 'ES256'): Promise<KeyPair> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

export interface MintOptions {
  readonly key?: KeyPair
  readonly kid?: string
  readonly typ?: string
  /** Claims to leave out. */
  readonly without?: readonly string[]
}

export type Claims = Readonly<Record<string, unknown>>

interface Code {
  readonly challenge: string
  readonly nonce: string
  readonly redirectUri: string
}

export interface OidcIssuer {
  readonly url: string
  readonly jwksUrl: string
  /** The keys that it publishes; the first one signs. */
  keys: KeyPair[]
  /** Refuses every connection's request with 503. */
  isDown: boolean
  /** Who signs in. */
  person: Claims
  /** Where its document says that people sign in. */
  signInAt: string
  clientSecret: string | null
  /** Written over the claims of the next ID tokens. */
  idTokenClaims: Claims
  /** How often each path was asked. */
  readonly asked: Map<string, number>
  /** What the token endpoint was sent. */
  readonly exchanges: URLSearchParams[]
  mint(claims?: Claims, options?: MintOptions): Promise<string>
  close(): Promise<void>
}

const seconds = (): number => Math.floor(Date.now() / 1_000)

async function bodyOf(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
}

/** @param now seconds; the clock of its tokens */
export async function startOidcIssuer(now: () => number = seconds): Promise<OidcIssuer> {
  const codes = new Map<string, Code>()
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const json = (response: ServerResponse, body: unknown, status = 200): void => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  }

  const issuer: OidcIssuer = {
    url,
    jwksUrl: `${url}/jwks`,
    keys: [await newKeyPair('one')],
    isDown: false,
    person: { sub: 'anna' },
    signInAt: `${url}/authorize`,
    clientSecret: null,
    idTokenClaims: {},
    asked: new Map(),
    exchanges: [],
    mint: async (claims = {}, { key = issuer.keys[0], kid, typ = 'JWT', without = [] } = {}) => {
      if (!key) throw new Error('the issuer has no key')
      const all: Claims = {
        iss: url,
        aud: AUDIENCE,
        sub: 'anna',
        iat: now() - 1,
        exp: now() + 600,
        ...claims,
      }
      const kept = Object.entries(all).filter(([name]) => !without.includes(name))
      return new SignJWT(Object.fromEntries(kept))
        .setProtectedHeader({ alg: key.alg, kid: kid ?? key.kid, typ })
        .sign(key.privateKey)
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = new URL(request.url ?? '/', url)
    issuer.asked.set(asked.pathname, (issuer.asked.get(asked.pathname) ?? 0) + 1)
    if (issuer.isDown) return json(response, {}, 503)
    switch (asked.pathname) {
      case '/.well-known/openid-configuration':
        return json(response, {
          issuer: url,
          jwks_uri: issuer.jwksUrl,
          authorization_endpoint: issuer.signInAt,
          token_endpoint: `${url}/token`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256', 'ES256'],
          code_challenge_methods_supported: ['S256'],
          token_endpoint_auth_methods_supported: ['client_secret_basic', 'none'],
        })
      case '/jwks':
        return json(response, { keys: issuer.keys.map(({ jwk }) => jwk) })
      case '/authorize':
        return signIn(asked.searchParams, response)
      case '/token':
        return exchange(request, await bodyOf(request), response)
      default:
        return json(response, {}, 404)
    }
  }

  async function signIn(params: URLSearchParams, response: ServerResponse): Promise<void> {
    const read = (name: string): string => params.get(name) ?? ''
    const isRight =
      read('response_type') === 'code' &&
      read('client_id') === CLIENT_ID &&
      read('code_challenge_method') === 'S256' &&
      read('scope').split(' ').includes('openid')
    if (!isRight) return json(response, { error: 'invalid_request' }, 400)
    const code = `code-${codes.size}-${createHash('sha256').update(read('state')).digest('hex')}`
    codes.set(code, {
      challenge: read('code_challenge'),
      nonce: read('nonce'),
      redirectUri: read('redirect_uri'),
    })
    const back = new URL(read('redirect_uri'))
    back.searchParams.set('code', code)
    back.searchParams.set('state', read('state'))
    response.writeHead(302, { location: back.href })
    response.end()
  }

  async function exchange(
    request: IncomingMessage,
    params: URLSearchParams,
    response: ServerResponse,
  ): Promise<void> {
    issuer.exchanges.push(params)
    const known = codes.get(params.get('code') ?? '')
    // Once, whatever else is wrong with it (RFC 6749 section 4.1.2).
    codes.delete(params.get('code') ?? '')
    const verifier = params.get('code_verifier') ?? ''
    const challenge = createHash('sha256').update(verifier).digest('base64url')
    const isRight =
      known !== undefined &&
      challenge === known.challenge &&
      params.get('redirect_uri') === known.redirectUri &&
      isClient(request, params)
    if (!isRight) return json(response, { error: 'invalid_grant' }, 400)
    const claims = { aud: CLIENT_ID, nonce: known.nonce, ...issuer.person, ...issuer.idTokenClaims }
    return json(response, {
      access_token: 'opaque-to-everybody',
      token_type: 'Bearer',
      expires_in: 300,
      id_token: await issuer.mint(claims),
    })
  }

  function isClient(request: IncomingMessage, params: URLSearchParams): boolean {
    if (issuer.clientSecret === null) return params.get('client_id') === CLIENT_ID
    const [scheme, text = ''] = (request.headers.authorization ?? '').split(' ')
    const [id = '', secret = ''] = Buffer.from(text, 'base64').toString('utf8').split(':')
    const plain = (part: string): string => new URLSearchParams(`_=${part}`).get('_') ?? ''
    // RFC 6749 section 2.3.1: both are form-encoded first.
    return scheme === 'Basic' && plain(id) === CLIENT_ID && plain(secret) === issuer.clientSecret
  }

  return issuer
}
