/** The files of one tenant, agent and user. The gateway owns them; runners only borrow. */
import type { Result } from '../result.ts'

export const WORKSPACE_LIMITS = {
  maxFileBytes: 10 * 1024 * 1024,
  maxTotalBytes: 256 * 1024 * 1024,
  maxFiles: 10_000,
} as const

export interface ManifestEntry {
  /** Workspace-relative, `/`-separated, already checked. */
  readonly path: string
  readonly sha256: string
  readonly size: number
  /** Permission bits only, e.g. 0o644. */
  readonly mode: number
  /**
   * Whoever wrote the file had text from outside before them: it may be in the content or the name.
   * A fact about its making, so no part of the root, and told to no runner.
   */
  readonly isUntrusted: boolean
}

export interface WorkspaceManifest {
  /** SHA-256 over the sorted entries: equal roots mean equal paths, contents and modes. */
  readonly root: string
  readonly entries: readonly ManifestEntry[]
}

/** What became of a workspace since a state that the asker knows. */
export interface ManifestStep {
  readonly root: string
  /** Names this state, labels included; known to the object for as long as it lives. */
  readonly version: string
  /** True when the state asked for is not known any more: then `put` is all there is. */
  readonly isWhole: boolean
  readonly put: readonly ManifestEntry[]
  readonly delete: readonly string[]
}

/**
 * `isUntrusted` is the writer's word for a new content and may only be added to by the workspace:
 * content that a labelled file holds stays labelled, under every path.
 */
export interface WorkspacePut extends ManifestEntry {
  /** Write only if the path still holds this content (`null`: is still absent). */
  readonly ifSha256?: string | null
}

export interface WorkspaceCommit {
  /** Idempotency: the tool call's or exec's id. Repeating a commit answers the first one's result. */
  readonly commitKey: string
  /**
   * Root the change was made on. A path changed on both sides since is kept as
   * `name.conflict-<commitKey>`; null overwrites whatever is there.
   */
  readonly base: string | null
  readonly put: readonly WorkspacePut[]
  readonly delete: readonly string[]
}

export interface CommitResult {
  readonly root: string
  /** Paths under which conflicting versions were kept. */
  readonly conflicts: readonly string[]
  /**
   * Files whose content the commit overwrote or deleted, as they were; of more than
   * `MAX_REPLACED_TOLD` those nearest to the root. Their blobs outlive them for an hour.
   */
  readonly replaced: readonly ManifestEntry[]
}

/** A commit's result is one row, and paths may be long. */
export const MAX_REPLACED_TOLD = 64

export type WorkspaceFailure =
  | { readonly kind: 'not_found'; readonly path: string }
  | { readonly kind: 'path_denied'; readonly path: string; readonly reason: string }
  | { readonly kind: 'file_too_large'; readonly path: string; readonly maxBytes: number }
  | { readonly kind: 'workspace_full'; readonly limit: 'bytes' | 'files'; readonly max: number }
  | { readonly kind: 'changed_meanwhile'; readonly path: string }
  | { readonly kind: 'blob_missing'; readonly sha256: string }

export interface FileHead {
  readonly entry: ManifestEntry
  /** The whole file, where it is no longer than was asked for. */
  readonly bytes: Uint8Array
}

export interface WorkspacePort {
  manifest(): Promise<WorkspaceManifest>
  read(path: string): Promise<Result<{ entry: ManifestEntry; bytes: Uint8Array }, WorkspaceFailure>>
  blob(sha256: string): Promise<Uint8Array | null>
  /** How these files begin, in one call; those that are absent are left out. */
  heads(paths: readonly string[], maxBytes: number): Promise<readonly FileHead[]>
  /** Stores bytes ahead of the commit that names them; recomputes and answers their SHA-256. */
  stage(bytes: Uint8Array): Promise<Result<{ sha256: string; size: number }, WorkspaceFailure>>
  /** All or nothing. Every `put` must have been staged or be present already. */
  commit(commit: WorkspaceCommit): Promise<Result<CommitResult, WorkspaceFailure>>
}

export interface WorkspaceSummary {
  readonly files: number
  readonly bytes: number
  /** Null: it never held anything. */
  readonly changedAt: number | null
}

export interface ListQuery {
  /** Of the paths; empty: all. */
  readonly prefix: string
  /** Behind this path; empty: from the first. */
  readonly after: string
  readonly limit: number
}

export interface ListedFile extends Pick<ManifestEntry, 'path' | 'size' | 'mode' | 'isUntrusted'> {
  /** Null where it is not remembered any more. */
  readonly changedAt: number | null
}

/** For whoever looks through it: no contents, and no more than a page. */
export interface WorkspaceListing {
  summary(): Promise<WorkspaceSummary>
  list(query: ListQuery): Promise<readonly ListedFile[]>
}

/** Where a workspace is kept: tells what changed to whoever remembers the rest. */
export interface WorkspaceSource extends WorkspacePort {
  manifestSince(version: string | null): Promise<ManifestStep>
}
