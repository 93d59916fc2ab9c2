/** The one way in which a file tool changes the workspace: stage, then commit under the call's id. */
import type { ManifestEntry, WorkspacePut } from '../../domain/ports/workspace.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import type { ToolContext } from '../tool.ts'
import { describeWorkspaceFailure } from './workspace-failure.ts'

export interface Written {
  readonly sha256: string
  readonly size: number
  /** What the path held, where that was something else. */
  readonly replaced: readonly ManifestEntry[]
}

/**
 * `ifSha256`: write only if the path still holds this content (`null`: is still absent).
 * `isUntrusted`: part of the text is a labelled file's; what a conversation with text from outside
 * writes is labelled anyway.
 */
export async function writeText(
  path: string,
  text: string,
  options: {
    readonly mode: number
    readonly isUntrusted: boolean
    readonly ifSha256?: string | null
  },
  context: ToolContext,
): Promise<Result<Written, string>> {
  const staged = await context.workspace.stage(new TextEncoder().encode(text))
  if (!staged.ok) return err(describeWorkspaceFailure(staged.error))
  const put: WorkspacePut = {
    path,
    sha256: staged.value.sha256,
    size: staged.value.size,
    mode: options.mode,
    isUntrusted: options.isUntrusted || context.hasSeenUntrusted,
    ...(options.ifSha256 === undefined ? {} : { ifSha256: options.ifSha256 }),
  }
  const committed = await context.workspace.commit({
    commitKey: context.callId,
    base: null,
    put: [put],
    delete: [],
  })
  if (!committed.ok) return err(describeWorkspaceFailure(committed.error))
  return ok({ ...staged.value, replaced: committed.value.replaced })
}
