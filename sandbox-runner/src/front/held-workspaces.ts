/**
 * What the workspaces of kept containers hold, so that their next job is sent only what differs. Only
 * a memory: of a container that is not in it nothing is believed, and its workspace is emptied first.
 */
import type { Manifest } from './manifests.ts'

/** With about 200 bytes each 40 MB; most are shared with the cache of manifests. */
const MAX_ENTRIES = 200_000
const MAX_SANDBOXES = 1_000

interface Held {
  readonly holder: string
  readonly manifest: Manifest
}

export function createHeldWorkspaces(maxEntries = MAX_ENTRIES) {
  /** By container, the one used last at the end. */
  const held = new Map<string, Held>()
  let total = 0

  function drop(sandbox: string): void {
    total -= held.get(sandbox)?.manifest.size ?? 0
    held.delete(sandbox)
  }

  return {
    /** Of the holder's container that was used last: probably the next job's. */
    expected(holder: string): Manifest | null {
      let found: Manifest | null = null
      for (const entry of held.values()) if (entry.holder === holder) found = entry.manifest
      return found
    },
    /** Forgotten with the answer: what a job leaves is known only once it has ended well. */
    take(sandbox: string, holder: string): Manifest | null {
      const entry = held.get(sandbox)
      drop(sandbox)
      return entry?.holder === holder ? entry.manifest : null
    },
    put(sandbox: string, holder: string, manifest: Manifest): void {
      drop(sandbox)
      held.set(sandbox, { holder, manifest })
      total += manifest.size
      for (const oldest of held.keys()) {
        if (total <= maxEntries && held.size <= MAX_SANDBOXES) return
        drop(oldest)
      }
    },
  }
}
export type HeldWorkspaces = ReturnType<typeof createHeldWorkspaces>
