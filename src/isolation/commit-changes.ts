/**
 * Takes a finished exec's changes into the workspace: everything the runner says is checked again
 * (paths, counts, sizes, hashes), then committed at once or not at all. A runner is not trusted
 * with anything but having run the command.
 */
import {
  type CommitResult,
  WORKSPACE_LIMITS,
  type WorkspaceFailure,
  type WorkspacePort,
} from '../domain/ports/workspace.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { WireChanges } from './contract.ts'
import { isReservedPath } from './manifest-delta.ts'

/** Blobs fetched side by side: hides a tunnel's latency, holds at most six files in memory. */
const PARALLEL_BLOBS = 6
const MB = 1024 * 1024

export interface CommitInput {
  readonly changes: WireChanges
  readonly commitKey: string
  /** Root of the workspace that the command started on. */
  readonly base: string
  readonly workspace: WorkspacePort
  /** Every file that the command wrote is labelled: it may have had any text before it. */
  readonly isUntrusted: boolean
  /** Hashes that the workspace holds already. */
  readonly held: ReadonlySet<string>
  readonly fetchBlob: (sha256: string) => Promise<Uint8Array | null>
  /** Of a command that had a credential: what holds it would outlive it in the workspace. */
  readonly isSecretIn?: (text: string) => boolean
}

const nothingKept = (reason: string): Result<never, string> =>
  err(`${reason}; none of the command’s changes to files were kept`)

/** Why the list of changes cannot be taken, before any byte of it is fetched. */
export function checkChanges(changes: WireChanges): string | null {
  const paths = new Set<string>()
  let bytes = 0
  for (const { path, size } of changes.put) {
    if (paths.has(path)) return 'the runner named a file twice'
    paths.add(path)
    bytes += size
  }
  for (const path of changes.delete) {
    if (paths.has(path)) return 'the runner both wrote and deleted a file'
    paths.add(path)
  }
  if ([...paths].some(isReservedPath)) return 'the command wrote into the reserved folder .edgeclaw'
  if (changes.put.length > WORKSPACE_LIMITS.maxFiles) return 'the command wrote too many files'
  return bytes > WORKSPACE_LIMITS.maxTotalBytes ? 'the command wrote too much' : null
}

export function describeFailure(failure: WorkspaceFailure): string {
  switch (failure.kind) {
    case 'not_found':
      return `a file vanished: ${failure.path}`
    case 'path_denied':
      return `the path ${failure.path} is not allowed: ${failure.reason}`
    case 'file_too_large':
      return `${failure.path} is larger than ${failure.maxBytes / MB} MB`
    case 'workspace_full':
      return failure.limit === 'bytes'
        ? `the workspace may hold at most ${failure.max / MB} MB`
        : `the workspace may hold at most ${failure.max} files`
    case 'changed_meanwhile':
      return `${failure.path} was changed meanwhile`
    case 'blob_missing':
      return 'the content of a file is missing'
  }
}

const HOLDS_SECRET = 'the command wrote its credential into a file'

/** Stages one blob; a runner that hands out other bytes than it announced is caught by their hash. */
async function takeBlob(input: CommitInput, sha256: string): Promise<string | null> {
  const bytes = await input.fetchBlob(sha256)
  if (bytes === null) return 'a changed file could not be fetched from the runner'
  if (input.isSecretIn?.(new TextDecoder().decode(bytes)) === true) return HOLDS_SECRET
  const staged = await input.workspace.stage(bytes)
  if (!staged.ok) return describeFailure(staged.error)
  return staged.value.sha256 === sha256 ? null : 'the runner sent another file than it announced'
}

export async function commitChanges(
  input: CommitInput,
): Promise<Result<Omit<CommitResult, 'root'>, string>> {
  const { changes, workspace, commitKey, base } = input
  const refused = checkChanges(changes)
  if (refused !== null) return nothingKept(refused)
  if (changes.put.length + changes.delete.length === 0) return ok({ conflicts: [], replaced: [] })
  if (changes.put.some(({ path }) => input.isSecretIn?.(path))) return nothingKept(HOLDS_SECRET)
  const wanted = [...new Set(changes.put.map(({ sha256 }) => sha256))].filter(
    (sha256) => !input.held.has(sha256),
  )
  for (let at = 0; at < wanted.length; at += PARALLEL_BLOBS) {
    const failures = await Promise.all(
      wanted.slice(at, at + PARALLEL_BLOBS).map((sha256) => takeBlob(input, sha256)),
    )
    const failure = failures.find((reason) => reason !== null)
    if (failure !== undefined && failure !== null) return nothingKept(failure)
  }
  const put = changes.put.map((entry) => ({ ...entry, isUntrusted: input.isUntrusted }))
  const committed = await workspace.commit({ commitKey, base, put, delete: changes.delete })
  if (!committed.ok) return nothingKept(describeFailure(committed.error))
  return ok(committed.value)
}
