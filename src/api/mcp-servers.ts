/** MCP servers of the tenant: which there are, where they stand, who may use them. */
import { z } from 'zod'
import { newId } from '../crypto/random.ts'
import { createMcpServer, deleteMcpServer, updateMcpServer } from '../db/mcp-servers.ts'
import { type McpServer, mayUseServer } from '../domain/mcp.ts'
import { notFound, refusal } from '../domain/refusal.ts'
import { err, ok } from '../domain/result.ts'
import { reachedBy } from '../domain/tenant-snapshot.ts'
import { ADMIN, VIEWER } from './access.ts'
import { namesOf } from './audit-names.ts'
import {
  checkClient,
  checkServer,
  createFields,
  listedServer,
  namedServer,
  reference,
  sealedSecrets,
  serverRow,
  toListed,
  toRow,
  updateFields,
} from './mcp-server-fields.ts'
import { operation } from './operation.ts'
import { checkSnapshotRoom } from './snapshot-room.ts'
import { changeTenant } from './tenant-change.ts'

/** Each may offer a hundred tools, and a model reads all of them with every call. */
const MAX_SERVERS = 20

export const CONFLICT = refusal(
  'FAILED_PRECONDITION',
  'the server was changed by somebody else at the same moment; look again',
)

export const mcpServersList = operation({
  name: 'mcp.servers.list',
  summary: 'The MCP servers of the tenant',
  access: VIEWER,
  params: z.object({}),
  result: z.object({ servers: z.array(listedServer) }),
  http: { method: 'GET', path: '/v1/mcp/servers' },
  run: async ({ principal, snapshot }) => {
    // A key for some agents sees what those may use.
    const { agents } = reachedBy(principal, snapshot)
    const isSeen = (server: McpServer): boolean =>
      principal.allowedAgents === null || agents.some(({ key }) => mayUseServer(server, key))
    return ok({ servers: snapshot.mcpServers.filter(isSeen).map(toListed) })
  },
})

export const mcpServersGet = operation({
  name: 'mcp.servers.get',
  summary: 'One MCP server with its address and who may use it; keys are masked',
  access: ADMIN,
  params: z.object({ id: reference }),
  result: serverRow,
  http: { method: 'GET', path: '/v1/mcp/servers/{id}' },
  run: async ({ snapshot }, { id }) => {
    const found = namedServer(snapshot, id)
    return found.ok ? ok(toRow(found.value)) : found
  },
})

export const mcpServersCreate = operation({
  name: 'mcp.servers.create',
  summary: 'Adds an MCP server; its tools are offered once it was looked at with reconnect',
  access: ADMIN,
  params: z.object(createFields),
  result: serverRow,
  http: { method: 'POST', path: '/v1/mcp/servers', status: 201 },
  audit: (_, { id, transport }) => ({ server: id, transport }),
  run: async (context, params) => {
    const { services, principal, snapshot } = context
    const { tenantId } = principal
    const room = checkSnapshotRoom(snapshot, params)
    if (!room.ok) return room
    const client = checkClient(params)
    if (!client.ok) return client
    if (snapshot.mcpServers.length >= MAX_SERVERS) {
      const most = `a tenant has at most ${MAX_SERVERS} MCP servers`
      return err(refusal('RESOURCE_EXHAUSTED', most))
    }
    const id = newId('mcp')
    const server: McpServer = {
      id,
      name: params.name,
      displayName: params.display_name,
      transport: params.transport,
      url: params.url,
      sealedHeaders: null,
      sealedAuthorization: null,
      ...(await sealedSecrets(context, id, params)),
      timeoutSeconds: params.timeout_seconds,
      tools: [],
      protocolVersion: null,
      checkedAt: null,
      allowedAgents: params.agents,
      allowPrivateNetwork: params.allow_private_network,
      enabled: params.enabled,
      revision: 1,
    }
    const checked = checkServer(context, server)
    if (!checked.ok) return checked
    const created = await changeTenant(services, tenantId, () =>
      createMcpServer(services.database(tenantId), tenantId, server, services.now()),
    )
    const taken = `there is an MCP server ${JSON.stringify(params.name)} already`
    return created.ok ? ok(toRow(created.value)) : err(refusal('ALREADY_EXISTS', taken))
  },
})

export const mcpServersUpdate = operation({
  name: 'mcp.servers.update',
  summary: 'Changes an MCP server; another origin erases its keys and what was agreed to',
  access: ADMIN,
  params: z.object({ id: reference, ...updateFields }),
  result: serverRow,
  http: { method: 'PUT', path: '/v1/mcp/servers/{id}' },
  audit: (params, { id }) => ({ server: id, changed: namesOf(params) }),
  run: async (context, params) => {
    const { services, principal, snapshot } = context
    const { tenantId } = principal
    const found = namedServer(snapshot, params.id)
    if (!found.ok) return found
    const server = found.value
    const room = checkSnapshotRoom(snapshot, params)
    if (!room.ok) return room
    const client = checkClient(params)
    if (!client.ok) return client
    const patch = {
      displayName: params.display_name ?? server.displayName,
      transport: params.transport ?? server.transport,
      url: params.url ?? server.url,
      timeoutSeconds: params.timeout_seconds ?? server.timeoutSeconds,
      allowedAgents: params.agents ?? server.allowedAgents,
      allowPrivateNetwork: params.allow_private_network ?? server.allowPrivateNetwork,
      enabled: params.enabled ?? server.enabled,
    }
    // What is taken away or left alone needs no right; an agent that is gone may stay in a list.
    const judged = { ...patch, allowedAgents: params.agents ?? [] }
    const checked = checkServer(context, judged)
    if (!checked.ok) return checked
    const secrets = await sealedSecrets(context, server.id, params)
    const updated = await changeTenant(services, tenantId, () =>
      updateMcpServer(
        services.database(tenantId),
        tenantId,
        server,
        { ...patch, ...secrets },
        services.now(),
      ),
    )
    return updated.ok ? ok(toRow(updated.value)) : err(CONFLICT)
  },
})

export const mcpServersDelete = operation({
  name: 'mcp.servers.delete',
  summary: 'Deletes an MCP server with its keys',
  access: ADMIN,
  params: z.object({ id: reference }),
  result: z.object({ ok: z.literal(true) }),
  http: { method: 'DELETE', path: '/v1/mcp/servers/{id}' },
  audit: ({ id }) => ({ server: id }),
  run: async ({ services, principal, snapshot }, { id }) => {
    const found = namedServer(snapshot, id)
    if (!found.ok) return found
    const { tenantId } = principal
    const deleted = await changeTenant(services, tenantId, () =>
      deleteMcpServer(services.database(tenantId), tenantId, found.value.id),
    )
    return deleted.ok ? ok({ ok: true as const }) : err(notFound('MCP server'))
  },
})
