/** The way to the runners' state: all of the operator's list at once, with the gateway's own key. */
import { importRunnerKey } from '../crypto/job-token.ts'
import type { TenantId } from '../domain/ids.ts'
import type { RecentLook, RunnerLook, RunnersPort } from '../domain/ports/runners.ts'
import { lookAtRunner } from '../isolation/runner-look.ts'
import type { Settings } from './env.ts'
import { runnerFetch } from './services.ts'

/**
 * Overviews are asked for again and again, by many at once; only a saving, in one isolate. What is kept is
 * the answer, and no request's promise: whoever hung up would leave all others waiting for theirs.
 */
const RECENT_MS = 5_000

type List = Settings['runners']
const recent = new WeakMap<List, RecentLook>()

export function createRunners(
  { runners, runnerKey }: Settings,
  tenant: TenantId,
  now: () => number,
): RunnersPort {
  const look = async (): Promise<readonly RunnerLook[]> => {
    if (runnerKey === null)
      return runners.map(({ keyId }) => ({ keyId, reason: 'no_key', latencyMs: null }))
    const signKey = await importRunnerKey(runnerKey)
    const caller = { fetch: runnerFetch, signKey, tenant, session: 'runners.status', now }
    return Promise.all(runners.map((runner) => lookAtRunner(caller, runner)))
  }
  return {
    recent: async () => {
      const at = now()
      const known = recent.get(runners)
      if (known && at - known.at < RECENT_MS) return known
      const looked = { at, runners: await look() }
      // Several may have asked side by side: the one that began last says how it is.
      if (at >= (recent.get(runners)?.at ?? at)) recent.set(runners, looked)
      return looked
    },
  }
}
