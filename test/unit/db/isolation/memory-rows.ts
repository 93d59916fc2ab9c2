/**
 * Notes and files of agents as every tenant of the world holds them. A neighbour's notes stand in the
 * index behind the scopes of the tenant that acts, as if their names had met.
 */
import { createHash } from 'node:crypto'
import type { Table } from 'drizzle-orm'
import * as schema from '../../../../src/db/schema/index.ts'
import type { TenantId } from '../../../../src/domain/ids.ts'

type Row = readonly [table: Table, values: Readonly<Record<string, unknown>>]

const BEFORE = 1_000_000_000
const ACTING = 'ten_b'
const OWNER = 'user-owner'
const MEMBER = 'user-member'
const STRANGER = 'user-elsewhere'

const sha256 = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex')

/** Of a note that neighbours have saved, and the tenant that acts has not. */
export const NEXT_DOOR = 'known next door'

const agentFile = (tenantId: TenantId, agentId: string, name: string): Row => [
  schema.agentFiles,
  {
    tenantId,
    agentId,
    name,
    content: `told by ${tenantId}`,
    updatedBy: `user-of-${tenantId}`,
    updatedAt: BEFORE,
  },
]

interface Note {
  readonly noteId: string
  readonly userId: string
  readonly agentId?: string
  readonly ordinal?: number
}

const memory = (tenantId: TenantId, note: Note): Row => {
  const { noteId, userId, agentId = 'agt_1', ordinal = 0 } = note
  return [
    schema.memoryChunks,
    {
      tenantId,
      agentId,
      userId,
      noteId,
      ordinal,
      title: `title of ${tenantId}`,
      text: `${noteId} is about boats, said ${tenantId}`,
      terms: ` ${noteId.replaceAll('_', '')} boats`,
      // As `memoryScope` of the tenant that acts, with the agent agt_1.
      scope: sha256([ACTING, 'agt_1', userId]).slice(0, 12),
      contentHash: userId === STRANGER ? sha256(['', NEXT_DOOR]) : `content-${noteId}-${userId}`,
      isUntrusted: tenantId === ACTING,
      createdAt: BEFORE,
    },
  ]
}

export const memoryRows = (tenantId: TenantId): readonly Row[] => [
  agentFile(tenantId, 'agt_1', 'SOUL.md'),
  agentFile(tenantId, 'agt_2', 'SOUL.md'),
  memory(tenantId, { noteId: 'mem_1', userId: OWNER }),
  memory(tenantId, { noteId: 'mem_1', userId: OWNER, ordinal: 1 }),
  memory(tenantId, { noteId: 'mem_2', userId: OWNER }),
  memory(tenantId, { noteId: 'mem_3', userId: MEMBER }),
  memory(tenantId, { noteId: 'mem_4', userId: OWNER, agentId: 'agt_2' }),
]

export const neighbourMemoryRows = (tenantId: TenantId): readonly Row[] => [
  agentFile(tenantId, 'agt_1', 'TOOLS.md'),
  agentFile(tenantId, 'agt_9', 'SOUL.md'),
  memory(tenantId, { noteId: 'mem_9', userId: OWNER }),
  memory(tenantId, { noteId: 'mem_1', userId: OWNER, ordinal: 2 }),
  memory(tenantId, { noteId: 'mem_8', userId: STRANGER }),
]
