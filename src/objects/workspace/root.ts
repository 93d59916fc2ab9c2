/** The fingerprint of a whole workspace: equal roots mean equal paths, contents and modes. */
import { sha256Hex } from '../../crypto/digest.ts'
import type { ManifestEntry } from '../../domain/ports/workspace.ts'

/** A commit changes a few entries and leaves thousands as they were. */
const lines = new WeakMap<ManifestEntry, string>()

function lineOf(entry: ManifestEntry): string {
  const known = lines.get(entry)
  if (known !== undefined) return known
  const { path, sha256, size, mode } = entry
  const line = `${JSON.stringify([path, sha256, size, mode])}\n`
  lines.set(entry, line)
  return line
}

/** SHA-256 over one JSON line `[path, sha256, size, mode]` per file, sorted by UTF-16 units. */
export const manifestRoot = (entries: Iterable<ManifestEntry>): Promise<string> =>
  sha256Hex(sortedByPath(entries).map(lineOf).join(''))

export const sortedByPath = (entries: Iterable<ManifestEntry>): readonly ManifestEntry[] =>
  [...entries].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
