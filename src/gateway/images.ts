/** The way to an agent's image: the operator's runners, in the order in which its commands ask them. */
import { importRunnerKey } from '../crypto/job-token.ts'
import type { ImagePort } from '../domain/ports/images.ts'
import type { Principal } from '../domain/principal.ts'
import { buildAtRunners } from '../isolation/image-build.ts'
import { runnerOrder } from '../isolation/runners.ts'
import { workspaceId } from '../isolation/workspace-id.ts'
import type { Settings } from './env.ts'
import { onRunnerTrouble } from './runner-trouble.ts'
import { runnerFetch } from './services.ts'

/** Null without a runner: there is nothing else that builds. */
export function createImages(
  { runners, runnerKey }: Settings,
  { userId }: Pick<Principal, 'userId'>,
  now: () => number,
): ImagePort | null {
  if (runners.length === 0 || runnerKey === null) return null
  return {
    build: async ({ tenantId, agentId, packages }, { onProgress }) => {
      const caller = {
        fetch: runnerFetch,
        signKey: await importRunnerKey(runnerKey),
        tenant: tenantId,
        session: `images/${agentId}`,
        now,
        onTrouble: onRunnerTrouble,
      }
      // Where the admin's own commands to this agent go: others' find it there, or have it built anew.
      const order = runnerOrder(runners, workspaceId(tenantId, agentId, userId))
      return buildAtRunners(order, { caller, packages, onProgress })
    },
  }
}
