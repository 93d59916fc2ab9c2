/**
 * Which workspace is whose. Identity is the raw tenant, agent and user id, so that two users never
 * share one.
 */

import type { AgentId, TenantId, UserId } from '../domain/ids.ts'
import type { SandboxScope } from './confine.ts'

/** `%`-encoded parts cannot hold the separator, so no user id can spell another's workspace. */
export const workspaceId = (tenantId: TenantId, agentId: AgentId, userId: UserId): string =>
  [tenantId, agentId, userId].map(encodeURIComponent).join('/')

/**
 * Whose container a job may use after others: with scope `shared` the user's over all their agents,
 * else the user's with this agent (the runner adds the session where that is the scope).
 */
export function containerHolder(scope: SandboxScope, workspace: string): string {
  if (scope !== 'shared') return workspace
  const [tenant, , user] = workspace.split('/')
  return [tenant, '', user].join('/')
}
