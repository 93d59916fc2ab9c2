/**
 * The principal that a scheduled job keeps: whoever set what it does. What proves a machine (a key, the
 * gateway's token, a device) is kept as it is, and the job ends with it. A sign-in of a member is not what
 * their jobs stand on; their membership is.
 */
import { findLogin } from '../db/login-sessions.ts'
import { findStanding } from '../db/member-standing.ts'
import type { Principal } from '../domain/principal.ts'
import type { Services } from './context.ts'

export async function scheduledPrincipal(
  principal: Principal,
  services: Services,
): Promise<Principal> {
  const { tenantId, userId, credential } = principal
  if (credential.standing !== undefined) return principal
  const standing = await issuerOf(principal, services)
  if (standing === null) return principal
  const member = await findStanding(services.database(tenantId), tenantId, userId)
  if (member === null) return principal
  return { ...principal, credential: { ...credential, expiresAt: null, standing } }
}

async function issuerOf(
  { tenantId, credential }: Principal,
  services: Services,
): Promise<Principal['credential']['standing'] | null> {
  const { kind, id, revision } = credential
  if (kind === 'jwt') return revision === undefined ? null : { issuerId: id, revision }
  if (kind !== 'login') return null
  const login = await findLogin(services.database(tenantId), tenantId, id)
  return login && { issuerId: login.issuerId, revision: login.issuerUpdatedAt }
}
