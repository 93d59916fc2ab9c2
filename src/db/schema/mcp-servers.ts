/** MCP servers whose tools a tenant's agents may use. */
import { integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { MCP_TRANSPORTS } from '../../domain/mcp.ts'
import {
  createdAtColumn,
  flagColumn,
  jsonColumn,
  tenantIdColumn,
  timeColumn,
  updatedAtColumn,
} from './columns.ts'

export const mcpServers = sqliteTable(
  'mcp_servers',
  {
    id: text('id').notNull(),
    tenantId: tenantIdColumn(),
    name: text('name').notNull(),
    displayName: text('display_name').notNull().default(''),
    transport: text('transport', { enum: MCP_TRANSPORTS }).notNull(),
    url: text('url').notNull(),
    /** Sealed JSON object of header names and values; erased when the URL's origin changes. */
    sealedHeaders: text('sealed_headers'),
    /** Sealed JSON of OAuth's client and tokens; erased likewise. */
    sealedAuthorization: text('sealed_authorization'),
    timeoutSeconds: integer('timeout_seconds').notNull().default(30),
    /** Its tools as last looked at, each with the hash that an admin agreed to. */
    tools: jsonColumn('tools').notNull().default([]),
    protocolVersion: text('protocol_version'),
    checkedAt: timeColumn('checked_at'),
    /** Agent keys that may use it; `["*"]` for all. */
    allowedAgents: jsonColumn('allowed_agents').notNull(),
    allowPrivateNetwork: flagColumn('allow_private_network').notNull().default(false),
    enabled: flagColumn('enabled').notNull().default(true),
    /** Rises with every change: whoever read an older one does not write over it. */
    revision: integer('revision').notNull().default(1),
    createdAt: createdAtColumn(),
    updatedAt: updatedAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    uniqueIndex('mcp_servers_name').on(table.tenantId, table.name),
  ],
)
