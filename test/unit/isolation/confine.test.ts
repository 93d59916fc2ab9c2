import { describe, expect, it } from 'vitest'
import { effectiveAccess, type SandboxPolicy } from '../../../src/domain/config/sandbox-policy.ts'
import type { PinnedPackage } from '../../../src/domain/sandbox-package.ts'
import type { SessionKind } from '../../../src/domain/session-key.ts'
import { confine } from '../../../src/isolation/confine.ts'

const decide = (
  tenant: SandboxPolicy,
  agent?: SandboxPolicy,
  sessionKind: SessionKind = 'web',
  hasRunner = true,
  packages: readonly PinnedPackage[] = [],
) => confine({ levels: agent ? [tenant, agent] : [tenant], sessionKind, hasRunner, packages })

const kind = (...args: Parameters<typeof decide>): string => {
  const decided = decide(...args)
  return decided.ok ? 'allowed' : decided.error.kind
}

describe('confine', () => {
  it('defaults to every session, scope session, rw and the ceilings', () => {
    expect(decide({})).toEqual({
      ok: true,
      value: {
        scope: 'session',
        access: 'rw',
        limits: { memoryMb: 512, cpus: 1, pids: 128, timeoutSeconds: 300, outputBytes: 1_048_576 },
        image: null,
        packages: [],
        mayWriteFiles: true,
      },
    })
  })

  it.each([
    ['off', 'web', 'sandbox_off'],
    ['off', 'main', 'sandbox_off'],
    ['non-main', 'web', 'allowed'],
    ['non-main', 'channel', 'allowed'],
    ['non-main', 'subagent', 'allowed'],
    ['non-main', 'cron', 'allowed'],
    ['non-main', 'main', 'main_session'],
    ['all', 'main', 'allowed'],
    ['all', 'web', 'allowed'],
  ] as const)('mode %s in a %s session: %s', (mode, session, expected) => {
    expect(kind({ mode }, undefined, session)).toBe(expected)
  })

  it('takes packages on top of the runner’s own image, and on top of no other', () => {
    const packages: readonly PinnedPackage[] = [{ manager: 'apt', name: 'jq', version: '1.6' }]
    const allowed = decide({ image: 'own' }, {}, 'web', true, [])
    expect(allowed).toMatchObject({ ok: true, value: { image: 'own', packages: [] } })
    const built = decide({}, {}, 'web', true, packages)
    expect(built).toMatchObject({ ok: true, value: { image: null, packages } })
    expect(kind({ image: 'own' }, {}, 'web', true, packages)).toBe('packages_without_image')
    expect(kind({}, { image: 'own' }, 'web', true, packages)).toBe('packages_without_image')
  })

  it('refuses without a runner, whatever the policy allows', () => {
    expect(kind({ mode: 'all' }, undefined, 'web', false)).toBe('sandbox_unavailable')
  })

  it('lets an agent close what its tenant left open, and never open what it closed', () => {
    expect(kind({}, { mode: 'off' })).toBe('sandbox_off')
    expect(kind({ mode: 'off' }, { mode: 'all' })).toBe('sandbox_off')
    expect(kind({ mode: 'non-main' }, { mode: 'all' }, 'main')).toBe('main_session')
    expect(kind({ mode: 'all' }, { mode: 'all' })).toBe('allowed')
  })

  it.each([
    [undefined, undefined, 'rw'],
    [undefined, 'ro', 'ro'],
    ['ro', undefined, 'ro'],
    ['ro', 'rw', 'ro'],
    ['rw', 'none', 'none'],
    ['none', 'rw', 'none'],
    ['rw', 'rw', 'rw'],
  ] as const)('access %s of the tenant and %s of the agent is %s', (tenant, agent, expected) => {
    const policy = (access: 'none' | 'ro' | 'rw' | undefined): SandboxPolicy =>
      access === undefined ? {} : { workspace_access: access }
    expect(effectiveAccess([policy(tenant), policy(agent)])).toBe(expected)
    const decided = decide(policy(tenant), policy(agent))
    expect(decided.ok && decided.value.mayWriteFiles).toBe(expected === 'rw')
  })

  it('takes scope and image of the agent over the tenant’s', () => {
    const tenant: SandboxPolicy = { scope: 'shared', image: 'a' }
    expect(decide(tenant, { scope: 'agent' })).toMatchObject({
      value: { scope: 'agent', image: 'a' },
    })
    expect(decide(tenant, { image: 'b' })).toMatchObject({ value: { scope: 'shared', image: 'b' } })
  })

  it('takes the tighter of each limit', () => {
    const tenant: SandboxPolicy = { limits: { memory_mb: 128, timeout_seconds: 60 } }
    const agent: SandboxPolicy = { limits: { memory_mb: 256, pids: 32 } }
    expect(decide(tenant, agent)).toMatchObject({
      value: { limits: { memoryMb: 128, timeoutSeconds: 60, pids: 32, cpus: 1 } },
    })
  })
})
