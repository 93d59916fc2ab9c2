/**
 * Containers that ended a job well and wait for the next one of the same holder. A container has one
 * holder for its whole life: whoever else asks does not get it, whatever the need.
 */
import { MAX_AGE_MS } from './container.ts'
import type { Sandbox } from './sandboxes.ts'

export const MAX_IDLE_MS = 5 * 60_000
/** Two commands of one conversation at once are rare; more than two are no conversation. */
const MAX_PER_HOLDER = 2

interface Kept {
  readonly sandbox: Sandbox
  readonly owner: string
  readonly holder: string
  readonly since: number
  /** False when its next supervisor could not be started. */
  readonly renewed: Promise<boolean>
}

export interface KeptOptions {
  /** Of all holders together. */
  readonly max: number
  readonly remove: (sandbox: Sandbox) => void
  readonly nowMs: () => number
}

export function createKept({ max, remove, nowMs }: KeptOptions) {
  /** Oldest first. */
  let kept: Kept[] = []

  const drop = (entry: Kept): void => {
    kept = kept.filter((other) => other !== entry)
    remove(entry.sandbox)
  }

  /** Of the owner that has most, its oldest: nobody's crowd turns out another's only one. */
  function oldestOfLargestOwner(): Kept | undefined {
    const counts = new Map<string, number>()
    for (const { owner } of kept) counts.set(owner, (counts.get(owner) ?? 0) + 1)
    const most = Math.max(...counts.values())
    return kept.find(({ owner }) => counts.get(owner) === most)
  }

  const isFit = ({ sandbox, since }: Kept): boolean =>
    !sandbox.isLost && nowMs() - since < MAX_IDLE_MS && nowMs() - sandbox.madeAt < MAX_AGE_MS

  return {
    count: (): number => kept.length,

    put(sandbox: Sandbox, owner: string, holder: string, renewed: Promise<boolean>): void {
      const entry = { sandbox, owner, holder, since: nowMs(), renewed }
      kept.push(entry)
      renewed.then((isWell) => {
        if (!isWell && kept.includes(entry)) drop(entry)
      })
      const own = kept.filter((other) => other.holder === holder)
      if (own.length > MAX_PER_HOLDER && own[0] !== undefined) drop(own[0])
      while (kept.length > max) {
        const oldest = oldestOfLargestOwner()
        if (oldest === undefined) return
        drop(oldest)
      }
    },

    /** The one used last, once its supervisor is there; null when the holder has none of this shape. */
    async take(holder: string, shape: string): Promise<Sandbox | null> {
      for (;;) {
        const found = kept.findLast(
          (entry) => entry.holder === holder && entry.sandbox.shape === shape && isFit(entry),
        )
        if (found === undefined) return null
        kept = kept.filter((entry) => entry !== found)
        if (await found.renewed) return found.sandbox
        remove(found.sandbox)
      }
    },

    /** Removes what is lost, or waited or lived too long. */
    tidy(): void {
      for (const entry of kept.filter((candidate) => !isFit(candidate))) drop(entry)
    },

    close(): void {
      kept = []
    },
  }
}
