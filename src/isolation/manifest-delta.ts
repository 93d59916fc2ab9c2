/** What of a workspace travels to a runner: differences where the runner knows the rest. */
import type { ManifestEntry, WorkspaceManifest } from '../domain/ports/workspace.ts'
import { type ExecRequest, INLINE_MANIFEST_ENTRIES, type WireManifestEntry } from './contract.ts'

/** The gateway's own folder: a command neither sees nor changes it. */
const RESERVED = '.edgeclaw'
export const isReservedPath = (path: string): boolean =>
  path === RESERVED || path.startsWith(`${RESERVED}/`)

/** A workspace as a runner is told of it. */
export interface SandboxView {
  readonly root: string
  readonly entries: ReadonlyMap<string, WireManifestEntry>
  /** One of the files carries the label of text from outside, which itself never travels. */
  readonly holdsUntrusted: boolean
}

const toWire = ({ path, sha256, size, mode }: ManifestEntry): WireManifestEntry => ({
  path,
  sha256,
  size,
  mode: mode & 0o777,
})

export function sandboxView({ root, entries }: WorkspaceManifest): SandboxView {
  const visible = entries.filter(({ path }) => !isReservedPath(path))
  return {
    root,
    entries: new Map(visible.map((entry) => [entry.path, toWire(entry)])),
    holdsUntrusted: visible.some(({ isUntrusted }) => isUntrusted),
  }
}

const isSame = (a: WireManifestEntry | undefined, b: WireManifestEntry): boolean =>
  a !== undefined && a.sha256 === b.sha256 && a.mode === b.mode && a.size === b.size

/** `known`: what was last sent to this runner. A small workspace travels whole, which asks nothing. */
export function workspaceState(
  id: string,
  view: SandboxView,
  known: SandboxView | undefined,
): NonNullable<ExecRequest['workspace']> {
  const { root, entries } = view
  if (known !== undefined && known.root === root) return { id, root }
  if (entries.size <= INLINE_MANIFEST_ENTRIES) return { id, root, manifest: [...entries.values()] }
  if (known === undefined) return { id, root }
  return {
    id,
    root,
    base: known.root,
    delta: {
      put: [...entries.values()].filter((entry) => !isSame(known.entries.get(entry.path), entry)),
      delete: [...known.entries.keys()].filter((path) => !entries.has(path)),
    },
  }
}
