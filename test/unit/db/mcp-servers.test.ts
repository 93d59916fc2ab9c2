import { describe, expect, it } from 'vitest'
import {
  createMcpServer,
  deleteMcpServer,
  findMcpServer,
  type McpServerPatch,
  updateMcpServer,
} from '../../../src/db/mcp-servers.ts'
import { loadSnapshot } from '../../../src/db/tenants.ts'
import type { McpServer } from '../../../src/domain/mcp.ts'
import { NOW, risen, TENANT, useDatabase } from './fixture.ts'

const fixture = useDatabase()
const ID = 'mcp_files'
const server: McpServer = {
  id: ID,
  name: 'files',
  displayName: 'Files',
  transport: 'streamable-http',
  url: 'https://mcp.example/mcp',
  sealedHeaders: 'aes-gcm:headers',
  sealedAuthorization: 'aes-gcm:tokens',
  timeoutSeconds: 60,
  tools: [
    {
      name: 'read',
      offeredName: 'mcp_files__read',
      description: 'reads',
      schema: { type: 'object' },
      hash: 'a',
      agreedHash: 'a',
    },
  ],
  protocolVersion: '2025-11-25',
  checkedAt: NOW,
  allowedAgents: ['main'],
  allowPrivateNetwork: false,
  enabled: true,
  revision: 1,
}
const create = (fields: Partial<McpServer> = {}) =>
  createMcpServer(fixture.db, TENANT, { ...server, ...fields }, NOW)
const update = (patch: McpServerPatch, as = server) =>
  updateMcpServer(fixture.db, TENANT, as, patch, NOW + 1)
const found = () => findMcpServer(fixture.db, TENANT, ID)

describe('an MCP server', () => {
  it('stands in the snapshot as it was made, in the order of names', async () => {
    expect(await risen(fixture.db, () => create())).toEqual({ version: 1, authVersion: 0 })
    await create({ id: 'mcp_first', name: 'a-first' })
    const snapshot = await loadSnapshot(fixture.db, TENANT)
    expect(snapshot?.mcpServers.map(({ name }) => name)).toEqual(['a-first', 'files'])
    expect(snapshot?.mcpServers[1]).toEqual(server)
  })

  it('has a name of its own', async () => {
    await create()
    expect(await create({ id: 'mcp_other' })).toEqual({ ok: false, error: 'already_exists' })
  })

  it('raises its revision with every change, and the tenant’s version', async () => {
    await create()
    const change = () => update({ enabled: false })
    expect(await risen(fixture.db, change)).toEqual({ version: 1, authVersion: 0 })
    expect(await found()).toEqual({ ...server, enabled: false, revision: 2 })
  })

  it('is not written over by whoever read an older one', async () => {
    await create()
    await update({ enabled: false })
    expect(await update({ sealedHeaders: 'aes-gcm:stale' })).toEqual({
      ok: false,
      error: 'conflict',
    })
    expect((await found())?.sealedHeaders).toBe('aes-gcm:headers')
  })

  it('keeps neither keys nor agreements with another origin, but for what comes along', async () => {
    await create()
    await update({ url: 'https://mcp.example:444/mcp', sealedHeaders: 'aes-gcm:new' })
    expect(await found()).toMatchObject({
      sealedHeaders: 'aes-gcm:new',
      sealedAuthorization: null,
      tools: [],
      checkedAt: null,
      protocolVersion: null,
    })
  })

  it('keeps all of it with another path', async () => {
    await create()
    await update({ url: 'https://mcp.example/v2' })
    const { sealedHeaders, sealedAuthorization, tools } = server
    expect(await found()).toMatchObject({ sealedHeaders, sealedAuthorization, tools })
  })

  it('is gone once it is deleted, and cannot be deleted twice', async () => {
    await create()
    expect(await deleteMcpServer(fixture.db, TENANT, ID)).toEqual({ ok: true, value: null })
    expect(await found()).toBeNull()
    expect(await deleteMcpServer(fixture.db, TENANT, ID)).toEqual({
      ok: false,
      error: 'not_found',
    })
  })
})
