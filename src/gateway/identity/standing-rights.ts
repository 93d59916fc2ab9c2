/**
 * What a person's schedule is worth after the sign-in that made it: as much as their membership, bounded
 * by the role they had then, while the issuer that vouched for them stays as it was. For somebody who is
 * no member nothing goes on: whether they are still anybody is known to the issuer alone.
 */
import type { Services } from '../../api/context.ts'
import { findIssuerGrant } from '../../db/jwt-issuers.ts'
import { findStanding } from '../../db/member-standing.ts'
import type { Principal, Role } from '../../domain/principal.ts'
import { boundRole } from '../../transport/issuer-claims.ts'

export async function standingRoleNow(
  { credential, tenantId, userId, role }: Principal,
  services: Services,
): Promise<Role | null> {
  const { standing } = credential
  if (standing === undefined) return null
  const db = services.database(tenantId)
  const grant = await findIssuerGrant(db, tenantId, standing.issuerId)
  if (!grant?.issuer.enabled || grant.issuer.updatedAt !== standing.revision) return null
  const membership = await findStanding(db, tenantId, userId)
  return membership && boundRole(role, grant.issuer, membership)
}
