/**
 * Finds the one credential that a request bears, and tells its kind by its shape alone: nothing here
 * is proven yet. Credentials come in headers; the only one that a URL may carry is a single-use
 * ticket, since URLs end up in logs, histories and referrers.
 *
 * The shape is a hint for the look-up. A gateway token may look like anything, so whoever proves the
 * credential compares it with the gateway token first, whatever its shape.
 */
import { type ParsedApiKey, parseApiKey } from '../crypto/api-key.ts'
import { tenantOfDeviceToken } from '../crypto/device-token.ts'
import { parseBase64Url, parseUtf8 } from '../crypto/encoding.ts'
import { type LocatedToken, loginToken } from '../crypto/located-token.ts'
import type { TenantId } from '../domain/ids.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { TransportRefusal } from './refusal.ts'

export type PresentedCredential =
  | { readonly kind: 'none' }
  | { readonly kind: 'api_key'; readonly token: string; readonly apiKey: ParsedApiKey }
  | { readonly kind: 'device'; readonly token: string; readonly tenantId: TenantId }
  | { readonly kind: 'jwt'; readonly token: string }
  | { readonly kind: 'login'; readonly token: string; readonly login: LocatedToken }
  /** A gateway token, or a secret of no known shape. */
  | { readonly kind: 'opaque'; readonly token: string }
  /** Single use, 60 s; made by `POST /v1/ws-tickets` for sockets of pages. */
  | { readonly kind: 'ticket'; readonly ticket: string }

export const SUBPROTOCOL = 'edgeclaw.v3'
const BEARER_SUBPROTOCOL = 'bearer.'

/** A JWT with many groups stays below; it must fit beside the other headers. */
const MAX_TOKEN_CHARS = 8_192
const MAX_SUBPROTOCOLS = 16
/** RFC 6750 section 2.1 allows fewer characters; operators choose gateway tokens of any printable. */
const PRINTABLE = /^[\x21-\x7e]+$/
const JWT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/
const TICKET = /^[A-Za-z0-9_.-]{16,512}$/
/** Parameters that hold a credential by their name, in every spelling that clients try. */
const CREDENTIAL_PARAMETER =
  /^(?:access[_-]?token|api[_-]?key|apikey|auth|authorization|bearer|gateway[_-]?token|id[_-]?token|jwt|password|secret|token|x-api-key)$/i

export interface CredentialFacts {
  /** Tickets and subprotocols count for socket upgrades alone. */
  readonly isUpgrade: boolean
  readonly authorization: string | null
  /** `Sec-WebSocket-Protocol`, RFC 6455 section 4.2.2. */
  readonly subprotocols: string | null
  readonly query: Iterable<readonly [string, string]>
}

export interface FoundCredential {
  readonly credential: PresentedCredential
  /** What the 101 answers: never the entry that holds the token. */
  readonly subprotocol: typeof SUBPROTOCOL | null
}

type Malformed = Extract<TransportRefusal, { kind: 'credential_malformed' }>
const malformed = (reason: string): Result<never, Malformed> =>
  err({ kind: 'credential_malformed', reason })

/** Two credentials are refused, even equal ones: which of them counts is not for the caller to tune. */
export function parseCredential(facts: CredentialFacts): Result<FoundCredential, TransportRefusal> {
  const query = parseQuery(facts)
  if (!query.ok) return query
  const header = parseAuthorization(facts.authorization)
  if (!header.ok) return header
  const offered = parseSubprotocols(facts.isUpgrade ? facts.subprotocols : null)
  if (!offered.ok) return offered
  const found = [query.value, header.value, offered.value.credential].filter(
    (credential) => credential.kind !== 'none',
  )
  if (found.length > 1) return malformed('more than one credential')
  return ok({
    credential: found[0] ?? { kind: 'none' },
    subprotocol: offered.value.isOurs ? SUBPROTOCOL : null,
  })
}

function parseQuery({
  query,
  isUpgrade,
}: CredentialFacts): Result<PresentedCredential, TransportRefusal> {
  let credential: PresentedCredential = { kind: 'none' }
  for (const [name, value] of query) {
    const isLongLived =
      parseApiKey(value) !== null ||
      loginToken.parse(value) !== null ||
      tenantOfDeviceToken(value) !== null
    if (CREDENTIAL_PARAMETER.test(name) || isLongLived) {
      return err({ kind: 'credential_in_url', parameter: name.slice(0, 40) })
    }
    if (name !== 'ticket' || !isUpgrade) continue
    if (credential.kind !== 'none') return malformed('more than one ticket')
    if (JWT.test(value)) return err({ kind: 'credential_in_url', parameter: name })
    if (!TICKET.test(value)) return malformed('malformed ticket')
    credential = { kind: 'ticket', ticket: value }
  }
  return ok(credential)
}

/** The scheme's name is case-insensitive (RFC 9110 section 11.1); other schemes are not spoken. */
function parseAuthorization(header: string | null): Result<PresentedCredential, Malformed> {
  if (header === null) return ok({ kind: 'none' })
  const token = /^bearer +([^ ].*)$/i.exec(header.trim())?.[1]
  return token === undefined ? malformed('Authorization is not Bearer') : parseToken(token)
}

/** Also for the `token` of a socket's `connect` frame. */
export function parseToken(token: string): Result<PresentedCredential, Malformed> {
  if (token.length > MAX_TOKEN_CHARS) return malformed('token too long')
  if (!PRINTABLE.test(token)) return malformed('token holds other than printable ASCII')
  const apiKey = parseApiKey(token)
  if (apiKey !== null) return ok({ kind: 'api_key', token, apiKey })
  const login = loginToken.parse(token)
  if (login !== null) return ok({ kind: 'login', token, login })
  const deviceOf = tenantOfDeviceToken(token)
  if (deviceOf !== null) return ok({ kind: 'device', token, tenantId: deviceOf })
  return ok({ kind: JWT.test(token) ? 'jwt' : 'opaque', token })
}

function parseSubprotocols(
  header: string | null,
): Result<{ credential: PresentedCredential; isOurs: boolean }, Malformed> {
  const offered = header === null ? [] : header.split(',').map((entry) => entry.trim())
  if (offered.length > MAX_SUBPROTOCOLS) return malformed('too many subprotocols')
  const bearers = offered.filter((entry) => entry.startsWith(BEARER_SUBPROTOCOL))
  if (bearers.length > 1) return malformed('more than one bearer subprotocol')
  const isOurs = offered.includes(SUBPROTOCOL)
  const [bearer] = bearers
  if (bearer === undefined) return ok({ credential: { kind: 'none' }, isOurs })
  const bytes = parseBase64Url(bearer.slice(BEARER_SUBPROTOCOL.length))
  const text = bytes === null ? null : parseUtf8(bytes)
  if (text === null || text === '') return malformed('bearer subprotocol is not base64url')
  const credential = parseToken(text)
  return credential.ok ? ok({ credential: credential.value, isOurs }) : credential
}
