/** Words for the model when the workspace refuses; a path is its own, so it may be named. */
import { WORKSPACE_LIMITS, type WorkspaceFailure } from '../../domain/ports/workspace.ts'
import type { ToolOutcome } from '../../domain/tool.ts'

const BYTES_PER_MB = 1024 * 1024

export const failed = (content: string): ToolOutcome => ({ content, isError: true })
export const succeeded = (content: string): ToolOutcome => ({ content, isError: false })

export const MAX_FILE_WORDS = `${WORKSPACE_LIMITS.maxFileBytes / BYTES_PER_MB} MB`

export function describeWorkspaceFailure(failure: WorkspaceFailure): string {
  switch (failure.kind) {
    case 'not_found':
      return `There is no file ${failure.path}.`
    case 'path_denied':
      return `The path ${failure.path} was refused: ${failure.reason}.`
    case 'file_too_large':
      return `The file ${failure.path} would be larger than ${failure.maxBytes / BYTES_PER_MB} MB, the limit for one file.`
    case 'workspace_full':
      return failure.limit === 'bytes'
        ? `The workspace is full: it may hold ${failure.max / BYTES_PER_MB} MB. Delete files first.`
        : `The workspace is full: it may hold ${failure.max} files. Delete files first.`
    case 'changed_meanwhile':
      return `The file ${failure.path} was changed by someone else meanwhile. Read it again.`
    case 'blob_missing':
      return 'The content was lost before it was stored. Try again.'
  }
}
