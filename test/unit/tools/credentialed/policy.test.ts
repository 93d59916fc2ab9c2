import { describe, expect, it } from 'vitest'
import type { GrantedBinary } from '../../../../src/domain/credentialed-binary.ts'
import type { AgentId, BinaryId, TenantId } from '../../../../src/domain/ids.ts'
import {
  callablePrograms,
  type Lineage,
  resolveCredentialedPolicy,
} from '../../../../src/tools/credentialed/policy.ts'

const agent = (id: string) => id as AgentId

const gh = (change: Partial<GrantedBinary> = {}): GrantedBinary => ({
  id: 'bin_1' as BinaryId,
  name: 'gh',
  absolutePath: '/usr/bin/gh',
  description: 'issues',
  denyArgs: [],
  denyVerbose: [],
  hosts: [],
  timeoutSeconds: 60,
  isGlobal: false,
  enabled: true,
  hasCredential: true,
  grants: [{ agentId: agent('agt_1'), denyArgs: [] }],
  ...change,
})

function namesFor(binary: GrantedBinary, lineage: Lineage = [agent('agt_1')]) {
  const tenantId = 'ten_a' as TenantId
  const policy = resolveCredentialedPolicy({ tenantId, binaries: [binary], lineage })
  return callablePrograms(policy).map(({ name }) => name)
}

describe('the programs that a model is told of', () => {
  it('are those that a call can succeed for', () => {
    expect(namesFor(gh())).toEqual(['gh'])
    expect(namesFor(gh({ grants: [], isGlobal: true }))).toEqual(['gh'])
    expect(namesFor(gh({ hosts: ['api.github.com'] }))).toEqual(['gh'])
  })

  it('are none of another agent, none that are off or empty', () => {
    expect(namesFor(gh(), [agent('agt_2')])).toEqual([])
    expect(namesFor(gh({ enabled: false }))).toEqual([])
    expect(namesFor(gh({ hasCredential: false }))).toEqual([])
  })

  it('are for a sub-agent those of all its ancestors', () => {
    expect(namesFor(gh(), [agent('agt_1'), agent('agt_2')])).toEqual([])
  })
})
