/** A tenant as a whole: its snapshot, its beginning, its name and status. */
import { and, eq, ne, sql } from 'drizzle-orm'
import { canonicalJson } from '../crypto/canonical-json.ts'
import type { AgentRecord, ProviderRecord } from '../domain/agent-record.ts'
import type { AgentId, ProviderId, TenantId, UserId } from '../domain/ids.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { parseAgentFile, selectAgentFiles } from './agent-files.ts'
import { parseAgentRecord, selectAgents } from './agents.ts'
import { parseChannelInstance, selectChannelInstances } from './channel-instances.ts'
import { parseCustomTool, selectCustomTools } from './custom-tools.ts'
import type { Database } from './database.ts'
import { parseTenantRow, type TenantRow } from './directory.ts'
import { parseStop, selectStops } from './emergency-stops.ts'
import { parseProviderRecord, selectProviders } from './llm-providers.ts'
import { parseMcpServer, selectMcpServers } from './mcp-servers.ts'
import { parseRunHook, selectRunHooks } from './run-hooks.ts'
import { agents } from './schema/agents.ts'
import { llmProviders } from './schema/llm-providers.ts'
import { tenantConfig } from './schema/tenant-config.ts'
import { memberships, tenants } from './schema/tenants.ts'
import { parseSearchProvider, selectSearchProviders } from './search-providers.ts'
import { grantedBinaries, selectBinaries, selectGrants } from './secure-cli.ts'
import { grantedSkills, selectSkillGrants, selectSkills } from './skills.ts'
import { configHash, parseStoredDocument, selectConfig } from './tenant-config.ts'
import { isUniqueViolation } from './unique-violation.ts'

/** Everything of one moment, in one round trip. Null when the tenant does not exist. */
export async function loadSnapshot(
  db: Database,
  tenantId: TenantId,
): Promise<TenantSnapshot | null> {
  const [
    [tenant],
    [stored],
    agentRows,
    fileRows,
    providerRows,
    searchRows,
    binaryRows,
    grantRows,
    stopRows,
    mcpRows,
    skillRows,
    skillGrantRows,
    customRows,
    hookRows,
    channelRows,
  ] = await db.batch([
    db.select().from(tenants).where(eq(tenants.id, tenantId)),
    selectConfig(db, tenantId),
    selectAgents(db, tenantId),
    selectAgentFiles(db, tenantId),
    selectProviders(db, tenantId),
    selectSearchProviders(db, tenantId),
    selectBinaries(db, tenantId),
    selectGrants(db, tenantId),
    selectStops(db, tenantId),
    selectMcpServers(db, tenantId),
    selectSkills(db, tenantId),
    selectSkillGrants(db, tenantId),
    selectCustomTools(db, tenantId),
    selectRunHooks(db, tenantId),
    selectChannelInstances(db, tenantId),
  ])
  if (tenant === undefined) return null
  if (stored === undefined) throw new Error(`tenant ${tenantId} has no configuration row`)
  const { name, slug, status, version, authVersion } = tenant
  return {
    tenantId,
    name,
    slug,
    status,
    version,
    authVersion,
    config: parseStoredDocument(stored.document).config,
    configHash: stored.hash,
    agents: agentRows.map(parseAgentRecord),
    agentFiles: fileRows.map(parseAgentFile),
    providers: providerRows.map(parseProviderRecord),
    searchProviders: searchRows.map(parseSearchProvider),
    binaries: grantedBinaries(binaryRows, grantRows),
    stops: stopRows.map(parseStop),
    mcpServers: mcpRows.map(parseMcpServer),
    skills: grantedSkills(skillRows, skillGrantRows),
    customTools: customRows.map(parseCustomTool),
    runHooks: hookRows.map(parseRunHook),
    channelInstances: channelRows.map(parseChannelInstance),
  }
}

/** What a tenant begins with; the first tenant's migration enters the same. */
const firstAgent = (id: AgentId): AgentRecord => ({
  id,
  key: 'default',
  displayName: 'Assistant',
  provider: 'demo',
  model: 'demo',
  agentType: 'open',
  status: 'active',
  isDefault: true,
  systemPrompt: '',
  settings: {},
  packages: [],
})

const firstProvider = (id: ProviderId): ProviderRecord => ({
  id,
  name: 'demo',
  type: 'demo',
  apiBase: null,
  sealedApiKey: null,
  allowPrivateNetwork: false,
  enabled: true,
})

export interface NewTenant {
  readonly name: string
  readonly slug: string
  readonly agentId: AgentId
  readonly providerId: ProviderId
  readonly createdBy: UserId
  /** The tenant's first owner; none when the platform operator adds one later. */
  readonly ownerId?: UserId
}

/** All rows or none: a slug that is taken leaves nothing behind. */
export async function createTenant(
  db: Database,
  tenantId: TenantId,
  tenant: NewTenant,
  now: number,
): Promise<Result<TenantRow, 'already_exists'>> {
  const times = { createdAt: now, updatedAt: now }
  const { name, slug, ownerId, createdBy } = tenant
  try {
    const [[row]] = await db.batch([
      db
        .insert(tenants)
        .values({ id: tenantId, name, slug, ...times })
        .returning(),
      db.insert(tenantConfig).values({
        tenantId,
        document: canonicalJson({}),
        hash: await configHash({}),
        updatedBy: createdBy,
        updatedAt: now,
      }),
      db.insert(llmProviders).values({ tenantId, ...firstProvider(tenant.providerId), ...times }),
      db.insert(agents).values({ tenantId, ...firstAgent(tenant.agentId), ...times }),
      ...(ownerId === undefined
        ? []
        : [db.insert(memberships).values({ tenantId, userId: ownerId, role: 'owner', ...times })]),
    ])
    return ok(parseTenantRow(row))
  } catch (error) {
    if (isUniqueViolation(error, 'tenants.slug')) return err('already_exists')
    throw error
  }
}

export type TenantPatch = Partial<Pick<TenantRow, 'name' | 'slug' | 'status'>>

/** Both numbers rise: name and status stand in the snapshot, and a status ends credentials. */
export async function updateTenant(
  db: Database,
  tenantId: TenantId,
  { name, slug, status }: TenantPatch,
  now: number,
): Promise<Result<TenantRow, 'not_found' | 'already_exists'>> {
  try {
    const [row] = await db
      .update(tenants)
      .set({
        name,
        slug,
        status,
        version: sql`${tenants.version} + 1`,
        authVersion: sql`${tenants.authVersion} + 1`,
        updatedAt: now,
      })
      // What is being deleted is not brought back: half of it is gone.
      .where(and(eq(tenants.id, tenantId), ne(tenants.status, 'deleting')))
      .returning()
    return row === undefined ? err('not_found') : ok(parseTenantRow(row))
  } catch (error) {
    if (isUniqueViolation(error, 'tenants.slug')) return err('already_exists')
    throw error
  }
}
