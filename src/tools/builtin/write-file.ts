/** Writes a whole text file, creating or replacing it. */
import { z } from 'zod'
import { WORKSPACE_LIMITS } from '../../domain/ports/workspace.ts'
import { checkWorkspacePath } from '../path.ts'
import { describePathRefusal } from '../refusal.ts'
import { defineTool } from '../tool.ts'
import { guardFile, pathSchema, versionOf, versionSchema } from './path-argument.ts'
import { withReplacedMemory } from './replaced-memory.ts'
import { failed, MAX_FILE_WORDS, succeeded } from './workspace-failure.ts'
import { writeText } from './write-path.ts'

/** Of a file that did not exist: readable by all, since only its user's sandbox ever sees it. */
const NEW_FILE_MODE = 0o644

export const writeFileTool = defineTool({
  name: 'write_file',
  description: 'Creates a text file in the workspace, or replaces it as a whole.',
  schema: z.strictObject({
    path: pathSchema.describe('Path relative to the workspace'),
    content: z
      .string()
      .max(
        WORKSPACE_LIMITS.maxFileBytes,
        `is larger than ${MAX_FILE_WORDS}, the limit for one file`,
      )
      .describe('The whole content'),
    ifVersion: versionSchema.optional().describe('Write only if the file still has this version'),
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
    const manifest = await context.workspace.manifest()
    const old = manifest.entries.find((entry) => entry.path === path.value)
    const version = old === undefined ? null : versionOf(old.sha256)
    if (args.ifVersion !== undefined && args.ifVersion !== version) {
      const now = version === null ? 'it does not exist' : `its version is ${version} now`
      return failed(`${path.value} was changed: ${now}. Read it again.`)
    }
    const written = await writeText(
      path.value,
      args.content,
      {
        mode: old?.mode ?? NEW_FILE_MODE,
        // Replaced as a whole: of what an old label stood for, nothing is left.
        isUntrusted: false,
        ...(args.ifVersion === undefined || !old ? {} : { ifSha256: old.sha256 }),
      },
      context,
    )
    if (!written.ok) return failed(written.error)
    const verb = old === undefined ? 'Created' : 'Replaced'
    const { size, sha256, replaced } = written.value
    const outcome = succeeded(
      `${verb} ${path.value} (${size} bytes, version ${versionOf(sha256)}).`,
    )
    return withReplacedMemory(outcome, replaced, context)
  },
})
