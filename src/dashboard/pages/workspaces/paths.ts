/** Flat paths of a workspace as folders, and names that people may give. */

export interface FileRow {
  readonly path: string
  readonly size: number
  readonly untrusted: boolean
  readonly changedAt: string | null
}

export interface FolderEntry {
  readonly kind: 'folder'
  readonly name: string
  /** With the `/` at its end. */
  readonly path: string
  readonly files: number
  readonly size: number
  readonly changedAt: string | null
}

export interface FileEntry extends FileRow {
  readonly kind: 'file'
  readonly name: string
}

export type Entry = FolderEntry | FileEntry

const later = (a: string | null, b: string | null): string | null =>
  a === null || b === null ? (a ?? b) : a > b ? a : b

/** What lies in a folder itself; `prefix` is empty or ends with `/`. Folders first, both by name. */
export function listing(files: readonly FileRow[], prefix: string): readonly Entry[] {
  const folders = new Map<string, FolderEntry>()
  const own: FileEntry[] = []
  for (const file of files) {
    if (!file.path.startsWith(prefix)) continue
    const rest = file.path.slice(prefix.length)
    const slash = rest.indexOf('/')
    if (slash < 0) {
      own.push({ kind: 'file', name: rest, ...file })
      continue
    }
    const name = rest.slice(0, slash)
    const known = folders.get(name)
    folders.set(name, {
      kind: 'folder',
      name,
      path: `${prefix}${name}/`,
      files: (known?.files ?? 0) + 1,
      size: (known?.size ?? 0) + file.size,
      changedAt: later(known?.changedAt ?? null, file.changedAt),
    })
  }
  const byName = (a: Entry, b: Entry): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  return [...[...folders.values()].toSorted(byName), ...own.toSorted(byName)]
}

export interface Crumb {
  readonly name: string
  readonly prefix: string
}

/** From the root down to a folder. */
export const crumbsOf = (prefix: string): readonly Crumb[] =>
  prefix
    .split('/')
    .filter((name) => name !== '')
    .map((name, index, names) => ({ name, prefix: `${names.slice(0, index + 1).join('/')}/` }))

export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** From the address: empty, or a folder that ends with `/`. */
export const folderFrom = (text: string | undefined): string =>
  text === undefined || text === '' || text.endsWith('/') ? (text ?? '') : `${text}/`
