/** What every way of proving a credential is told, and what it comes to. */
import type { Principal, Role } from '../../domain/principal.ts'
import { err, type Result } from '../../domain/result.ts'
import type { TenantSnapshot } from '../../domain/tenant-snapshot.ts'
import type { TransportRefusal } from '../../transport/refusal.ts'
import { scopesOfRole } from '../../transport/role-of-scopes.ts'

export interface AuthenticationFacts {
  readonly clientAddress: string
  readonly isDevelopment: boolean
}

export interface Authenticated {
  readonly principal: Principal
  /** Without the agents that the credential does not reach. */
  readonly snapshot: TenantSnapshot
}

export const rejected = (credentialKind: string): Result<never, TransportRefusal> =>
  err({ kind: 'credential_rejected', credentialKind })

/** A person for whom an issuer vouched: their role decides, and none of them is the platform's operator. */
export const personsRights = (
  role: Role,
): Pick<Principal, 'role' | 'scopes' | 'isMasterScope' | 'allowedAgents'> => ({
  role,
  scopes: [...scopesOfRole(role)],
  isMasterScope: false,
  allowedAgents: null,
})
