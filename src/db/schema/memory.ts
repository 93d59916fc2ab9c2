/**
 * What agents are told and what they remember. The index over `memory_chunks.terms` is a virtual
 * table with triggers (`migrations/*_memory_index.sql`), filled by the chunk's rowid: a migration that
 * builds the table anew has to build both anew as well.
 */
import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { AGENT_FILES } from '../../domain/context-file.ts'
import type { AgentId, UserId } from '../../domain/ids.ts'
import { createdAtColumn, flagColumn, tenantIdColumn, updatedAtColumn } from './columns.ts'

export const agentFiles = sqliteTable(
  'agent_files',
  {
    tenantId: tenantIdColumn(),
    agentId: text('agent_id').$type<AgentId>().notNull(),
    name: text('name', { enum: AGENT_FILES }).notNull(),
    content: text('content').notNull(),
    updatedBy: text('updated_by').$type<UserId>().notNull(),
    updatedAt: updatedAtColumn(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.agentId, table.name] })],
)

/** A note in pieces, each found by itself. Never changed: a note is saved or deleted. */
export const memoryChunks = sqliteTable(
  'memory_chunks',
  {
    tenantId: tenantIdColumn(),
    agentId: text('agent_id').$type<AgentId>().notNull(),
    userId: text('user_id').$type<UserId>().notNull(),
    noteId: text('note_id').notNull(),
    ordinal: integer('ordinal').notNull(),
    title: text('title').notNull(),
    text: text('text').notNull(),
    /** The words as the index has them, each behind a space. */
    terms: text('terms').notNull(),
    /** Stands before each word in the index, so that no two users share one there. */
    scope: text('scope').notNull(),
    /** Of the whole note. */
    contentHash: text('content_hash').notNull(),
    isUntrusted: flagColumn('is_untrusted').notNull(),
    createdAt: createdAtColumn(),
  },
  (table) => [
    primaryKey({
      columns: [table.tenantId, table.agentId, table.userId, table.noteId, table.ordinal],
    }),
    uniqueIndex('memory_chunks_content').on(
      table.tenantId,
      table.agentId,
      table.userId,
      table.contentHash,
      table.ordinal,
    ),
    index('memory_chunks_newest')
      .on(table.tenantId, table.agentId, table.userId, table.createdAt, table.noteId)
      .where(sql`ordinal = 0`),
  ],
)
