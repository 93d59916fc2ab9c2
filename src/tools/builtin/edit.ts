/** Replaces one exact, unique piece of a text file; guessing at near matches is not its business. */
import { z } from 'zod'
import { WORKSPACE_LIMITS } from '../../domain/ports/workspace.ts'
import { checkWorkspacePath } from '../path.ts'
import { describePathRefusal } from '../refusal.ts'
import { defineTool } from '../tool.ts'
import { guardFile, pathSchema, versionOf, versionSchema } from './path-argument.ts'
import { withReplacedMemory } from './replaced-memory.ts'
import { describeWorkspaceFailure, failed, MAX_FILE_WORDS, succeeded } from './workspace-failure.ts'
import { writeText } from './write-path.ts'

const pieceSchema = z
  .string()
  .max(WORKSPACE_LIMITS.maxFileBytes, `is larger than ${MAX_FILE_WORDS}, the limit for one file`)

export const editTool = defineTool({
  name: 'edit',
  description:
    'Replaces a piece of a text file in the workspace. The old text must occur exactly once; take enough of its surroundings to make it unique.',
  schema: z.strictObject({
    path: pathSchema.describe('Path relative to the workspace'),
    old: pieceSchema.min(1).describe('The exact text to replace'),
    new: pieceSchema.describe('The text to put in its place'),
    ifVersion: versionSchema.optional().describe('Edit only if the file still has this version'),
  }),
  group: 'fs',
  isReadOnly: false,
  isParallelSafe: false,
  isIdempotent: true,
  sendsOut: false,
  needs: 'write',
  guard: (args) => guardFile(args.path, false),
  run: async (args, context) => {
    const path = checkWorkspacePath(args.path)
    if (!path.ok) return failed(describePathRefusal(path.error))
    const file = await context.workspace.read(path.value)
    if (!file.ok) return failed(describeWorkspaceFailure(file.error))
    const { entry, bytes } = file.value
    const version = versionOf(entry.sha256)
    if (args.ifVersion !== undefined && args.ifVersion !== version) {
      return failed(`${path.value} was changed: its version is ${version} now. Read it again.`)
    }
    const text = decodeUtf8(bytes)
    if (text === null) return failed(`${path.value} is not a text file.`)
    const at = text.indexOf(args.old)
    if (at < 0) {
      const hint = context.isResumed
        ? ' This call was interrupted and may have made its change before: read the file.'
        : ''
      return failed(`The old text does not occur in ${path.value}.${hint}`)
    }
    if (text.indexOf(args.old, at + 1) >= 0) {
      return failed(`The old text occurs more than once in ${path.value}. Make it longer.`)
    }
    const changed = text.slice(0, at) + args.new + text.slice(at + args.old.length)
    const written = await writeText(
      path.value,
      changed,
      { mode: entry.mode, isUntrusted: entry.isUntrusted, ifSha256: entry.sha256 },
      context,
    )
    if (!written.ok) return failed(written.error)
    const { size, sha256, replaced } = written.value
    const outcome = succeeded(`Edited ${path.value} (${size} bytes, version ${versionOf(sha256)}).`)
    return withReplacedMemory(outcome, replaced, context)
  },
})

/** Byte order marks stay: an edit changes nothing but the piece. */
function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}
