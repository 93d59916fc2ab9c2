/** Lists files of the workspace; the gateway's own data and credential folders are left out. */
import { z } from 'zod'
import type { ManifestEntry } from '../../domain/ports/workspace.ts'
import { checkWorkspaceDirectory, isReservedPath } from '../path.ts'
import { describePathRefusal } from '../refusal.ts'
import { defineTool } from '../tool.ts'
import { fromFiles } from './from-files.ts'
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
    const names = args.recursive ? files.map(describe) : namesIn(prefix, files)
    const shown = names.sort((a, b) => (a.line < b.line ? -1 : 1)).slice(0, MAX_ENTRIES)
    const lines = shown.map(({ line }) => line)
    const more = names.length - shown.length
    if (more > 0) lines.push(`[${more} more. List a folder, or use recursive: false.]`)
    // Names are text too: whoever made a labelled file may have had its name from outside.
    const isUntrusted = shown.some((each) => each.isUntrusted)
    return fromFiles(succeeded(lines.join('\n')), isUntrusted)
  },
})

interface Line {
  readonly line: string
  readonly isUntrusted: boolean
}

const describe = ({ path, size, isUntrusted }: Omit<ManifestEntry, 'sha256' | 'mode'>): Line => ({
  line: `${path} (${size} bytes${isUntrusted ? ', holds text from outside' : ''})`,
  isUntrusted,
})

/** Folders end in `/` and appear once. */
function namesIn(prefix: string, files: readonly ManifestEntry[]): Line[] {
  const here: Line[] = []
  const folders = new Map<string, boolean>()
  for (const { path, size, isUntrusted } of files) {
    const rest = path.startsWith(prefix) ? path.slice(prefix.length) : path
    const slash = rest.indexOf('/')
    if (slash < 0) here.push(describe({ path: rest, size, isUntrusted }))
    else {
      const folder = `${rest.slice(0, slash)}/`
      folders.set(folder, isUntrusted || folders.get(folder) === true)
    }
  }
  for (const [line, isUntrusted] of folders) here.push({ line, isUntrusted })
  return here
}
