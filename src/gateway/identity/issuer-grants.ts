/**
 * Which tenant trusts the issuer of a token, and who its subject is there. Warm, neither costs a D1
 * read: rows are remembered together with the tenant's `authVersion`, and used only while the
 * tenant's object answers the same one.
 */
import type { Services } from '../../api/context.ts'
import { findIssuers } from '../../db/directory.ts'
import type { IssuerGrant } from '../../db/jwt-issuers.ts'
import { findStanding, type MemberStanding } from '../../db/member-standing.ts'
import type { TenantId, UserId } from '../../domain/ids.ts'
import type { TenantSnapshot } from '../../domain/tenant-snapshot.ts'
import type { ClaimedIssuer } from '../../transport/issuer-claims.ts'
import { freshSnapshot } from '../freshness.ts'
import { Recent } from './recent.ts'

const MAX_AGE_MS = 5 * 60_000
const grants = new Recent<IssuerGrant>(500, MAX_AGE_MS)
const standings = new Recent<{
  readonly authVersion: number
  readonly standing: MemberStanding | null
}>(5_000, MAX_AGE_MS)

export interface TrustedIssuer {
  readonly grant: IssuerGrant
  readonly snapshot: TenantSnapshot
}

/** Null when no tenant trusts it. Whether the row is enabled is for the caller to judge. */
export async function findTrust(
  claimed: ClaimedIssuer,
  services: Services,
): Promise<TrustedIssuer | null> {
  const key = JSON.stringify([claimed.issuer, claimed.audiences])
  const known = grants.get(key, services.now())
  if (known) {
    const snapshot = await freshSnapshot(services, known.tenantId)
    if (snapshot?.authVersion === known.authVersion) return { grant: known, snapshot }
    grants.delete(key)
  }
  let grant = await readGrant(claimed, services)
  const snapshot = grant && (await freshSnapshot(services, grant.tenantId))
  if (!grant || !snapshot) return null
  // Changed between the two reads: what was read before must not pass as read after.
  if (grant.authVersion !== snapshot.authVersion) grant = await readGrant(claimed, services)
  if (grant?.tenantId !== snapshot.tenantId) return null
  grants.set(key, grant, services.now())
  return { grant, snapshot }
}

/**
 * The first audience that anybody registered decides, even where its row is disabled: a token for
 * several of them must not turn to another tenant because one has closed its door.
 */
async function readGrant(
  { issuer, audiences }: ClaimedIssuer,
  services: Services,
): Promise<IssuerGrant | null> {
  const found = await findIssuers(services.directory(), issuer, audiences)
  for (const audience of audiences) {
    const grant = found.find((row) => row.issuer.audience === audience)
    if (grant) return grant
  }
  return null
}

/** @param authVersion what the tenant's object has just answered */
export async function standingAt(
  tenantId: TenantId,
  userId: UserId,
  authVersion: number,
  services: Services,
): Promise<MemberStanding | null> {
  const key = `${tenantId} ${userId}`
  const known = standings.get(key, services.now())
  if (known?.authVersion === authVersion) return known.standing
  const standing = await findStanding(services.database(tenantId), tenantId, userId)
  standings.set(key, { authVersion, standing }, services.now())
  return standing
}
