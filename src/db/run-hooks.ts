/**
 * Run hooks of a tenant. The signing secret comes and goes sealed; it was made for one origin, and is
 * gone with it.
 */
import { and, asc, eq, sql } from 'drizzle-orm'
import type { TenantId } from '../domain/ids.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { type RunHook, runHookSchema } from '../domain/run-hook.ts'
import type { Database } from './database.ts'
import { runHooks } from './schema/run-hooks.ts'
import { isUniqueViolation } from './unique-violation.ts'
import { bumpVersion } from './versions.ts'

/** Statement of a batch, as for agents. */
export const selectRunHooks = (db: Database, tenantId: TenantId) =>
  db.select().from(runHooks).where(eq(runHooks.tenantId, tenantId)).orderBy(asc(runHooks.name))

export const parseRunHook = (row: unknown): RunHook => runHookSchema.parse(row)

export async function createRunHook(
  db: Database,
  tenantId: TenantId,
  hook: RunHook,
  now: number,
): Promise<Result<RunHook, 'already_exists'>> {
  try {
    const [[row]] = await db.batch([
      db
        .insert(runHooks)
        .values({ ...hook, tenantId, createdAt: now, updatedAt: now })
        .returning(),
      bumpVersion(db, tenantId),
    ])
    return ok(parseRunHook(row))
  } catch (error) {
    if (isUniqueViolation(error, 'run_hooks.name')) return err('already_exists')
    throw error
  }
}

export type RunHookFields = Omit<RunHook, 'id' | 'name' | 'revision' | 'sealedSecret'>

const originOf = (url: string): string => new URL(url).origin

/**
 * @param hook as it was when the change was judged: one that has changed since is not written over
 * @param sealedSecret absent: it stays, as long as the origin does
 */
export async function updateRunHook(
  db: Database,
  tenantId: TenantId,
  hook: RunHook,
  { fields, sealedSecret }: { readonly fields: RunHookFields; readonly sealedSecret?: string },
  now: number,
): Promise<Result<RunHook, 'conflict'>> {
  // Named one by one: a patch that carries more cannot move a row to another tenant or id.
  const { url, events, agents, failure, allowPrivateNetwork, enabled } = fields
  const kept = originOf(url) === originOf(hook.url) ? {} : { sealedSecret: null }
  const [[row]] = await db.batch([
    db
      .update(runHooks)
      .set({
        url,
        events,
        agents,
        failure,
        allowPrivateNetwork,
        enabled,
        ...(sealedSecret === undefined ? kept : { sealedSecret }),
        revision: sql`${runHooks.revision} + 1`,
        updatedAt: now,
      })
      .where(
        and(
          eq(runHooks.tenantId, tenantId),
          eq(runHooks.id, hook.id),
          eq(runHooks.revision, hook.revision),
        ),
      )
      .returning(),
    bumpVersion(db, tenantId),
  ])
  return row === undefined ? err('conflict') : ok(parseRunHook(row))
}

export async function deleteRunHook(
  db: Database,
  tenantId: TenantId,
  id: string,
): Promise<Result<null, 'not_found'>> {
  const [deleted] = await db.batch([
    db
      .delete(runHooks)
      .where(and(eq(runHooks.tenantId, tenantId), eq(runHooks.id, id)))
      .returning({ id: runHooks.id }),
    bumpVersion(db, tenantId),
  ])
  return deleted.length > 0 ? ok(null) : err('not_found')
}
