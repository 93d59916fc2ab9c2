/**
 * Skills of a tenant: the row that says which version is in force, its versions, which nothing changes
 * once they are written, and the grants without which nobody has it. What a version says is bounded
 * for the tenant as a whole, in the statement that writes it.
 */
import { and, asc, desc, eq, exists, lte, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { AgentId, TenantId, UserId } from '../domain/ids.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { SKILL_LIMITS, type Skill, type SkillFile, skillSchema } from '../domain/skill.ts'
import type { Database } from './database.ts'
import { skillFiles, skillGrants, skills, skillVersions } from './schema/skills.ts'
import { isUniqueViolation } from './unique-violation.ts'
import { bumpVersion } from './versions.ts'

const { maxTenantBytes, maxVersions } = SKILL_LIMITS
/** Of no user: the grant is for whoever talks to the agent. */
const EVERYBODY = ''

const skillVersionSchema = z.object({
  number: z.number(),
  description: z.string(),
  contentHash: z.string(),
  size: z.number(),
  fileCount: z.number(),
  findings: z.array(z.string()).readonly(),
  createdBy: z.string(),
  createdAt: z.number(),
})
export type SkillVersion = Readonly<z.infer<typeof skillVersionSchema>>

export interface NewSkillVersion {
  readonly description: string
  readonly text: string
  readonly files: readonly SkillFile[]
  readonly size: number
  readonly contentHash: string
  readonly findings: readonly string[]
  readonly createdBy: UserId
}

export interface SkillGrantRow {
  readonly skillId: string
  readonly agentId: AgentId
  readonly userId: string | null
  readonly grantedBy: string
}

const ofSkill = (tenantId: TenantId, id: string): SQL | undefined =>
  and(eq(skills.tenantId, tenantId), eq(skills.id, id))
const versionsOf = (tenantId: TenantId, id: string): SQL | undefined =>
  and(eq(skillVersions.tenantId, tenantId), eq(skillVersions.skillId, id))
const ofVersion = (tenantId: TenantId, id: string, number: number): SQL | undefined =>
  and(versionsOf(tenantId, id), eq(skillVersions.number, number))
const filesOf = (tenantId: TenantId, id: string): SQL | undefined =>
  and(eq(skillFiles.tenantId, tenantId), eq(skillFiles.skillId, id))

/** Statement of a batch, as for agents. */
export const selectSkills = (db: Database, tenantId: TenantId) =>
  db.select().from(skills).where(eq(skills.tenantId, tenantId)).orderBy(asc(skills.name))

export const selectSkillGrants = (db: Database, tenantId: TenantId) =>
  db
    .select()
    .from(skillGrants)
    .where(eq(skillGrants.tenantId, tenantId))
    .orderBy(asc(skillGrants.skillId), asc(skillGrants.agentId), asc(skillGrants.userId))

type Rows<Select extends (db: Database, tenantId: TenantId) => PromiseLike<unknown>> = Awaited<
  ReturnType<Select>
>

export const grantedSkills = (
  rows: Rows<typeof selectSkills>,
  grants: Rows<typeof selectSkillGrants>,
): readonly Skill[] =>
  rows.map((row) =>
    skillSchema.parse({
      ...row,
      grants: grants
        .filter(({ skillId }) => skillId === row.id)
        .map(({ agentId, userId }) => ({ agentId, userId: userId === EVERYBODY ? null : userId })),
    }),
  )

const versionExists = (db: Database, tenantId: TenantId, id: string, number: number): SQL =>
  exists(
    db
      .select({ number: skillVersions.number })
      .from(skillVersions)
      .where(ofVersion(tenantId, id, number)),
  )

const hasRoom = (tenantId: TenantId, size: number, maxBytes: number): SQL =>
  sql`(select coalesce(sum(${skillVersions.size}), 0) from skill_versions
    where ${eq(skillVersions.tenantId, tenantId)}) + ${size} <= ${maxBytes}`

/** In the order of the tables' columns; each only where `guard` holds. */
const versionRows = (
  db: Database,
  tenantId: TenantId,
  id: string,
  number: number,
  version: NewSkillVersion,
  guard: SQL,
  now: number,
) => {
  const { description, contentHash, size, files, findings, createdBy, text } = version
  return [
    db
      .insert(skillVersions)
      .select(sql`
        select ${tenantId}, ${id}, ${number}, ${description}, ${contentHash}, ${size},
          ${files.length}, ${JSON.stringify(findings)}, ${createdBy}, ${now}, ${text}
        where ${guard}`)
      .returning({ number: skillVersions.number }),
    db.insert(skillFiles).select(sql`
        select ${tenantId}, ${id}, ${number}, json_each.value ->> 'path',
          json_each.value ->> 'content'
        from json_each(${JSON.stringify(files)})
        where ${versionExists(db, tenantId, id, number)}`),
  ] as const
}

/** @param maxBytes of all versions of the tenant */
export async function createSkill(
  db: Database,
  tenantId: TenantId,
  skill: { readonly id: string; readonly name: string; readonly enabled: boolean },
  version: NewSkillVersion,
  now: number,
  maxBytes: number = maxTenantBytes,
): Promise<Result<null, 'already_exists' | 'full'>> {
  const { id, name, enabled } = skill
  const { description, contentHash, createdBy, size } = version
  const isThere = exists(db.select({ id: skills.id }).from(skills).where(ofSkill(tenantId, id)))
  try {
    const [created] = await db.batch([
      db
        .insert(skills)
        .select(sql`
          select ${id}, ${tenantId}, ${name}, ${description}, ${contentHash}, ${createdBy}, 1,
            ${enabled ? 1 : 0}, ${now}, ${now}
          where ${hasRoom(tenantId, size, maxBytes)}`)
        .returning({ id: skills.id }),
      ...versionRows(db, tenantId, id, 1, version, isThere, now),
      bumpVersion(db, tenantId),
    ])
    return created.length > 0 ? ok(null) : err('full')
  } catch (error) {
    if (isUniqueViolation(error, 'skills.name')) return err('already_exists')
    throw error
  }
}

/** The new version is in force at once; the oldest ones go. */
export async function addSkillVersion(
  db: Database,
  tenantId: TenantId,
  id: string,
  version: NewSkillVersion,
  now: number,
  maxBytes: number = maxTenantBytes,
): Promise<Result<number, 'not_found' | 'full' | 'conflict'>> {
  const isSkill = ofSkill(tenantId, id)
  const skill = db.select({ id: skills.id }).from(skills).where(isSkill)
  const [latest] = await db
    .select({ number: skillVersions.number })
    .from(skillVersions)
    .where(versionsOf(tenantId, id))
    .orderBy(desc(skillVersions.number))
    .limit(1)
  const number = (latest?.number ?? 0) + 1
  const guard = sql`${exists(skill)} and ${hasRoom(tenantId, version.size, maxBytes)}`
  const { description, contentHash } = version
  const oldest = number - maxVersions
  // Only once the new one is in force: a refused upload takes nothing away.
  const isInForce = exists(
    db
      .select({ id: skills.id })
      .from(skills)
      .where(and(ofSkill(tenantId, id), eq(skills.version, number))),
  )
  try {
    const [, , updated, left] = await db.batch([
      ...versionRows(db, tenantId, id, number, version, guard, now),
      db
        .update(skills)
        .set({ version: number, description, contentHash, updatedAt: now })
        .where(and(isSkill, versionExists(db, tenantId, id, number)))
        .returning({ id: skills.id }),
      skill,
      db
        .delete(skillFiles)
        .where(and(filesOf(tenantId, id), lte(skillFiles.number, oldest), isInForce)),
      db
        .delete(skillVersions)
        .where(and(versionsOf(tenantId, id), lte(skillVersions.number, oldest), isInForce)),
      bumpVersion(db, tenantId),
    ])
    if (updated.length > 0) return ok(number)
    return err(left.length > 0 ? 'full' : 'not_found')
  } catch (error) {
    // Somebody else's upload was first.
    if (isUniqueViolation(error, 'skill_versions.number')) return err('conflict')
    throw error
  }
}

/** An older version, or a newer one that was left, is in force again. */
export async function restoreSkillVersion(
  db: Database,
  tenantId: TenantId,
  id: string,
  number: number,
  now: number,
): Promise<Result<null, 'not_found'>> {
  const isVersion = ofVersion(tenantId, id, number)
  const of = (column: 'description' | 'contentHash') =>
    db.select({ value: skillVersions[column] }).from(skillVersions).where(isVersion)
  const [restored] = await db.batch([
    db
      .update(skills)
      .set({
        version: number,
        description: sql`(${of('description')})`,
        contentHash: sql`(${of('contentHash')})`,
        updatedAt: now,
      })
      .where(and(ofSkill(tenantId, id), exists(of('description'))))
      .returning({ id: skills.id }),
    bumpVersion(db, tenantId),
  ])
  return restored.length > 0 ? ok(null) : err('not_found')
}

export async function switchSkill(
  db: Database,
  tenantId: TenantId,
  id: string,
  enabled: boolean,
  now: number,
): Promise<Result<null, 'not_found'>> {
  const [switched] = await db.batch([
    db
      .update(skills)
      .set({ enabled, updatedAt: now })
      .where(ofSkill(tenantId, id))
      .returning({ id: skills.id }),
    bumpVersion(db, tenantId),
  ])
  return switched.length > 0 ? ok(null) : err('not_found')
}

export async function deleteSkill(
  db: Database,
  tenantId: TenantId,
  id: string,
): Promise<Result<null, 'not_found'>> {
  const [deleted] = await db.batch([
    db.delete(skills).where(ofSkill(tenantId, id)).returning({ id: skills.id }),
    db
      .delete(skillGrants)
      .where(and(eq(skillGrants.tenantId, tenantId), eq(skillGrants.skillId, id))),
    db.delete(skillFiles).where(filesOf(tenantId, id)),
    db.delete(skillVersions).where(versionsOf(tenantId, id)),
    bumpVersion(db, tenantId),
  ])
  return deleted.length > 0 ? ok(null) : err('not_found')
}

const VERSION_COLUMNS = {
  number: skillVersions.number,
  description: skillVersions.description,
  contentHash: skillVersions.contentHash,
  size: skillVersions.size,
  fileCount: skillVersions.fileCount,
  findings: skillVersions.findings,
  createdBy: skillVersions.createdBy,
  createdAt: skillVersions.createdAt,
}

/** Newest first, without what they say. */
export async function listSkillVersions(
  db: Database,
  tenantId: TenantId,
  id: string,
): Promise<readonly SkillVersion[]> {
  const rows = await db
    .select(VERSION_COLUMNS)
    .from(skillVersions)
    .where(versionsOf(tenantId, id))
    .orderBy(desc(skillVersions.number))
  return rows.map((row) => skillVersionSchema.parse(row))
}

export interface StoredSkill {
  readonly version: SkillVersion
  readonly text: string
  readonly files: readonly SkillFile[]
}

export async function readSkill(
  db: Database,
  tenantId: TenantId,
  id: string,
  number: number,
): Promise<StoredSkill | null> {
  const [[row], files] = await db.batch([
    db
      .select()
      .from(skillVersions)
      .where(ofVersion(tenantId, id, number)),
    db
      .select({ path: skillFiles.path, content: skillFiles.content })
      .from(skillFiles)
      .where(and(filesOf(tenantId, id), eq(skillFiles.number, number)))
      .orderBy(asc(skillFiles.path)),
  ])
  return row === undefined
    ? null
    : { version: skillVersionSchema.parse(row), text: row.content, files }
}

/** The same grant again changes nothing but who gave it. */
export async function grantSkill(
  db: Database,
  tenantId: TenantId,
  { skillId, agentId, userId, grantedBy }: SkillGrantRow & { readonly grantedBy: UserId },
  now: number,
): Promise<Result<null, 'not_found'>> {
  const stored = userId ?? EVERYBODY
  const [granted] = await db.batch([
    db
      .insert(skillGrants)
      .select(sql`
        select ${tenantId}, ${skillId}, ${agentId}, ${stored}, ${grantedBy}, ${now}
        where ${exists(db.select({ id: skills.id }).from(skills).where(ofSkill(tenantId, skillId)))}`)
      .onConflictDoUpdate({
        target: [
          skillGrants.tenantId,
          skillGrants.skillId,
          skillGrants.agentId,
          skillGrants.userId,
        ],
        set: { grantedBy, createdAt: now },
      })
      .returning({ skillId: skillGrants.skillId }),
    bumpVersion(db, tenantId),
  ])
  return granted.length > 0 ? ok(null) : err('not_found')
}

export async function revokeSkill(
  db: Database,
  tenantId: TenantId,
  { skillId, agentId, userId }: Omit<SkillGrantRow, 'grantedBy'>,
): Promise<Result<null, 'not_found'>> {
  const [revoked] = await db.batch([
    db
      .delete(skillGrants)
      .where(
        and(
          eq(skillGrants.tenantId, tenantId),
          eq(skillGrants.skillId, skillId),
          eq(skillGrants.agentId, agentId),
          eq(skillGrants.userId, userId ?? EVERYBODY),
        ),
      )
      .returning({ skillId: skillGrants.skillId }),
    bumpVersion(db, tenantId),
  ])
  return revoked.length > 0 ? ok(null) : err('not_found')
}
