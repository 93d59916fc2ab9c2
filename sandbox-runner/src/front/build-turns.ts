/**
 * Whose turn it is to build an image: pure arithmetic, no queue. There are few places, and a build
 * takes minutes: who has just had one leaves the next to others, if there are any who found none.
 */
import { MAX_IMAGE_BUILD_MS } from '../../../src/isolation/contract.ts'

/** At least: whoever was refused asks again every few seconds. */
const MIN_WAIT_MS = 10_000
/** A refusal counts no longer than the build that it met, and the wait behind that. */
const REMEMBERED_MS = 2 * MAX_IMAGE_BUILD_MS + MIN_WAIT_MS

interface Built {
  readonly startedAt: number
  readonly endedAt: number
}

export function createBuildTurns() {
  /** The last build of each tenant that may have to wait. */
  const built = new Map<string, Built>()
  /** When a tenant last found no place, until it has one. */
  const refused = new Map<string, number>()

  const waitOf = ({ startedAt, endedAt }: Built): number =>
    endedAt + Math.max(endedAt - startedAt, MIN_WAIT_MS)

  function forget(now: number): void {
    for (const [tenant, last] of built) if (waitOf(last) <= now) built.delete(tenant)
    for (const [tenant, at] of refused) if (at + REMEMBERED_MS <= now) refused.delete(tenant)
  }

  return {
    /** How long the tenant leaves the next place to others; 0: it may ask for one. */
    waitMs(tenant: string, now: number): number {
      forget(now)
      const last = built.get(tenant)
      if (last === undefined) return 0
      const isWanted = [...refused].some(([other, at]) => other !== tenant && at >= last.startedAt)
      return isWanted ? waitOf(last) - now : 0
    },
    /** All places are taken. */
    refuse(tenant: string, now: number): void {
      refused.set(tenant, now)
    },
    begin(tenant: string): void {
      refused.delete(tenant)
    },
    end(tenant: string, last: Built): void {
      built.set(tenant, last)
    },
  }
}
