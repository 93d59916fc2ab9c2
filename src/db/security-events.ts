/** Security events of a tenant as the dashboard and the export read them. */
import { and, desc, eq, gte, lt, sql } from 'drizzle-orm'
import { z } from 'zod'
import { entryOfEvent } from '../domain/activity.ts'
import type { TenantId } from '../domain/ids.ts'
import {
  SECURITY_EVENT_NAMES,
  type SecurityEvent,
  type SecurityEventName,
} from '../domain/security-event.ts'
import { noteActivity } from './activity.ts'
import type { Database } from './database.ts'
import { securityEvents } from './schema/security.ts'

/** One page of a list. */
export const MAX_EVENT_PAGE = 200
/** Rows of one statement: D1 allows 100 bound parameters, and an event binds seven. */
const ROWS_PER_STATEMENT = 14

const securityEventRowSchema = z.object({
  id: z.string(),
  name: z.enum(SECURITY_EVENT_NAMES),
  severity: z.enum(['info', 'warn']),
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  context: z.record(z.string(), z.string()),
  createdAt: z.number(),
})
export type SecurityEventRow = Readonly<z.infer<typeof securityEventRowSchema>>

export interface NewSecurityEvent extends SecurityEvent {
  /** The same id twice is the same event: a batch may be delivered again. */
  readonly id: string
  readonly context: Readonly<Record<string, string>>
  readonly createdAt: number
}

export async function insertSecurityEvents(
  db: Database,
  tenantId: TenantId,
  events: readonly NewSecurityEvent[],
): Promise<void> {
  const insert = (rows: readonly NewSecurityEvent[]) =>
    db
      .insert(securityEvents)
      .values(rows.map((event) => ({ ...event, tenantId })))
      .onConflictDoNothing()
  const inserts = chunks(events, ROWS_PER_STATEMENT).map(insert)
  if (inserts.length === 0) return
  const now = Math.max(...events.map(({ createdAt }) => createdAt))
  const noted = noteActivity(db, tenantId, 'event', events.map(entryOfEvent), now)
  await db.batch([...noted, ...inserts])
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  const result: Item[][] = []
  for (let i = 0; i < items.length; i += size) result.push(items.slice(i, i + size))
  return result
}

export interface SecurityEventPage {
  readonly name?: SecurityEventName
  readonly severity?: SecurityEvent['severity']
  /** From this moment on, and before that one. */
  readonly since?: number
  readonly until?: number
  readonly limit: number
  /** The last row of the page before. */
  readonly before?: { readonly createdAt: number; readonly id: string }
}

/** Newest first. */
export async function listSecurityEvents(
  db: Database,
  tenantId: TenantId,
  page: SecurityEventPage,
): Promise<readonly SecurityEventRow[]> {
  const { name, severity, since, until, before } = page
  const rows = await db
    .select()
    .from(securityEvents)
    .where(
      and(
        eq(securityEvents.tenantId, tenantId),
        name === undefined ? undefined : eq(securityEvents.name, name),
        severity === undefined ? undefined : eq(securityEvents.severity, severity),
        since === undefined ? undefined : gte(securityEvents.createdAt, since),
        until === undefined ? undefined : lt(securityEvents.createdAt, until),
        // One comparison of both, so that a page is found without reading those before it.
        before === undefined
          ? undefined
          : sql`(${securityEvents.createdAt}, ${securityEvents.id})
              < (${before.createdAt}, ${before.id})`,
      ),
    )
    .orderBy(desc(securityEvents.createdAt), desc(securityEvents.id))
    .limit(Math.min(page.limit, MAX_EVENT_PAGE))
  return rows.map((row) => securityEventRowSchema.parse(row))
}
