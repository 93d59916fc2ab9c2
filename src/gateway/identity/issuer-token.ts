/**
 * A token of an issuer that one tenant trusts. The token's own words lead to the row; the row alone
 * says by which keys, algorithms and audience it is judged, and which tenant it opens. A tenant that the
 * caller names is the only one it may open.
 */
import type { Services } from '../../api/context.ts'
import { sha256Hex } from '../../crypto/digest.ts'
import { CLOCK_TOLERANCE_SECONDS, verifyJwt } from '../../crypto/token.ts'
import { findIssuerGrant } from '../../db/jwt-issuers.ts'
import { findStanding } from '../../db/member-standing.ts'
import type { Principal, Role } from '../../domain/principal.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import {
  ACCEPTED_TYPES,
  boundRole,
  judgeClaims,
  peekIssuer,
  userIdOf,
} from '../../transport/issuer-claims.ts'
import type { TransportRefusal } from '../../transport/refusal.ts'
import type { Settings } from '../env.ts'
import { findTrust, standingAt } from './issuer-grants.ts'
import { keysOf } from './jwks.ts'
import { type Authenticated, type AuthenticationFacts, personsRights, rejected } from './proof.ts'

/**
 * @param token at most 8 KB: `parseToken` refuses longer ones before anything is decoded
 * @param named the tenant that the caller wants, by id or slug
 */
export async function byIssuerToken(
  token: string,
  named: string | undefined,
  facts: AuthenticationFacts,
  services: Services,
  settings: Settings,
): Promise<Result<Authenticated, TransportRefusal>> {
  const claimed = peekIssuer(token)
  const trust = claimed && (await findTrust(claimed, named, services))
  if (!trust) return rejected('jwt')
  const { snapshot, grant } = trust
  const { issuer } = grant
  if (!issuer.enabled || snapshot.status !== 'active') return rejected('jwt')
  const now = services.now()
  const { tenantId } = snapshot
  const keys = keysOf(issuer, { settings, tenantId, now: services.now })
  const policy = {
    issuer: issuer.issuer,
    audience: issuer.audience,
    algorithms: issuer.algorithms,
    requiredClaims: ['sub', 'iat'],
    types: ACCEPTED_TYPES,
  }
  const verified = await verifyJwt(token, keys.find, policy, new Date(now))
  if (!verified.ok) {
    return verified.error.kind === 'keys_unavailable'
      ? err({ kind: 'issuer_unavailable' })
      : rejected('jwt')
  }
  const judged = judgeClaims(verified.value, issuer, now, CLOCK_TOLERANCE_SECONDS)
  if (!judged.ok) return rejected('jwt')
  const { subject, mapped, expiresAt } = judged.value
  const userId = await userIdOf(issuer.issuer, subject, sha256Hex)
  const standing = await standingAt(tenantId, userId, snapshot.authVersion, services)
  const role = boundRole(mapped, issuer, standing)
  if (role === null) return rejected('jwt')
  return ok({
    snapshot,
    principal: {
      tenantId,
      userId,
      ...personsRights(role),
      credential: { kind: 'jwt', id: issuer.id, expiresAt, revision: issuer.updatedAt },
      authVersion: snapshot.authVersion,
      clientAddress: facts.clientAddress,
      channel: null,
    },
  })
}

/**
 * What a token that was admitted earlier is worth now. Its claims are gone, so the role can only
 * sink: who was given more since comes back with the token, and has it.
 */
export async function issuerRoleNow(
  { credential, tenantId, userId, role }: Principal,
  services: Services,
): Promise<Role | null> {
  const db = services.database(tenantId)
  const grant = await findIssuerGrant(db, tenantId, credential.id)
  if (!grant?.issuer.enabled || grant.issuer.updatedAt !== credential.revision) return null
  const standing = await findStanding(db, tenantId, userId)
  return boundRole(role, grant.issuer, standing)
}
