import { describe, expect, it } from 'vitest'
import type { ApiKeyGrant } from '../../../src/db/api-keys.ts'
import { agentIdSchema } from '../../../src/domain/ids.ts'
import { DEFAULT_TENANT } from '../../../src/gateway/authenticate.ts'
import { worthOfKey } from '../../../src/gateway/key-grant.ts'
import { ADDRESS, NOW, user } from './world.ts'

const GRANT: ApiKeyGrant = {
  tenantId: DEFAULT_TENANT,
  tenantStatus: 'active',
  authVersion: 1,
  keyId: 'key_1',
  name: 'ci',
  scopes: ['operator.admin'],
  ownerId: user('ada'),
  ownerRole: 'admin',
  ownerStatus: 'active',
  makerRole: 'owner',
  makerStatus: 'active',
  isSuspendedAbove: false,
  allowedNetworks: null,
  allowedAgents: null,
  expiresAt: null,
  revokedAt: null,
  lastUsedAt: null,
}

const worth = (fields: Partial<ApiKeyGrant>, clientAddress = ADDRESS) =>
  worthOfKey({ ...GRANT, ...fields }, { clientAddress, now: NOW })

describe('a key', () => {
  it('is worth its scopes, within what its owner may do', () => {
    expect(worth({})).toMatchObject({ role: 'admin', isMasterScope: false })
    expect(worth({ ownerRole: 'viewer' })).toMatchObject({ role: 'viewer' })
    expect(worth({ ownerRole: 'owner', scopes: ['operator.read'] })).toMatchObject({
      role: 'viewer',
    })
  })

  it('is worth nothing once it is over, or its owner suspended', () => {
    expect(worth({ revokedAt: NOW + 1 })).toBeNull()
    expect(worth({ expiresAt: NOW })).toBeNull()
    expect(worth({ expiresAt: NOW + 1 })).toMatchObject({ expiresAt: NOW + 1 })
    expect(worth({ ownerStatus: 'suspended' })).toBeNull()
    expect(worth({ scopes: [] })).toBeNull()
  })

  it('whose owner is no member hangs on its maker', () => {
    const lone = { ownerRole: null, ownerStatus: null } as const
    expect(worth(lone)).toMatchObject({ role: 'admin' })
    expect(worth({ ...lone, makerRole: 'operator' })).toMatchObject({ role: 'operator' })
    expect(worth({ ...lone, makerStatus: 'suspended' })).toBeNull()
    // The platform's operator is no member either.
    expect(worth({ ...lone, makerRole: null, makerStatus: null })).toMatchObject({ role: 'admin' })
  })

  it('whose owner is a member is bound by them alone, and rests with its maker', () => {
    expect(worth({ makerRole: 'viewer' })).toMatchObject({ role: 'admin' })
    expect(worth({ makerStatus: 'suspended' })).toBeNull()
  })

  it('rests with whoever stands behind the key that made it', () => {
    expect(worth({ isSuspendedAbove: true })).toBeNull()
  })

  it('with a list of networks is worth something there alone', () => {
    const allowedNetworks = ['203.0.113.0/24']
    expect(worth({ allowedNetworks })).not.toBeNull()
    expect(worth({ allowedNetworks }, '198.51.100.1')).toBeNull()
    expect(worth({ allowedNetworks }, 'local')).toBeNull()
    expect(worth({ allowedNetworks: [] })).toBeNull()
  })

  it('hands on its list of agents', () => {
    const allowedAgents = [agentIdSchema.parse('agt_1')]
    expect(worth({ allowedAgents })).toMatchObject({ allowedAgents })
    expect(worth({})).toMatchObject({ allowedAgents: null })
  })
})
