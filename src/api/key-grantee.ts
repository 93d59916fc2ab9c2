/**
 * Nobody hands out more than they have: neither scopes, nor a person above themselves, nor a way
 * around the lists that their own key is bound by.
 */
import { findApiKeyRow } from '../db/api-keys.ts'
import { findMembership } from '../db/memberships.ts'
import type { TenantId, UserId } from '../domain/ids.ts'
import { coversScope, isHigher, type Scope } from '../domain/principal.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { OperationContext } from './context.ts'

export interface Grantee {
  readonly scopes: readonly Scope[]
  readonly ownerId: UserId
}

/**
 * A key with lists hands out nothing that acts by itself: what it makes would have to be bound by the same
 * lists, of which it sees only its own part.
 */
export async function isBoundKey(
  { principal, services }: Pick<OperationContext, 'principal' | 'services'>,
  tenantId: TenantId,
): Promise<boolean> {
  const { credential } = principal
  if (credential.kind !== 'api_key') return false
  const own = await findApiKeyRow(services.database(tenantId), tenantId, credential.id)
  return own === null || own.allowedNetworks !== null || own.allowedAgents !== null
}

/** The API key that the caller comes with, if it is one: what it makes ends with it. */
export const makingKey = ({
  credential: { kind, id, expiresAt },
}: OperationContext['principal']): {
  readonly id: string
  readonly expiresAt: number | null
} | null => (kind === 'api_key' ? { id, expiresAt } : null)

/** Nobody ends what belongs to a person above themselves: an owner could be kept out for good. */
export async function isOfSomebodyAbove(
  { principal, services }: Pick<OperationContext, 'principal' | 'services'>,
  tenantId: TenantId,
  userId: UserId,
): Promise<boolean> {
  if (principal.isMasterScope || userId === principal.userId) return false
  const owner = await findMembership(services.database(tenantId), tenantId, userId)
  return owner !== null && isHigher(owner.role, principal.role)
}

export async function mayGrantKey(
  context: OperationContext,
  tenantId: TenantId,
  { scopes, ownerId }: Grantee,
): Promise<Result<null, Refusal>> {
  const { principal } = context
  if (principal.isMasterScope) return ok(null)
  const beyond = scopes.find((scope) => !coversScope(principal.scopes, scope))
  if (beyond !== undefined)
    return err(refusal('UNAUTHORIZED', `you have no scope ${beyond} to give`))
  if (await isBoundKey(context, tenantId)) {
    return err(refusal('UNAUTHORIZED', 'a key with lists of networks or agents makes no keys'))
  }
  // For oneself: the credential at hand may be worth less than the person, and so will the key be.
  return (await isOfSomebodyAbove(context, tenantId, ownerId))
    ? err(refusal('UNAUTHORIZED', 'nobody makes a key that acts as a person above themselves'))
    : ok(null)
}
