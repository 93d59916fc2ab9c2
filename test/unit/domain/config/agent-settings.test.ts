import { describe, expect, it } from 'vitest'
import { agentSettingsSchema } from '../../../../src/domain/config/agent-settings.ts'
import { tenantConfigSchema } from '../../../../src/domain/config/tenant-config.ts'
import { resolveToolSettings } from '../../../../src/tools/settings.ts'

describe('agent settings', () => {
  it('hold what was set and nothing else', () => {
    const set = { autonomy: { allowed_commands: ['ls'] }, exec_approval: { ask: 'always' } }
    expect(agentSettingsSchema.parse(set)).toEqual(set)
  })

  it('leave the tenant what the agent does not name', () => {
    const config = tenantConfigSchema.parse({
      autonomy: { level: 'readonly' },
      tools: { execApproval: { security: 'allowlist', allowlist: ['git *'] } },
    })
    const agent = agentSettingsSchema.parse({
      autonomy: { allowed_commands: ['ls'] },
      exec_approval: { ask: 'always' },
    })
    const { autonomy, shell } = resolveToolSettings({ config, agent })
    expect(autonomy).toBe('readonly')
    expect(shell.approval).toEqual({ security: 'allowlist', ask: 'always', allowlist: ['git *'] })
  })

  it('refuse lists and names that would fill the memory of an isolate', () => {
    const long = { tools: { allow: ['x'.repeat(201)] } }
    const many = { tools: { allow: Array.from({ length: 201 }, (_, i) => `t${i}`) } }
    expect(agentSettingsSchema.safeParse(long).success).toBe(false)
    expect(agentSettingsSchema.safeParse(many).success).toBe(false)
    expect(agentSettingsSchema.safeParse({ tools: { allow: ['exec'] } }).success).toBe(true)
  })
})
