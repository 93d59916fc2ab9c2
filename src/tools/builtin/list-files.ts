/** Lists files of the workspace; the gateway's own data and credential folders are left out. */
import { z } from 'zod'
import { checkWorkspaceDirectory, isReservedPath } from '../path.ts'
import { describePathRefusal } from '../refusal.ts'
import { defineTool } from '../tool.ts'
import { guardDirectory } from './path-argument.ts'
import { failed, succeeded } from './workspace-failure.ts'

/** As many lines as a model reads with profit; a deeper look goes by folder. */
const MAX_ENTRIES = 500

export const listFilesTool = defineTool({
  name: 'list_files',
  description: 'Lists the files of the workspace or of one of its folders, with sizes in bytes.',
  schema: z.strictObject({
    path: z.string().max(4_096).default('').describe('Folder relative to the workspace'),
    recursive: z.boolean().default(true).describe('Whether to descend into folders'),
  }),
  group: 'fs',
  isReadOnly: true,
  isParallelSafe: true,
  isIdempotent: true,
  sendsOut: false,
  needs: 'read',
  guard: (args) => guardDirectory(args.path),
  run: async (args, context) => {
    const folder = checkWorkspaceDirectory(args.path)
    if (!folder.ok) return failed(describePathRefusal(folder.error))
    const prefix = folder.value === '' ? '' : `${folder.value}/`
    const { entries } = await context.workspace.manifest()
    const files = entries.filter(
      ({ path }) => (path.startsWith(prefix) || path === folder.value) && !isReservedPath(path),
    )
    if (files.length === 0) {
      return prefix === ''
        ? succeeded('The workspace is empty.')
        : failed(`There is no folder ${folder.value}.`)
    }
    const lines = args.recursive
      ? files.map(({ path, size }) => `${path} (${size} bytes)`)
      : namesIn(prefix, files)
    const shown = lines.sort().slice(0, MAX_ENTRIES)
    const more = lines.length - shown.length
    if (more > 0) shown.push(`[${more} more. List a folder, or use recursive: false.]`)
    return succeeded(shown.join('\n'))
  },
})

/** Folders end in `/` and appear once. */
function namesIn(
  prefix: string,
  files: readonly { readonly path: string; readonly size: number }[],
): string[] {
  const names = new Set<string>()
  for (const { path, size } of files) {
    const rest = path.startsWith(prefix) ? path.slice(prefix.length) : path
    const slash = rest.indexOf('/')
    names.add(slash < 0 ? `${rest} (${size} bytes)` : `${rest.slice(0, slash)}/`)
  }
  return [...names]
}
