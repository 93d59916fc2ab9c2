/**
 * Manifests by (tenant, workspace, root), so that a job only has to say what differs. A bounded
 * cache; a workspace that is not in it is asked for.
 */
import {
  MAX_WORKSPACE_BYTES,
  MAX_WORKSPACE_FILES,
  type WireManifestEntry,
} from '../../../src/isolation/contract.ts'
import { Refusal } from './refusal.ts'

/** About 200 bytes each: 100 MB at most. */
const MAX_CACHED_ENTRIES = 500_000

export type Manifest = ReadonlyMap<string, WireManifestEntry>

/** No file system holds such a list. */
export function hasFileBelowFile(files: Manifest): boolean {
  for (const path of files.keys()) {
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      if (files.has(path.slice(0, slash))) return true
    }
  }
  return false
}

/** Whether one of these paths lies below a file, or is a file that another path lies below. */
function clashes(files: Manifest, paths: Iterable<string>): boolean {
  const folders: string[] = []
  for (const path of paths) {
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      if (files.has(path.slice(0, slash))) return true
    }
    folders.push(`${path}/`)
  }
  for (const path of files.keys()) {
    if (folders.some((folder) => path.startsWith(folder))) return true
  }
  return false
}

/** More than this, and looking at all at once is quicker. */
const MAX_SINGLE_CHECKS = 16

const sizeOf = (files: Manifest): number => {
  let bytes = 0
  for (const { size } of files.values()) bytes += size
  return bytes
}

/** A manifest with a change, whose new paths alone have to be looked at. */
function withDelta(before: Manifest, delta: NonNullable<WorkspaceState['delta']>): Manifest {
  const entries = new Map(before)
  for (const path of delta.delete) entries.delete(path)
  for (const entry of delta.put) entries.set(entry.path, entry)
  if (delta.put.length > MAX_SINGLE_CHECKS) return toManifest([...entries.values()])
  if (sizeOf(entries) > MAX_WORKSPACE_BYTES || entries.size > MAX_WORKSPACE_FILES) {
    throw new Refusal('WORKSPACE_TOO_LARGE', 'the workspace is too large for a sandbox')
  }
  const fresh = delta.put.map(({ path }) => path).filter((path) => !before.has(path))
  if (fresh.length > 0 && clashes(entries, fresh)) {
    throw new Refusal('INVALID_JOB', 'the manifest has a file below a file')
  }
  return entries
}

/** A manifest as a map; a path named twice, or below a file, could be unpacked in two ways. */
export function toManifest(entries: readonly WireManifestEntry[]): Manifest {
  const manifest = new Map<string, WireManifestEntry>()
  let bytes = 0
  for (const entry of entries) {
    if (manifest.has(entry.path)) throw new Refusal('INVALID_JOB', 'the manifest repeats a path')
    manifest.set(entry.path, entry)
    bytes += entry.size
  }
  if (bytes > MAX_WORKSPACE_BYTES || manifest.size > MAX_WORKSPACE_FILES) {
    throw new Refusal('WORKSPACE_TOO_LARGE', 'the workspace is too large for a sandbox')
  }
  if (hasFileBelowFile(manifest)) {
    throw new Refusal('INVALID_JOB', 'the manifest has a file below a file')
  }
  return manifest
}

/** What has to be placed and removed to get from one workspace to another; modes as a sandbox keeps them. */
export function difference(
  from: Manifest,
  to: Manifest,
): { readonly put: Manifest; readonly remove: readonly string[] } {
  if (from === to) return { put: new Map(), remove: [] }
  const put = new Map<string, WireManifestEntry>()
  let same = 0
  for (const [path, entry] of to) {
    const known = from.get(path)
    if (known === undefined || known.sha256 !== entry.sha256) put.set(path, entry)
    else if ((known.mode | 0o600) !== (entry.mode | 0o600)) put.set(path, entry)
    if (known !== undefined) same += 1
  }
  const remove = same === from.size ? [] : [...from.keys()].filter((path) => !to.has(path))
  return { put, remove }
}

export interface WorkspaceState {
  readonly id: string
  readonly root: string
  readonly base?: string | undefined
  readonly delta?:
    | { readonly put: readonly WireManifestEntry[]; readonly delete: readonly string[] }
    | undefined
  readonly manifest?: readonly WireManifestEntry[] | undefined
}

export function createManifestCache() {
  const cache = new Map<string, Manifest>()
  let cachedEntries = 0
  const keyOf = (tenant: string, id: string, root: string) => JSON.stringify([tenant, id, root])

  function get(key: string): Manifest | undefined {
    const manifest = cache.get(key)
    if (manifest !== undefined) {
      cache.delete(key)
      cache.set(key, manifest)
    }
    return manifest
  }

  function remember(tenant: string, id: string, root: string, manifest: Manifest): Manifest {
    const key = keyOf(tenant, id, root)
    cachedEntries += manifest.size - (cache.get(key)?.size ?? 0)
    cache.delete(key)
    cache.set(key, manifest)
    for (const [old, { size }] of cache) {
      if (cachedEntries <= MAX_CACHED_ENTRIES) break
      cache.delete(old)
      cachedEntries -= size
    }
    return manifest
  }

  return {
    remember,
    /** The manifest of a state, from what came along or is known; null when it must be asked for. */
    resolve(tenant: string, state: WorkspaceState): Manifest | null {
      const { id, root, base, delta, manifest } = state
      if (manifest !== undefined) return remember(tenant, id, root, toManifest(manifest))
      const known = get(keyOf(tenant, id, root))
      if (known !== undefined) return known
      const before = base === undefined ? undefined : get(keyOf(tenant, id, base))
      if (before === undefined || delta === undefined) return null
      return remember(tenant, id, root, withDelta(before, delta))
    },
  }
}
export type ManifestCache = ReturnType<typeof createManifestCache>
