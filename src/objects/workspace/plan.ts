/**
 * What a commit does to a manifest: the new one, or why it cannot be. Pure: whoever stores the plan
 * sees to it that nothing changed in between.
 *
 * No work is ever lost to a conflict. A path that changed on both sides keeps what is there, and the
 * commit's version goes beside it; a path that the commit deletes and somebody else changed stays.
 */
import {
  MAX_REPLACED_TOLD,
  type ManifestEntry,
  WORKSPACE_LIMITS,
  type WorkspaceCommit,
  type WorkspaceFailure,
  type WorkspacePut,
} from '../../domain/ports/workspace.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import { labelled, untrustedContents } from './label.ts'
import { checkPath, nameWithSuffix } from './path.ts'
import { ManifestTree } from './tree.ts'

export interface CommitContext {
  readonly current: ReadonlyMap<string, ManifestEntry>
  /** Whether the path changed after the commit's base; not asked when that is null. */
  readonly hasChangedSinceBase: (path: string) => boolean
  /** Size of stored content, by hash. */
  readonly storedSize: (sha256: string) => number | undefined
}

export interface CommitPlan {
  readonly entries: ReadonlyMap<string, ManifestEntry>
  readonly put: readonly ManifestEntry[]
  readonly remove: readonly string[]
  readonly conflicts: readonly string[]
  readonly replaced: readonly ManifestEntry[]
}

const SHA256 = /^[0-9a-f]{64}$/
/** No set-user-id, set-group-id or sticky bit ever enters a manifest. */
const MAX_MODE = 0o777
/** Ids of vendors and runners stay far below. */
const MAX_COMMIT_KEY_CHARS = 256
/** A conflict's name must leave room for the file's own. */
const MAX_LABEL_CHARS = 64
/** More versions of one path than this in one name space are no accident. */
const MAX_NAME_TRIES = 100

type Denied = Extract<WorkspaceFailure, { kind: 'path_denied' }>
const denied = (path: string, reason: string): Result<never, Denied> =>
  err({ kind: 'path_denied', path, reason })

export function planCommit(
  commit: WorkspaceCommit,
  context: CommitContext,
): Result<CommitPlan, WorkspaceFailure> {
  const shape = checkCommit(commit)
  if (!shape.ok) return shape
  const contents = checkContents(commit.put, context)
  if (!contents.ok) return contents

  const draft = new Draft(commit, context)
  for (const path of commit.delete) draft.remove(path)
  for (const put of commit.put) {
    const placed = draft.put(put)
    if (!placed.ok) return placed
  }
  return draft.finish()
}

function checkCommit(commit: WorkspaceCommit): Result<null, WorkspaceFailure> {
  if (commit.commitKey === '' || commit.commitKey.length > MAX_COMMIT_KEY_CHARS) {
    return denied('', `commit key is empty or longer than ${MAX_COMMIT_KEY_CHARS} characters`)
  }
  // A commit holds no more files than a workspace, or checking it would be the attack.
  for (const list of [commit.put, commit.delete]) {
    if (list.length > WORKSPACE_LIMITS.maxFiles) return full('files')
  }
  const seen = new Set<string>()
  for (const path of [...commit.put.map((put) => put.path), ...commit.delete]) {
    const checked = checkPath(path)
    if (!checked.ok) return denied(String(path).slice(0, 200), checked.error)
    if (seen.has(path)) return denied(path, 'is named twice in one commit')
    seen.add(path)
  }
  return ok(null)
}

function checkContents(
  puts: readonly WorkspacePut[],
  { current, storedSize }: CommitContext,
): Result<null, WorkspaceFailure> {
  const maxBytes = WORKSPACE_LIMITS.maxFileBytes
  for (const { path, sha256, size, mode, ifSha256 } of puts) {
    if (!Number.isInteger(mode) || mode < 0 || mode > MAX_MODE) {
      return denied(path, 'has a mode that is more than permission bits')
    }
    if (size > maxBytes) return err({ kind: 'file_too_large', path, maxBytes })
    const isStored = SHA256.test(sha256) && storedSize(sha256) === size
    if (!isStored) return err({ kind: 'blob_missing', sha256: sha256.slice(0, 64) })
    if (ifSha256 !== undefined && (current.get(path)?.sha256 ?? null) !== ifSha256) {
      return err({ kind: 'changed_meanwhile', path })
    }
  }
  return ok(null)
}

const full = (limit: 'bytes' | 'files'): Result<never, WorkspaceFailure> =>
  err({
    kind: 'workspace_full',
    limit,
    max: limit === 'bytes' ? WORKSPACE_LIMITS.maxTotalBytes : WORKSPACE_LIMITS.maxFiles,
  })

/** The manifest while a commit is applied to it, path by path. */
class Draft {
  readonly #context: CommitContext
  readonly #hasBase: boolean
  /** The commit key is the caller's text (tool call ids come from the model): no path part as it is. */
  readonly #label: string
  readonly #untrusted: ReadonlySet<string>
  readonly #tree: ManifestTree
  readonly #before: { readonly files: number; readonly bytes: number }
  readonly #put = new Map<string, ManifestEntry>()
  readonly #removed = new Set<string>()
  readonly #conflicts: string[] = []
  /** Put aside until every other path has its place, so that no name of the commit's own is taken. */
  readonly #beside: { readonly entry: ManifestEntry; readonly clash: string }[] = []

  constructor(commit: WorkspaceCommit, context: CommitContext) {
    this.#context = context
    this.#hasBase = commit.base !== null
    this.#label = commit.commitKey.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, MAX_LABEL_CHARS)
    this.#untrusted = untrustedContents(context.current.values())
    this.#tree = new ManifestTree(context.current)
    this.#before = { files: context.current.size, bytes: this.#tree.bytes }
  }

  remove(path: string): void {
    if (!this.#tree.files.has(path)) return
    if (this.#isForeign(path)) {
      this.#conflicts.push(path)
      return
    }
    this.#tree.remove(path)
    this.#removed.add(path)
  }

  put(put: WorkspacePut): Result<null, WorkspaceFailure> {
    const { path } = put
    const there = this.#tree.files.get(path)
    const entry = labelled(put, there, this.#untrusted)
    if (isSame(there, entry)) {
      // Equal on both sides, so no conflict; that it was written anew after text from outside counts.
      if (gainsLabel(there, entry)) this.#place(entry)
      return ok(null)
    }
    const clash = this.#tree.clashOf(path) ?? (this.#isForeign(path) ? path : null)
    if (clash === null) this.#place(entry)
    else if (this.#isMadeByOthers(clash)) this.#beside.push({ entry, clash })
    else return denied(path, 'is a file where a directory is needed, or the other way round')
    return ok(null)
  }

  finish(): Result<CommitPlan, WorkspaceFailure> {
    for (const { entry, clash } of this.#beside) {
      const placed = this.#putBeside(entry, clash)
      if (!placed.ok) return placed
    }
    const { files, bytes } = this.#tree
    // What only shrinks passes, or a workspace over its limit could not be tidied.
    if (files.size > Math.max(WORKSPACE_LIMITS.maxFiles, this.#before.files)) return full('files')
    if (bytes > Math.max(WORKSPACE_LIMITS.maxTotalBytes, this.#before.bytes)) return full('bytes')
    return ok({
      entries: files,
      put: [...this.#put.values()],
      remove: [...this.#removed],
      conflicts: this.#conflicts,
      replaced: this.#replaced(),
    })
  }

  #replaced(): readonly ManifestEntry[] {
    return [...this.#put.keys(), ...this.#removed]
      .flatMap((path) => {
        const before = this.#context.current.get(path)
        const isReplaced = before !== undefined && before.sha256 !== this.#put.get(path)?.sha256
        return isReplaced ? [before] : []
      })
      .sort((a, b) => depthOf(a.path) - depthOf(b.path))
      .slice(0, MAX_REPLACED_TOLD)
  }

  #place(entry: ManifestEntry): void {
    this.#tree.put(entry)
    this.#removed.delete(entry.path)
    this.#put.set(entry.path, entry)
  }

  /** Renames the part `clash` of the entry's path until nothing stands in its way. */
  #putBeside(entry: ManifestEntry, clash: string): Result<null, WorkspaceFailure> {
    const rest = entry.path.slice(clash.length)
    const cut = clash.lastIndexOf('/') + 1
    for (let i = 1; i <= MAX_NAME_TRIES; i++) {
      const suffix = `.conflict-${this.#label}${i === 1 ? '' : `-${i}`}`
      const path = clash.slice(0, cut) + nameWithSuffix(clash.slice(cut), suffix) + rest
      const beside = { ...entry, path }
      const there = this.#tree.files.get(path)
      if (there !== undefined ? !isSame(there, beside) : this.#tree.clashOf(path) !== null) continue
      const checked = checkPath(path)
      if (!checked.ok) return denied(path, checked.error)
      if (there === undefined || gainsLabel(there, beside)) this.#place(beside)
      this.#conflicts.push(path)
      return ok(null)
    }
    return denied(entry.path, 'has too many conflicting versions already')
  }

  #isForeign(path: string): boolean {
    return this.#hasBase && this.#context.hasChangedSinceBase(path)
  }

  /** A clash with what somebody else made since is a conflict; with what was there, a mistake. */
  #isMadeByOthers(clash: string): boolean {
    if (!this.#hasBase) return false
    if (this.#isForeign(clash)) return true
    const below = `${clash}/`
    return [...this.#context.current.keys()].some(
      (path) => path.startsWith(below) && this.#isForeign(path),
    )
  }
}

const depthOf = (path: string): number => path.split('/').length

const gainsLabel = (there: ManifestEntry | undefined, entry: ManifestEntry): boolean =>
  entry.isUntrusted && there?.isUntrusted !== true

const isSame = (there: ManifestEntry | undefined, entry: ManifestEntry): boolean =>
  there !== undefined &&
  there.sha256 === entry.sha256 &&
  there.size === entry.size &&
  there.mode === entry.mode
