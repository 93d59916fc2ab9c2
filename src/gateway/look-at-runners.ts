/** The way to the runners' state: all of the operator's list at once, with the gateway's own key. */
import { importRunnerKey } from '../crypto/job-token.ts'
import type { TenantId } from '../domain/ids.ts'
import type { RecentLook, RunnerLook, RunnersPort } from '../domain/ports/runners.ts'
import { lookAtRunner } from '../isolation/runner-look.ts'
import type { Settings } from './env.ts'
import { runnerFetch } from './services.ts'

/** Overviews are asked for again and again, by many at once; only a saving, in one isolate. */
const RECENT_MS = 5_000

type List = Settings['runners']
const recent = new WeakMap<List, { readonly at: number; readonly looked: Promise<RecentLook> }>()

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
    look,
    recent: () => {
      const at = now()
      const known = recent.get(runners)
      if (known && at - known.at < RECENT_MS) return known.looked
      const looked = look().then((all) => ({ at, runners: all }))
      recent.set(runners, { at, looked })
      return looked
    },
  }
}
