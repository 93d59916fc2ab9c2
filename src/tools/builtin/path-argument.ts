/** The path argument of a file tool: one schema, one guard. */
import { z } from 'zod'
import { err, ok, type Result } from '../../domain/result.ts'
import { checkWorkspaceDirectory, checkWorkspacePath } from '../path.ts'
import type { PathRefusal, ToolRefusal } from '../refusal.ts'
import { isSkillPath } from '../skills/folder.ts'
import type { GuardFindings } from '../tool.ts'

export const pathSchema = z.string().min(1).max(4_096)

/**
 * A file's content as a model names it: half of its SHA-256. The whole reads like a key, and the
 * scrubber takes it for one; 128 bits meet nobody else's by chance.
 */
const VERSION_CHARS = 32
export const versionOf = (sha256: string): string => sha256.slice(0, VERSION_CHARS)
export const versionSchema = z
  .string()
  .regex(/^[0-9a-f]{32}$/, 'must be a version as write_file and edit answer it')

/** For tools that read (`isReadOnly`) or write a file. */
export const guardFile = (
  path: string,
  isReadOnly: boolean,
): Result<GuardFindings, ToolRefusal> => {
  const checked = checkWorkspacePath(path)
  if (!isReadOnly && checked.ok && isSkillPath(checked.value))
    return err({ kind: 'path_denied', why: 'read_only' })
  return findingsOf(checked, isReadOnly)
}

export const guardDirectory = (path: string): Result<GuardFindings, ToolRefusal> =>
  findingsOf(checkWorkspaceDirectory(path), true)

const findingsOf = (
  checked: Result<string, PathRefusal>,
  isReadOnly: boolean,
): Result<GuardFindings, ToolRefusal> =>
  checked.ok
    ? ok({ isReadOnly, cwd: null, commands: null, standing: null })
    : err({ kind: 'path_denied', why: checked.error })
