/** Instructions that agents load on demand, their versions and files, and who may have them. */
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { AgentId, UserId } from '../../domain/ids.ts'
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
    name: text('name').notNull(),
    /** Of the version in force, as is the hash. */
    description: text('description').notNull(),
    contentHash: text('content_hash').notNull(),
    ownerId: text('owner_id').$type<UserId>().notNull(),
    version: integer('version').notNull().default(1),
    enabled: flagColumn('enabled').notNull().default(true),
    createdAt: createdAtColumn(),
    updatedAt: updatedAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    uniqueIndex('skills_name').on(table.tenantId, table.name),
  ],
)

/** Written once and never changed. */
export const skillVersions = sqliteTable(
  'skill_versions',
  {
    tenantId: tenantIdColumn(),
    skillId: text('skill_id').notNull(),
    number: integer('number').notNull(),
    description: text('description').notNull(),
    /** SHA-256 over SKILL.md and all files. */
    contentHash: text('content_hash').notNull(),
    /** In bytes, of everything. */
    size: integer('size').notNull(),
    fileCount: integer('file_count').notNull(),
    /** Families of injection that its text shows; see docs/skills.md. */
    findings: jsonColumn('findings').notNull(),
    createdBy: text('created_by').$type<UserId>().notNull(),
    createdAt: createdAtColumn(),
    /** SKILL.md as a whole. */
    content: text('content').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.skillId, table.number] })],
)

export const skillFiles = sqliteTable(
  'skill_files',
  {
    tenantId: tenantIdColumn(),
    skillId: text('skill_id').notNull(),
    number: integer('number').notNull(),
    path: text('path').notNull(),
    content: text('content').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.skillId, table.number, table.path] })],
)

export const skillGrants = sqliteTable(
  'skill_grants',
  {
    tenantId: tenantIdColumn(),
    skillId: text('skill_id').notNull(),
    agentId: text('agent_id').$type<AgentId>().notNull(),
    /** Empty: whoever talks to the agent. No user has that id. */
    userId: text('user_id').notNull(),
    grantedBy: text('granted_by').$type<UserId>().notNull(),
    createdAt: createdAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.skillId, table.agentId, table.userId] }),
    index('skill_grants_agent').on(table.tenantId, table.agentId),
  ],
)
