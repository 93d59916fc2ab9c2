/**
 * Which files of a commit carry the label of text from outside. Sound before precise: a label is
 * lost only with the content that it stands for, never by moving or copying it.
 */
import type { ManifestEntry, WorkspacePut } from '../../domain/ports/workspace.ts'

/**
 * Contents of labelled files. The empty one is every empty file's and tells nobody anything, or a
 * single labelled `.gitkeep` would label them all.
 */
export function untrustedContents(current: Iterable<ManifestEntry>): ReadonlySet<string> {
  const contents = new Set<string>()
  for (const { isUntrusted, sha256, size } of current) {
    if (isUntrusted && size > 0) contents.add(sha256)
  }
  return contents
}

/**
 * The entry that a put makes: labelled by its writer, by its content, or, where only the mode
 * changes, by the file itself.
 */
export function labelled(
  { path, sha256, size, mode, isUntrusted }: WorkspacePut,
  there: ManifestEntry | undefined,
  contents: ReadonlySet<string>,
): ManifestEntry {
  const keepsLabel = there?.isUntrusted === true && there.sha256 === sha256
  return {
    path,
    sha256,
    size,
    mode,
    isUntrusted: isUntrusted || keepsLabel || contents.has(sha256),
  }
}
