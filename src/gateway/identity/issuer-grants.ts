/**
 * Which tenant trusts the issuer of a token, and who its subject is there. Warm, neither costs a D1
 * read: rows are remembered together with the tenant's `authVersion`, and used only while the
 * tenant's object answers the same one.
 */
import type { Services } from '../../api/context.ts'
import { findIssuers, findTenantBySlug } from '../../db/directory.ts'
import type { IssuerGrant } from '../../db/jwt-issuers.ts'
import { findStanding, type MemberStanding } from '../../db/member-standing.ts'
import { type TenantId, tenantIdSchema, type UserId } from '../../domain/ids.ts'
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

/**
 * Null when no tenant trusts it, or the named one does not. Whether the row is enabled is for the caller
 * to judge.
 *
 * @param named the tenant that the caller wants, by id or slug; undefined: whichever it is
 */
export async function findTrust(
  claimed: ClaimedIssuer,
  named: string | undefined,
  services: Services,
): Promise<TrustedIssuer | null> {
  const key = JSON.stringify([claimed.issuer, claimed.audiences, named || null])
  const known = grants.get(key, services.now())
  if (known) {
    const snapshot = await freshSnapshot(services, known.tenantId)
    if (snapshot?.authVersion === known.authVersion) return { grant: known, snapshot }
    grants.delete(key)
  }
  let grant = await readGrant(claimed, named, services)
  const snapshot = grant && (await freshSnapshot(services, grant.tenantId))
  if (!grant || !snapshot) return null
  // Changed between the two reads: what was read before must not pass as read after.
  if (grant.authVersion !== snapshot.authVersion) grant = await readGrant(claimed, named, services)
  if (grant?.tenantId !== snapshot.tenantId) return null
  grants.set(key, grant, services.now())
  return { grant, snapshot }
}

/**
 * An audience that many applications of an issuer share can be registered by any tenant, so a token for
 * audiences of more than one opens none of them until the caller says which: else whoever registers the
 * shared one has the people of all others. Rows that are disabled count: a token must not turn to another
 * tenant because one has closed its door. Within a tenant the token's first audience decides.
 */
async function readGrant(
  { issuer, audiences }: ClaimedIssuer,
  named: string | undefined,
  services: Services,
): Promise<IssuerGrant | null> {
  const all = await findIssuers(services.directory(), issuer, audiences)
  if (all.length === 0) return null
  const wanted = named ? await tenantNamed(named, services) : null
  if (named && wanted === null) return null
  const found = wanted === null ? all : all.filter(({ tenantId }) => tenantId === wanted)
  if (new Set(found.map(({ tenantId }) => tenantId)).size !== 1) return null
  for (const audience of audiences) {
    const grant = found.find((row) => row.issuer.audience === audience)
    if (grant) return grant
  }
  return null
}

async function tenantNamed(named: string, services: Services): Promise<TenantId | null> {
  const id = tenantIdSchema.safeParse(named)
  return id.success ? id.data : ((await findTenantBySlug(services.directory(), named))?.id ?? null)
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
