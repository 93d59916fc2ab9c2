/** Gathers what the security audit looks at. Secrets are counted, never shown; probes go to the operator's own runners. */

import { proveChain } from '../api/audit-proof.ts'
import type { Services } from '../api/context.ts'
import { OPERATIONS } from '../api/registry.ts'
import type {
  AgentFacts,
  PlatformFacts,
  ProviderFacts,
  RunnerFacts,
  SecretFacts,
  TenantFacts,
} from '../audit/facts.ts'
import { auditReport } from '../audit/report.ts'
import { isSealed, open } from '../crypto/envelope.ts'
import { listApiKeys } from '../db/api-keys.ts'
import { listMemberships } from '../db/memberships.ts'
import { listAuditedIssuers, listStoredSecrets, listSuppressions } from '../db/security-audit.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import { effectiveMode } from '../domain/config/sandbox-policy.ts'
import { sandboxLevels, type TenantConfig } from '../domain/config/tenant-config.ts'
import { SHELL_DENY_GROUPS } from '../domain/config/tool-policy.ts'
import { stopCovers } from '../domain/emergency-stop.ts'
import type { TenantId } from '../domain/ids.ts'
import type { Principal } from '../domain/principal.ts'
import type { SecurityReport } from '../domain/security-finding.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { runnerHealth } from '../isolation/runner-wire.ts'
import { isToolAllowed } from '../tools/policy.ts'
import { hasAccess } from '../tools/registry.ts'
import { resolveToolSettings } from '../tools/settings.ts'
import { channelFacts } from './audit-channels.ts'
import { reachOf } from './audit-reach.ts'
import { surfaceFacts } from './audit-surface.ts'
import type { Settings } from './env.ts'
import { runnerFetch } from './services.ts'
import { TOOL_REGISTRY } from './tool-settings.ts'

/** Of the trail; all of it is what `audit.verify` is for. */
const NEWEST_RECORDS = 5_000

export interface AuditParts {
  readonly principal: Principal
  readonly services: Services
  readonly settings: Settings
}

/** The tenant as it is now, not as the caller's snapshot had it: a fix has just changed it. */
export async function securityReport(
  { principal, services, settings }: AuditParts,
  { deep }: { readonly deep: boolean },
): Promise<SecurityReport> {
  const { tenantId } = principal
  const state = await services.tenant(tenantId).current(null)
  if (!state.found || state.snapshot === null) throw new Error('the tenant of the audit is gone')
  const platform = principal.isMasterScope ? await platformFacts(settings, deep) : null
  const report = auditReport({
    now: services.now(),
    platform,
    tenant: await tenantFacts({ services, settings }, state.snapshot),
    suppressions: await listSuppressions(services.database(tenantId), tenantId),
  })
  if (!deep) return report
  const probed = (platform?.runners ?? []).map(({ keyId }) => `runner ${keyId}`)
  return { ...report, deep: { probed: [...probed, 'audit chain'] } }
}

async function platformFacts(settings: Settings, deep: boolean): Promise<PlatformFacts> {
  const { token, runnerKey, runners, encryptionKey, previousEncryptionKey } = settings
  return {
    tokenChars: token?.length ?? null,
    isDevelopmentMode: settings.isDevelopmentMode,
    isDeployed: settings.platform === 'cloudflare',
    allowedOrigins: settings.allowedOrigins,
    trustedProxies: settings.trustedProxies,
    rateCeilingRpm: settings.rateCeilingRpm,
    hasEncryptionKey: encryptionKey !== '',
    acceptsPlaintext: settings.acceptPlaintext,
    isRunnerKeyShared:
      runnerKey !== null && [token, encryptionKey, previousEncryptionKey].includes(runnerKey),
    runnerCount: runners.length,
    openOperations: OPERATIONS.filter(({ access }) => !access?.role || !access.scope).map(
      ({ name }) => name,
    ),
    runners: deep ? await Promise.all(runners.map(probe)) : null,
  }
}

/** Another kernel between, or another root: one of them has to be there. */
const SEPARATING_RUNTIMES = /runsc|kata/

async function probe(runner: Settings['runners'][number]): Promise<RunnerFacts> {
  const health = await runnerHealth({ fetch: runnerFetch }, runner)
  const isSeparated =
    health !== null && (health.isUserNamespaceRemapped || SEPARATING_RUNTIMES.test(health.runtime))
  return {
    keyId: runner.keyId,
    isReachable: health?.status === 'ok',
    weaknesses:
      health === null || isSeparated
        ? []
        : ['root inside a container is root outside: no remapped user namespace, no gVisor'],
  }
}

async function tenantFacts(
  parts: Pick<AuditParts, 'services' | 'settings'>,
  snapshot: TenantSnapshot,
): Promise<TenantFacts> {
  const { services, settings } = parts
  const { tenantId, config, agents } = snapshot
  const db = services.database(tenantId)
  const [members, keys, issuers, secrets, proof, surface, channels] = await Promise.all([
    listMemberships(db, tenantId),
    listApiKeys(db, tenantId),
    listAuditedIssuers(db, tenantId),
    secretFacts(services, tenantId, settings.acceptPlaintext),
    proveChain(services, tenantId, { newest: NEWEST_RECORDS }),
    surfaceFacts(db, snapshot),
    channelFacts(parts, snapshot),
  ])
  const kept = { audit: config.retention.audit_days }
  const now = services.now()
  return {
    ownerOrAdminCount: members.filter(({ role }) => role === 'owner' || role === 'admin').length,
    memberCount: members.length,
    rateLimitRpm: config.gateway.rate_limit_rpm,
    injectionAction: config.gateway.injection_action,
    scrubsCredentials: config.tools.scrub_credentials,
    toolProfile: config.tools.profile ?? null,
    ineffectiveDenyRules: (config.tools.deny ?? []).filter(isIneffective),
    approvalTimeoutSeconds: config.tools.approvals.timeout_seconds,
    hasBudget: Object.values(config.budgets).some((limits) => isSet(limits)),
    keptForever: Object.entries(kept)
      .filter(([, days]) => days === undefined)
      .map(([name]) => name),
    keys: keys
      .filter(({ revokedAt, expiresAt }) => revokedAt === null && (expiresAt ?? Infinity) > now)
      .map((key) => ({ ...key, isAdmin: key.scopes.includes('operator.admin') })),
    issuers: issuers.map(({ name, audience, provisionRole, roleMapping }) => ({
      name,
      audience,
      provisionRole,
      mappedRoles: Object.values(roleMapping ?? {}).filter((role) => typeof role === 'string'),
    })),
    secrets,
    agents: agents
      .filter(({ status }) => status === 'active')
      .map((agent) => agentFacts(config, agent)),
    providers: providerFacts(snapshot),
    ...surface,
    ...channels,
    brokenAt: proof.firstBroken?.sequence ?? null,
    unverifiedRecords: proof.unverified,
    stops: snapshot.stops.length,
  }
}

const isSet = (limits: unknown): boolean =>
  typeof limits === 'object' &&
  limits !== null &&
  Object.values(limits).some((limit) => limit !== undefined)

const isIneffective = (entry: string): boolean =>
  !TOOL_REGISTRY.all.some((tool) => stopCovers(entry, tool)) && !entry.startsWith('group:')

async function secretFacts(
  services: Services,
  tenantId: TenantId,
  acceptsPlaintext: boolean,
): Promise<SecretFacts> {
  const stored = await listStoredSecrets(services.database(tenantId), tenantId)
  const plaintext = stored.filter(({ value }) => !isSealed(value)).length
  let underPreviousKey = 0
  // Without a key before this one there is nothing to find: what does not open is somebody else's fault.
  for (const { value, table, column, row } of services.keyRing.previous === null ? [] : stored) {
    const opened = await open(services.keyRing, { tenantId, table, column, row }, value)
    if (opened.ok && opened.value.under === 'previous') underPreviousKey++
  }
  return { plaintext, sealable: acceptsPlaintext ? plaintext : 0, underPreviousKey }
}

function agentFacts(config: TenantConfig, agent: AgentRecord): AgentFacts {
  const { policy, access, autonomy, shell } = resolveToolSettings({ config, agent: agent.settings })
  const may = (group: string): boolean =>
    TOOL_REGISTRY.all.some(
      (tool) => tool.group === group && isToolAllowed(tool, policy) && hasAccess(tool, access),
    )
  const { defaults } = config.agents
  return {
    key: agent.key,
    model: agent.model,
    provider: agent.provider,
    autonomy,
    hasExec: may('runtime'),
    hasFiles: may('fs'),
    hasWeb: may('web'),
    execSecurity: shell.approval.security,
    execAsk: shell.approval.ask,
    execAllowlist: shell.approval.allowlist,
    relaxedGroups: SHELL_DENY_GROUPS.filter((group) => !shell.denyGroups.has(group)),
    sandboxMode: effectiveMode(sandboxLevels(config, agent.settings)),
    profile: agent.settings.tools?.profile ?? defaults.tools?.profile ?? null,
  }
}

function providerFacts({ providers, searchProviders }: TenantSnapshot): readonly ProviderFacts[] {
  const of =
    (kind: ProviderFacts['kind']) =>
    (record: {
      readonly name: string
      readonly enabled: boolean
      readonly apiBase: string | null
      readonly allowPrivateNetwork: boolean
    }): ProviderFacts => {
      const { name, enabled, apiBase, allowPrivateNetwork } = record
      return { name, kind, isEnabled: enabled, ...reachOf(apiBase, allowPrivateNetwork) }
    }
  return [...providers.map(of('model')), ...searchProviders.map(of('search'))]
}
