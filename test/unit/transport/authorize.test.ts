import { describe, expect, it } from 'vitest'
import { agentIdSchema, tenantIdSchema, userIdSchema } from '../../../src/domain/ids.ts'
import {
  coversScope,
  type Principal,
  ROLES,
  type Role,
  SCOPES,
  type Scope,
} from '../../../src/domain/principal.ts'
import { authorize, type Requirement } from '../../../src/transport/authorize.ts'
import { roleOfScopes, scopesOfRole } from '../../../src/transport/role-of-scopes.ts'
import { checkSessionAccess } from '../../../src/transport/session-access.ts'

const ACME = tenantIdSchema.parse('ten_acme')
const OTHER = tenantIdSchema.parse('ten_other')
const ALICE = userIdSchema.parse('alice')
const BOB = userIdSchema.parse('bob')

const principal = (role: Role, scopes = scopesOfRole(role), isMasterScope = false): Principal => ({
  tenantId: ACME,
  userId: ALICE,
  role,
  scopes,
  isMasterScope,
  credential: { kind: 'api_key', id: 'key_1', expiresAt: null },
  authVersion: 1,
  clientAddress: '203.0.113.7',
  allowedAgents: null,
  channel: null,
})

const may = (who: Principal, access: Requirement): string => {
  const result = authorize(who, { name: 'op', access })
  return result.ok ? 'ok' : result.error.kind
}

describe('authorize', () => {
  it('lets a role do what it and the roles below it may, and nothing above', () => {
    const access = (role: Role): Requirement => ({ role, scope: 'operator.read' })
    for (const [index, role] of ROLES.entries()) {
      for (const [needed, least] of ROLES.entries()) {
        const expected = index >= needed ? 'ok' : 'role_too_low'
        expect(may(principal(role), access(least)), `${role} → ${least}`).toBe(expected)
      }
    }
  })

  it('rejects a missing scope although the role suffices', () => {
    const key = principal('operator', ['operator.approvals'])
    expect(may(key, { role: 'viewer', scope: 'operator.read' })).toBe('scope_missing')
    expect(may(key, { role: 'operator', scope: 'operator.write' })).toBe('scope_missing')
    expect(may(key, { role: 'operator', scope: 'operator.approvals' })).toBe('ok')
  })

  it('rejects a low role although the scope suffices', () => {
    const key = principal('viewer', ['operator.admin'])
    expect(may(key, { role: 'admin', scope: 'operator.admin' })).toBe('role_too_low')
  })

  it('lets a credential with a list of agents do what is about agents, and administer nothing', () => {
    const limited: Principal = {
      ...principal('owner', ['operator.admin'], true),
      allowedAgents: [agentIdSchema.parse('agt_1')],
    }
    expect(may(limited, { role: 'operator', scope: 'operator.write' })).toBe('ok')
    for (const role of ['admin', 'owner', 'platform'] as const) {
      const access: Requirement = { role, scope: 'operator.admin' }
      expect(may(limited, access), role).toBe('agents_limited')
      expect(may({ ...limited, allowedAgents: null }, access), role).toBe('ok')
    }
  })

  it('rejects a principal without any scope', () => {
    expect(may(principal('owner', []), { role: 'viewer', scope: 'operator.read' })).toBe(
      'scope_missing',
    )
  })

  it('opens an operation by any of its scopes', () => {
    const access: Requirement = {
      role: 'viewer',
      scope: 'operator.read',
      orScopes: ['operator.approvals'],
    }
    expect(may(principal('operator', ['operator.approvals']), access)).toBe('ok')
    expect(may(principal('operator', ['operator.pairing']), access)).toBe('scope_missing')
  })

  it('lets nobody of a tenant act for the platform, not even its owner', () => {
    const access: Requirement = { role: 'platform', scope: 'operator.admin' }
    expect(may(principal('owner'), access)).toBe('platform_operator_only')
    expect(may(principal('owner', ['operator.admin'], true), access)).toBe('ok')
  })

  it('lets the platform operator do no more in a tenant than the role it came with', () => {
    const access: Requirement = { role: 'admin', scope: 'operator.admin' }
    expect(may(principal('viewer', ['operator.admin'], true), access)).toBe('role_too_low')
  })
})

describe('scopes', () => {
  it('cover each other as the protocol says', () => {
    const covers: Record<Scope, readonly Scope[]> = {
      'operator.admin': SCOPES,
      'operator.read': ['operator.read'],
      'operator.write': ['operator.read', 'operator.write'],
      'operator.approvals': ['operator.approvals'],
      'operator.pairing': ['operator.pairing'],
    }
    for (const held of SCOPES) {
      for (const needed of SCOPES) {
        expect(coversScope([held], needed), `${held} → ${needed}`).toBe(
          covers[held].includes(needed),
        )
      }
    }
  })

  it('amount to a role, never to owner, and none to no role', () => {
    expect(roleOfScopes(['operator.read', 'operator.admin'])).toBe('admin')
    expect(roleOfScopes(['operator.write'])).toBe('operator')
    expect(roleOfScopes(['operator.approvals'])).toBe('operator')
    expect(roleOfScopes(['operator.pairing'])).toBe('operator')
    expect(roleOfScopes(['operator.read'])).toBe('viewer')
    expect(roleOfScopes([])).toBeNull()
  })

  it('of a role amount to that role again', () => {
    for (const role of ['viewer', 'operator', 'admin'] as const) {
      expect(roleOfScopes(scopesOfRole(role))).toBe(role)
    }
    expect(roleOfScopes(scopesOfRole('owner'))).toBe('admin')
  })
})

describe('checkSessionAccess', () => {
  const access = (role: Role, ownerId: typeof ALICE, tenantId = ACME): string => {
    const result = checkSessionAccess(principal(role), { tenantId, ownerId })
    return result.ok ? 'ok' : result.error.kind
  }

  it('allows the owner and the admins of the tenant', () => {
    expect(access('viewer', ALICE)).toBe('ok')
    expect(access('admin', BOB)).toBe('ok')
    expect(access('owner', BOB)).toBe('ok')
  })

  it('rejects another user', () => {
    expect(access('viewer', BOB)).toBe('not_session_owner')
    expect(access('operator', BOB)).toBe('not_session_owner')
  })

  it('rejects another tenant, also for an owner of the same name and for admins', () => {
    expect(access('operator', ALICE, OTHER)).toBe('foreign_tenant')
    expect(access('owner', ALICE, OTHER)).toBe('foreign_tenant')
  })
})
