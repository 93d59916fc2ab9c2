import { describe, expect, it } from 'vitest'
import { agentSettingsSchema } from '../../../src/domain/config/agent-settings.ts'
import { tenantConfigSchema } from '../../../src/domain/config/tenant-config.ts'
import { isToolAllowed } from '../../../src/tools/policy.ts'
import { resolveToolSettings } from '../../../src/tools/settings.ts'

const resolve = (config: unknown, agent: unknown = {}) =>
  resolveToolSettings({
    config: tenantConfigSchema.parse(config),
    agent: agentSettingsSchema.parse(agent),
  })

describe('tool settings', () => {
  it('begin as the documented defaults', () => {
    const settings = resolve({})
    expect(settings.autonomy).toBe('full')
    expect(settings.access).toBe('rw')
    expect(settings.limitPerHour).toBe(150)
    expect(settings.shell.approval).toEqual({ security: 'full', ask: 'off', allowlist: [] })
    expect(settings.shell.allowedCommands).toBeNull()
    expect(settings.shell.denyGroups.size).toBe(15)
    expect(isToolAllowed({ name: 'exec', group: 'runtime' }, settings.policy)).toBe(true)
  })

  it('take an agent over its tenant for shell groups, and ignore names that are none', () => {
    const tenant = { tools: { shellDenyGroups: { package_install: false, nonsense: false } } }
    expect(resolve(tenant).shell.denyGroups.has('package_install')).toBe(false)
    expect(resolve(tenant).shell.denyGroups.size).toBe(14)
    const agent = { shell_deny_groups: { package_install: true, env_dump: false } }
    const { denyGroups } = resolve(tenant, agent).shell
    expect(denyGroups.has('package_install')).toBe(true)
    expect(denyGroups.has('env_dump')).toBe(false)
  })

  it('only narrow the tools from tenant to agent', () => {
    const { policy } = resolve({ tools: { deny: ['exec'] } }, { tools: { allow: ['exec'] } })
    expect(isToolAllowed({ name: 'exec', group: 'runtime' }, policy)).toBe(false)
  })

  it('take the workspace access of the nearest level', () => {
    const tenant = { sandbox: { workspace_access: 'ro' } }
    expect(resolve(tenant).access).toBe('ro')
    expect(resolve(tenant, { sandbox: { workspace_access: 'none' } }).access).toBe('none')
  })
})
