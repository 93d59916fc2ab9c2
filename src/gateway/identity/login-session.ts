/** A person who signed in at the gateway's own page: the session's token is their bearer for some hours. */
import type { Services } from '../../api/context.ts'
import { hashLocatedToken, type LocatedToken } from '../../crypto/located-token.ts'
import {
  extendLoginSession,
  findLogin,
  findLoginByHash,
  type LoginGrant,
} from '../../db/login-sessions.ts'
import type { Principal, Role } from '../../domain/principal.ts'
import { ok, type Result } from '../../domain/result.ts'
import { boundRole, type Standing } from '../../transport/issuer-claims.ts'
import type { TransportRefusal } from '../../transport/refusal.ts'
import { freshSnapshot } from '../freshness.ts'
import { type Authenticated, type AuthenticationFacts, personsRights, rejected } from './proof.ts'
import { Recent } from './recent.ts'

export const LOGIN_MS = 8 * 3_600_000
/** Of a session that nobody has used: whoever leaves the page instead of entering has no long one. */
export const UNUSED_LOGIN_MS = 10 * 60_000

const grants = new Recent<LoginGrant>(2_000, 5 * 60_000)

export async function byLoginSession(
  login: LocatedToken,
  facts: AuthenticationFacts,
  services: Services,
): Promise<Result<Authenticated, TransportRefusal>> {
  const { tenantId } = login
  const hash = await hashLocatedToken(login.text)
  const db = services.database(tenantId)
  let grant = grants.get(hash, services.now()) ?? (await findLoginByHash(db, tenantId, hash))
  // Before the tenant's object is asked: nobody calls it up by making tokens.
  if (!grant) return rejected('login')
  const snapshot = await freshSnapshot(services, tenantId)
  if (snapshot?.status !== 'active') return rejected('login')
  if (grant.authVersion !== snapshot.authVersion) grant = await findLoginByHash(db, tenantId, hash)
  if (!grant) return rejected('login')
  const role = roleOf(grant, services.now())
  const until = grant.createdAt + LOGIN_MS
  if (role !== null && grant.expiresAt < until) {
    await extendLoginSession(db, tenantId, grant.sessionId, until, services.now())
    grant = { ...grant, expiresAt: until }
  }
  grants.set(hash, grant, services.now())
  if (role === null) return rejected('login')
  return ok({
    snapshot,
    principal: {
      tenantId,
      userId: grant.userId,
      ...personsRights(role),
      credential: { kind: 'login', id: grant.sessionId, expiresAt: grant.expiresAt },
      authVersion: grant.authVersion,
      clientAddress: facts.clientAddress,
      channel: null,
    },
  })
}

/** A session does not outlive a change of the issuer that it began with. */
function roleOf(grant: LoginGrant, now: number): Role | null {
  const { revokedAt, expiresAt, createdAt, issuerEnabled, issuerUpdatedAt } = grant
  if (revokedAt !== null || expiresAt <= now) return null
  if (!issuerEnabled || createdAt < issuerUpdatedAt) return null
  return boundRole(grant.role, grant, standingOf(grant))
}

function standingOf({ memberRole, memberStatus, removedAt }: LoginGrant): Standing {
  if (memberRole !== null && memberStatus !== null) {
    return { role: memberRole, status: memberStatus }
  }
  return removedAt === null ? null : 'removed'
}

export async function loginRoleNow(
  { credential, tenantId }: Principal,
  services: Services,
): Promise<Role | null> {
  const grant = await findLogin(services.database(tenantId), tenantId, credential.id)
  return grant && roleOf(grant, services.now())
}
