/**
 * The chat platforms that a tenant has connected. Credentials come and go sealed. Whatever changes here
 * changes what senders may do: both versions of the tenant rise with it.
 */
import { and, asc, eq, sql } from 'drizzle-orm'
import { type ChannelInstance, channelInstanceSchema } from '../domain/channel.ts'
import type { TenantId } from '../domain/ids.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { Database } from './database.ts'
import { channelInstances } from './schema/channel-instances.ts'
import { isUniqueViolation } from './unique-violation.ts'
import { bumpAuthVersion, bumpVersion } from './versions.ts'

export type ChannelInstancePatch = Partial<
  Pick<
    ChannelInstance,
    'displayName' | 'agentId' | 'sealedCredentials' | 'config' | 'bot' | 'enabled'
  >
>

/** Statement of a batch, as for agents. */
export const selectChannelInstances = (db: Database, tenantId: TenantId) =>
  db
    .select()
    .from(channelInstances)
    .where(eq(channelInstances.tenantId, tenantId))
    .orderBy(asc(channelInstances.name))

export const parseChannelInstance = (row: unknown): ChannelInstance =>
  channelInstanceSchema.parse(row)

export async function createChannelInstance(
  db: Database,
  tenantId: TenantId,
  instance: ChannelInstance,
  now: number,
): Promise<Result<ChannelInstance, 'already_exists'>> {
  try {
    const [[row]] = await db.batch([
      db
        .insert(channelInstances)
        .values({ ...instance, tenantId, createdAt: now, updatedAt: now })
        .returning(),
      bumpVersion(db, tenantId),
    ])
    return ok(parseChannelInstance(row))
  } catch (error) {
    if (isUniqueViolation(error, 'channel_instances.name')) return err('already_exists')
    throw error
  }
}

const isThis = (tenantId: TenantId, id: string) =>
  and(eq(channelInstances.tenantId, tenantId), eq(channelInstances.id, id))

/** @param instance as it was when the change was judged: one that has changed since is not written over */
export async function updateChannelInstance(
  db: Database,
  tenantId: TenantId,
  { id, revision }: Pick<ChannelInstance, 'id' | 'revision'>,
  patch: ChannelInstancePatch,
  now: number,
): Promise<Result<ChannelInstance, 'conflict'>> {
  const { displayName, agentId, sealedCredentials, config, bot, enabled } = patch
  const named = { displayName, agentId, sealedCredentials, config, bot, enabled }
  const given = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined))
  const [[row]] = await db.batch([
    db
      .update(channelInstances)
      .set({ ...given, revision: sql`${channelInstances.revision} + 1`, updatedAt: now })
      .where(and(isThis(tenantId, id), eq(channelInstances.revision, revision)))
      .returning(),
    bumpVersion(db, tenantId),
    bumpAuthVersion(db, tenantId),
  ])
  return row === undefined ? err('conflict') : ok(parseChannelInstance(row))
}

export async function deleteChannelInstance(
  db: Database,
  tenantId: TenantId,
  id: string,
): Promise<boolean> {
  const [deleted] = await db.batch([
    db.delete(channelInstances).where(isThis(tenantId, id)).returning({ id: channelInstances.id }),
    bumpVersion(db, tenantId),
    bumpAuthVersion(db, tenantId),
  ])
  return deleted.length > 0
}
