/** What the security audit looks at of hooks, custom tools, MCP servers, skills, schedules and traces. */
import type { TenantFacts } from '../audit/facts.ts'
import type { JobFacts, RunHookFacts } from '../audit/surface-facts.ts'
import { listCronJobs, MAX_CRON_JOB_PAGE } from '../db/cron-jobs.ts'
import type { Database } from '../db/database.ts'
import { findTraceExporter } from '../db/trace-exporters.ts'
import type { CronJob } from '../domain/cron-job.ts'
import { isAgreed } from '../domain/mcp.ts'
import { isTenantAdmin } from '../domain/principal.ts'
import { failsClosed, type RunHook, type RunHookEvent } from '../domain/run-hook.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { reachOf } from './audit-reach.ts'

/** A tenant may have more; what is found in the newest of them is enough to act on. */
const MAX_JOBS = 1_000

/** Ahead of what they can still stop. */
const GUARDING: readonly RunHookEvent[] = ['user_prompt_submit', 'pre_tool_use']

export async function surfaceFacts(
  db: Database,
  snapshot: TenantSnapshot,
): Promise<
  Pick<
    TenantFacts,
    'mcpServers' | 'runHooks' | 'customTools' | 'skills' | 'jobs' | 'exporter' | 'tracesReachModels'
  >
> {
  const { tenantId, agents, config } = snapshot
  const keyOf = (id: string): string => agents.find((agent) => agent.id === id)?.key ?? id
  const [jobs, exporter] = await Promise.all([
    enabledJobs(db, snapshot),
    findTraceExporter(db, tenantId),
  ])
  return {
    mcpServers: snapshot.mcpServers.map(
      ({ name, enabled, allowedAgents, url, allowPrivateNetwork, tools }) => ({
        name,
        isEnabled: enabled,
        isUnrestricted: allowedAgents.includes('*'),
        hasQuery: URL.canParse(url) && new URL(url).search !== '',
        waitingTools: tools.filter((tool) => !isAgreed(tool)).length,
        ...reachOf(url, allowPrivateNetwork),
      }),
    ),
    runHooks: snapshot.runHooks.map(runHookFacts),
    customTools: snapshot.customTools.map(
      ({ name, enabled, allowedAgents, origin, allowPrivateNetwork }) => ({
        name,
        isEnabled: enabled,
        isUnrestricted: allowedAgents.includes('*'),
        ...reachOf(origin, allowPrivateNetwork),
      }),
    ),
    skills: snapshot.skills.map(({ name, enabled, grants }) => ({
      name,
      isEnabled: enabled,
      grants: grants.length,
      openAgents: grants
        .filter(({ userId }) => userId === null)
        .map(({ agentId }) => keyOf(agentId)),
    })),
    jobs: jobs.map((job) => jobFacts(job, keyOf(job.agentId))),
    exporter: exporter && {
      name: URL.canParse(exporter.endpoint) ? new URL(exporter.endpoint).host : 'the receiver',
      isEnabled: exporter.enabled,
      isFailing: exporter.lastError !== null,
      ...reachOf(exporter.endpoint, exporter.allowPrivateNetwork),
    },
    tracesReachModels: config.traces.propagate_to_models,
  }
}

const runHookFacts = (hook: RunHook): RunHookFacts => ({
  name: hook.name,
  isEnabled: hook.enabled,
  hasSecret: hook.sealedSecret !== null,
  letsThroughOnFailure: hook.events.some(
    (event) => GUARDING.includes(event) && !failsClosed(hook, event),
  ),
  ...reachOf(hook.url, hook.allowPrivateNetwork),
})

async function enabledJobs(
  db: Database,
  { tenantId }: TenantSnapshot,
): Promise<readonly CronJob[]> {
  const found: CronJob[] = []
  let after: CronJob | undefined
  for (let read = 0; read < MAX_JOBS; read += MAX_CRON_JOB_PAGE) {
    const page = await listCronJobs(db, tenantId, { limit: MAX_CRON_JOB_PAGE, after })
    found.push(...page.filter(({ enabled }) => enabled))
    after = page.at(-1)
    if (page.length < MAX_CRON_JOB_PAGE) break
  }
  return found
}

const jobFacts = ({ name, principal, delivery }: CronJob, agentKey: string): JobFacts => ({
  name,
  agentKey,
  isOperators: principal.isMasterScope,
  isAdmins: isTenantAdmin(principal),
  channel: delivery.channel === 'session' ? null : delivery.channel,
})
