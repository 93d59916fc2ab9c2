import { describe, expect, it } from 'vitest'
import type { AgentId, RunId, TenantId } from '../../../src/domain/ids.ts'
import {
  type ApprovalBinding,
  decideExecApproval,
  isSameBinding,
  strictest,
} from '../../../src/tools/approval.ts'
import { decideAutonomy } from '../../../src/tools/autonomy.ts'

const HIT = { isAllowlisted: true, isReadOnly: false }
const MISS = { isAllowlisted: false, isReadOnly: false }
const READING = { isAllowlisted: false, isReadOnly: true }

describe('the exec approval table', () => {
  it.each([
    ['deny', HIT, ['deny', 'deny', 'deny']],
    ['allowlist', HIT, ['allow', 'allow', 'ask']],
    ['allowlist', MISS, ['deny', 'ask', 'ask']],
    ['allowlist', READING, ['deny', 'ask', 'ask']],
    ['full', MISS, ['allow', 'ask', 'ask']],
    ['full', HIT, ['allow', 'allow', 'ask']],
    ['full', READING, ['allow', 'allow', 'ask']],
  ] as const)('answers %s as written', (security, command, answers) => {
    const asks = ['off', 'on-miss', 'always'] as const
    expect(asks.map((ask) => decideExecApproval({ security, ask }, command))).toEqual(answers)
  })

  it('takes the strictest of several decisions', () => {
    expect(strictest('allow', 'ask', 'deny')).toBe('deny')
    expect(strictest('allow', 'ask')).toBe('ask')
    expect(strictest('allow', 'allow')).toBe('allow')
  })
})

describe('autonomy', () => {
  const tool = (isReadOnlyTool: boolean, isReadOnlyCall = isReadOnlyTool) => ({
    isReadOnlyTool,
    isReadOnlyCall,
  })

  it('lets a read-only agent use reading tools alone, even for a reading command', () => {
    expect(decideAutonomy('readonly', tool(true))).toBe('allow')
    expect(decideAutonomy('readonly', tool(false))).toBe('deny')
    expect(decideAutonomy('readonly', tool(false, true))).toBe('deny')
  })

  it('asks of a supervised agent what changes state', () => {
    expect(decideAutonomy('supervised', tool(true))).toBe('allow')
    expect(decideAutonomy('supervised', tool(false, true))).toBe('allow')
    expect(decideAutonomy('supervised', tool(false))).toBe('ask')
  })

  it('asks nothing of a full agent', () => {
    expect(decideAutonomy('full', tool(false))).toBe('allow')
  })
})

describe('an approval', () => {
  const binding: ApprovalBinding = {
    tenantId: 'ten_a' as TenantId,
    agentId: 'agt_a' as AgentId,
    sessionKey: 'agent:a:ws:direct:1',
    runId: 'run_1' as RunId,
    callId: 'run_1/0/0',
    tool: 'exec',
    arguments: '{"command":"ls"}',
    cwd: '',
    envNames: [],
    access: 'rw',
    network: 'none',
    policyVersion: 3,
    workspaceRoot: 'a'.repeat(64),
  }

  it('holds for the very same call, whatever the order of its fields', () => {
    expect(isSameBinding(binding, { ...binding })).toBe(true)
    const { cwd, ...rest } = binding
    expect(isSameBinding(binding, { cwd, ...rest })).toBe(true)
  })

  it.each([
    ['tenantId', 'ten_b'],
    ['agentId', 'agt_b'],
    ['sessionKey', 'agent:a:ws:direct:2'],
    ['runId', 'run_2'],
    ['callId', 'run_1/0/1'],
    ['tool', 'write_file'],
    ['arguments', '{"command":"ls -la"}'],
    ['cwd', 'sub'],
    ['envNames', ['TOKEN']],
    ['access', 'ro'],
    ['network', 'egress_allowlist'],
    ['policyVersion', 4],
    ['workspaceRoot', null],
  ])('does not hold when %s changed', (field, value) => {
    expect(isSameBinding(binding, { ...binding, [field]: value })).toBe(false)
  })
})
