/**
 * The two steps of a sign-in that speak to the issuer: authorisation code with PKCE (RFC 7636), state
 * and nonce. What comes back is verified twice: by the library as the protocol asks, and as every
 * other token of this issuer, by its keys.
 */
import {
  type AuthorizationServer,
  authorizationCodeGrantRequest,
  type Client,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  calculatePKCECodeChallenge,
  clockTolerance,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
  None,
  processAuthorizationCodeResponse,
  validateAuthResponse,
} from 'oauth4webapi'
import type { Services } from '../../api/context.ts'
import { openClientSecret } from '../../crypto/issuer-secret.ts'
import { CLOCK_TOLERANCE_SECONDS, verifyJwt } from '../../crypto/token.ts'
import type { TenantId } from '../../domain/ids.ts'
import type { IssuerRecord } from '../../domain/issuer.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import { checkUrl } from '../../egress/url.ts'
import { ACCEPTED_TYPES, type Identity, judgeClaims } from '../../transport/issuer-claims.ts'
import type { Settings } from '../env.ts'
import { discover, requestOptions } from './discovery.ts'
import type { IssuerWay } from './issuer-fetch.ts'
import { keysOf } from './jwks.ts'
import type { LoginState } from './login-cookies.ts'

export interface SignIn {
  readonly issuer: IssuerRecord & { readonly clientId: string }
  readonly tenantId: TenantId
  readonly services: Services
  readonly settings: Settings
}

const wayOf = ({ settings, tenantId, services }: SignIn): IssuerWay => ({
  settings,
  tenantId,
  now: services.now,
})

export type Secrets = Pick<LoginState, 'state' | 'nonce' | 'verifier'>

/** Where the browser is sent; the error is for the log alone. */
export async function authorizationUrl(
  signIn: SignIn,
  redirectUri: string,
): Promise<Result<{ readonly url: string; readonly secrets: Secrets }, string>> {
  const { issuer } = signIn
  const server = await discover(issuer, wayOf(signIn))
  if (!server.ok) return server
  const { allowPrivateNetwork } = issuer
  const policy = { requireHttps: true, allowPrivateNetwork }
  const url = checkUrl(server.value.authorization_endpoint ?? '', policy)
  if (!url.ok) return err('the issuer names no address to sign in at')
  // The document may name anybody's page: this is where the gateway sends people by its own name.
  if (url.value.origin !== (issuer.signInOrigin ?? new URL(issuer.issuer).origin)) {
    return err('people sign in at another origin than the issuer’s: name it in sign_in_origin')
  }
  const secrets = {
    state: generateRandomState(),
    nonce: generateRandomNonce(),
    verifier: generateRandomCodeVerifier(),
  }
  const params = {
    response_type: 'code',
    client_id: issuer.clientId,
    redirect_uri: redirectUri,
    scope: 'openid email profile',
    state: secrets.state,
    nonce: secrets.nonce,
    code_challenge: await calculatePKCECodeChallenge(secrets.verifier),
    code_challenge_method: 'S256',
  }
  for (const [name, value] of Object.entries(params)) url.value.searchParams.set(name, value)
  return ok({ url: url.value.href, secrets })
}

async function clientAuth(signIn: SignIn, server: AuthorizationServer): Promise<ClientAuth | null> {
  const { issuer, services, tenantId, settings } = signIn
  if (issuer.sealedClientSecret === null) return None()
  const secret = await openClientSecret(
    services.keyRing,
    tenantId,
    issuer.id,
    issuer.sealedClientSecret,
    { acceptPlaintext: settings.acceptPlaintext },
  )
  if (!secret.ok) return null
  const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
  // In the body it has one spelling; in the header not every server undoes the escapes of RFC 6749 2.3.1.
  return methods.includes('client_secret_post')
    ? ClientSecretPost(secret.value.text)
    : ClientSecretBasic(secret.value.text)
}

/** @param callback the address that the issuer sent the browser back to; the errors are for the log */
export async function exchangeCode(
  signIn: SignIn,
  callback: URL,
  known: LoginState,
): Promise<Result<Identity, string>> {
  const { issuer, services } = signIn
  const way = wayOf(signIn)
  const server = await discover(issuer, way)
  if (!server.ok) return server
  const auth = await clientAuth(signIn, server.value)
  if (auth === null) return err('the client secret cannot be read; set it again')
  const client: Client = { client_id: issuer.clientId, [clockTolerance]: CLOCK_TOLERANCE_SECONDS }
  let idToken: string | undefined
  try {
    const answered = validateAuthResponse(server.value, client, callback, known.state)
    const response = await authorizationCodeGrantRequest(
      server.value,
      client,
      auth,
      answered,
      known.redirectUri,
      known.verifier,
      requestOptions(issuer, way),
    )
    const tokens = await processAuthorizationCodeResponse(server.value, client, response, {
      expectedNonce: known.nonce,
      requireIdToken: true,
    })
    idToken = tokens.id_token
  } catch (error) {
    // Which step it was; what the issuer wrote is in other members.
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    return err(code.startsWith('OAUTH_') ? code : 'the exchange failed')
  }
  const policy = {
    issuer: issuer.issuer,
    audience: issuer.clientId,
    algorithms: issuer.algorithms,
    requiredClaims: ['sub', 'iat', 'nonce'],
    types: ACCEPTED_TYPES,
  }
  const now = services.now()
  const verified = await verifyJwt(idToken ?? '', keysOf(issuer, way).find, policy, new Date(now))
  if (!verified.ok) return err(`the ID token is refused: ${verified.error.kind}`)
  const judged = judgeClaims(verified.value, issuer, now, CLOCK_TOLERANCE_SECONDS)
  return judged.ok ? judged : err(`the ID token is refused: ${judged.error}`)
}
