/**
 * What an API key is worth at this moment, to whom it is shown from this address: pure over the grant
 * as it was read. Null is nothing at all.
 */
import type { ApiKeyGrant } from '../db/api-keys.ts'
import { lowerRole, type Principal, type Role } from '../domain/principal.ts'
import { isFromNetworks } from '../transport/client-address.ts'
import { roleOfScopes } from '../transport/role-of-scopes.ts'

export type KeyWorth = Pick<Principal, 'role' | 'scopes' | 'isMasterScope' | 'allowedAgents'> & {
  readonly expiresAt: number | null
}

export function worthOfKey(
  grant: ApiKeyGrant,
  { clientAddress, now }: { readonly clientAddress: string; readonly now: number },
): KeyWorth | null {
  const { scopes, allowedNetworks, allowedAgents, expiresAt } = grant
  const ofScopes = roleOfScopes(scopes)
  if (ofScopes === null || isOver(grant, now) || isSuspended(grant)) return null
  if (allowedNetworks !== null && !isFromNetworks(clientAddress, allowedNetworks)) return null
  return {
    role: boundRole(ofScopes, grant.ownerRole ?? grant.makerRole),
    scopes: [...scopes],
    isMasterScope: false,
    allowedAgents,
    expiresAt,
  }
}

export const isOver = ({ revokedAt, expiresAt }: ApiKeyGrant, now: number): boolean =>
  revokedAt !== null || (expiresAt !== null && expiresAt <= now)

/**
 * Owner and maker both stand behind a key, whoever of them is a member, and so do those behind the key
 * that made it: else one who is suspended would act on as somebody else, by keys that they made.
 */
export const isSuspended = (grant: ApiKeyGrant): boolean =>
  grant.ownerStatus === 'suspended' || grant.makerStatus === 'suspended' || grant.isSuspendedAbove

/**
 * A key never reaches beyond what its owner may do, or its maker where the owner is no member. Where
 * neither is one, the platform's operator made it, and its scopes alone bound it.
 */
const boundRole = (ofScopes: Role, bound: Role | null): Role =>
  bound === null ? ofScopes : lowerRole(ofScopes, bound)
