/**
 * The files of one tenant, agent and user: manifest and small files in the object's SQLite, large
 * ones in R2. A shell around workspace/: what a commit does is decided there. It knows nothing of
 * tools and sandboxes, and checks only what must hold whoever calls.
 *
 * R2 objects are named `<tenant>/<object id>/<sha256>.<nonce>` and belong to this object alone, so
 * that it may delete them without asking anybody (the price: equal files of two users are stored
 * twice). None is orphaned: a row names the object before its upload begins, and the sweep deletes
 * what no file names an hour after; erasing a tenant deletes its prefix.
 */
import { DurableObject } from 'cloudflare:workers'
import { sha256Hex } from '../crypto/digest.ts'
import { randomBase64Url } from '../crypto/random.ts'
import { parseObjectName } from '../domain/object-name.ts'
import type { Erasable } from '../domain/ports/tenant-end.ts'
import {
  type CommitResult,
  type FileHead,
  type ListedFile,
  type ListQuery,
  type ManifestEntry,
  type ManifestStep,
  WORKSPACE_LIMITS,
  type WorkspaceCommit,
  type WorkspaceFailure,
  type WorkspaceListing,
  type WorkspaceManifest,
  type WorkspaceSource,
  type WorkspaceSummary,
} from '../domain/ports/workspace.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { logError } from '../telemetry/log.ts'
import { Timers } from './alarms.ts'
import { DirectoryEntry, type DirectoryEnv } from './directory-entry.ts'
import { SchemaGate } from './schema/migrate.ts'
import { WORKSPACE_MIGRATIONS } from './schema/workspace.ts'
import { filesOf, summaryOf } from './workspace/listing.ts'
import { checkPath } from './workspace/path.ts'
import { planCommit } from './workspace/plan.ts'
import { manifestRoot, sortedByPath } from './workspace/root.ts'
import { WorkspaceSteps } from './workspace/steps.ts'
import { UNUSED_BLOB_MS, WorkspaceStore } from './workspace/store.ts'

export interface WorkspaceEnv extends DirectoryEnv {
  readonly BLOBS: R2Bucket
}

/** Read and written in one go with their row; larger ones would crowd SQLite's cache and 2 MB rows. */
const MAX_INLINE_BYTES = 64 * 1024
/** Staged, current and replaced contents together: room for a whole rewrite within the hour. */
const MAX_STORED_BYTES = 4 * WORKSPACE_LIMITS.maxTotalBytes
const MAX_STORED_BLOBS = 4 * WORKSPACE_LIMITS.maxFiles
/** Longest exec and its slack: what is unused for longer may go early when room is needed. */
const MIN_UNUSED_BLOB_MS = 10 * 60_000
/** R2 deletes at most this many keys in one call. */
const R2_DELETE_BATCH = 1_000
const SWEEP = 'sweep'

export class WorkspaceObject
  extends DurableObject<WorkspaceEnv>
  implements WorkspaceSource, WorkspaceListing, Erasable
{
  readonly #gate: SchemaGate
  readonly #store: WorkspaceStore
  readonly #timers: Timers
  readonly #steps = new WorkspaceSteps()
  readonly #entry: DirectoryEntry
  readonly #uploads = new Set<Promise<unknown>>()

  constructor(state: DurableObjectState, env: WorkspaceEnv) {
    super(state, env)
    this.#gate = new SchemaGate(state, WORKSPACE_MIGRATIONS)
    this.#store = new WorkspaceStore(state.storage)
    this.#timers = new Timers(state.storage)
    this.#entry = new DirectoryEntry(state, env, 'workspace')
  }

  async manifest(): Promise<WorkspaceManifest> {
    const { root, entries } = await this.#current()
    return { root, entries }
  }

  async manifestSince(version: string | null): Promise<ManifestStep> {
    const { seq, root, entries } = await this.#current()
    const step = version === null ? null : this.#steps.since(version, seq)
    const change = step ?? { put: entries, delete: [] }
    return { root, version: this.#steps.versionOf(seq), isWhole: step === null, ...change }
  }

  async read(
    path: string,
  ): Promise<Result<{ entry: ManifestEntry; bytes: Uint8Array }, WorkspaceFailure>> {
    const checked = checkPath(path)
    if (!checked.ok) {
      return err({ kind: 'path_denied', path: String(path).slice(0, 200), reason: checked.error })
    }
    const isEmpty = (await this.#gate.forReading()) === 0
    const entry = isEmpty ? null : this.#store.entry(path)
    if (entry === null) return err({ kind: 'not_found', path })
    const bytes = await this.blob(entry.sha256)
    return bytes === null
      ? err({ kind: 'blob_missing', sha256: entry.sha256 })
      : ok({ entry, bytes })
  }

  async blob(sha256: string): Promise<Uint8Array | null> {
    return (await this.#gate.forReading()) === 0 ? null : this.#bytes(sha256, null)
  }

  async heads(paths: readonly string[], maxBytes: number): Promise<readonly FileHead[]> {
    if ((await this.#gate.forReading()) === 0) return []
    const heads = await Promise.all(
      paths.map(async (path) => {
        const entry = this.#store.entry(path)
        const bytes = entry && (await this.#bytes(entry.sha256, maxBytes))
        return entry && bytes ? [{ entry, bytes }] : []
      }),
    )
    return heads.flat()
  }

  async summary(): Promise<WorkspaceSummary> {
    const isEmpty = (await this.#gate.forReading()) === 0
    return isEmpty ? { files: 0, bytes: 0, changedAt: null } : summaryOf(this.ctx.storage.sql)
  }

  async list(query: ListQuery): Promise<readonly ListedFile[]> {
    return (await this.#gate.forReading()) === 0 ? [] : filesOf(this.ctx.storage.sql, query)
  }

  async stage(
    bytes: Uint8Array,
  ): Promise<Result<{ sha256: string; size: number }, WorkspaceFailure>> {
    const size = bytes.byteLength
    const maxBytes = WORKSPACE_LIMITS.maxFileBytes
    if (size > maxBytes) return err({ kind: 'file_too_large', path: '', maxBytes })
    const sha256 = await sha256Hex(new Uint8Array(bytes))
    await this.#entry.enter()
    await this.#gate.forWriting()
    const now = Date.now()
    if (!this.#store.touchBlob(sha256, now)) {
      const room = this.#makeRoom(size, now)
      if (!room.ok) return room
      if (size <= MAX_INLINE_BYTES) this.#store.addInline(sha256, bytes, now)
      else await this.#upload(sha256, bytes)
    }
    await this.#timers.setNoLater(SWEEP, now + UNUSED_BLOB_MS)
    return ok({ sha256, size })
  }

  async commit(commit: WorkspaceCommit): Promise<Result<CommitResult, WorkspaceFailure>> {
    await this.#entry.enter()
    await this.#gate.forWriting()
    const bodyHash = await hashOfBody(commit)
    for (;;) {
      const known = this.#store.recorded(commit.commitKey)
      if (known !== null) return repeated(commit, known.bodyHash === bodyHash ? known.result : null)
      const { seq } = this.#store.head()
      const plan = this.#plan(commit)
      if (!plan.ok) return plan
      const root = await manifestRoot(plan.value.entries.values())
      // Hashing lets other calls in: when one of them changed the workspace, the plan is made anew.
      const now = Date.now()
      const { commitKey } = commit
      if (this.#store.apply(plan.value, { on: seq, root, now }, { commitKey, bodyHash })) {
        this.#steps.add(seq + 1, plan.value)
        await this.#timers.setNoLater(SWEEP, now + UNUSED_BLOB_MS)
        const { conflicts, replaced } = plan.value
        return ok({ root, conflicts, replaced })
      }
    }
  }

  override async alarm(): Promise<void> {
    if ((await this.#gate.forReading()) === 0) return
    const failures = await this.#timers.run(Date.now, () => this.#sweep())
    for (const { name, error } of failures)
      logError('workspace.timer_failed', error, { timer: name })
  }

  /** What is in R2 stays: whoever erases a tenant deletes its prefix, once no upload is under way. */
  async erase(): Promise<void> {
    this.#entry.close()
    await Promise.allSettled(this.#uploads)
    await this.ctx.storage.deleteAlarm()
    await this.ctx.storage.deleteAll()
    this.#gate.forget()
    this.#store.forget()
  }

  async #bytes(sha256: string, maxBytes: number | null): Promise<Uint8Array | null> {
    const stored = this.#store.blob(sha256)
    if (stored === null || stored.objectKey === null) {
      return stored?.bytes?.slice(0, maxBytes ?? undefined) ?? null
    }
    const range = maxBytes === null ? {} : { range: { offset: 0, length: maxBytes } }
    const object = await this.env.BLOBS.get(stored.objectKey, range)
    return object === null ? null : new Uint8Array(await object.arrayBuffer())
  }

  async #current(): Promise<WorkspaceManifest & { readonly seq: number }> {
    const isEmpty = (await this.#gate.forReading()) === 0
    const entries = isEmpty ? [] : sortedByPath(this.#store.entries().values())
    const { seq, root } = isEmpty ? { seq: 0, root: null } : this.#store.head()
    return { seq, root: root ?? (await manifestRoot(entries)), entries }
  }

  #plan(commit: WorkspaceCommit): ReturnType<typeof planCommit> {
    const current = this.#store.entries()
    const changed = commit.base === null ? null : this.#store.changesSince(commit.base)
    return planCommit(commit, {
      current,
      // Of a root that is not remembered anything may have changed: nothing there is overwritten.
      hasChangedSinceBase: changed ?? ((path) => current.has(path)),
      storedSize: (sha256) => this.#store.blobSize(sha256),
    })
  }

  #makeRoom(size: number, now: number): Result<null, WorkspaceFailure> {
    const limit = this.#limitReached(size)
    if (limit === null) return ok(null)
    this.#store.expire(now, MIN_UNUSED_BLOB_MS)
    const still = this.#limitReached(size)
    if (still === null) return ok(null)
    const { maxFiles, maxTotalBytes } = WORKSPACE_LIMITS
    const max = still === 'files' ? maxFiles : maxTotalBytes
    return err({ kind: 'workspace_full', limit: still, max })
  }

  #limitReached(size: number): 'bytes' | 'files' | null {
    const { blobs, bytes } = this.#store.totals()
    if (blobs >= MAX_STORED_BLOBS) return 'files'
    return bytes + size > MAX_STORED_BYTES ? 'bytes' : null
  }

  /** The nonce keeps a sweep that is deleting the object of an earlier upload off this one. */
  async #upload(sha256: string, bytes: Uint8Array): Promise<void> {
    const objectKey = `${this.#objectPrefix()}/${sha256}.${randomBase64Url(9)}`
    this.#store.beginUpload(objectKey, Date.now())
    const upload = this.env.BLOBS.put(objectKey, bytes, { sha256 })
    this.#uploads.add(upload)
    await upload.finally(() => this.#uploads.delete(upload))
    this.#store.finishUpload(sha256, bytes.byteLength, objectKey, Date.now())
  }

  #objectPrefix(): string {
    const [tenantId] = parseObjectName(this.ctx.id.name) ?? []
    if (tenantId === undefined) throw new Error('a workspace is reached by its name only')
    return `${encodeURIComponent(tenantId)}/${this.ctx.id.toString()}`
  }

  async #sweep(): Promise<void> {
    const now = Date.now()
    this.#store.expire(now)
    for (;;) {
      const keys = this.#store.looseObjects(now, R2_DELETE_BATCH)
      if (keys.length === 0) break
      await this.env.BLOBS.delete([...keys])
      this.#store.forgetLoose(keys)
    }
    const next = this.#store.nextExpiry()
    if (next !== null) await this.#timers.set(SWEEP, Math.max(next, now + 1))
  }
}

/**
 * Everything that the commit says, but for labels: a call that is repeated after a crash may know by
 * then that text from outside came in, and its first commit, made before that, still answers it.
 */
const hashOfBody = ({ base, put, delete: removed }: WorkspaceCommit): Promise<string> =>
  sha256Hex(
    JSON.stringify([
      base,
      put.map(({ path, sha256, size, mode, ifSha256 }) => [
        path,
        sha256,
        size,
        mode,
        ...(ifSha256 === undefined ? [] : [ifSha256]),
      ]),
      removed,
    ]),
  )

/** Another body under a used key is another change: neither result would be its own. */
function repeated(
  commit: WorkspaceCommit,
  result: CommitResult | null,
): Result<CommitResult, WorkspaceFailure> {
  if (result !== null) return ok(result)
  const path = commit.put[0]?.path ?? commit.delete[0] ?? ''
  return err({
    kind: 'path_denied',
    path,
    reason: 'was committed under a key that is used already',
  })
}
