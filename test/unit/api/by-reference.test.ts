import { expect, it } from 'vitest'
import { namedServer } from '../../../src/api/mcp-server-fields.ts'
import { namedProvider } from '../../../src/api/providers.ts'
import { namedHook } from '../../../src/api/run-hook-fields.ts'
import { findAgent, type TenantSnapshot } from '../../../src/domain/tenant-snapshot.ts'

/** The second row is what is meant; the first one is called like its id, and stands before it by name. */
const rowsOf = (prefix: string) => [
  { id: `${prefix}_thief`, name: `${prefix}_meant`, key: `${prefix}_meant` },
  { id: `${prefix}_meant`, name: 'z', key: 'z' },
]
const snapshot = {
  providers: rowsOf('prv'),
  mcpServers: rowsOf('mcp'),
  runHooks: rowsOf('hok'),
  agents: rowsOf('agt'),
} as unknown as TenantSnapshot

it('means a row by its id before another that is called so', () => {
  expect(namedProvider(snapshot, { id: 'prv_meant' })).toMatchObject({ value: { name: 'z' } })
  expect(namedServer(snapshot, 'mcp_meant')).toMatchObject({ value: { name: 'z' } })
  expect(namedHook(snapshot, 'hok_meant')).toMatchObject({ value: { name: 'z' } })
  expect(findAgent(snapshot, 'agt_meant')).toMatchObject({ key: 'z' })
})

it('means a row by its name where that is no id', () => {
  expect(namedProvider(snapshot, { id: 'z' })).toMatchObject({ value: { id: 'prv_meant' } })
  expect(findAgent(snapshot, 'z')).toMatchObject({ id: 'agt_meant' })
  expect(namedServer(snapshot, 'other').ok).toBe(false)
})
