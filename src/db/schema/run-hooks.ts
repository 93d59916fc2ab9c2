/** Whom a tenant's runs ask at which point; `hooks.ts` is about what comes in. */
import { integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { HOOK_FAILURE_MODES } from '../../domain/run-hook.ts'
import {
  createdAtColumn,
  flagColumn,
  jsonColumn,
  tenantIdColumn,
  updatedAtColumn,
} from './columns.ts'

export const runHooks = sqliteTable(
  'run_hooks',
  {
    id: text('id').notNull(),
    tenantId: tenantIdColumn(),
    name: text('name').notNull(),
    url: text('url').notNull(),
    /** Signing secret; erased when the URL's origin changes. */
    sealedSecret: text('sealed_secret'),
    events: jsonColumn('events').notNull(),
    /** Agent keys; `["*"]` for all. */
    agents: jsonColumn('agents').notNull(),
    failure: text('failure', { enum: HOOK_FAILURE_MODES }).notNull().default('default'),
    allowPrivateNetwork: flagColumn('allow_private_network').notNull().default(false),
    enabled: flagColumn('enabled').notNull().default(true),
    revision: integer('revision').notNull().default(1),
    createdAt: createdAtColumn(),
    updatedAt: updatedAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    uniqueIndex('run_hooks_name').on(table.tenantId, table.name),
  ],
)
