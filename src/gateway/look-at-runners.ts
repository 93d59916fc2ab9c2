/** The way to the runners' state: all of the operator's list at once, with the gateway's own key. */
import { importRunnerKey } from '../crypto/job-token.ts'
import type { TenantId } from '../domain/ids.ts'
import type { RunnersPort } from '../domain/ports/runners.ts'
import { lookAtRunner } from '../isolation/runner-look.ts'
import type { Settings } from './env.ts'
import { runnerFetch } from './services.ts'

export const createRunners = (
  { runners, runnerKey }: Settings,
  tenant: TenantId,
  now: () => number,
): RunnersPort => ({
  look: async () => {
    if (runnerKey === null)
      return runners.map(({ keyId }) => ({ keyId, reason: 'no_key', latencyMs: null }))
    const signKey = await importRunnerKey(runnerKey)
    const caller = { fetch: runnerFetch, signKey, tenant, session: 'runners.status', now }
    return Promise.all(runners.map((runner) => lookAtRunner(caller, runner)))
  },
})
