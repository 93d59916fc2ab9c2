/**
 * What a tool's result leaves out stands in a file of the workspace, and the result says in which. The
 * words are read again, where an old result is shortened.
 */
import type { WorkspacePort } from './ports/workspace.ts'

const FOLDER = 'tool-results'
const MODE = 0o644

export const KEPT_IN = /the whole is in (tool-results\/[A-Za-z0-9._-]{1,200})/

export interface KeptResult {
  readonly name: string
  /** Unique in the workspace: kept twice it is one file. */
  readonly commitKey: string
  /** Staged, or stored already. */
  readonly blob: { readonly sha256: string; readonly size: number }
  readonly isUntrusted: boolean
}

export const NOT_KEPT = 'the rest was not kept'

/** @returns what is said of it */
export async function keepResult(
  workspace: Pick<WorkspacePort, 'commit'>,
  { name, commitKey, blob, isUntrusted }: KeptResult,
): Promise<string> {
  const path = `${FOLDER}/${name}`
  const { sha256, size } = blob
  const committed = await workspace.commit({
    commitKey,
    base: null,
    put: [{ path, sha256, size, mode: MODE, isUntrusted }],
    delete: [],
  })
  return committed.ok ? `the whole is in ${path}` : NOT_KEPT
}
