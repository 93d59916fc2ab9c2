/** MCP servers whose tools a tenant's agents may use. */
import { integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import {
  createdAtColumn,
  flagColumn,
  jsonColumn,
  tenantIdColumn,
  updatedAtColumn,
} from './columns.ts'

export const mcpServers = sqliteTable(
  'mcp_servers',
  {
    id: text('id').notNull(),
    tenantId: tenantIdColumn(),
    name: text('name').notNull(),
    displayName: text('display_name').notNull().default(''),
    transport: text('transport', { enum: ['streamable-http', 'sse'] }).notNull(),
    url: text('url').notNull(),
    /** Sealed JSON object of header names and values; erased when the URL's origin changes. */
    sealedHeaders: text('sealed_headers'),
    toolPrefix: text('tool_prefix').notNull().default(''),
    timeoutSeconds: integer('timeout_seconds').notNull().default(30),
    /** Tool name → SHA-256 of its description and schema, as an admin agreed to it. */
    pinnedTools: jsonColumn('pinned_tools').notNull(),
    /** Agent keys that may use it; `["*"]` for all. */
    allowedAgents: jsonColumn('allowed_agents').notNull(),
    allowPrivateNetwork: flagColumn('allow_private_network').notNull().default(false),
    enabled: flagColumn('enabled').notNull().default(true),
    createdAt: createdAtColumn(),
    updatedAt: updatedAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    uniqueIndex('mcp_servers_name').on(table.tenantId, table.name),
  ],
)
