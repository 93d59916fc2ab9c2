/** Registries of binaries for tests: none, and such as a test describes. */
import type { GrantedBinary } from '../../src/domain/credentialed-binary.ts'
import type { AgentId, BinaryId, TenantId } from '../../src/domain/ids.ts'
import { err } from '../../src/domain/result.ts'
import {
  type CredentialedPolicy,
  resolveCredentialedPolicy,
} from '../../src/tools/credentialed/policy.ts'
import type { CredentialPort } from '../../src/tools/credentialed/port.ts'

export const AGENT = 'agt_a' as AgentId
export const OTHER_AGENT = 'agt_b' as AgentId

export const binary = (name: string, fields: Partial<GrantedBinary> = {}): GrantedBinary => ({
  id: `bin_${name.replace(/\W/g, '')}` as BinaryId,
  name,
  absolutePath: `/usr/bin/${name}`,
  description: '',
  denyArgs: [],
  denyVerbose: [],
  hosts: [],
  hasCredential: true,
  timeoutSeconds: 60,
  isGlobal: false,
  enabled: true,
  grants: [{ agentId: AGENT, denyArgs: [] }],
  ...fields,
})

export const policyOf = (binaries: readonly GrantedBinary[], agentId = AGENT): CredentialedPolicy =>
  resolveCredentialedPolicy({
    tenantId: 'ten_a' as TenantId,
    binaries,
    lineage: [agentId],
  })

export const CLOSED: CredentialPort = { open: async () => err('no credential is opened here') }

/** For a tool context in which nothing is registered. */
export const NOTHING_REGISTERED = { credentialed: policyOf([]), credentials: CLOSED }
