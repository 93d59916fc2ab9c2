/** What an agent is told, as its admins wrote it. */
import { and, asc, eq } from 'drizzle-orm'
import { type AgentFile, type AgentFileName, agentFileSchema } from '../domain/context-file.ts'
import type { AgentId, TenantId, UserId } from '../domain/ids.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { Database } from './database.ts'
import { agentFiles } from './schema/memory.ts'
import { bumpVersion } from './versions.ts'

/** Statement of a batch, as for agents. */
export const selectAgentFiles = (db: Database, tenantId: TenantId) =>
  db
    .select()
    .from(agentFiles)
    .where(eq(agentFiles.tenantId, tenantId))
    .orderBy(asc(agentFiles.agentId), asc(agentFiles.name))

export const parseAgentFile = (row: unknown): AgentFile => agentFileSchema.parse(row)

export async function setAgentFile(
  db: Database,
  tenantId: TenantId,
  file: Omit<AgentFile, 'updatedAt'> & { readonly updatedBy: UserId },
  now: number,
): Promise<AgentFile> {
  const { agentId, name, content, updatedBy } = file
  const changed = { content, updatedBy, updatedAt: now }
  const [[row]] = await db.batch([
    db
      .insert(agentFiles)
      .values({ tenantId, agentId, name, ...changed })
      .onConflictDoUpdate({
        target: [agentFiles.tenantId, agentFiles.agentId, agentFiles.name],
        set: changed,
      })
      .returning(),
    bumpVersion(db, tenantId),
  ])
  return parseAgentFile(row)
}

export async function deleteAgentFile(
  db: Database,
  tenantId: TenantId,
  agentId: AgentId,
  name: AgentFileName,
): Promise<Result<null, 'not_found'>> {
  const [deleted] = await db.batch([
    db
      .delete(agentFiles)
      .where(
        and(
          eq(agentFiles.tenantId, tenantId),
          eq(agentFiles.agentId, agentId),
          eq(agentFiles.name, name),
        ),
      )
      .returning({ name: agentFiles.name }),
    bumpVersion(db, tenantId),
  ])
  return deleted.length > 0 ? ok(null) : err('not_found')
}
