/** Tools that a tenant defines itself: a request to a fixed origin, or a command for the sandbox. */
import { integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { CUSTOM_TOOL_GROUPS, CUSTOM_TOOL_KINDS } from '../../domain/custom-tool.ts'
import {
  createdAtColumn,
  flagColumn,
  jsonColumn,
  tenantIdColumn,
  updatedAtColumn,
} from './columns.ts'

export const customTools = sqliteTable(
  'custom_tools',
  {
    id: text('id').notNull(),
    tenantId: tenantIdColumn(),
    name: text('name').notNull(),
    description: text('description').notNull(),
    kind: text('kind', { enum: CUSTOM_TOOL_KINDS }).notNull().default('script'),
    group: text('tool_group', { enum: CUSTOM_TOOL_GROUPS }).notNull().default('runtime'),
    /** Agent keys that may use it; `["*"]` for all. */
    allowedAgents: jsonColumn('allowed_agents').notNull(),
    /** JSON Schema of the arguments. */
    parameters: jsonColumn('parameters').notNull(),
    /** Scheme, host and port that a request goes to. */
    origin: text('origin'),
    /** Method, path, query and body of it. */
    request: jsonColumn('request'),
    command: text('command').notNull(),
    cwd: text('cwd').notNull().default(''),
    timeoutSeconds: integer('timeout_seconds').notNull().default(60),
    /** Sealed JSON object of header names and values; erased when the origin changes. */
    sealedHeaders: text('sealed_headers'),
    /** Sealed JSON object of variable names and values; erased when the command changes. */
    sealedEnv: text('sealed_env'),
    allowPrivateNetwork: flagColumn('allow_private_network').notNull().default(false),
    enabled: flagColumn('enabled').notNull().default(true),
    revision: integer('revision').notNull().default(1),
    createdAt: createdAtColumn(),
    updatedAt: updatedAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    uniqueIndex('custom_tools_name').on(table.tenantId, table.name),
  ],
)
