/** Whose workspace a request for files means, and what stands in the way of it. */
import type { Services } from '../../api/context.ts'
import type { AgentRecord } from '../../domain/agent-record.ts'
import { type UserId, userIdSchema } from '../../domain/ids.ts'
import type { WorkspaceFailure, WorkspacePort } from '../../domain/ports/workspace.ts'
import { coversScope, isTenantAdmin, type Principal } from '../../domain/principal.ts'
import { notFound, type Refusal, refusal } from '../../domain/refusal.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import { defaultAgent, findAgent, type TenantSnapshot } from '../../domain/tenant-snapshot.ts'
import { checkHttpPath } from '../../tools/path.ts'

export interface Wanted {
  /** Key or id; the tenant's default agent when it is not named. */
  readonly agent: string | undefined
  /** Somebody else's, for admins; their own when it is not named. */
  readonly user: string | undefined
}

export interface OpenedWorkspace {
  readonly agent: AgentRecord
  readonly userId: UserId
  readonly workspace: WorkspacePort
}

/** Everybody has their own files. Those of others are read by admins, who name whose they mean. */
export function openWorkspace(
  services: Services,
  principal: Principal,
  snapshot: TenantSnapshot,
  { agent: named, user }: Wanted,
): Result<OpenedWorkspace, Refusal> {
  const agent = named === undefined ? defaultAgent(snapshot) : findAgent(snapshot, named)
  if (!agent) return err(notFound('agent'))
  const parsed = userIdSchema.safeParse(user ?? principal.userId)
  if (!parsed.success) return err(refusal('INVALID_REQUEST', 'user is no user id'))
  const userId = parsed.data
  if (userId !== principal.userId && !mayReadOthers(principal))
    return err(refusal('UNAUTHORIZED', 'files of other users are for admins'))
  const workspace = services.workspace(principal.tenantId, agent.id, userId)
  return ok({ agent, userId, workspace })
}

const mayReadOthers = (principal: Principal): boolean =>
  isTenantAdmin(principal) && coversScope(principal.scopes, 'operator.admin')

/** The refusal says that the path is none, never what is or would be there. */
export function checkFilePath(encoded: string): Result<string, Refusal> {
  const path = checkHttpPath(encoded)
  return path.ok
    ? path
    : err(refusal('INVALID_REQUEST', `the path is refused: ${path.error.replaceAll('_', ' ')}`))
}

/** For a path that came in JSON: judged as it would be in a URL. */
export function checkPlainPath(
  text: string,
): Result<{ readonly path: string; readonly encoded: string }, Refusal> {
  if (!text.isWellFormed()) return err(refusal('INVALID_REQUEST', 'the path is no text'))
  const encoded = text.split('/').map(encodeURIComponent).join('/')
  // What stands encoded in the text would be a second encoding.
  const path = checkFilePath(encoded)
  return path.ok ? ok({ path: path.value, encoded }) : path
}

export function ofWorkspaceFailure(failure: WorkspaceFailure): Refusal {
  switch (failure.kind) {
    case 'not_found':
      return notFound('file')
    case 'path_denied':
      return refusal('INVALID_REQUEST', `the path is refused: ${failure.reason}`)
    case 'file_too_large':
      return refusal('INVALID_REQUEST', `a file may have ${failure.maxBytes} bytes`)
    case 'workspace_full':
      return refusal('RESOURCE_EXHAUSTED', `the workspace is full: ${failure.max} ${failure.limit}`)
    case 'changed_meanwhile':
    case 'blob_missing':
      return refusal('FAILED_PRECONDITION', 'the file was changed meanwhile; try again')
  }
}
