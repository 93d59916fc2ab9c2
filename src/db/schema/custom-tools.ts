/** Tools that a tenant defines itself: a command with typed arguments, run in the sandbox. */
import { integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
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
    /** Agent keys that may use it; `["*"]` for all. */
    allowedAgents: jsonColumn('allowed_agents').notNull(),
    /** JSON Schema of the arguments. */
    parameters: jsonColumn('parameters').notNull(),
    command: text('command').notNull(),
    cwd: text('cwd').notNull().default(''),
    timeoutSeconds: integer('timeout_seconds').notNull().default(60),
    /** Sealed JSON object of variable names and values. */
    sealedEnv: text('sealed_env'),
    enabled: flagColumn('enabled').notNull().default(true),
    createdAt: createdAtColumn(),
    updatedAt: updatedAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    uniqueIndex('custom_tools_name').on(table.tenantId, table.name),
  ],
)
