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
  /** Key id of the runner that was told last of a workspace: its files are cached there. */
  readonly lastOf: (workspaceId: string) => string | undefined
}

interface Told {
  readonly keyId: string
  readonly workspaceId: string
  readonly view: SandboxView
}

/** An empty workspace takes room as well. */
const sizeOf = ({ view }: Told): number => view.entries.size + 1

export function createToldViews(maxEntries = MAX_ENTRIES): ToldViews {
  /** In the order of telling: the first is the next to go. */
  const views = new Map<string, Told>()
  const last = new Map<string, string>()
  let total = 0
  const keyOf = (keyId: string, workspaceId: string): string => JSON.stringify([keyId, workspaceId])
  const drop = (key: string): void => {
    const told = views.get(key)
    if (told === undefined) return
    total -= sizeOf(told)
    views.delete(key)
    if (last.get(told.workspaceId) === told.keyId) last.delete(told.workspaceId)
  }
  return {
    get: (keyId, workspaceId) => views.get(keyOf(keyId, workspaceId))?.view,
    lastOf: (workspaceId) => last.get(workspaceId),
    set(keyId, workspaceId, view) {
      const key = keyOf(keyId, workspaceId)
      const told: Told = { keyId, workspaceId, view }
      drop(key)
      if (sizeOf(told) > maxEntries) return
      views.set(key, told)
      last.set(workspaceId, keyId)
      total += sizeOf(told)
      for (const old of views.keys()) {
        if (total <= maxEntries) return
        drop(old)
      }
    },
  }
}

export const toldViews: ToldViews = createToldViews()
