/** A manifest as a tree: knows at once where a file stands in the way of a directory. */
import type { ManifestEntry } from '../../domain/ports/workspace.ts'

export class ManifestTree {
  readonly #files: Map<string, ManifestEntry>
  /** Directory → number of files below it. */
  readonly #directories = new Map<string, number>()
  #bytes = 0

  constructor(files: ReadonlyMap<string, ManifestEntry>) {
    this.#files = new Map(files)
    for (const { path, size } of files.values()) this.#count(path, size, 1)
  }

  get files(): ReadonlyMap<string, ManifestEntry> {
    return this.#files
  }

  get bytes(): number {
    return this.#bytes
  }

  put(entry: ManifestEntry): void {
    this.remove(entry.path)
    this.#files.set(entry.path, entry)
    this.#count(entry.path, entry.size, 1)
  }

  remove(path: string): void {
    const known = this.#files.get(path)
    if (known === undefined) return
    this.#files.delete(path)
    this.#count(path, -known.size, -1)
  }

  /**
   * The path that keeps `path` from being a file: one of its own directories that is a file, or
   * `path` itself where it is a directory.
   */
  clashOf(path: string): string | null {
    for (const directory of directoriesOf(path)) {
      if (this.#files.has(directory)) return directory
    }
    return this.#directories.has(path) ? path : null
  }

  #count(path: string, bytes: number, step: 1 | -1): void {
    this.#bytes += bytes
    for (const directory of directoriesOf(path)) {
      const files = (this.#directories.get(directory) ?? 0) + step
      if (files === 0) this.#directories.delete(directory)
      else this.#directories.set(directory, files)
    }
  }
}

/** `a/b/c` → `a`, `a/b`. */
function* directoriesOf(path: string): Generator<string> {
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
    yield path.slice(0, slash)
  }
}
