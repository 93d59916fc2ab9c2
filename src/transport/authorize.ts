/**
 * May this principal call this operation at all? Role and scope must both suffice. Whose session,
 * agent or row the call then touches is judged where that is known.
 */
import { coversScope, hasRole, type Principal, type Role, type Scope } from '../domain/principal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { TransportRefusal } from './refusal.ts'

export interface Requirement {
  /** The least role of the tenant; `platform` is the operator of the gateway, no role of a tenant. */
  readonly role: Role | 'platform'
  readonly scope: Scope
  /** Further scopes that open this operation by themselves. */
  readonly orScopes?: readonly Scope[]
}

export interface RequiringOperation {
  readonly name: string
  readonly access: Requirement
}

export function authorize(
  principal: Principal,
  { name, access }: RequiringOperation,
): Result<null, TransportRefusal> {
  if (access.role === 'platform') {
    if (!principal.isMasterScope) return err({ kind: 'platform_operator_only', operation: name })
  } else if (!hasRole(principal, access.role)) {
    return err({ kind: 'role_too_low', operation: name, needed: access.role })
  }
  // What concerns the tenant as a whole concerns agents beyond the list.
  const isAdministration = access.role !== 'viewer' && access.role !== 'operator'
  if (principal.allowedAgents !== null && isAdministration) {
    return err({ kind: 'agents_limited', operation: name })
  }
  const isCovered = [access.scope, ...(access.orScopes ?? [])].some((scope) =>
    coversScope(principal.scopes, scope),
  )
  return isCovered
    ? ok(null)
    : err({ kind: 'scope_missing', operation: name, needed: access.scope })
}
