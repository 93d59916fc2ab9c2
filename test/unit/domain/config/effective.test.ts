import { describe, expect, it } from 'vitest'
import { agentSettingsSchema } from '../../../../src/domain/config/agent-settings.ts'
import { effectiveSettings, modelSettings } from '../../../../src/domain/config/effective.ts'
import { tenantConfigSchema } from '../../../../src/domain/config/tenant-config.ts'

const effective = (document: unknown, agent: unknown = {}) =>
  effectiveSettings(tenantConfigSchema.parse(document), agentSettingsSchema.parse(agent))

describe('effective settings', () => {
  it('begin as the documented defaults', () => {
    expect(effective({})).toEqual({
      tools: [{}, {}, {}],
      autonomy: { level: 'full' },
      exec_approval: { security: 'full', ask: 'off', allowlist: [] },
      shell_deny_groups: {},
      sandbox: { mode: 'all', scope: 'session', workspace_access: 'rw', image: null },
    })
  })

  it("are the agent's own over the agents' defaults over the tenant's, member by member", () => {
    const tenant = {
      tools: { profile: 'coding', execApproval: { security: 'allowlist', allowlist: ['git *'] } },
      autonomy: { level: 'readonly' },
      agents: {
        defaults: {
          exec_approval: { ask: 'on-miss' },
          autonomy: { level: 'supervised' },
          shell_deny_groups: { env_dump: false, persistence: false },
        },
      },
    }
    const agent = {
      exec_approval: { ask: 'always' },
      shell_deny_groups: { env_dump: true },
      tools: { deny: ['exec'] },
    }
    expect(effective(tenant, agent)).toMatchObject({
      tools: [{ profile: 'coding' }, {}, { deny: ['exec'] }],
      autonomy: { level: 'supervised' },
      exec_approval: { security: 'allowlist', ask: 'always', allowlist: ['git *'] },
      shell_deny_groups: { env_dump: true, persistence: false },
    })
  })

  it('only tighten where the levels are about isolation', () => {
    const tenant = { sandbox: { mode: 'off', workspace_access: 'ro', image: 'theirs' } }
    const agent = { sandbox: { mode: 'all', workspace_access: 'rw', image: 'own', scope: 'agent' } }
    expect(effective(tenant, agent).sandbox).toEqual({
      mode: 'off',
      scope: 'agent',
      workspace_access: 'ro',
      image: 'own',
    })
  })
})

describe('what goes with every call of the model', () => {
  it("is the agent's own, else the agents' defaults", () => {
    const defaults = { temperature: 0.5, max_output_tokens: 100 }
    const config = tenantConfigSchema.parse({ agents: { defaults } })
    expect(modelSettings(config, {})).toEqual(defaults)
    expect(modelSettings(config, { temperature: 0 })).toEqual({ ...defaults, temperature: 0 })
    expect(modelSettings(tenantConfigSchema.parse({}), {})).toEqual({})
  })
})
