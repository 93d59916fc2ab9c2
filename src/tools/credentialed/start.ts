/** Puts together what runs, once a plan stands and the credential is open. */
import type { CredentialedExec } from '../../domain/ports/sandbox.ts'
import type { WorkspacePort } from '../../domain/ports/workspace.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import type { ToolContext } from '../tool.ts'
import { type CredentialedPlan, planPlainCall } from './plan.ts'
import type { OpenedCredential } from './port.ts'
import { describeCredentialedRefusal } from './refusal.ts'

/** No configuration is longer; a longer file is not read, and so refused by whoever needs it. */
const MAX_CONFIG_BYTES = 64 * 1024

/** What an approval of such a call is bound to; the version of the policy pins the values. */
export const credentialOf = ({ binary }: CredentialedPlan) =>
  ({
    envNames: [`credential:${binary.name}`],
    network: binary.hosts.length === 0 ? 'none' : 'egress_allowlist',
  }) as const

export interface StartedCredential {
  readonly exec: CredentialedExec
  readonly timeoutSeconds: number
}

/** Null for a command that gets no credential. Planned anew: a grant may have gone meanwhile. */
export async function startCredentialed(
  command: string,
  context: Pick<ToolContext, 'credentialed' | 'credentials' | 'workspace'>,
): Promise<Result<StartedCredential | null, string>> {
  const planned = planPlainCall(command, context.credentialed)
  if (!planned.ok) return err(describeCredentialedRefusal(planned.error))
  const plan = planned.value
  if (plan === null) return ok(null)
  const opened = await context.credentials.open(plan.binary)
  if (!opened.ok) return opened
  const exec = credentialedExec(plan, opened.value, context.workspace)
  return ok({ exec, timeoutSeconds: plan.binary.timeoutSeconds })
}

function credentialedExec(
  { binary, argv, hardening }: CredentialedPlan,
  credential: OpenedCredential,
  workspace: Pick<WorkspacePort, 'blob'>,
): CredentialedExec {
  return {
    argv,
    // The pins come last: no credential can undo one.
    env: { ...credential.env, ...hardening.env },
    hosts:
      hardening.port === null
        ? binary.hosts
        : binary.hosts.map((host) => `${host}:${hardening.port}`),
    isSecretIn: credential.isIn,
    admit: async ({ entries }) => {
      if (hardening.checkFiles === null) return null
      const byPath = new Map(entries.map((entry) => [entry.path, entry]))
      return hardening.checkFiles({
        paths: [...byPath.keys()],
        read: async (path) => {
          const entry = byPath.get(path)
          if (entry === undefined || entry.size > MAX_CONFIG_BYTES) return null
          const bytes = await workspace.blob(entry.sha256)
          return bytes === null ? null : new TextDecoder().decode(bytes)
        },
      })
    },
  }
}
