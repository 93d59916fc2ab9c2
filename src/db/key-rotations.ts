/** Rotations of the encryption key, of the whole gateway: one row each, the newest is the one that counts. */
import { desc, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { tenantIdSchema, type UserId } from '../domain/ids.ts'
import type { Database } from './database.ts'
import { keyRotations } from './schema/tenants.ts'

const cursorSchema = z.object({
  /** Walks through all columns so far, this one included. */
  pass: z.number().int(),
  /** `table.column`; a column that is not there any more begins the walk anew. */
  column: z.string(),
  after: z.object({ tenantId: tenantIdSchema, row: z.string() }).nullable(),
  /** Values of this pass that were not under the current key. */
  changed: z.number().int(),
  /** Values of this pass that no key opens. */
  failed: z.number().int(),
})
export type RotationCursor = Readonly<z.infer<typeof cursorSchema>>

export const FIRST_CURSOR: RotationCursor = {
  pass: 1,
  column: '',
  after: null,
  changed: 0,
  failed: 0,
}

const rotationSchema = z.object({
  id: z.string(),
  cursor: cursorSchema,
  rewritten: z.number(),
  failed: z.number(),
  createdAt: z.number(),
  updatedAt: z.number(),
  finishedAt: z.number().nullable(),
})
export type KeyRotation = Readonly<z.infer<typeof rotationSchema>>

export async function latestRotation(db: Database): Promise<KeyRotation | null> {
  const row = await db.select().from(keyRotations).orderBy(desc(keyRotations.createdAt)).get()
  return row === undefined ? null : rotationSchema.parse(row)
}

export async function startRotation(
  db: Database,
  id: string,
  startedBy: UserId,
  now: number,
): Promise<KeyRotation> {
  const times = { createdAt: now, updatedAt: now }
  const row = await db
    .insert(keyRotations)
    .values({ id, cursor: FIRST_CURSOR, startedBy, ...times })
    .returning()
    .get()
  return rotationSchema.parse(row)
}

export interface RotationProgress {
  readonly cursor: RotationCursor
  /** Since the last report. */
  readonly rewritten: number
  readonly failed: number
  readonly isFinished: boolean
}

export async function advanceRotation(
  db: Database,
  id: string,
  progress: RotationProgress,
  now: number,
): Promise<void> {
  await db
    .update(keyRotations)
    .set({
      cursor: progress.cursor,
      rewritten: sql`${keyRotations.rewritten} + ${progress.rewritten}`,
      failed: progress.failed,
      updatedAt: now,
      finishedAt: progress.isFinished ? now : null,
    })
    .where(eq(keyRotations.id, id))
}
