/** Which role a set of scopes amounts to, and which scopes a role brings along. */
import type { Role, Scope } from '../domain/principal.ts'

/** Null for no scope at all: a key that may do nothing is no viewer. */
export function roleOfScopes(scopes: readonly Scope[]): Exclude<Role, 'owner'> | null {
  if (scopes.includes('operator.admin')) return 'admin'
  if (OPERATOR_SCOPES.some((scope) => scopes.includes(scope))) return 'operator'
  return scopes.includes('operator.read') ? 'viewer' : null
}

const OPERATOR_SCOPES: readonly Scope[] = [
  'operator.write',
  'operator.approvals',
  'operator.pairing',
]

/**
 * For a person, whose role alone decides: scopes narrow keys. What only some operators may do (an
 * approval of another's command, say) is the business of the operation itself.
 */
export function scopesOfRole(role: Role): readonly Scope[] {
  switch (role) {
    case 'owner':
    case 'admin':
      return ['operator.admin']
    case 'operator':
      return ['operator.read', ...OPERATOR_SCOPES]
    case 'viewer':
      return ['operator.read']
  }
}
