/**
 * What an MCP server has: looked at, compared with what was agreed to, and agreed to. Nothing that a
 * server says becomes a tool without an admin who has seen its words.
 */
import { z } from 'zod'
import { updateMcpServer } from '../db/mcp-servers.ts'
import { isAgreed, type McpServer } from '../domain/mcp.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { ADMIN } from './access.ts'
import type { OperationContext } from './context.ts'
import { namedServer, reference, toolRow, toToolRow } from './mcp-server-fields.ts'
import { CONFLICT } from './mcp-servers.ts'
import { operation } from './operation.ts'
import { checkSnapshotRoom } from './snapshot-room.ts'
import { changeTenant } from './tenant-change.ts'
import { time } from './time.ts'

const looked = z.object({
  protocol_version: z.string().nullable(),
  tools: z.array(toolRow),
  skipped: z.array(z.object({ name: z.string(), reason: z.string() })),
})

const unavailable = (server: McpServer, why: string): Refusal =>
  refusal('UNAVAILABLE', `the MCP server ${server.name} could not be used: ${why}`)

/** As they are now beside what was agreed to before. A first look is agreed to by whoever takes it. */
function compared(server: McpServer, seen: McpServer['tools']): McpServer['tools'] {
  const before = new Map(server.tools.map(({ name, agreedHash }) => [name, agreedHash]))
  const isFirst = server.checkedAt === null
  return seen.map((tool) => ({
    ...tool,
    agreedHash: isFirst ? tool.hash : (before.get(tool.name) ?? null),
  }))
}

async function look(context: OperationContext, server: McpServer) {
  const seen = await context.mcp.look(server)
  if (!seen.ok) return err(unavailable(server, seen.error))
  const { protocolVersion, skipped, tools } = seen.value
  return ok({ protocolVersion, skipped: [...skipped], tools: compared(server, tools) })
}

export const mcpServersTest = operation({
  name: 'mcp.servers.test',
  summary: 'Connects to an MCP server with its stored key and shows what it has; changes nothing',
  access: ADMIN,
  params: z.object({ id: reference }),
  result: looked,
  http: { method: 'POST', path: '/v1/mcp/servers/{id}/test' },
  run: async (context, { id }) => {
    const found = namedServer(context.snapshot, id)
    if (!found.ok) return found
    const seen = await look(context, found.value)
    if (!seen.ok) return seen
    const { protocolVersion, tools, skipped } = seen.value
    return ok({ protocol_version: protocolVersion, tools: tools.map(toToolRow), skipped })
  },
})

async function store(
  { services, principal, snapshot }: OperationContext,
  server: McpServer,
  patch: Partial<McpServer>,
): Promise<Result<McpServer, Refusal>> {
  const room = checkSnapshotRoom(snapshot, patch)
  if (!room.ok) return room
  const { tenantId } = principal
  const stored = await changeTenant(services, tenantId, () =>
    updateMcpServer(services.database(tenantId), tenantId, server, patch, services.now()),
  )
  return stored.ok ? stored : err(CONFLICT)
}

export const mcpServersReconnect = operation({
  name: 'mcp.servers.reconnect',
  summary:
    'Looks at an MCP server and keeps what it has: all of it the first time, later only what is the same; the rest waits to be agreed to',
  access: ADMIN,
  params: z.object({ id: reference }),
  result: looked,
  http: { method: 'POST', path: '/v1/mcp/servers/{id}/reconnect' },
  audit: ({ id }, { tools }) => ({ server: id, tools: String(tools.length) }),
  run: async (context, { id }) => {
    const found = namedServer(context.snapshot, id)
    if (!found.ok) return found
    const seen = await look(context, found.value)
    if (!seen.ok) return seen
    const { protocolVersion, tools, skipped } = seen.value
    const checkedAt = context.services.now()
    const stored = await store(context, found.value, { tools, protocolVersion, checkedAt })
    if (!stored.ok) return stored
    return ok({ protocol_version: protocolVersion, tools: tools.map(toToolRow), skipped })
  },
})

export const mcpServersTools = operation({
  name: 'mcp.servers.tools',
  summary: 'The tools of an MCP server as they are kept, and which wait to be agreed to',
  access: ADMIN,
  params: z.object({ id: reference }),
  result: z.object({ tools: z.array(toolRow) }),
  http: { method: 'GET', path: '/v1/mcp/servers/{id}/tools' },
  run: async ({ snapshot }, { id }) => {
    const found = namedServer(snapshot, id)
    return found.ok ? ok({ tools: found.value.tools.map(toToolRow) }) : found
  },
})

export const mcpServersAgree = operation({
  name: 'mcp.servers.agree',
  summary: 'Agrees to tools as they are now, named by the hashes that mcp.servers.tools shows',
  access: ADMIN,
  params: z.object({
    id: reference,
    hashes: z
      .array(z.string().regex(/^[0-9a-f]{64}$/, 'must be a hash'))
      .min(1)
      .max(200),
  }),
  result: z.object({ tools: z.array(toolRow) }),
  http: { method: 'POST', path: '/v1/mcp/servers/{id}/agree' },
  audit: ({ id, hashes }) => ({ server: id, hashes: hashes.join(' ').slice(0, 1_000) }),
  run: async (context, { id, hashes }) => {
    const found = namedServer(context.snapshot, id)
    if (!found.ok) return found
    const server = found.value
    const known = new Set(server.tools.map(({ hash }) => hash))
    if (hashes.some((hash) => !known.has(hash))) {
      const message = 'a tool is not what it was when its hash was shown; look at it again'
      return err(refusal('FAILED_PRECONDITION', message))
    }
    const tools = server.tools.map((tool) =>
      isAgreed(tool) || !hashes.includes(tool.hash) ? tool : { ...tool, agreedHash: tool.hash },
    )
    const stored = await store(context, server, { tools })
    return stored.ok ? ok({ tools: stored.value.tools.map(toToolRow) }) : stored
  },
})

const listing = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  uri: z.string().optional(),
  mime_type: z.string().optional(),
  arguments: z.array(z.object({ name: z.string(), required: z.boolean() })).optional(),
})

async function listingsOf(context: OperationContext, id: string, kind: 'resources' | 'prompts') {
  const found = namedServer(context.snapshot, id)
  if (!found.ok) return found
  const listed = await context.mcp.list(found.value, kind)
  if (!listed.ok) return err(unavailable(found.value, listed.error))
  return ok(
    listed.value.map(({ mimeType, arguments: args, ...item }) => ({
      ...item,
      ...(mimeType === undefined ? {} : { mime_type: mimeType }),
      ...(args === undefined ? {} : { arguments: [...args] }),
    })),
  )
}

export const mcpServersResources = operation({
  name: 'mcp.servers.resources',
  summary: 'The resources that an MCP server lists now',
  access: ADMIN,
  params: z.object({ id: reference }),
  result: z.object({ resources: z.array(listing) }),
  http: { method: 'GET', path: '/v1/mcp/servers/{id}/resources' },
  run: async (context, { id }) => {
    const listed = await listingsOf(context, id, 'resources')
    return listed.ok ? ok({ resources: listed.value }) : listed
  },
})

export const mcpServersPrompts = operation({
  name: 'mcp.servers.prompts',
  summary: 'The prompts that an MCP server lists now',
  access: ADMIN,
  params: z.object({ id: reference }),
  result: z.object({ prompts: z.array(listing) }),
  http: { method: 'GET', path: '/v1/mcp/servers/{id}/prompts' },
  run: async (context, { id }) => {
    const listed = await listingsOf(context, id, 'prompts')
    return listed.ok ? ok({ prompts: listed.value }) : listed
  },
})

export const mcpServersAuthorize = operation({
  name: 'mcp.servers.authorize',
  summary: 'Begins an OAuth authorisation: the address that the admin opens in a browser',
  access: ADMIN,
  params: z.object({ id: reference }),
  result: z.object({
    authorization_url: z.string(),
    redirect_uri: z.string(),
    expires_at: z.string(),
  }),
  http: { method: 'POST', path: '/v1/mcp/servers/{id}/authorize' },
  audit: ({ id }) => ({ server: id }),
  run: async (context, { id }) => {
    const found = namedServer(context.snapshot, id)
    if (!found.ok) return found
    const begun = await context.mcp.startAuthorization(found.value)
    if (!begun.ok) return err(refusal('FAILED_PRECONDITION', begun.error))
    const { url, redirectUrl, expiresAt } = begun.value
    return ok({
      authorization_url: url,
      redirect_uri: redirectUrl,
      expires_at: time(expiresAt),
    })
  },
})

export const mcpServersAuthorized = operation({
  name: 'mcp.servers.authorized',
  summary: 'Ends an OAuth authorisation with the code that the page of the gateway showed',
  access: ADMIN,
  params: z.object({ id: reference, code: z.string().min(1).max(20_000) }),
  result: z.object({ ok: z.literal(true) }),
  http: { method: 'POST', path: '/v1/mcp/servers/{id}/authorized' },
  audit: ({ id }) => ({ server: id }),
  run: async (context, { id, code }) => {
    const found = namedServer(context.snapshot, id)
    if (!found.ok) return found
    const finished = await context.mcp.finishAuthorization(found.value, code)
    if (!finished.ok) return err(refusal('FAILED_PRECONDITION', finished.error))
    const stored = await store(context, found.value, { sealedAuthorization: finished.value })
    return stored.ok ? ok({ ok: true as const }) : stored
  },
})
