/**
 * Nobody hands out more than they have: neither scopes, nor a person above themselves, nor a way
 * around the lists that their own key is bound by.
 */
import { findApiKeyRow } from '../db/api-keys.ts'
import { findMembership } from '../db/memberships.ts'
import type { TenantId, UserId } from '../domain/ids.ts'
import { coversScope, ROLES, type Scope } from '../domain/principal.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { OperationContext } from './context.ts'

export interface Grantee {
  readonly scopes: readonly Scope[]
  readonly ownerId: UserId
}

export async function mayGrantKey(
  { principal, services }: OperationContext,
  tenantId: TenantId,
  { scopes, ownerId }: Grantee,
): Promise<Result<null, Refusal>> {
  const { credential, isMasterScope } = principal
  if (isMasterScope) return ok(null)
  const beyond = scopes.find((scope) => !coversScope(principal.scopes, scope))
  if (beyond !== undefined)
    return err(refusal('UNAUTHORIZED', `you have no scope ${beyond} to give`))
  const db = services.database(tenantId)
  if (credential.kind === 'api_key') {
    const own = await findApiKeyRow(db, tenantId, credential.id)
    // What it makes would have to be bound by the same lists, of which it sees only its own part.
    if (own === null || own.allowedNetworks !== null || own.allowedAgents !== null) {
      return err(refusal('UNAUTHORIZED', 'a key with lists of networks or agents makes no keys'))
    }
  }
  // For oneself: the credential at hand may be worth less than the person, and so will the key be.
  if (ownerId === principal.userId) return ok(null)
  const owner = await findMembership(db, tenantId, ownerId)
  const isAbove = owner !== null && ROLES.indexOf(owner.role) > ROLES.indexOf(principal.role)
  return isAbove
    ? err(refusal('UNAUTHORIZED', 'nobody makes a key that acts as a person above themselves'))
    : ok(null)
}
