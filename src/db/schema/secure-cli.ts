/** Binaries that run with a credential (`gh`, `aws`, …), and the agents that may call them. */
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { AgentId, UserId } from '../../domain/ids.ts'
import {
  createdAtColumn,
  flagColumn,
  jsonColumn,
  tenantIdColumn,
  timeColumn,
  updatedAtColumn,
} from './columns.ts'

export const secureCliBinaries = sqliteTable(
  'secure_cli_binaries',
  {
    id: text('id').notNull(),
    tenantId: tenantIdColumn(),
    name: text('name').notNull(),
    /** What the name resolves to; a stored credential is erased when this changes. */
    absolutePath: text('absolute_path').notNull(),
    description: text('description').notNull().default(''),
    /** Linear-time patterns over the arguments. */
    denyArgs: jsonColumn('deny_args').notNull(),
    denyVerbose: jsonColumn('deny_verbose').notNull(),
    /** Hosts that its one-shot container may reach. */
    hosts: jsonColumn('hosts').notNull(),
    /** Sealed JSON object of variable names and values. */
    sealedEnv: text('sealed_env'),
    /** When that was set: whatever was installed later it was not set for. */
    envSetAt: timeColumn('env_set_at').notNull().default(0),
    timeoutSeconds: integer('timeout_seconds').notNull().default(60),
    /** Every agent may call it without a grant of its own. */
    isGlobal: flagColumn('is_global').notNull().default(false),
    enabled: flagColumn('enabled').notNull().default(true),
    createdAt: createdAtColumn(),
    updatedAt: updatedAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    uniqueIndex('secure_cli_binaries_name').on(table.tenantId, table.name),
  ],
)

export const secureCliGrants = sqliteTable(
  'secure_cli_grants',
  {
    tenantId: tenantIdColumn(),
    binaryId: text('binary_id').notNull(),
    agentId: text('agent_id').$type<AgentId>().notNull(),
    /** Further patterns for this agent; a grant only narrows its binary. */
    denyArgs: jsonColumn('deny_args').notNull(),
    grantedBy: text('granted_by').$type<UserId>().notNull(),
    createdAt: createdAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.binaryId, table.agentId] }),
    index('secure_cli_grants_agent').on(table.tenantId, table.agentId),
  ],
)
