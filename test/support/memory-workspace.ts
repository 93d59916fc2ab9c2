/** A workspace in memory with the port's rules: staged before committed, idempotent, conflicts kept. */
import { createHash } from 'node:crypto'
import {
  type CommitResult,
  type ManifestEntry,
  WORKSPACE_LIMITS,
  type WorkspaceCommit,
  type WorkspaceFailure,
  type WorkspaceManifest,
  type WorkspacePort,
} from '../../src/domain/ports/workspace.ts'
import { err, ok, type Result } from '../../src/domain/result.ts'
import { labelled, untrustedContents } from '../../src/objects/workspace/label.ts'

const sha256 = (bytes: Uint8Array | string): string =>
  createHash('sha256').update(bytes).digest('hex')

export interface MemoryWorkspace extends WorkspacePort {
  /** Puts a file there as another user of the workspace would. */
  write(path: string, content: string | Uint8Array, mode?: number, isUntrusted?: boolean): void
  remove(path: string): void
  text(path: string): string | null
  paths(): readonly string[]
  readonly commits: readonly WorkspaceCommit[]
}

export function createMemoryWorkspace(
  files: Readonly<Record<string, string>> = {},
): MemoryWorkspace {
  const entries = new Map<string, ManifestEntry>()
  const blobs = new Map<string, Uint8Array>()
  const roots = new Map<string, ReadonlyMap<string, ManifestEntry>>()
  const commits: WorkspaceCommit[] = []
  const done = new Map<string, CommitResult>()

  const root = (): string => {
    const sorted = [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
    const value = sha256(JSON.stringify(sorted.map((e) => [e.path, e.sha256, e.size, e.mode])))
    roots.set(value, new Map(entries))
    return value
  }
  const keep = (bytes: Uint8Array): { sha256: string; size: number } => {
    const hash = sha256(bytes)
    blobs.set(hash, bytes)
    return { sha256: hash, size: bytes.length }
  }

  const workspace: MemoryWorkspace = {
    commits,
    write(path, content, mode = 0o644, isUntrusted = false) {
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
      entries.set(path, { path, ...keep(bytes), mode, isUntrusted })
    },
    remove(path) {
      entries.delete(path)
    },
    text(path) {
      const entry = entries.get(path)
      const bytes = entry && blobs.get(entry.sha256)
      return bytes ? new TextDecoder().decode(bytes) : null
    },
    paths: () => [...entries.keys()].sort(),
    async manifest(): Promise<WorkspaceManifest> {
      return { root: root(), entries: [...entries.values()] }
    },
    async read(path) {
      const entry = entries.get(path)
      const bytes = entry && blobs.get(entry.sha256)
      return entry && bytes ? ok({ entry, bytes }) : err({ kind: 'not_found', path })
    },
    async heads(wanted, maxBytes) {
      return wanted.flatMap((path) => {
        const entry = entries.get(path)
        const bytes = entry && blobs.get(entry.sha256)
        return entry && bytes ? [{ entry, bytes: bytes.slice(0, maxBytes) }] : []
      })
    },
    async blob(hash) {
      return blobs.get(hash) ?? null
    },
    async stage(bytes) {
      return ok(keep(bytes))
    },
    async commit(commit): Promise<Result<CommitResult, WorkspaceFailure>> {
      const earlier = done.get(commit.commitKey)
      if (earlier !== undefined) return ok(earlier)
      commits.push(commit)
      const missing = commit.put.find((entry) => !blobs.has(entry.sha256))
      if (missing !== undefined) return err({ kind: 'blob_missing', sha256: missing.sha256 })
      const base = commit.base === null ? null : (roots.get(commit.base) ?? new Map())
      const next = new Map(entries)
      const conflicts: string[] = []
      const untrusted = untrustedContents(entries.values())
      for (const put of commit.put) {
        const entry = labelled(put, entries.get(put.path), untrusted)
        const isChanged =
          base !== null && base.get(entry.path)?.sha256 !== next.get(entry.path)?.sha256
        const path = isChanged ? `${entry.path}.conflict-${commit.commitKey}` : entry.path
        if (isChanged) conflicts.push(path)
        next.set(path, { ...entry, path })
      }
      for (const path of commit.delete) next.delete(path)
      if (next.size > WORKSPACE_LIMITS.maxFiles) {
        return err({ kind: 'workspace_full', limit: 'files', max: WORKSPACE_LIMITS.maxFiles })
      }
      const replaced = [...entries.values()].filter(
        ({ path, sha256: before }) => next.get(path)?.sha256 !== before,
      )
      entries.clear()
      for (const [path, entry] of next) entries.set(path, entry)
      const result = { root: root(), conflicts, replaced }
      done.set(commit.commitKey, result)
      return ok(result)
    },
  }
  for (const [path, content] of Object.entries(files)) workspace.write(path, content)
  return workspace
}
