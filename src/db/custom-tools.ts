/**
 * Custom tools of a tenant. Headers and variables come and go sealed. Headers were given for one
 * origin, variables for one command: with another they are gone.
 */
import { and, asc, eq, sql } from 'drizzle-orm'
import { type CustomTool, customToolSchema } from '../domain/custom-tool.ts'
import type { TenantId } from '../domain/ids.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { Database } from './database.ts'
import { customTools } from './schema/custom-tools.ts'
import { isUniqueViolation } from './unique-violation.ts'
import { bumpVersion } from './versions.ts'

/** Statement of a batch, as for agents. */
export const selectCustomTools = (db: Database, tenantId: TenantId) =>
  db
    .select()
    .from(customTools)
    .where(eq(customTools.tenantId, tenantId))
    .orderBy(asc(customTools.name))

export const parseCustomTool = (row: unknown): CustomTool => customToolSchema.parse(row)

export async function createCustomTool(
  db: Database,
  tenantId: TenantId,
  tool: CustomTool,
  now: number,
): Promise<Result<CustomTool, 'already_exists'>> {
  try {
    const [[row]] = await db.batch([
      db
        .insert(customTools)
        .values({ ...tool, tenantId, createdAt: now, updatedAt: now })
        .returning(),
      bumpVersion(db, tenantId),
    ])
    return ok(parseCustomTool(row))
  } catch (error) {
    if (isUniqueViolation(error, 'custom_tools.name')) return err('already_exists')
    throw error
  }
}

export type CustomToolSecrets = Partial<Pick<CustomTool, 'sealedHeaders' | 'sealedEnv'>>
export type CustomToolFields = Omit<
  CustomTool,
  'id' | 'name' | 'kind' | 'revision' | keyof CustomToolSecrets
>

/**
 * @param tool as it was when the change was judged: one that has changed since is not written over
 * @param secrets an absent one stays, as long as what it was given for does
 */
export async function updateCustomTool(
  db: Database,
  tenantId: TenantId,
  tool: CustomTool,
  { fields, secrets }: { readonly fields: CustomToolFields; readonly secrets: CustomToolSecrets },
  now: number,
): Promise<Result<CustomTool, 'conflict'>> {
  // Named one by one: a patch that carries more cannot move a row to another tenant or id.
  const { description, group, allowedAgents, parameters, origin, request, command } = fields
  const { timeoutSeconds, allowPrivateNetwork, enabled } = fields
  const { sealedHeaders, sealedEnv } = secrets
  const [[row]] = await db.batch([
    db
      .update(customTools)
      .set({
        description,
        group,
        allowedAgents,
        parameters,
        origin,
        request,
        command,
        timeoutSeconds,
        allowPrivateNetwork,
        enabled,
        ...(origin === tool.origin ? {} : { sealedHeaders: null }),
        ...(command === tool.command ? {} : { sealedEnv: null }),
        ...(sealedHeaders === undefined ? {} : { sealedHeaders }),
        ...(sealedEnv === undefined ? {} : { sealedEnv }),
        revision: sql`${customTools.revision} + 1`,
        updatedAt: now,
      })
      .where(
        and(
          eq(customTools.tenantId, tenantId),
          eq(customTools.id, tool.id),
          eq(customTools.revision, tool.revision),
        ),
      )
      .returning(),
    bumpVersion(db, tenantId),
  ])
  return row === undefined ? err('conflict') : ok(parseCustomTool(row))
}

export async function deleteCustomTool(
  db: Database,
  tenantId: TenantId,
  id: string,
): Promise<Result<null, 'not_found'>> {
  const [deleted] = await db.batch([
    db
      .delete(customTools)
      .where(and(eq(customTools.tenantId, tenantId), eq(customTools.id, id)))
      .returning({ id: customTools.id }),
    bumpVersion(db, tenantId),
  ])
  return deleted.length > 0 ? ok(null) : err('not_found')
}
