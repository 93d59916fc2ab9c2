/** The one way in which a file tool changes the workspace: stage, then commit under the call's id. */
import type { WorkspacePut } from '../../domain/ports/workspace.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import type { ToolContext } from '../tool.ts'
import { describeWorkspaceFailure } from './workspace-failure.ts'

/** `ifSha256`: write only if the path still holds this content (`null`: is still absent). */
export async function writeText(
  path: string,
  text: string,
  options: { readonly mode: number; readonly ifSha256?: string | null },
  context: ToolContext,
): Promise<Result<{ readonly sha256: string; readonly size: number }, string>> {
  const staged = await context.workspace.stage(new TextEncoder().encode(text))
  if (!staged.ok) return err(describeWorkspaceFailure(staged.error))
  const put: WorkspacePut = {
    path,
    sha256: staged.value.sha256,
    size: staged.value.size,
    mode: options.mode,
    ...(options.ifSha256 === undefined ? {} : { ifSha256: options.ifSha256 }),
  }
  const committed = await context.workspace.commit({
    commitKey: context.callId,
    base: null,
    put: [put],
    delete: [],
  })
  return committed.ok ? ok(staged.value) : err(describeWorkspaceFailure(committed.error))
}
