/** Whose workspace a request for files means, and what stands in the way of it. */
import type { Services } from '../../api/context.ts'
import { type FoundWorkspace, findWorkspace, type Wanted } from '../../api/whose-workspace.ts'
import type { WorkspaceFailure, WorkspacePort } from '../../domain/ports/workspace.ts'
import type { Principal } from '../../domain/principal.ts'
import { notFound, type Refusal, refusal } from '../../domain/refusal.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import type { TenantSnapshot } from '../../domain/tenant-snapshot.ts'
import { checkHttpPath } from '../../tools/path.ts'

export interface OpenedWorkspace extends FoundWorkspace {
  readonly workspace: WorkspacePort
}

export function openWorkspace(
  services: Services,
  principal: Principal,
  snapshot: TenantSnapshot,
  wanted: Wanted,
): Result<OpenedWorkspace, Refusal> {
  const found = findWorkspace(principal, snapshot, wanted)
  if (!found.ok) return found
  const { agent, userId } = found.value
  return ok({ agent, userId, workspace: services.workspace(principal.tenantId, agent.id, userId) })
}

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
