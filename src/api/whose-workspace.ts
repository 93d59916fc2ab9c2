/** Whose files a request means, and who may look at them: one rule for all doors. */
import type { AgentRecord } from '../domain/agent-record.ts'
import { type UserId, userIdSchema } from '../domain/ids.ts'
import { coversScope, isTenantAdmin, type Principal } from '../domain/principal.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { defaultAgent, findAgent, type TenantSnapshot } from '../domain/tenant-snapshot.ts'

export interface Wanted {
  /** Key or id; the tenant's default agent when it is not named. */
  readonly agent: string | undefined
  /** Somebody else's, for admins; their own when it is not named. */
  readonly user: string | undefined
}

export interface FoundWorkspace {
  readonly agent: AgentRecord
  readonly userId: UserId
}

/** Everybody has their own files. Those of others are read by admins, who name whose they mean. */
export function findWorkspace(
  principal: Principal,
  snapshot: TenantSnapshot,
  { agent: named, user }: Wanted,
): Result<FoundWorkspace, Refusal> {
  const agent = named === undefined ? defaultAgent(snapshot) : findAgent(snapshot, named)
  if (!agent) return err(notFound('agent'))
  const userId = findOwner(principal, user)
  return userId.ok ? ok({ agent, userId: userId.value }) : userId
}

/** Whose they are, whichever agent's: one's own where nobody is named. */
export function findOwner(principal: Principal, user: string | undefined): Result<UserId, Refusal> {
  const parsed = userIdSchema.safeParse(user ?? principal.userId)
  if (!parsed.success) return err(refusal('INVALID_REQUEST', 'user is no user id'))
  if (parsed.data !== principal.userId && !mayReadOthers(principal))
    return err(refusal('UNAUTHORIZED', 'files of other users are for admins'))
  return ok(parsed.data)
}

export const mayReadOthers = (principal: Principal): boolean =>
  isTenantAdmin(principal) && coversScope(principal.scopes, 'operator.admin')
