/** Agents of a tenant. Exactly one is the default, and it cannot be deleted. */
import { and, asc, eq, notExists, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type AgentRecord, agentRecordSchema } from '../domain/agent-record.ts'
import type { AgentId, TenantId } from '../domain/ids.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { type AgentPackage, agentPackagesSchema } from '../domain/sandbox-package.ts'
import type { Database } from './database.ts'
import { agents } from './schema/agents.ts'
import { agentFiles } from './schema/memory.ts'
import { skillGrants } from './schema/skills.ts'
import { isUniqueViolation } from './unique-violation.ts'
import { bumpVersion } from './versions.ts'

const agentRowSchema = agentRecordSchema.extend({ createdAt: z.number(), updatedAt: z.number() })
export type AgentRow = Readonly<z.infer<typeof agentRowSchema>>

export type NewAgent = Omit<AgentRecord, 'isDefault' | 'packages'>

/** The key is no part of it: session keys hold it, and would lead nowhere. */
export type AgentPatch = Partial<Omit<AgentRecord, 'id' | 'key' | 'isDefault' | 'packages'>>

/** Statement of a batch: the snapshot reads agents in the same moment as all the rest. */
export const selectAgents = (db: Database, tenantId: TenantId) =>
  db.select().from(agents).where(eq(agents.tenantId, tenantId)).orderBy(asc(agents.key))

export const parseAgentRecord = (row: unknown): AgentRecord => agentRecordSchema.parse(row)

export async function createAgent(
  db: Database,
  tenantId: TenantId,
  agent: NewAgent,
  now: number,
): Promise<Result<AgentRow, 'already_exists'>> {
  try {
    const [[row]] = await db.batch([
      db
        .insert(agents)
        .values({
          ...agent,
          tenantId,
          isDefault: false,
          packages: [],
          createdAt: now,
          updatedAt: now,
        })
        .returning(),
      bumpVersion(db, tenantId),
    ])
    return ok(agentRowSchema.parse(row))
  } catch (error) {
    if (isUniqueViolation(error, 'agents.key')) return err('already_exists')
    throw error
  }
}

export async function updateAgent(
  db: Database,
  tenantId: TenantId,
  id: AgentId,
  patch: AgentPatch,
  now: number,
): Promise<Result<AgentRow, 'not_found'>> {
  // Named one by one: a patch that carries more cannot move a row to another tenant or id.
  const { displayName, provider, model, agentType, status, systemPrompt, settings } = patch
  const changed = { displayName, provider, model, agentType, status, systemPrompt, settings }
  const [[row]] = await db.batch([
    db
      .update(agents)
      .set({ ...changed, updatedAt: now })
      .where(and(eq(agents.tenantId, tenantId), eq(agents.id, id)))
      .returning(),
    bumpVersion(db, tenantId),
  ])
  return row === undefined ? err('not_found') : ok(agentRowSchema.parse(row))
}

/** Replaces exactly the list that the caller built upon: of two who build at once the second is told. */
export async function setAgentPackages(
  db: Database,
  tenantId: TenantId,
  id: AgentId,
  packages: { readonly base: readonly AgentPackage[]; readonly next: readonly AgentPackage[] },
  now: number,
): Promise<Result<AgentRow, 'not_found' | 'stale'>> {
  // Both through the schema, which gives each member its place: they are compared as text.
  const [base, next] = [packages.base, packages.next].map((list) => agentPackagesSchema.parse(list))
  const isAgent = and(eq(agents.tenantId, tenantId), eq(agents.id, id))
  const [[row], left] = await db.batch([
    db
      .update(agents)
      .set({ packages: next, updatedAt: now })
      .where(and(isAgent, sql`${agents.packages} = ${JSON.stringify(base)}`))
      .returning(),
    db.select({ id: agents.id }).from(agents).where(isAgent),
    bumpVersion(db, tenantId),
  ])
  if (row !== undefined) return ok(agentRowSchema.parse(row))
  return err(left.length > 0 ? 'stale' : 'not_found')
}

export async function deleteAgent(
  db: Database,
  tenantId: TenantId,
  id: AgentId,
): Promise<Result<null, 'not_found' | 'is_default'>> {
  const isAgent = and(eq(agents.tenantId, tenantId), eq(agents.id, id))
  const left = db.select({ id: agents.id }).from(agents).where(isAgent)
  const [deleted, kept] = await db.batch([
    db
      .delete(agents)
      .where(and(isAgent, eq(agents.isDefault, false)))
      .returning({ id: agents.id }),
    left,
    // What it was told goes with it; the default one, which stays, is told it still.
    db
      .delete(agentFiles)
      .where(and(eq(agentFiles.tenantId, tenantId), eq(agentFiles.agentId, id), notExists(left))),
    db
      .delete(skillGrants)
      .where(and(eq(skillGrants.tenantId, tenantId), eq(skillGrants.agentId, id), notExists(left))),
    bumpVersion(db, tenantId),
  ])
  if (deleted.length > 0) return ok(null)
  return err(kept.length > 0 ? 'is_default' : 'not_found')
}
