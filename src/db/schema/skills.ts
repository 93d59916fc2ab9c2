/** Instructions that agents can load on demand. */
import { integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../domain/ids.ts'
import {
  createdAtColumn,
  flagColumn,
  jsonColumn,
  tenantIdColumn,
  updatedAtColumn,
} from './columns.ts'

export const skills = sqliteTable(
  'skills',
  {
    id: text('id').notNull(),
    tenantId: tenantIdColumn(),
    slug: text('slug').notNull(),
    name: text('name').notNull(),
    description: text('description').notNull(),
    content: text('content').notNull(),
    contentHash: text('content_hash').notNull(),
    /** Agent keys that may load it; `["*"]` for all. */
    allowedAgents: jsonColumn('allowed_agents').notNull(),
    ownerId: text('owner_id').$type<UserId>().notNull(),
    version: integer('version').notNull().default(1),
    enabled: flagColumn('enabled').notNull().default(true),
    createdAt: createdAtColumn(),
    updatedAt: updatedAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    uniqueIndex('skills_slug').on(table.tenantId, table.slug),
  ],
)
