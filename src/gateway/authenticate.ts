/**
 * Proves the credential that a request presents, and says who asks. Warm, an API key costs no D1
 * read: the grant is remembered together with the tenant's `authVersion`, and used only while the
 * tenant's object answers the same one.
 */
import type { Services } from '../api/context.ts'
import { hashApiKey } from '../crypto/api-key.ts'
import { sha256Hex } from '../crypto/digest.ts'
import { isEqualSecret } from '../crypto/equal.ts'
import {
  type ApiKeyGrant,
  findApiKeyGrant,
  LAST_USED_PRECISION_MS,
  touchApiKey,
} from '../db/api-keys.ts'
import { findApiKey, findTenantBySlug } from '../db/directory.ts'
import { findMembership } from '../db/memberships.ts'
import { memberIdSchema } from '../domain/channel-user.ts'
import {
  DEFAULT_TENANT,
  type TenantId,
  tenantIdSchema,
  type UserId,
  userIdSchema,
} from '../domain/ids.ts'
import type { Principal, Role } from '../domain/principal.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { reachedBy, type TenantSnapshot } from '../domain/tenant-snapshot.ts'
import type { PresentedCredential } from '../transport/credential.ts'
import { lockoutKey } from '../transport/lockout.ts'
import type { TransportRefusal } from '../transport/refusal.ts'
import { scopesOfRole } from '../transport/role-of-scopes.ts'
import { isSenderAdmitted } from './channels/standing.ts'
import { authenticateDevice, deviceNow } from './devices.ts'
import type { Settings } from './env.ts'
import { freshSnapshot } from './freshness.ts'
import { byIssuerToken, issuerRoleNow } from './identity/issuer-token.ts'
import { byLoginSession, loginRoleNow } from './identity/login-session.ts'
import {
  type Authenticated,
  type AuthenticationFacts,
  personsRights,
  rejected,
} from './identity/proof.ts'
import { standingRoleNow } from './identity/standing-rights.ts'
import { redeemTicket } from './identity/ticket.ts'
import { isOver, isSuspended, worthOfKey } from './key-grant.ts'

/** The gateway token acts in it unless its operator names another. */
export { DEFAULT_TENANT }

/** Whom the gateway token acts as when no user is claimed. */
const SYSTEM_USER: UserId = userIdSchema.parse('system')
/** Grants an isolate remembers; each is worth a D1 read. */
const MAX_CACHED_GRANTS = 2_000
const GRANT_MAX_AGE_MS = 5 * 60_000

/** What a caller says of itself; honoured only for credentials that are entitled to it. */
export interface Claims {
  readonly userId?: string | undefined
  /** Id or slug. Of a token of an issuer it picks among the tenants that trust it. */
  readonly tenant?: string | undefined
  /** Of a socket's `connect`: must be the one that a device's token was given to. */
  readonly senderId?: string | undefined
}

export type { Authenticated, AuthenticationFacts }

/** No tenant's `authVersion`. */
const NEVER = -1

interface CachedGrant {
  readonly grant: ApiKeyGrant
  readonly readAt: number
}
const grants = new Map<string, CachedGrant>()
/** When this isolate last wrote a key's use down: once a minute is enough. */
const touchedAt = new Map<string, number>()

/** One request asks for it more than once. */
const hashes = new WeakMap<PresentedCredential, Promise<string>>()
function hashOf(presented: Extract<PresentedCredential, { kind: 'api_key' }>): Promise<string> {
  const hash = hashes.get(presented) ?? hashApiKey(presented.token)
  hashes.set(presented, hash)
  return hash
}

type Rejection = Result<never, TransportRefusal>

export async function authenticate(
  presented: PresentedCredential,
  claims: Claims,
  facts: AuthenticationFacts,
  services: Services,
  settings: Settings,
): Promise<Result<Authenticated, TransportRefusal>> {
  if (presented.kind === 'none') {
    if (!facts.isDevelopment) return err({ kind: 'credential_missing' })
    return asOperator('development', claims, facts, services, settings)
  }
  // The gateway token may look like anything, so it is compared first, whatever the shape.
  if (presented.kind !== 'ticket' && settings.token !== null) {
    if (await isEqualSecret(presented.token, settings.token)) {
      return asOperator('gateway_token', claims, facts, services, settings)
    }
  }
  const found = await prove(presented, claims, facts, services, settings)
  return found.ok ? found : countFailure(found, presented.kind, facts, services)
}

async function prove(
  presented: Exclude<PresentedCredential, { kind: 'none' }>,
  { senderId, tenant }: Claims,
  facts: AuthenticationFacts,
  services: Services,
  settings: Settings,
): Promise<Result<Authenticated, TransportRefusal>> {
  switch (presented.kind) {
    case 'api_key':
      return byApiKey(presented, facts, services)
    case 'jwt':
      return byIssuerToken(presented.token, tenant, facts, services, settings)
    case 'login':
      return byLoginSession(presented.login, facts, services)
    case 'device': {
      const { clientAddress } = facts
      return authenticateDevice(presented, { senderId, clientAddress }, services)
    }
    case 'ticket': {
      const principal = await redeemTicket(presented.ticket, services)
      if (!principal) return rejected('ticket')
      const { clientAddress } = facts
      // Looked up anew, whatever the version: the key behind it may not be good at this address.
      const anew = { ...principal, clientAddress, authVersion: NEVER }
      const checked = await recheckPrincipal(anew, services, settings)
      return checked.ok ? checked : rejected('ticket')
    }
    case 'opaque':
      return rejected('opaque')
  }
}

/** Only wrong attempts count, and a right credential still passes. */
async function countFailure(
  failure: { readonly error: TransportRefusal },
  credentialKind: string,
  facts: AuthenticationFacts,
  services: Services,
): Promise<Rejection> {
  if (failure.error.kind !== 'credential_rejected') return err(failure.error)
  const state = await services
    .addressLimiter(facts.clientAddress)
    .recordFailure(lockoutKey(facts.clientAddress, credentialKind))
  return state.isLocked
    ? err({ kind: 'locked_out', credentialKind, retryAfterMs: state.retryAfterMs })
    : err(failure.error)
}

async function asOperator(
  kind: 'gateway_token' | 'development',
  claims: Claims,
  facts: AuthenticationFacts,
  services: Services,
  settings: Settings,
): Promise<Result<Authenticated, TransportRefusal>> {
  const user = memberIdSchema.safeParse(claims.userId || SYSTEM_USER)
  if (!user.success) return err({ kind: 'credential_malformed', reason: 'user id' })
  const isOwner = settings.ownerIds.includes(user.data)
  const tenantId = await resolveTenant(claims.tenant, services)
  const snapshot = tenantId && (await freshSnapshot(services, tenantId))
  if (!snapshot) return err({ kind: 'foreign_tenant' })
  if (snapshot.status === 'deleting') return err({ kind: 'foreign_tenant' })
  // A suspended tenant is open to the platform's operator alone.
  if (snapshot.status !== 'active' && !isOwner) return err({ kind: 'foreign_tenant' })
  const role = isOwner ? 'owner' : await roleOfClaimedUser(snapshot.tenantId, user.data, services)
  if (!role) return err({ kind: 'foreign_tenant' })
  return ok({
    snapshot,
    principal: {
      tenantId: snapshot.tenantId,
      userId: user.data,
      role,
      scopes: [...scopesOfRole(role)],
      isMasterScope: isOwner,
      credential: { kind, id: await operatorCredentialId(kind, settings), expiresAt: null },
      authVersion: snapshot.authVersion,
      clientAddress: facts.clientAddress,
      allowedAgents: null,
      channel: null,
    },
  })
}

/**
 * Names the token without telling it: what was admitted under another token, or in development mode,
 * ends when the gateway is started with a new one.
 */
const operatorCredentialId = async (
  kind: 'gateway_token' | 'development',
  { token }: Settings,
): Promise<string> =>
  kind === 'development' ? kind : `${kind}:${(await sha256Hex(token ?? '')).slice(0, 16)}`

/** Whether the platform still stands behind an operator's credential. */
async function isOperatorCredentialCurrent(
  { credential, isMasterScope, userId }: Principal,
  settings: Settings,
): Promise<boolean> {
  if (isMasterScope && !settings.ownerIds.includes(userId)) return false
  if (credential.kind === 'development') return settings.isDevelopmentMode
  if (credential.kind !== 'gateway_token') return true
  return (
    settings.token !== null &&
    credential.id === (await operatorCredentialId('gateway_token', settings))
  )
}

/**
 * A person for whom the operator's token speaks: admin at home, elsewhere what they are there. Who is
 * suspended is nothing in either.
 */
async function roleOfClaimedUser(
  tenantId: TenantId,
  userId: UserId,
  services: Services,
): Promise<Role | null> {
  const member = await findMembership(services.database(tenantId), tenantId, userId)
  if (member?.status === 'suspended') return null
  return tenantId === DEFAULT_TENANT ? 'admin' : (member?.role ?? null)
}

async function resolveTenant(
  claimed: string | undefined,
  services: Services,
): Promise<TenantId | null> {
  if (!claimed) return DEFAULT_TENANT
  const id = tenantIdSchema.safeParse(claimed)
  if (id.success) return id.data
  return (await findTenantBySlug(services.directory(), claimed))?.id ?? null
}

async function byApiKey(
  presented: Extract<PresentedCredential, { kind: 'api_key' }>,
  facts: AuthenticationFacts,
  services: Services,
): Promise<Result<Authenticated, TransportRefusal>> {
  const hash = await hashOf(presented)
  const now = services.now()
  const cached = grants.get(hash)
  if (cached && cached.readAt > now - GRANT_MAX_AGE_MS) {
    const snapshot = await freshSnapshot(services, cached.grant.tenantId)
    if (snapshot?.authVersion === cached.grant.authVersion) {
      return principalOf(cached.grant, snapshot, facts, services)
    }
  }
  grants.delete(hash)
  let grant = await findApiKey(services.directory(), hash)
  if (!grant) return rejected('api_key')
  const snapshot = await freshSnapshot(services, grant.tenantId)
  if (!snapshot) return rejected('api_key')
  // Revoked between the two reads: what was read before the change must not pass as read after it.
  if (grant.authVersion !== snapshot.authVersion)
    grant = await findApiKey(services.directory(), hash)
  if (!grant) return rejected('api_key')
  remember(hash, { grant, readAt: now })
  return principalOf(grant, snapshot, facts, services)
}

function remember(hash: string, cached: CachedGrant): void {
  grants.set(hash, cached)
  const oldest = grants.keys().next().value
  if (grants.size > MAX_CACHED_GRANTS && oldest !== undefined) grants.delete(oldest)
}

/**
 * The grant of a key that this isolate knows, unproven: good enough to ask the right limiter while
 * the tenant is asked whether it still holds.
 */
export async function peekGrant(
  presented: PresentedCredential,
  now: number,
): Promise<ApiKeyGrant | null> {
  if (presented.kind !== 'api_key') return null
  const grant = grants.get(await hashOf(presented))?.grant
  // A key that is known to be worth nothing here and now must not draw on its owner's bucket.
  const isDoubtful = grant === undefined || grant.allowedNetworks !== null
  return isDoubtful || isOver(grant, now) || isSuspended(grant) ? null : grant
}

function principalOf(
  grant: ApiKeyGrant,
  snapshot: TenantSnapshot,
  facts: AuthenticationFacts,
  services: Services,
): Result<Authenticated, TransportRefusal> {
  const now = services.now()
  const worth = worthOfKey(grant, { clientAddress: facts.clientAddress, now })
  if (worth === null || snapshot.status !== 'active') return rejected('api_key')
  if (
    Math.max(grant.lastUsedAt ?? 0, touchedAt.get(grant.keyId) ?? 0) <
    now - LAST_USED_PRECISION_MS
  ) {
    if (touchedAt.size > MAX_CACHED_GRANTS) touchedAt.clear()
    touchedAt.set(grant.keyId, now)
    services.inBackground(
      touchApiKey(services.database(grant.tenantId), grant.tenantId, grant.keyId, now),
    )
  }
  const { expiresAt, ...rights } = worth
  return ok({
    snapshot: reachedBy(rights, snapshot),
    principal: {
      tenantId: grant.tenantId,
      userId: grant.ownerId,
      ...rights,
      credential: { kind: 'api_key', id: grant.keyId, expiresAt },
      authVersion: grant.authVersion,
      clientAddress: facts.clientAddress,
      channel: null,
    },
  })
}

const REVOKED = refusal('TENANT_ACCESS_REVOKED', 'the access behind this connection has ended')

/**
 * Whether a principal may still act: asked before every frame, model call and tool call. One hop;
 * D1 is read only after a key, membership or status of the tenant changed.
 */
export async function recheckPrincipal(
  principal: Principal,
  services: Services,
  settings: Settings,
  fresh = freshSnapshot,
): Promise<Result<Authenticated, Refusal>> {
  const { credential, tenantId } = principal
  if (credential.expiresAt !== null && credential.expiresAt <= services.now()) return err(REVOKED)
  if (!(await isOperatorCredentialCurrent(principal, settings))) return err(REVOKED)
  const snapshot = await fresh(services, tenantId)
  if (!snapshot) return err(REVOKED)
  if (snapshot.status === 'deleting') return err(REVOKED)
  if (snapshot.status !== 'active' && !principal.isMasterScope) return err(REVOKED)
  if (credential.kind === 'channel') {
    const isAdmitted = await isSenderAdmitted(principal, snapshot, services)
    const current = { ...principal, authVersion: snapshot.authVersion }
    return isAdmitted ? ok({ principal: current, snapshot }) : err(REVOKED)
  }
  if (snapshot.authVersion === principal.authVersion) {
    return ok({ principal, snapshot: reachedBy(principal, snapshot) })
  }
  const rights = await rightsNow(principal, services, settings)
  if (rights === null) return err(REVOKED)
  const current = { ...principal, ...rights, authVersion: snapshot.authVersion }
  return ok({ principal: current, snapshot: reachedBy(current, snapshot) })
}

type Rights = Pick<Principal, 'role' | 'scopes' | 'isMasterScope' | 'credential' | 'allowedAgents'>

/** What the credential is worth now; null when it is worth nothing any more. */
async function rightsNow(
  principal: Principal,
  services: Services,
  settings: Settings,
): Promise<Rights | null> {
  const { credential, tenantId, userId } = principal
  if (credential.standing !== undefined) {
    const role = await standingRoleNow(principal, services)
    return role && { ...personsRights(role), credential }
  }
  switch (credential.kind) {
    case 'gateway_token':
    case 'development': {
      const isMasterScope = settings.ownerIds.includes(userId)
      const role = isMasterScope ? 'owner' : await roleOfClaimedUser(tenantId, userId, services)
      const { allowedAgents } = principal
      return (
        role && { role, scopes: [...scopesOfRole(role)], isMasterScope, credential, allowedAgents }
      )
    }
    case 'api_key': {
      const grant = await findApiKeyGrant(services.database(tenantId), tenantId, credential.id)
      const { clientAddress } = principal
      const worth = grant && worthOfKey(grant, { clientAddress, now: services.now() })
      if (!worth) return null
      // A rotation ends a key sooner than it was made to.
      const { expiresAt, ...rights } = worth
      return { ...rights, credential: { ...credential, expiresAt } }
    }
    case 'jwt': {
      const role = await issuerRoleNow(principal, services)
      return role && { ...personsRights(role), credential }
    }
    case 'login': {
      const role = await loginRoleNow(principal, services)
      return role && { ...personsRights(role), credential }
    }
    case 'device': {
      const device = await deviceNow(principal, services)
      if (!device) return null
      const { role, expiresAt } = device
      return { ...personsRights(role), credential: { ...credential, expiresAt } }
    }
    case 'channel':
      return null
  }
}
