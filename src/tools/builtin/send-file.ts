/**
 * Puts a file of the workspace to the answer, in a conversation of a channel. It reaches nobody whom the
 * answer itself does not reach, so that it asks nobody; what may leave in it the port judges.
 */
import { z } from 'zod'
import { checkWorkspacePath } from '../path.ts'
import { describePathRefusal } from '../refusal.ts'
import { defineTool } from '../tool.ts'
import { guardFile, pathSchema } from './path-argument.ts'
import { describeWorkspaceFailure, failed, succeeded } from './workspace-failure.ts'

const MAX_CAPTION_CHARS = 1_000

export const sendFileTool = defineTool({
  name: 'send_file',
  description:
    'Sends a file of the workspace along with your answer. Only in conversations of chat channels.',
  schema: z.strictObject({
    path: pathSchema.describe('Path relative to the workspace'),
    caption: z.string().trim().min(1).max(MAX_CAPTION_CHARS).optional(),
  }),
  group: 'messaging',
  isReadOnly: false,
  // Files arrive in the order of the calls.
  isParallelSafe: false,
  isIdempotent: true,
  sendsOut: true,
  needs: 'read',
  guard: ({ path }) => guardFile(path, true),
  run: async (args, { callId, channelFiles, workspace }) => {
    if (channelFiles === null) {
      return failed('Files can be sent in conversations of chat channels only.')
    }
    const path = checkWorkspacePath(args.path)
    if (!path.ok) return failed(describePathRefusal(path.error))
    const file = await workspace.read(path.value)
    if (!file.ok) return failed(describeWorkspaceFailure(file.error))
    const name = path.value.split('/').at(-1) ?? path.value
    const { bytes } = file.value
    const attached = await channelFiles.attach(callId, { name, bytes }, args.caption ?? null)
    if (!attached.ok) return failed(attached.error)
    const redacted = attached.value.isRedacted
      ? ' What reads like a secret in it was replaced.'
      : ''
    return succeeded(`${path.value} (${bytes.length} bytes) goes out with your answer.${redacted}`)
  },
})
