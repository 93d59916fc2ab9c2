/** The path argument of a file tool: one schema, one guard. */
import { z } from 'zod'
import { err, ok, type Result } from '../../domain/result.ts'
import { checkWorkspaceDirectory, checkWorkspacePath } from '../path.ts'
import type { PathRefusal, ToolRefusal } from '../refusal.ts'
import type { GuardFindings } from '../tool.ts'

export const pathSchema = z.string().min(1).max(4_096)

const SHA256 = /^[0-9a-f]{64}$/
export const sha256Schema = z.string().regex(SHA256, 'must be 64 lower-case hex digits')

/** For tools that read (`isReadOnly`) or write a file. */
export const guardFile = (path: string, isReadOnly: boolean): Result<GuardFindings, ToolRefusal> =>
  findingsOf(checkWorkspacePath(path), isReadOnly)

export const guardDirectory = (path: string): Result<GuardFindings, ToolRefusal> =>
  findingsOf(checkWorkspaceDirectory(path), true)

const findingsOf = (
  checked: Result<string, PathRefusal>,
  isReadOnly: boolean,
): Result<GuardFindings, ToolRefusal> =>
  checked.ok
    ? ok({ isReadOnly, cwd: null, commands: null, standing: null })
    : err({ kind: 'path_denied', why: checked.error })
