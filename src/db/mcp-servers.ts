/**
 * MCP servers of a tenant. Keys and tokens come and go sealed; this file cannot open them. They are
 * bound to the origin that they were set for: with another one they are gone, and so is what was agreed
 * to, since those are another server's tools.
 */
import { and, asc, eq, sql } from 'drizzle-orm'
import type { TenantId } from '../domain/ids.ts'
import { type McpServer, mcpServerSchema } from '../domain/mcp.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { Database } from './database.ts'
import { mcpServers } from './schema/mcp-servers.ts'
import { isUniqueViolation } from './unique-violation.ts'
import { bumpVersion } from './versions.ts'

export type McpServerPatch = Partial<Omit<McpServer, 'id' | 'revision'>>

/** Statement of a batch, as for agents. */
export const selectMcpServers = (db: Database, tenantId: TenantId) =>
  db
    .select()
    .from(mcpServers)
    .where(eq(mcpServers.tenantId, tenantId))
    .orderBy(asc(mcpServers.name))

export const parseMcpServer = (row: unknown): McpServer => mcpServerSchema.parse(row)

/** The row as it is now, whatever a snapshot says. */
export async function findMcpServer(
  db: Database,
  tenantId: TenantId,
  id: string,
): Promise<McpServer | null> {
  const row = await db
    .select()
    .from(mcpServers)
    .where(and(eq(mcpServers.tenantId, tenantId), eq(mcpServers.id, id)))
    .get()
  return row === undefined ? null : parseMcpServer(row)
}

export async function createMcpServer(
  db: Database,
  tenantId: TenantId,
  server: McpServer,
  now: number,
): Promise<Result<McpServer, 'already_exists'>> {
  try {
    const [[row]] = await db.batch([
      db
        .insert(mcpServers)
        .values({ ...server, tenantId, createdAt: now, updatedAt: now })
        .returning(),
      bumpVersion(db, tenantId),
    ])
    return ok(parseMcpServer(row))
  } catch (error) {
    if (isUniqueViolation(error, 'mcp_servers.name')) return err('already_exists')
    throw error
  }
}

const originOf = (url: string): string => new URL(url).origin

/** Of what is stored, only what was meant for this origin stays; what the patch brings is new. */
function boundTo(server: McpServer, patch: McpServerPatch): McpServerPatch {
  if (patch.url === undefined || originOf(patch.url) === originOf(server.url)) return {}
  return {
    sealedHeaders: null,
    sealedAuthorization: null,
    tools: [],
    protocolVersion: null,
    checkedAt: null,
  }
}

/** @param server as it was when the change was judged: one that has changed since is not written over */
export async function updateMcpServer(
  db: Database,
  tenantId: TenantId,
  server: McpServer,
  patch: McpServerPatch,
  now: number,
): Promise<Result<McpServer, 'conflict'>> {
  // Named one by one: a patch that carries more cannot move a row to another tenant or id.
  const { displayName, transport, url, sealedHeaders, sealedAuthorization, timeoutSeconds } = patch
  const { tools, protocolVersion, checkedAt, allowedAgents, allowPrivateNetwork, enabled } = patch
  const named = {
    displayName,
    transport,
    url,
    sealedHeaders,
    sealedAuthorization,
    timeoutSeconds,
    tools,
    protocolVersion,
    checkedAt,
    allowedAgents,
    allowPrivateNetwork,
    enabled,
  }
  const given = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined))
  const [[row]] = await db.batch([
    db
      .update(mcpServers)
      .set({
        ...boundTo(server, patch),
        ...given,
        revision: sql`${mcpServers.revision} + 1`,
        updatedAt: now,
      })
      .where(
        and(
          eq(mcpServers.tenantId, tenantId),
          eq(mcpServers.id, server.id),
          eq(mcpServers.revision, server.revision),
        ),
      )
      .returning(),
    bumpVersion(db, tenantId),
  ])
  return row === undefined ? err('conflict') : ok(parseMcpServer(row))
}

export async function deleteMcpServer(
  db: Database,
  tenantId: TenantId,
  id: string,
): Promise<Result<null, 'not_found'>> {
  const [deleted] = await db.batch([
    db
      .delete(mcpServers)
      .where(and(eq(mcpServers.tenantId, tenantId), eq(mcpServers.id, id)))
      .returning({ id: mcpServers.id }),
    bumpVersion(db, tenantId),
  ])
  return deleted.length > 0 ? ok(null) : err('not_found')
}
