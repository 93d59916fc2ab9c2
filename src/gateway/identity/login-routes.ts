/**
 * Sign-in for pages: to the issuer, back with a code, and one exchange for a token. No token stands in
 * a URL or a cookie: until the page asks for it, there is none. A browser keeps the state between the
 * steps, sealed; the gateway keeps nothing for people who only begin.
 */
import { z } from 'zod'
import type { Services } from '../../api/context.ts'
import { redeemInvitation } from '../../api/invitations.ts'
import { sha256Hex } from '../../crypto/digest.ts'
import { hashInvitationToken } from '../../crypto/invitation.ts'
import { handoffToken, hashLocatedToken, loginToken } from '../../crypto/located-token.ts'
import { newId } from '../../crypto/random.ts'
import { findTenant, findTenantBySlug } from '../../db/directory.ts'
import { findIssuerGrant, listIssuers } from '../../db/jwt-issuers.ts'
import { createLoginSession } from '../../db/login-sessions.ts'
import { findStanding } from '../../db/member-standing.ts'
import { type TenantId, type UserId, userIdSchema } from '../../domain/ids.ts'
import { type IssuerRecord, tenantOfIssuerId } from '../../domain/issuer.ts'
import { ROLES } from '../../domain/principal.ts'
import { notFound, type Refusal, refusal } from '../../domain/refusal.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import { securityEvent } from '../../domain/security-event.ts'
import { boundRole, type Standing, userIdOf } from '../../transport/issuer-claims.ts'
import type { TransportRefusal } from '../../transport/refusal.ts'
import { type AppContext, readJson, turnAway } from '../door.ts'
import { createReporter } from '../emit.ts'
import { freshSnapshot } from '../freshness.ts'
import { jsonResponse, refusalResponse } from '../http-response.ts'
import { httpStatusOf } from '../wire.ts'
import { authorizationUrl, exchangeCode, type SignIn } from './code-exchange.ts'
import {
  clearedHandoff,
  clearedState,
  type FoundState,
  HANDOFF_SECONDS,
  handoffCookie,
  handoffIn,
  STATE_SECONDS,
  stateCookie,
  stateIn,
} from './login-cookies.ts'
import { LOGIN_MS, UNUSED_LOGIN_MS } from './login-session.ts'

/** The dashboard takes what stands behind the `#` as the word to ask for its token, once. */
const SIGNED_IN = '/#signed-in'
const MAX_AGENT_CHARS = 200

/** Of everybody at one address together, where addresses are told apart. */
const LOGIN_BUCKET = { bucket: 'login', ratePerMinute: 60, burst: 20 } as const

const FAILED = refusal('UNAUTHORIZED', 'the sign-in failed; begin again')
const CLOSED = refusal('UNAVAILABLE', 'the issuer cannot be reached; try again')

/** In the tenant's object from the callback to the exchange. */
const draftSchema = z.object({
  issuerId: z.string(),
  revision: z.number(),
  userId: userIdSchema,
  role: z.enum(ROLES),
})
type Draft = z.infer<typeof draftSchema>

const answer = (refused: Refusal, status = httpStatusOf(refused.code)): Response =>
  refusalResponse(refused, status, 'edgeclaw')

const withCookie = (response: Response, ...cookies: readonly string[]): Response => {
  for (const text of cookies) response.headers.append('set-cookie', text)
  return response
}

/** To nowhere but the gateway's own start, which is no word of the caller. */
const redirect = (location: string, ...cookies: readonly string[]): Response =>
  withCookie(
    new Response(null, {
      status: 303,
      headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
    }),
    ...cookies,
  )

async function paced(c: AppContext): Promise<Result<null, TransportRefusal>> {
  const { services, admitted, runtime } = c.get('door')
  if (runtime.settings.platform !== 'cloudflare') return ok(null)
  const verdict = await services.addressLimiter(admitted.clientAddress).take([LOGIN_BUCKET])
  if (verdict.isAllowed) return ok(null)
  const { bucket, retryAfterMs } = verdict
  return err({ kind: 'rate_limited', bucket, retryAfterMs })
}

/** A cookie acts for whoever opens a page: here only the gateway's own pages pass. */
const isOwnPage = (c: AppContext): boolean => {
  const site = c.req.header('sec-fetch-site')
  return c.get('door').admitted.isOwnOrigin && (site === undefined || site === 'same-origin')
}

const turnAwayForeign = (c: AppContext): Response =>
  turnAway(c, { kind: 'origin_not_allowed', origin: c.req.header('origin') ?? '' })

const canSignIn = (issuer: IssuerRecord): issuer is SignIn['issuer'] =>
  issuer.enabled && issuer.clientId !== null && issuer.kind === 'oidc'

/** For the page: names and ids, nothing else. A slug that is nobody's has no issuers either. */
export async function listLogins(c: AppContext): Promise<Response> {
  const limited = await paced(c)
  if (!limited.ok) return turnAway(c, limited.error)
  const { services } = c.get('door')
  const tenant = await findTenantBySlug(services.directory(), c.req.query('tenant') ?? '')
  const issuers =
    tenant?.status === 'active' ? await listIssuers(services.database(tenant.id), tenant.id) : []
  return jsonResponse(
    { issuers: issuers.filter(canSignIn).map(({ id, name }) => ({ id, name })) },
    200,
  )
}

/** Null where nobody can sign in, whatever the reason. */
async function openSignIn(
  c: AppContext,
  tenantId: TenantId,
  issuerId: string,
  revision?: number,
): Promise<SignIn | null> {
  const { services, runtime } = c.get('door')
  const grant = await findIssuerGrant(services.database(tenantId), tenantId, issuerId)
  if (!grant || !canSignIn(grant.issuer)) return null
  if (revision !== undefined && grant.issuer.updatedAt !== revision) return null
  const snapshot = await freshSnapshot(services, tenantId)
  if (snapshot?.status !== 'active') return null
  return { issuer: grant.issuer, tenantId, services, settings: runtime.settings }
}

interface Begun {
  readonly location: string
  readonly cookie: string
}

/** @param invitation hash of the secret of the link that somebody came with */
async function begin(c: AppContext, invitation?: string): Promise<Begun | Response> {
  const limited = await paced(c)
  if (!limited.ok) return turnAway(c, limited.error)
  const { services, runtime } = c.get('door')
  const issuerId = c.req.param('issuerId') ?? ''
  const tenantId = tenantOfIssuerId(issuerId)
  const signIn = tenantId && (await openSignIn(c, tenantId, issuerId))
  if (!signIn) return answer(notFound('issuer'))
  const origin = runtime.settings.publicOrigin ?? new URL(c.req.url).origin
  const redirectUri = `${origin}/v1/login/callback`
  const begun = await authorizationUrl(signIn, redirectUri)
  if (!begun.ok) return answer(CLOSED)
  const { url, secrets } = begun.value
  const { updatedAt: revision } = signIn.issuer
  const expiresAt = services.now() + STATE_SECONDS * 1_000
  const invited = invitation === undefined ? {} : { invitation }
  const state = { ...secrets, redirectUri, revision, expiresAt, ...invited }
  const cookie = await stateCookie(services.keyRing, signIn.tenantId, issuerId, state)
  return { location: url, cookie }
}

const startSchema = z.object({ invitation: z.string().max(200).optional() })

/**
 * Whoever begins a sign-in decides as whom it may end: nothing but a press of the gateway's own page
 * begins one. It is asked for by POST, so that no link does, wherever it stands and whoever wrote it.
 * The page goes where it is told. The secret of an invitation stands behind the `#` of a link, and
 * comes in the body.
 */
export async function startLogin(c: AppContext): Promise<Response> {
  if (!isOwnPage(c)) return turnAwayForeign(c)
  const body = await readJson(c.req.raw)
  const parsed = startSchema.safeParse(body.ok ? body.value : null)
  const token = parsed.data?.invitation
  const hash = token === undefined ? undefined : await hashInvitationToken(token)
  if (!parsed.success || hash === null)
    return answer(refusal('INVALID_REQUEST', 'invitation: the secret of a link'))
  const begun = await begin(c, hash)
  if (begun instanceof Response) return begun
  return withCookie(jsonResponse({ location: begun.location }, 200), begun.cookie)
}

/** What the invitation that somebody came with makes them, now that it is proven who they are. */
async function joined(
  services: Services,
  tenantId: TenantId,
  userId: UserId,
  { issuerId, state }: FoundState,
): Promise<Standing> {
  if (state.invitation === undefined) return null
  const redeemed = await redeemInvitation(services, state.invitation, userId, tenantId)
  if (!redeemed) return null
  const actor = { userId, credential: issuerId }
  const fields = { tenant: tenantId, role: redeemed.role }
  await services
    .tenant(tenantId)
    .appendAudit([{ kind: 'change', name: 'invitations.accept', actor, fields }])
  return { role: redeemed.role, status: 'active' }
}

export async function finishLogin(c: AppContext): Promise<Response> {
  const limited = await paced(c)
  if (!limited.ok) return turnAway(c, limited.error)
  const { services, admitted } = c.get('door')
  const header = c.req.header('cookie') ?? null
  const found = await stateIn(header, services.keyRing, services.now())
  const fail = (): Response => withCookie(answer(FAILED, 401), clearedState())
  if (!found) return fail()
  const { tenantId, issuerId, state } = found
  const signIn = await openSignIn(c, tenantId, issuerId, state.revision)
  if (!signIn) return fail()
  const report = createReporter(services, { tenantId })
  const refuse = (reason: string): Response => {
    const fields = { client_address: admitted.clientAddress, credential_kind: 'login', reason }
    report(securityEvent('auth_failed', fields))
    return fail()
  }
  const identity = await exchangeCode(signIn, new URL(c.req.url), state)
  if (!identity.ok) return refuse(identity.error)
  const { issuer } = signIn
  const userId = await userIdOf(issuer.issuer, identity.value.subject, sha256Hex)
  const { mapped } = identity.value
  const stands = await findStanding(services.database(tenantId), tenantId, userId)
  const isNoMember = stands === null || stands === 'removed'
  const invited = isNoMember ? await joined(services, tenantId, userId, found) : null
  const standing = invited ?? stands
  const role = boundRole(mapped, issuer, standing)
  if (role === null) return refuse('no member, and nobody is let in at first sight')
  const draft: Draft = { issuerId, revision: issuer.updatedAt, userId, role }
  const handoff = handoffToken.create(tenantId)
  const entry = { kind: 'handoff', userId, body: JSON.stringify(draft) } as const
  const isKept = await services
    .tenant(tenantId)
    .keepOnce(await hashLocatedToken(handoff), entry, HANDOFF_SECONDS * 1_000)
  return isKept ? redirect(SIGNED_IN, clearedState(), handoffCookie(handoff)) : answer(CLOSED)
}

export async function handOverLogin(c: AppContext): Promise<Response> {
  if (!isOwnPage(c)) return turnAwayForeign(c)
  const limited = await paced(c)
  if (!limited.ok) return turnAway(c, limited.error)
  const { services, admitted } = c.get('door')
  const reject = (): Response =>
    withCookie(
      turnAway(c, { kind: 'credential_rejected', credentialKind: 'login' }),
      clearedHandoff(),
    )
  const handoff = handoffToken.parse(handoffIn(c.req.header('cookie') ?? null) ?? '')
  if (!handoff) return reject()
  const { tenantId } = handoff
  const body = await services.tenant(tenantId).takeOnce(await hashLocatedToken(handoff.text))
  const draft = draftSchema.safeParse(body === null ? null : JSON.parse(body))
  if (!draft.success) return reject()
  const { issuerId, revision, userId, role } = draft.data
  if (!(await openSignIn(c, tenantId, issuerId, revision))) return reject()
  const tenant = await findTenant(services.directory(), tenantId)
  const token = loginToken.create(tenantId)
  const now = services.now()
  await createLoginSession(
    services.database(tenantId),
    tenantId,
    {
      id: newId('lgs'),
      tokenHash: await hashLocatedToken(token),
      issuerId,
      userId,
      role,
      address: admitted.clientAddress,
      userAgent: (c.req.header('user-agent') ?? '').slice(0, MAX_AGENT_CHARS),
      expiresAt: now + UNUSED_LOGIN_MS,
    },
    now,
  )
  // The page can show whom one has become, and where: it may be another than one thought.
  const answered = {
    token,
    expires_at: new Date(now + LOGIN_MS).toISOString(),
    tenant_id: tenantId,
    tenant_name: tenant?.name ?? '',
    user_id: userId,
  }
  return withCookie(jsonResponse(answered, 200), clearedHandoff())
}
