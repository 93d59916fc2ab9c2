/**
 * Notes of one tenant, agent and user. The index is asked for words behind the scope's name, and what
 * it finds is compared with tenant, agent and user once more: neither alone decides whose a note is.
 */
import { and, asc, desc, eq, exists, inArray, notExists, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { sha256Hex } from '../crypto/digest.ts'
import type { AgentId, TenantId, UserId } from '../domain/ids.ts'
import {
  MEMORY_LIMITS,
  type MemoryHit,
  type MemoryNote,
  type NewNote,
  type SavedNote,
  type SaveFailure,
} from '../domain/ports/memory.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { Database } from './database.ts'
import { chunksOf } from './memory/chunks.ts'
import { snippetOf } from './memory/snippet.ts'
import { indexedTerms, matchOf } from './memory/terms.ts'
import { agents } from './schema/agents.ts'
import { memoryChunks } from './schema/memory.ts'

/** Whose memory, within the tenant. */
export interface MemoryOf {
  readonly agentId: AgentId
  readonly userId: UserId
}

/** 48 bits: two scopes that met would share word counts, and nothing else. */
const SCOPE_CHARS = 12
/** A note is found by the best of its pieces; more of them are read than notes are asked for. */
const CHUNKS_A_HIT = 4
const MAX_PREVIEW_CHARS = 200
export const MAX_NOTE_PAGE = 200
const ERASED_AT_ONCE = 250

export const memoryScope = async (tenantId: TenantId, { agentId, userId }: MemoryOf) =>
  (await sha256Hex(JSON.stringify([tenantId, agentId, userId]))).slice(0, SCOPE_CHARS)

const isOf = (tenantId: TenantId, { agentId, userId }: MemoryOf): SQL | undefined =>
  and(
    eq(memoryChunks.tenantId, tenantId),
    eq(memoryChunks.agentId, agentId),
    eq(memoryChunks.userId, userId),
  )

const hitRow = z.object({
  noteId: z.string(),
  title: z.string(),
  text: z.string(),
  isUntrusted: z.coerce.boolean(),
  createdAt: z.number(),
})

/**
 * All pieces or none: what is full is full for the whole note. `noteId` is taken when the text is new. Of an
 * agent that is gone nothing is kept, however long a run of it goes on: nobody would find it to erase it.
 * @param maxChunks how many pieces this user may have with this agent
 */
export async function saveNote(
  db: Database,
  tenantId: TenantId,
  of: MemoryOf,
  note: NewNote & { readonly noteId: string },
  now: number,
  maxChunks: number = MEMORY_LIMITS.maxChunks,
): Promise<Result<SavedNote, SaveFailure>> {
  const { noteId, title, text, isUntrusted } = note
  const scope = await memoryScope(tenantId, of)
  const contentHash = await sha256Hex(JSON.stringify([title, text]))
  const chunks = chunksOf(text).map((chunk) => ({
    text: chunk,
    terms: indexedTerms(`${title} ${chunk}`),
  }))
  if (!chunks.some(({ terms }) => terms !== '')) return err('empty')
  const isSame = and(isOf(tenantId, of), eq(memoryChunks.contentHash, contentHash))
  const isStored = db.select({ ordinal: memoryChunks.ordinal }).from(memoryChunks).where(isSame)
  const agent = db
    .select({ id: agents.id })
    .from(agents)
    .where(and(eq(agents.tenantId, tenantId), eq(agents.id, of.agentId)))
  const [saved, [known], [there]] = await db.batch([
    db
      .insert(memoryChunks)
      // In the order of the table's columns.
      .select(sql`
        select ${tenantId}, ${of.agentId}, ${of.userId}, ${noteId}, json_each.key, ${title},
          json_each.value ->> 'text', json_each.value ->> 'terms', ${scope}, ${contentHash},
          ${isUntrusted ? 1 : 0}, ${now}
        from json_each(${JSON.stringify(chunks)})
        where ${notExists(isStored)} and ${exists(agent)}
          and (select count(*) from memory_chunks where ${isOf(tenantId, of)}) + ${chunks.length}
            <= ${maxChunks}`)
      .returning({ ordinal: memoryChunks.ordinal }),
    db.select({ noteId: memoryChunks.noteId }).from(memoryChunks).where(isSame).limit(1),
    agent,
  ])
  if (there === undefined) return err('no_agent')
  if (known === undefined) return err('full')
  return ok({ noteId: known.noteId, isKnown: saved.length === 0 })
}

/** Best first, one hit a note. A question without a word finds nothing. */
export async function searchMemory(
  db: Database,
  tenantId: TenantId,
  of: MemoryOf,
  query: string,
  limit: number,
): Promise<readonly MemoryHit[]> {
  const match = matchOf(query, await memoryScope(tenantId, of))
  if (match === null) return []
  const most = Math.min(limit, MEMORY_LIMITS.maxResults)
  // The index leads: the other way round it would be asked once for every chunk there is.
  const rows = await db.all(sql`
    select memory_chunks.note_id as "noteId", memory_chunks.title as "title",
      memory_chunks.text as "text", memory_chunks.is_untrusted as "isUntrusted",
      memory_chunks.created_at as "createdAt"
    from memory_index cross join memory_chunks on memory_chunks.rowid = memory_index.rowid
    where memory_index match ${match} and ${isOf(tenantId, of)}
    order by memory_index.rank
    limit ${most * CHUNKS_A_HIT}`)
  const hits = new Map<string, MemoryHit>()
  for (const row of rows) {
    const { text, ...hit } = hitRow.parse(row)
    if (hits.has(hit.noteId) || hits.size >= most) continue
    hits.set(hit.noteId, { ...hit, snippet: snippetOf(text, query) })
  }
  return [...hits.values()]
}

export async function readNote(
  db: Database,
  tenantId: TenantId,
  of: MemoryOf,
  noteId: string,
): Promise<Result<MemoryNote, 'not_found'>> {
  const rows = await db
    .select({
      title: memoryChunks.title,
      text: memoryChunks.text,
      isUntrusted: memoryChunks.isUntrusted,
      createdAt: memoryChunks.createdAt,
    })
    .from(memoryChunks)
    .where(and(isOf(tenantId, of), eq(memoryChunks.noteId, noteId)))
    .orderBy(asc(memoryChunks.ordinal))
  const [first] = rows
  if (first === undefined) return err('not_found')
  return ok({ ...first, noteId, text: rows.map(({ text }) => text).join('') })
}

export interface ListedNote extends Omit<MemoryNote, 'text'> {
  /** How it begins. */
  readonly preview: string
}

/** Newest first. */
export async function listNotes(
  db: Database,
  tenantId: TenantId,
  of: MemoryOf,
  page: { readonly limit: number; readonly offset: number },
): Promise<readonly ListedNote[]> {
  return (
    db
      .select({
        noteId: memoryChunks.noteId,
        title: memoryChunks.title,
        preview: sql<string>`substr(${memoryChunks.text}, 1, ${MAX_PREVIEW_CHARS})`,
        isUntrusted: memoryChunks.isUntrusted,
        createdAt: memoryChunks.createdAt,
      })
      .from(memoryChunks)
      // Written out: only so it is the condition that the index was made for.
      .where(and(isOf(tenantId, of), sql`ordinal = 0`))
      .orderBy(desc(memoryChunks.createdAt), desc(memoryChunks.noteId))
      .limit(Math.min(page.limit, MAX_NOTE_PAGE))
      .offset(page.offset)
  )
}

export async function deleteNote(
  db: Database,
  tenantId: TenantId,
  of: MemoryOf,
  noteId: string,
): Promise<Result<null, 'not_found'>> {
  const deleted = await db
    .delete(memoryChunks)
    .where(and(isOf(tenantId, of), eq(memoryChunks.noteId, noteId)))
    .returning({ ordinal: memoryChunks.ordinal })
  return deleted.length > 0 ? ok(null) : err('not_found')
}

const rowid = sql<number>`rowid`

/**
 * Everything of one user with an agent, or of all of its users.
 * @param atOnce pieces of one statement: each takes its words out of the index
 * @returns how many pieces went
 */
export async function eraseMemory(
  db: Database,
  tenantId: TenantId,
  { agentId, userId }: Pick<MemoryOf, 'agentId'> & Partial<MemoryOf>,
  atOnce = ERASED_AT_ONCE,
): Promise<number> {
  const some = db
    .select({ rowid })
    .from(memoryChunks)
    .where(
      and(
        eq(memoryChunks.tenantId, tenantId),
        eq(memoryChunks.agentId, agentId),
        userId === undefined ? undefined : eq(memoryChunks.userId, userId),
      ),
    )
    .limit(atOnce)
  let erased = 0
  while (true) {
    const gone = await db
      .delete(memoryChunks)
      .where(inArray(rowid, some))
      .returning({ ordinal: memoryChunks.ordinal })
    if (gone.length === 0) return erased
    erased += gone.length
  }
}
