/**
 * Manifests that an isolate has seen, so that a workspace of thousands of files tells what changed and
 * not everything anew. The object is asked each time: what it answers decides, and of a state that it
 * does not know it tells the whole.
 */
import type { ManifestEntry, WorkspacePort, WorkspaceSource } from '../domain/ports/workspace.ts'

/** About 300 bytes each: 6 MB of an isolate's 128. */
const MAX_ENTRIES = 20_000

interface Seen {
  readonly version: string
  readonly entries: readonly ManifestEntry[]
}

export class ManifestMemory {
  /** By the object's name, which holds its tenant; the first is the next to go. */
  readonly #seen = new Map<string, Seen>()
  #total = 0

  get(name: string): Seen | null {
    return this.#seen.get(name) ?? null
  }

  set(name: string, seen: Seen): void {
    this.#drop(name)
    this.#seen.set(name, seen)
    this.#total += seen.entries.length + 1
    for (const oldest of this.#seen.keys()) {
      if (this.#total <= MAX_ENTRIES) return
      this.#drop(oldest)
    }
  }

  #drop(name: string): void {
    this.#total -= (this.#seen.get(name)?.entries.length ?? -1) + 1
    this.#seen.delete(name)
  }
}

function merged(
  entries: readonly ManifestEntry[],
  put: readonly ManifestEntry[],
  gone: readonly string[],
): readonly ManifestEntry[] {
  if (put.length + gone.length === 0) return entries
  const byPath = new Map(entries.map((entry) => [entry.path, entry]))
  for (const path of gone) byPath.delete(path)
  for (const entry of put) byPath.set(entry.path, entry)
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}

export function rememberedWorkspace(
  source: WorkspaceSource,
  name: string,
  memory: ManifestMemory,
): WorkspacePort {
  return {
    async manifest() {
      const seen = memory.get(name)
      const step = await source.manifestSince(seen?.version ?? null)
      const entries = step.isWhole ? step.put : merged(seen?.entries ?? [], step.put, step.delete)
      memory.set(name, { version: step.version, entries })
      return { root: step.root, entries }
    },
    read: (path) => source.read(path),
    blob: (sha256) => source.blob(sha256),
    heads: (paths, maxBytes) => source.heads(paths, maxBytes),
    stage: (bytes) => source.stage(bytes),
    commit: (commit) => source.commit(commit),
  }
}
