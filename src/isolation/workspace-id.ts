/**
 * Which workspace is whose. Identity is the raw tenant, agent and user id, so that two users never
 * share one; the visible name is for eyes only and may collide.
 */

import type { AgentId, TenantId, UserId } from '../domain/ids.ts'
import type { SandboxScope } from './confine.ts'

/** `%`-encoded parts cannot hold the separator, so no user id can spell another's workspace. */
export const workspaceId = (tenantId: TenantId, agentId: AgentId, userId: UserId): string =>
  [tenantId, agentId, userId].map(encodeURIComponent).join('/')

/** `group:telegram:-1001234` → `group_telegram_-1001234`; one `_` for each character replaced. */
export const visibleWorkspaceName = (userId: string): string =>
  userId.replace(/[^A-Za-z0-9_-]/gu, '_')

/**
 * Whose container a job may use after others: with scope `shared` the user's over all their agents,
 * else the user's with this agent (the runner adds the session where that is the scope).
 */
export function containerHolder(scope: SandboxScope, workspace: string): string {
  if (scope !== 'shared') return workspace
  const [tenant, , user] = workspace.split('/')
  return [tenant, '', user].join('/')
}
