/**
 * Registered binaries of a tenant and the agents that may call them. The environment with the
 * credential comes and goes sealed; this file cannot open it. It is bound to its destination:
 * another path or another host erases it.
 */
import { and, asc, eq, exists, gt, lt, or, sql } from 'drizzle-orm'
import { z } from 'zod'
import {
  type BinaryGrant,
  binaryGrantSchema,
  type CredentialedBinary,
  credentialedBinarySchema,
  type GrantedBinary,
} from '../domain/credentialed-binary.ts'
import type { AgentId, BinaryId, TenantId, UserId } from '../domain/ids.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { Database } from './database.ts'
import { agents } from './schema/agents.ts'
import { secureCliBinaries, secureCliGrants } from './schema/secure-cli.ts'
import { isUniqueViolation } from './unique-violation.ts'
import { bumpVersion } from './versions.ts'

export interface NewBinary extends Omit<CredentialedBinary, 'hasCredential'> {
  readonly sealedEnv: string | null
}

/** A new `sealedEnv` belongs to the new destination; without one a changed destination has none. */
export type BinaryPatch = Partial<Omit<NewBinary, 'id'>>

export interface NewGrant extends BinaryGrant {
  readonly binaryId: BinaryId
  readonly grantedBy: UserId
}

const grantRowSchema = binaryGrantSchema.extend({
  binaryId: z.string(),
  grantedBy: z.string(),
  createdAt: z.number(),
})
export type GrantRow = Readonly<z.infer<typeof grantRowSchema>>

/** Everything but the sealed environment, of which it is told only that there is one. */
const columns = {
  id: secureCliBinaries.id,
  name: secureCliBinaries.name,
  absolutePath: secureCliBinaries.absolutePath,
  description: secureCliBinaries.description,
  denyArgs: secureCliBinaries.denyArgs,
  denyVerbose: secureCliBinaries.denyVerbose,
  hosts: secureCliBinaries.hosts,
  hasCredential: sql`${secureCliBinaries.sealedEnv} is not null`.mapWith(Boolean),
  timeoutSeconds: secureCliBinaries.timeoutSeconds,
  isGlobal: secureCliBinaries.isGlobal,
  enabled: secureCliBinaries.enabled,
}

/** Statements of a batch, as for agents. */
export const selectBinaries = (db: Database, tenantId: TenantId) =>
  db
    .select(columns)
    .from(secureCliBinaries)
    .where(eq(secureCliBinaries.tenantId, tenantId))
    .orderBy(asc(secureCliBinaries.name))

export const selectGrants = (db: Database, tenantId: TenantId) =>
  db.select().from(secureCliGrants).where(eq(secureCliGrants.tenantId, tenantId))

/** What both statements found, brought together. */
export function grantedBinaries(
  binaryRows: readonly unknown[],
  grantRows: readonly unknown[],
): readonly GrantedBinary[] {
  const grants = grantRows.map((row) => grantRowSchema.parse(row))
  return binaryRows.map((row) => {
    const binary = credentialedBinarySchema.parse(row)
    const own = grants.filter(({ binaryId }) => binaryId === binary.id)
    return { ...binary, grants: own.map(({ agentId, denyArgs }) => ({ agentId, denyArgs })) }
  })
}

/** Where a credential goes: to this program in this agent's image, and from there to these hosts. */
export interface BinaryDestination extends Pick<CredentialedBinary, 'absolutePath' | 'hosts'> {
  readonly agentId: AgentId
  /** When the newest package of its image was added, which may have replaced the program. */
  readonly packagesAddedAt: number | null
}

/**
 * The one way to the sealed text; null when the binary is gone, or has none. Whoever is about to use
 * it says where: a newer one was set for another destination, and is null for the old one.
 */
export async function findSealedEnv(
  db: Database,
  tenantId: TenantId,
  id: BinaryId,
  usedAt: BinaryDestination | null = null,
): Promise<string | null> {
  const { absolutePath, hosts } = secureCliBinaries
  const isUsable =
    usedAt === null
      ? undefined
      : and(
          eq(secureCliBinaries.enabled, true),
          eq(absolutePath, usedAt.absolutePath),
          sql`${hosts} is ${JSON.stringify(usedAt.hosts)}`,
          usedAt.packagesAddedAt === null
            ? undefined
            : and(
                gt(secureCliBinaries.envSetAt, usedAt.packagesAddedAt),
                wasMeantFor(db, tenantId, usedAt.agentId),
              ),
        )
  const row = await db
    .select({ sealedEnv: secureCliBinaries.sealedEnv })
    .from(secureCliBinaries)
    .where(and(eq(secureCliBinaries.tenantId, tenantId), eq(secureCliBinaries.id, id), isUsable))
    .get()
  return row?.sealedEnv ?? null
}

/**
 * Whoever set it knew that this agent would get it: the agent was granted the binary before, or every
 * agent was (`isGlobal` switched on later takes `envSetAt` back). Else an image that was prepared first
 * could be let at the credential afterwards.
 */
function wasMeantFor(db: Database, tenantId: TenantId, agentId: AgentId) {
  const earlierGrant = db
    .select({ agentId: secureCliGrants.agentId })
    .from(secureCliGrants)
    .where(
      and(
        eq(secureCliGrants.tenantId, tenantId),
        eq(secureCliGrants.binaryId, secureCliBinaries.id),
        eq(secureCliGrants.agentId, agentId),
        lt(secureCliGrants.createdAt, secureCliBinaries.envSetAt),
      ),
    )
  return or(eq(secureCliBinaries.isGlobal, true), exists(earlierGrant))
}

export async function createBinary(
  db: Database,
  tenantId: TenantId,
  binary: NewBinary,
  now: number,
): Promise<Result<CredentialedBinary, 'already_exists'>> {
  try {
    const [[row]] = await db.batch([
      db
        .insert(secureCliBinaries)
        .values({ ...binary, tenantId, envSetAt: now, createdAt: now, updatedAt: now })
        .returning(columns),
      bumpVersion(db, tenantId),
    ])
    return ok(credentialedBinarySchema.parse(row))
  } catch (error) {
    if (isUniqueViolation(error, 'secure_cli_binaries.name')) return err('already_exists')
    throw error
  }
}

export async function updateBinary(
  db: Database,
  tenantId: TenantId,
  id: BinaryId,
  patch: BinaryPatch,
  now: number,
): Promise<Result<CredentialedBinary, 'not_found' | 'already_exists'>> {
  // Named one by one: a patch that carries more cannot move a row to another tenant or id.
  const { name, absolutePath, description, denyArgs, denyVerbose, hosts } = patch
  const { timeoutSeconds, isGlobal, enabled } = patch
  const changed = {
    name,
    absolutePath,
    description,
    denyArgs,
    denyVerbose,
    hosts,
    timeoutSeconds,
    isGlobal,
    enabled,
    sealedEnv: patch.sealedEnv === undefined ? keptEnv(patch) : patch.sealedEnv,
    envSetAt: patch.sealedEnv === undefined ? keptSetAt(patch) : now,
  }
  try {
    const [[row]] = await db.batch([
      db
        .update(secureCliBinaries)
        .set({ ...changed, updatedAt: now })
        .where(and(eq(secureCliBinaries.tenantId, tenantId), eq(secureCliBinaries.id, id)))
        .returning(columns),
      bumpVersion(db, tenantId),
    ])
    return row === undefined ? err('not_found') : ok(credentialedBinarySchema.parse(row))
  } catch (error) {
    if (isUniqueViolation(error, 'secure_cli_binaries.name')) return err('already_exists')
    throw error
  }
}

/**
 * The stored environment, or null once the program or its hosts are others: else whoever may edit a
 * binary could have the credential handed to a program, or sent to a host, of their own. Decided in
 * the statement itself, against the row as it is then.
 */
function keptEnv({ absolutePath, hosts }: BinaryPatch) {
  const isSamePath =
    absolutePath === undefined ? sql`1` : sql`${secureCliBinaries.absolutePath} is ${absolutePath}`
  const isSameHosts =
    hosts === undefined ? sql`1` : sql`${secureCliBinaries.hosts} is ${JSON.stringify(hosts)}`
  return sql`case when ${isSamePath} and ${isSameHosts} then ${secureCliBinaries.sealedEnv} end`
}

/** Set for the agents that could call it then: once all may, it was set for no image with packages. */
const keptSetAt = ({ isGlobal }: BinaryPatch) =>
  isGlobal === true
    ? sql<number>`case when ${secureCliBinaries.isGlobal} then ${secureCliBinaries.envSetAt} else 0 end`
    : undefined

/** With its grants: a binary of the same name that comes later begins with none. */
export async function deleteBinary(
  db: Database,
  tenantId: TenantId,
  id: BinaryId,
): Promise<Result<null, 'not_found'>> {
  const [deleted] = await db.batch([
    db
      .delete(secureCliBinaries)
      .where(and(eq(secureCliBinaries.tenantId, tenantId), eq(secureCliBinaries.id, id)))
      .returning({ id: secureCliBinaries.id }),
    db
      .delete(secureCliGrants)
      .where(and(eq(secureCliGrants.tenantId, tenantId), eq(secureCliGrants.binaryId, id))),
    bumpVersion(db, tenantId),
  ])
  return deleted.length > 0 ? ok(null) : err('not_found')
}

export async function listGrants(
  db: Database,
  tenantId: TenantId,
  binaryId: BinaryId,
): Promise<readonly GrantRow[]> {
  const rows = await db
    .select()
    .from(secureCliGrants)
    .where(and(eq(secureCliGrants.tenantId, tenantId), eq(secureCliGrants.binaryId, binaryId)))
    .orderBy(asc(secureCliGrants.agentId))
  return rows.map((row) => grantRowSchema.parse(row))
}

/** Repeating it replaces the patterns. Binary and agent must be there in the very statement. */
export async function grantBinary(
  db: Database,
  tenantId: TenantId,
  grant: NewGrant,
  now: number,
): Promise<Result<GrantRow, 'not_found'>> {
  const { binaryId, agentId, denyArgs, grantedBy } = grant
  const [[row]] = await db.batch([
    db
      .insert(secureCliGrants)
      .select(
        db
          .select({
            tenantId: sql<TenantId>`${tenantId}`.as('tenant_id'),
            binaryId: sql<string>`${secureCliBinaries.id}`.as('binary_id'),
            agentId: sql<AgentId>`${agents.id}`.as('agent_id'),
            denyArgs: sql<unknown>`${JSON.stringify(denyArgs)}`.as('deny_args'),
            grantedBy: sql<UserId>`${grantedBy}`.as('granted_by'),
            createdAt: sql<number>`${now}`.as('created_at'),
          })
          .from(secureCliBinaries)
          .innerJoin(agents, and(eq(agents.tenantId, tenantId), eq(agents.id, agentId)))
          .where(and(eq(secureCliBinaries.tenantId, tenantId), eq(secureCliBinaries.id, binaryId))),
      )
      .onConflictDoUpdate({
        target: [secureCliGrants.tenantId, secureCliGrants.binaryId, secureCliGrants.agentId],
        set: { denyArgs, grantedBy, createdAt: now },
      })
      .returning(),
    bumpVersion(db, tenantId),
  ])
  return row === undefined ? err('not_found') : ok(grantRowSchema.parse(row))
}

export async function revokeGrant(
  db: Database,
  tenantId: TenantId,
  binaryId: BinaryId,
  agentId: AgentId,
): Promise<Result<null, 'not_found'>> {
  const [revoked] = await db.batch([
    db
      .delete(secureCliGrants)
      .where(
        and(
          eq(secureCliGrants.tenantId, tenantId),
          eq(secureCliGrants.binaryId, binaryId),
          eq(secureCliGrants.agentId, agentId),
        ),
      )
      .returning({ agentId: secureCliGrants.agentId }),
    bumpVersion(db, tenantId),
  ])
  return revoked.length > 0 ? ok(null) : err('not_found')
}
