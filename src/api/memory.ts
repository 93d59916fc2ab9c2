/**
 * What agents remember of people, shown to those people and erased at their word. Everybody sees their
 * own; an admin may see and erase a member's, as with conversations.
 */
import { z } from 'zod'
import {
  deleteNote,
  eraseMemory,
  listNotes,
  MAX_NOTE_PAGE,
  type MemoryOf,
  searchMemory,
} from '../db/memory.ts'
import { type UserId, userIdSchema } from '../domain/ids.ts'
import { MEMORY_LIMITS } from '../domain/ports/memory.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { OPERATOR, VIEWER } from './access.ts'
import { agentReference, namedAgent } from './agents.ts'
import { actsAsAdmin } from './config-rights.ts'
import type { OperationContext } from './context.ts'
import { operation } from './operation.ts'

const { id: _, ...agentNamed } = agentReference
const whose = {
  ...agentNamed,
  /** Somebody else's, for admins. */
  userId: userIdSchema.optional(),
}
interface Whose {
  readonly agentId?: string | undefined
  readonly agent_id?: string | undefined
  readonly userId?: UserId | undefined
}

function memoryOf(
  { snapshot, principal }: OperationContext,
  { agentId, agent_id, userId }: Whose,
): Result<MemoryOf, Refusal> {
  if (userId !== undefined && userId !== principal.userId && !actsAsAdmin(principal)) {
    return err(refusal('UNAUTHORIZED', 'the memory of another user needs the role admin'))
  }
  const agent = namedAgent(snapshot, { agentId, agent_id })
  return agent.ok ? ok({ agentId: agent.value.id, userId: userId ?? principal.userId }) : agent
}

const noteRow = z.object({
  id: z.string(),
  title: z.string(),
  text: z.string(),
  /** Saved after text from outside came in. */
  untrusted: z.boolean(),
  created_at: z.number(),
})

interface Listed {
  readonly noteId: string
  readonly title: string
  readonly isUntrusted: boolean
  readonly createdAt: number
}
const rowOf = ({ noteId, title, isUntrusted, createdAt }: Listed, text: string) => ({
  id: noteId,
  title,
  text,
  untrusted: isUntrusted,
  created_at: createdAt,
})

export const memoryList = operation({
  name: 'memory.list',
  summary: 'What an agent has noted of you, newest first',
  access: VIEWER,
  params: z.object({
    ...whose,
    limit: z.coerce.number().int().min(1).max(MAX_NOTE_PAGE).default(50),
    offset: z.coerce.number().int().min(0).default(0),
  }),
  result: z.object({ notes: z.array(noteRow) }),
  http: { method: 'GET', path: '/v1/memory' },
  run: async (context, params) => {
    const of = memoryOf(context, params)
    if (!of.ok) return of
    const { tenantId } = context.principal
    const database = context.services.database(tenantId)
    const notes = await listNotes(database, tenantId, of.value, params)
    return ok({ notes: notes.map((note) => rowOf(note, note.preview)) })
  },
})

export const memorySearch = operation({
  name: 'memory.search',
  summary: 'Searches what an agent has noted of you, as its memory_search tool does',
  access: VIEWER,
  params: z.object({
    ...whose,
    query: z.string().trim().min(1).max(MEMORY_LIMITS.maxQueryChars),
    limit: z.coerce.number().int().min(1).max(MEMORY_LIMITS.maxResults).default(10),
  }),
  result: z.object({ notes: z.array(noteRow) }),
  http: { method: 'GET', path: '/v1/memory/search' },
  run: async (context, params) => {
    const of = memoryOf(context, params)
    if (!of.ok) return of
    const { tenantId } = context.principal
    const database = context.services.database(tenantId)
    const hits = await searchMemory(database, tenantId, of.value, params.query, params.limit)
    return ok({ notes: hits.map((hit) => rowOf(hit, hit.snippet)) })
  },
})

export const memoryDelete = operation({
  name: 'memory.delete',
  summary: 'Erases one note of an agent, or with all=true whatever it has noted of you',
  access: OPERATOR,
  params: z.object({
    ...whose,
    id: z.string().min(1).max(100).optional(),
    all: z.stringbool().or(z.boolean()).default(false),
  }),
  result: z.object({ ok: z.literal(true) }),
  http: { method: 'DELETE', path: '/v1/memory' },
  // What people keep of their own is no matter of the trail; what is erased of somebody else's is.
  audit: ({ userId, agentId, agent_id }) =>
    userId === undefined ? null : { user: userId, agent: agentId ?? agent_id ?? '' },
  run: async (context, params) => {
    const of = memoryOf(context, params)
    if (!of.ok) return of
    const { tenantId } = context.principal
    const database = context.services.database(tenantId)
    if (params.all) {
      await eraseMemory(database, tenantId, of.value)
      return ok({ ok: true as const })
    }
    if (params.id === undefined)
      return err(refusal('INVALID_REQUEST', 'id is missing, or all=true'))
    const deleted = await deleteNote(database, tenantId, of.value, params.id)
    return deleted.ok ? ok({ ok: true as const }) : err(notFound('note'))
  },
})
