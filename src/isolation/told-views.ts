/**
 * What each runner was last told of a workspace, kept over the life of an isolate. Only a saving:
 * a runner that does not have the state named here asks for the whole, so nothing depends on it.
 */
import type { SandboxView } from './manifest-delta.ts'

/** About 300 bytes each: 15 MB of an isolate's 128. */
const MAX_ENTRIES = 50_000

export interface ToldViews {
  readonly get: (keyId: string, workspaceId: string) => SandboxView | undefined
  readonly set: (keyId: string, workspaceId: string, view: SandboxView) => void
}

export function createToldViews(maxEntries = MAX_ENTRIES): ToldViews {
  const views = new Map<string, SandboxView>()
  let total = 0
  const keyOf = (keyId: string, workspaceId: string): string => JSON.stringify([keyId, workspaceId])
  const drop = (key: string): void => {
    total -= views.get(key)?.entries.size ?? 0
    views.delete(key)
  }
  return {
    get: (keyId, workspaceId) => views.get(keyOf(keyId, workspaceId)),
    set(keyId, workspaceId, view) {
      const key = keyOf(keyId, workspaceId)
      drop(key)
      if (view.entries.size > maxEntries) return
      views.set(key, view)
      total += view.entries.size
      for (const old of views.keys()) {
        if (total <= maxEntries) return
        drop(old)
      }
    },
  }
}

export const toldViews: ToldViews = createToldViews()
