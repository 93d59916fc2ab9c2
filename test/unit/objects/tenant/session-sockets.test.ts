import { expect, it, vi } from 'vitest'
import type { Services } from '../../../../src/api/context.ts'
import type { TenantId } from '../../../../src/domain/ids.ts'
import { migrate } from '../../../../src/objects/schema/migrate.ts'
import { TENANT_MIGRATIONS } from '../../../../src/objects/schema/tenant.ts'
import { TenantSessionSockets } from '../../../../src/objects/tenant/session-sockets.ts'
import { useQuietLog } from '../../gateway/world.ts'
import { SqliteStorage } from '../sqlite-storage.ts'

const lines = useQuietLog()
const TENANT = 'ten_acme' as TenantId

type Recheck = (
  key: string,
  ids: readonly string[],
  authVersion: number | null,
) => Promise<readonly string[]>

function open(recheck: Recheck) {
  const storage = new SqliteStorage()
  migrate(storage, TENANT_MIGRATIONS)
  const services = {
    session: (_: TenantId, key: string) => ({
      recheckSockets: (ids: readonly string[], authVersion: number | null) =>
        recheck(key, ids, authVersion),
    }),
  } as unknown as Services
  return new TenantSessionSockets(storage.sql, services)
}

it('asks each session once, and forgets the sockets that are not there any more', async () => {
  const recheck = vi.fn(async (_: string, ids: readonly string[]) =>
    ids.filter((id) => id !== 's2'),
  )
  const sockets = open(recheck)
  sockets.opened('s1', 'one')
  sockets.opened('s2', 'one')
  sockets.opened('s3', 'two')
  sockets.opened('s4', 'three')
  sockets.closed('s4')
  await sockets.recheck(TENANT, 1)
  expect(recheck.mock.calls).toEqual([
    ['one', ['s1', 's2'], 1],
    ['two', ['s3'], 1],
  ])
  await sockets.recheck(TENANT, 2)
  expect(recheck.mock.calls.slice(2)).toEqual([
    ['one', ['s1'], 2],
    ['two', ['s3'], 2],
  ])
})

it('keeps a socket that was opened while its session was asked about others', async () => {
  const asked: string[] = []
  const sockets = open(async (_, ids) => {
    asked.push(...ids)
    if (ids.includes('s1')) sockets.opened('s2', 'one')
    return []
  })
  sockets.opened('s1', 'one')
  await sockets.recheck(TENANT, 3)
  await sockets.recheck(TENANT, 4)
  expect(asked).toEqual(['s1', 's2'])
})

it('goes on with the others when a session fails, and asks that one again', async () => {
  const asked: string[] = []
  const sockets = open(async (key, ids) => {
    asked.push(key)
    if (key === 'broken') throw new Error('gone')
    return ids
  })
  sockets.opened('s1', 'broken')
  sockets.opened('s2', 'sound')
  await sockets.recheck(TENANT, 5)
  await sockets.recheck(TENANT, 6)
  expect(asked.toSorted()).toEqual(['broken', 'broken', 'sound', 'sound'])
  expect(lines.join()).toContain('tenant.recheck.failed')
})

it('asks nobody while no right changed, and everybody of a tenant that is gone', async () => {
  const recheck = vi.fn<Recheck>(async (_, ids) => ids)
  const sockets = open(recheck)
  sockets.opened('s1', 'one')
  for (const authVersion of [7, 7, 8, null, null]) await sockets.recheck(TENANT, authVersion)
  expect(recheck.mock.calls.map(([, , version]) => version)).toEqual([7, 8, null, null])
})
