/** Reads a text file, in pages of lines that fit one tool result. */
import { z } from 'zod'
import { MAX_TOOL_RESULT_BYTES } from '../../domain/tool.ts'
import { checkWorkspacePath } from '../path.ts'
import { describePathRefusal } from '../refusal.ts'
import { defineTool } from '../tool.ts'
import { cutToBytes, decodeText } from './file-text.ts'
import { fromFiles } from './from-files.ts'
import { guardFile, pathSchema } from './path-argument.ts'
import { describeWorkspaceFailure, failed, succeeded } from './workspace-failure.ts'

/** Leaves room for the note that tells how to read on. */
const MAX_PAGE_BYTES = MAX_TOOL_RESULT_BYTES - 512
const MAX_LINES = 1_000_000

export const readFileTool = defineTool({
  name: 'read_file',
  description:
    'Reads a text file of the workspace. Long files come in pages: the answer ends with the offset to continue at.',
  schema: z.strictObject({
    path: pathSchema.describe('Path relative to the workspace'),
    offset: z.int().min(1).max(MAX_LINES).default(1).describe('First line to read, from 1'),
    limit: z.int().min(1).max(MAX_LINES).optional().describe('How many lines to read at most'),
  }),
  group: 'fs',
  isReadOnly: true,
  isParallelSafe: true,
  isIdempotent: true,
  sendsOut: false,
  needs: 'read',
  guard: (args) => guardFile(args.path, true),
  run: async (args, context) => {
    const path = checkWorkspacePath(args.path)
    if (!path.ok) return failed(describePathRefusal(path.error))
    const file = await context.workspace.read(path.value)
    if (!file.ok) return failed(describeWorkspaceFailure(file.error))
    const { entry, bytes } = file.value
    const text = decodeText(bytes)
    if (text === null) return failed(`${path.value} is not a text file (${entry.size} bytes).`)
    return fromFiles(succeeded(pageOf(text, args.offset, args.limit)), entry.isUntrusted)
  },
})

/** Whole lines while they fit; a single line that is too long is cut and said to be. */
function pageOf(text: string, offset: number, limit: number | undefined): string {
  const lines = text.split('\n')
  if (lines.at(-1) === '' && lines.length > 1) lines.pop()
  const total = lines.length
  if (offset > total) return `[The file has ${total} lines; there is none from line ${offset} on.]`
  const end = Math.min(total, limit === undefined ? total : offset - 1 + limit)
  const kept: string[] = []
  let bytes = 0
  for (const line of lines.slice(offset - 1, end)) {
    const size = new TextEncoder().encode(line).length + 1
    if (bytes + size > MAX_PAGE_BYTES) break
    kept.push(line)
    bytes += size
  }
  if (kept.length === 0) {
    const line = lines[offset - 1] ?? ''
    const next = offset < total ? ` Continue with offset ${offset + 1}.` : ''
    return `${cutToBytes(line, MAX_PAGE_BYTES)}\n[Line ${offset} of ${total} is cut: it is ${line.length} characters long.${next}]`
  }
  const last = offset - 1 + kept.length
  const body = kept.join('\n')
  if (offset === 1 && last === total) return text.endsWith('\n') ? `${body}\n` : body
  const next = last < total ? ` Continue with offset ${last + 1}.` : ''
  return `${body}\n[Lines ${offset} to ${last} of ${total}.${next}]`
}
