import { describe, expect, it } from 'vitest'
import type { AgentId, UserId } from '../../../../src/domain/ids.ts'
import type { Audience } from '../../../../src/domain/ports/tenant.ts'
import type { Role } from '../../../../src/domain/principal.ts'
import type { TenantSnapshot } from '../../../../src/domain/tenant-snapshot.ts'
import { migrate } from '../../../../src/objects/schema/migrate.ts'
import { TENANT_MIGRATIONS } from '../../../../src/objects/schema/tenant.ts'
import { addListener, agentKeyIn, connectionsFor } from '../../../../src/objects/tenant/audience.ts'
import { SqliteStorage } from '../sqlite-storage.ts'

const SNAPSHOT = {
  agents: [
    { id: 'agt_1', key: 'mine' },
    { id: 'agt_2', key: 'other' },
  ],
} as unknown as TenantSnapshot
const ADA = 'ada' as UserId

function open() {
  const storage = new SqliteStorage()
  migrate(storage, TENANT_MIGRATIONS)
  let asked = 0
  const listen = (connectionId: string, role: Role, agents?: readonly string[]) =>
    addListener(storage.sql, {
      connectionId,
      userId: connectionId.split('-')[0] as UserId,
      role,
      isApprover: false,
      ...(agents === undefined ? {} : { allowedAgents: agents as AgentId[] }),
    })
  const heard = (audience: Audience, agentKey: string | null) =>
    connectionsFor(storage.sql, audience, agentKey, async () => {
      asked++
      return SNAPSHOT
    })
  return { listen, heard, asked: () => asked }
}

describe('connectionsFor', () => {
  it('finds a user’s, the admins’ and the approvers’', async () => {
    const { listen, heard, asked } = open()
    listen('ada-1', 'operator')
    listen('bob-1', 'admin')
    const of = (audience: Audience) => heard(audience, 'mine')
    expect(await of({ kind: 'user', userId: ADA })).toEqual(['ada-1'])
    expect(await of({ kind: 'admins' })).toEqual(['bob-1'])
    expect(await of({ kind: 'approvers', userId: ADA })).toEqual(['ada-1', 'bob-1'])
    expect(asked()).toBe(0)
  })

  it('leaves out a credential that does not reach the agent, of whoever it is', async () => {
    const { listen, heard } = open()
    listen('ada-all', 'operator')
    listen('ada-mine', 'operator', ['agt_1'])
    listen('bob-mine', 'admin', ['agt_1'])
    const approvers: Audience = { kind: 'approvers', userId: ADA }
    expect(await heard(approvers, 'mine')).toEqual(['ada-all', 'ada-mine', 'bob-mine'])
    expect(await heard(approvers, 'other')).toEqual(['ada-all'])
    expect(await heard(approvers, 'deleted')).toEqual(['ada-all'])
    expect(await heard(approvers, null)).toEqual(['ada-all'])
    expect(await heard({ kind: 'admins' }, null)).toEqual([])
  })
})

it('agentKeyIn finds the agent in what events say', () => {
  expect(agentKeyIn({ sessionKey: 'agent:mine:ws:direct:1', agentId: 'other' })).toBe('mine')
  expect(agentKeyIn({ agentKey: 'mine' })).toBe('mine')
  expect(agentKeyIn({ agentId: 'mine', lines: [] })).toBe('mine')
  for (const none of [null, 'mine', {}, { sessionKey: 'nonsense' }, { agentId: 7 }]) {
    expect(agentKeyIn(none)).toBeNull()
  }
})
