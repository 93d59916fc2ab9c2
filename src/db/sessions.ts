/** The index of a tenant's sessions, for lists. Ownership is judged by the session's object. */
import { and, count, desc, eq, or, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type TenantId, type UserId, userIdSchema } from '../domain/ids.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { Database } from './database.ts'
import { sessionIndex } from './schema/sessions.ts'

/** One page; a list of all would be megabytes for a busy tenant. */
export const MAX_SESSION_PAGE = 200

const sessionRowSchema = z.object({
  sessionKey: z.string(),
  agentKey: z.string(),
  channel: z.string(),
  userId: userIdSchema,
  label: z.string().nullable(),
  model: z.string().nullable(),
  provider: z.string().nullable(),
  messageCount: z.number(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  createdAt: z.number(),
  updatedAt: z.number(),
})
export type SessionRow = Readonly<z.infer<typeof sessionRowSchema>>

export interface SessionFilter {
  /** Set for whoever may see only their own. */
  readonly userId?: UserId
  readonly agentKey?: string
  /** Only those of these agents; of none of them where it is empty. */
  readonly agentKeys?: readonly string[]
  readonly channel?: string
  /** Part of the label or the key, in any case; taken literally. */
  readonly search?: string
  /** The last row of the page before. */
  readonly before?: { readonly updatedAt: number; readonly sessionKey: string }
  readonly limit: number
  readonly offset: number
}

export interface SessionPage {
  readonly sessions: readonly SessionRow[]
  /** Matching sessions on all pages. */
  readonly total: number
}

/** Newest first. */
export async function listSessions(
  db: Database,
  tenantId: TenantId,
  filter: SessionFilter,
): Promise<SessionPage> {
  const { userId, agentKey, agentKeys, channel, search, before } = filter
  const isListed = and(
    eq(sessionIndex.tenantId, tenantId),
    userId === undefined ? undefined : eq(sessionIndex.userId, userId),
    agentKey === undefined ? undefined : eq(sessionIndex.agentKey, agentKey),
    // One parameter, however many they are: a statement of D1 takes a hundred.
    agentKeys === undefined
      ? undefined
      : sql`${sessionIndex.agentKey} in (select value from json_each(${JSON.stringify(agentKeys)}))`,
    channel === undefined ? undefined : eq(sessionIndex.channel, channel),
    // `instr` knows no wildcards: % and _ mean themselves, and D1's limit on patterns does not hold.
    search === undefined
      ? undefined
      : or(
          sql`instr(lower(${sessionIndex.label}), lower(${search})) > 0`,
          sql`instr(lower(${sessionIndex.sessionKey}), lower(${search})) > 0`,
        ),
  )
  const [rows, totals] = await db.batch([
    db
      .select()
      .from(sessionIndex)
      .where(
        and(
          isListed,
          // One comparison of both, so that a page is found without reading those before it.
          before === undefined
            ? undefined
            : sql`(${sessionIndex.updatedAt}, ${sessionIndex.sessionKey})
                < (${before.updatedAt}, ${before.sessionKey})`,
        ),
      )
      .orderBy(desc(sessionIndex.updatedAt), desc(sessionIndex.sessionKey))
      .limit(Math.min(filter.limit, MAX_SESSION_PAGE))
      .offset(filter.offset),
    db.select({ total: count() }).from(sessionIndex).where(isListed),
  ])
  return {
    sessions: rows.map((row) => sessionRowSchema.parse(row)),
    total: totals[0]?.total ?? 0,
  }
}

export async function findSession(
  db: Database,
  tenantId: TenantId,
  sessionKey: string,
): Promise<SessionRow | null> {
  const row = await db
    .select()
    .from(sessionIndex)
    .where(and(eq(sessionIndex.tenantId, tenantId), eq(sessionIndex.sessionKey, sessionKey)))
    .get()
  return row === undefined ? null : sessionRowSchema.parse(row)
}

export type SessionUpsert = Omit<SessionRow, 'label' | 'createdAt'>

/**
 * Enters a session or brings its counters up to date. The owner is whoever was entered first, the
 * label is changed by `labelSession` only, and a report that arrives late changes nothing.
 */
export async function upsertSession(
  db: Database,
  tenantId: TenantId,
  session: SessionUpsert,
): Promise<void> {
  const { model, provider, messageCount, inputTokens, outputTokens, updatedAt } = session
  await db
    .insert(sessionIndex)
    .values({ ...session, tenantId, createdAt: session.updatedAt })
    .onConflictDoUpdate({
      target: [sessionIndex.tenantId, sessionIndex.sessionKey],
      set: { model, provider, messageCount, inputTokens, outputTokens, updatedAt },
      setWhere: sql`${sessionIndex.updatedAt} <= ${updatedAt}`,
    })
}

export async function labelSession(
  db: Database,
  tenantId: TenantId,
  sessionKey: string,
  label: string | null,
): Promise<Result<SessionRow, 'not_found'>> {
  const [row] = await db
    .update(sessionIndex)
    .set({ label })
    .where(and(eq(sessionIndex.tenantId, tenantId), eq(sessionIndex.sessionKey, sessionKey)))
    .returning()
  return row === undefined ? err('not_found') : ok(sessionRowSchema.parse(row))
}

export async function deleteSession(
  db: Database,
  tenantId: TenantId,
  sessionKey: string,
): Promise<Result<null, 'not_found'>> {
  const deleted = await db
    .delete(sessionIndex)
    .where(and(eq(sessionIndex.tenantId, tenantId), eq(sessionIndex.sessionKey, sessionKey)))
    .returning({ sessionKey: sessionIndex.sessionKey })
  return deleted.length > 0 ? ok(null) : err('not_found')
}
