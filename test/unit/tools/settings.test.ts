import { describe, expect, it } from 'vitest'
import { agentSettingsSchema } from '../../../src/domain/config/agent-settings.ts'
import { tenantConfigSchema } from '../../../src/domain/config/tenant-config.ts'
import type { ToolGroup } from '../../../src/tools/groups.ts'
import { denyingLevel, isToolAllowed } from '../../../src/tools/policy.ts'
import { isNarrowedFor, resolveToolSettings, type ToolCaller } from '../../../src/tools/settings.ts'

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

  it('narrow by the credential, the channel and the owner of the conversation', () => {
    const config = tenantConfigSchema.parse({
      tools: {
        by_credential: { api_key: { deny: ['write_file'] }, key_1: { deny: ['edit'] } },
        by_owner: { ann: { deny: ['group:runtime'] }, constructor: { deny: ['*'] } },
      },
      channels: { defaults: { tools: { profile: 'messaging' } } },
    })
    const deniedAt = (tool: string, group: ToolGroup, change: Partial<ToolCaller> = {}) => {
      const credential = { kind: 'api_key', id: 'key_2' } as const
      const caller = { credential, ownerId: 'bob', channel: 'ws', ...change }
      return denyingLevel(
        { name: tool, group },
        resolveToolSettings({ config, agent: {}, caller }).policy,
      )
    }
    expect(deniedAt('write_file', 'fs')).toBe('credential')
    expect(deniedAt('edit', 'fs')).toBeNull()
    expect(deniedAt('edit', 'fs', { credential: { kind: 'api_key', id: 'key_1' } })).toBe(
      'credential',
    )
    expect(deniedAt('write_file', 'fs', { credential: { kind: 'jwt', id: 'x' } })).toBeNull()
    expect(deniedAt('exec', 'runtime')).toBeNull()
    expect(deniedAt('exec', 'runtime', { ownerId: 'ann' })).toBe('owner')
    expect(deniedAt('exec', 'runtime', { channel: 'telegram' })).toBe('channel')
    // A name that every object has is nobody's level unless it is written down.
    expect(deniedAt('exec', 'runtime', { ownerId: 'toString' })).toBeNull()
    expect(
      isNarrowedFor(config, {
        credential: { kind: 'jwt', id: 'x' },
        ownerId: 'bob',
        channel: 'ws',
      }),
    ).toBe(false)
  })

  it('leave of the workspace what the tightest level leaves, as the sandbox does', () => {
    const tenant = { sandbox: { workspace_access: 'ro' } }
    expect(resolve(tenant).access).toBe('ro')
    expect(resolve(tenant, { sandbox: { workspace_access: 'none' } }).access).toBe('none')
    expect(resolve(tenant, { sandbox: { workspace_access: 'rw' } }).access).toBe('ro')
  })
})
