/** What one run may call with a credential, worked out of the tenant's registry. Pure data. */
import type { CredentialedBinary, GrantedBinary } from '../../domain/credentialed-binary.ts'
import type { AgentId, TenantId } from '../../domain/ids.ts'

export interface CallableBinary extends CredentialedBinary {
  readonly isGranted: boolean
}

export interface CredentialedPolicy {
  /** For the events: whose policy it is. */
  readonly tenantId: TenantId
  readonly agentId: AgentId
  /** All that are registered, granted or not: a name that is reserved is denied to all others. */
  readonly binaries: readonly CallableBinary[]
}

/** The agent that runs, and whoever it acts for, outermost last. */
export type Lineage = readonly [AgentId, ...AgentId[]]

export interface RegistrySources {
  readonly tenantId: TenantId
  readonly binaries: readonly GrantedBinary[]
  /** A sub-agent has no more than all of its ancestors have. */
  readonly lineage: Lineage
}

export function resolveCredentialedPolicy(sources: RegistrySources): CredentialedPolicy {
  const { tenantId, binaries, lineage } = sources
  return {
    tenantId,
    agentId: lineage[0],
    binaries: binaries.map(({ grants, ...binary }) => {
      const own = lineage.map((agentId) => grants.find((grant) => grant.agentId === agentId))
      return {
        ...binary,
        isGranted: binary.isGlobal || own.every((grant) => grant !== undefined),
        denyArgs: [...binary.denyArgs, ...own.flatMap((grant) => grant?.denyArgs ?? [])],
      }
    }),
  }
}

/** What a call can succeed for: told to the model, which would not guess the names. */
export const callablePrograms = ({
  binaries,
}: CredentialedPolicy): readonly Pick<CallableBinary, 'name' | 'description'>[] =>
  binaries.filter(({ isGranted, enabled, hasCredential }) => isGranted && enabled && hasCredential)
