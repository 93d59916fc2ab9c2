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
import { type TenantId, tenantIdSchema, type UserId, userIdSchema } from '../domain/ids.ts'
import { PLATFORM_TENANT } from '../domain/platform-tenant.ts'
import { type Principal, ROLES, type Role } from '../domain/principal.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import type { PresentedCredential } from '../transport/credential.ts'
import { lockoutKey } from '../transport/lockout.ts'
import type { TransportRefusal } from '../transport/refusal.ts'
import { roleOfScopes, scopesOfRole } from '../transport/role-of-scopes.ts'
import type { Settings } from './env.ts'
import { freshSnapshot } from './freshness.ts'

/** The tenant of the first start; the gateway token acts in it unless its operator names another. */
export const DEFAULT_TENANT: TenantId = PLATFORM_TENANT
/** Whom the gateway token acts as when no user is claimed. */
const SYSTEM_USER: UserId = userIdSchema.parse('system')
/** Grants an isolate remembers; each is worth a D1 read. */
const MAX_CACHED_GRANTS = 2_000
const GRANT_MAX_AGE_MS = 5 * 60_000

/** What a caller says of itself; honoured only for credentials that are entitled to it. */
export interface Claims {
  readonly userId?: string | undefined
  /** Id or slug. */
  readonly tenant?: string | undefined
}

export interface AuthenticationFacts {
  readonly clientAddress: string
  readonly isDevelopment: boolean
}

export interface Authenticated {
  readonly principal: Principal
  readonly snapshot: TenantSnapshot
}

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
const rejected = (credentialKind: string): Rejection =>
  err({ kind: 'credential_rejected', credentialKind })

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
  const found =
    presented.kind === 'api_key'
      ? await byApiKey(presented, facts, services)
      : rejected(presented.kind)
  return found.ok ? found : countFailure(found, presented.kind, facts, services)
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
  const user = userIdSchema.safeParse(claims.userId || SYSTEM_USER)
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

/** A person for whom the operator's token speaks: admin at home, elsewhere what they are there. */
async function roleOfClaimedUser(
  tenantId: TenantId,
  userId: UserId,
  services: Services,
): Promise<Role | null> {
  if (tenantId === DEFAULT_TENANT) return 'admin'
  return (await findMembership(services.database(tenantId), tenantId, userId))?.role ?? null
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
  // A key that is known to have ended must not draw on its owner's bucket.
  const isOver = grant?.revokedAt !== null || (grant.expiresAt ?? Infinity) <= now
  return isOver ? null : grant
}

function principalOf(
  grant: ApiKeyGrant,
  snapshot: TenantSnapshot,
  facts: AuthenticationFacts,
  services: Services,
): Result<Authenticated, TransportRefusal> {
  const now = services.now()
  const ofScopes = roleOfScopes(grant.scopes)
  const isValid = grant.revokedAt === null && (grant.expiresAt === null || grant.expiresAt > now)
  if (!isValid || ofScopes === null || snapshot.status !== 'active') return rejected('api_key')
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
  return ok({
    snapshot,
    principal: {
      tenantId: grant.tenantId,
      userId: grant.ownerId,
      role: lowerRole(ofScopes, grant.ownerRole),
      scopes: [...grant.scopes],
      isMasterScope: false,
      credential: { kind: 'api_key', id: grant.keyId, expiresAt: grant.expiresAt },
      authVersion: grant.authVersion,
      clientAddress: facts.clientAddress,
      channel: null,
    },
  })
}

/** A key never reaches beyond what its owner may do; an owner who is no member sets no bound. */
const lowerRole = (ofScopes: Role, ofOwner: Role | null): Role =>
  ofOwner === null || ROLES.indexOf(ofScopes) <= ROLES.indexOf(ofOwner) ? ofScopes : ofOwner

const REVOKED = refusal('TENANT_ACCESS_REVOKED', 'the access behind this connection has ended')

/**
 * Whether a principal may still act: asked before every frame, model call and tool call. One hop;
 * D1 is read only after a key, membership or status of the tenant changed.
 */
export async function recheckPrincipal(
  principal: Principal,
  services: Services,
  settings: Settings,
): Promise<Result<Authenticated, Refusal>> {
  const { credential, tenantId } = principal
  if (credential.expiresAt !== null && credential.expiresAt <= services.now()) return err(REVOKED)
  if (!(await isOperatorCredentialCurrent(principal, settings))) return err(REVOKED)
  const snapshot = await freshSnapshot(services, tenantId)
  if (!snapshot) return err(REVOKED)
  if (snapshot.status === 'deleting') return err(REVOKED)
  if (snapshot.status !== 'active' && !principal.isMasterScope) return err(REVOKED)
  if (snapshot.authVersion === principal.authVersion) return ok({ principal, snapshot })
  const role = await roleNow(principal, services, settings)
  if (role === null) return err(REVOKED)
  return ok({ principal: { ...principal, ...role, authVersion: snapshot.authVersion }, snapshot })
}

/** What the credential is worth now; null when it is worth nothing any more. */
async function roleNow(
  principal: Principal,
  services: Services,
  settings: Settings,
): Promise<Pick<Principal, 'role' | 'scopes' | 'isMasterScope'> | null> {
  const { credential, tenantId, userId } = principal
  switch (credential.kind) {
    case 'gateway_token':
    case 'development': {
      const isMasterScope = settings.ownerIds.includes(userId)
      const role = isMasterScope ? 'owner' : await roleOfClaimedUser(tenantId, userId, services)
      return role && { role, scopes: [...scopesOfRole(role)], isMasterScope }
    }
    case 'api_key': {
      const grant = await findApiKeyGrant(services.database(tenantId), tenantId, credential.id)
      const role = grant && roleOfScopes(grant.scopes)
      if (!grant || !role || grant.revokedAt !== null) return null
      return {
        role: lowerRole(role, grant.ownerRole),
        scopes: [...grant.scopes],
        isMasterScope: false,
      }
    }
    case 'jwt':
    case 'device':
    case 'channel':
      return null
  }
}
