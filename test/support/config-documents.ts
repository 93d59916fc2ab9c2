/** Documents that the schema takes, of every section, for properties of all of them. */
import fc from 'fast-check'
import { SHELL_DENY_GROUPS, TOOL_PROFILES } from '../../src/domain/config/tool-policy.ts'

const names = fc.array(fc.constantFrom('exec', 'group:fs', 'web_*', 'read_file'), { maxLength: 3 })
const word = fc.constantFrom('ann', 'bob@acme.example', 'group:telegram:-1', 'constructor')

const partial = <Shape extends Record<string, fc.Arbitrary<unknown>>>(shape: Shape) =>
  fc.record(shape, { requiredKeys: [] })

const level = partial({
  profile: fc.constantFrom(...TOOL_PROFILES),
  allow: names,
  deny: names,
})
const groups = fc.dictionary(fc.constantFrom(...SHELL_DENY_GROUPS), fc.boolean(), { maxKeys: 3 })
const approval = partial({
  security: fc.constantFrom('deny', 'allowlist', 'full'),
  ask: fc.constantFrom('off', 'on-miss', 'always'),
  allowlist: fc.constantFrom([], ['git *']),
})
const autonomy = partial({
  level: fc.constantFrom('readonly', 'supervised', 'full'),
  allowed_commands: fc.constantFrom(['ls'], []),
})
const sandbox = partial({
  mode: fc.constantFrom('off', 'non-main', 'all'),
  workspace_access: fc.constantFrom('none', 'ro', 'rw'),
  limits: partial({ memory_mb: fc.integer({ min: 16, max: 512 }) }),
})
const budget = partial({
  requests_per_day: fc.nat(),
  tokens_per_month: fc.nat(),
  usd_per_month: fc.nat(),
})

export const agentSettingsArbitrary = partial({
  tools: level,
  autonomy,
  exec_approval: approval,
  shell_deny_groups: groups,
  sandbox,
  temperature: fc.constantFrom(0, 1, 2),
})

export const documentArbitrary = partial({
  gateway: partial({
    rate_limit_rpm: fc.integer({ min: 0, max: 100 }),
    injection_action: fc.constantFrom('off', 'log', 'warn', 'block'),
  }),
  tools: fc
    .tuple(
      level,
      partial({
        by_owner: fc.dictionary(word, level, { maxKeys: 2 }),
        execApproval: approval,
        shellDenyGroups: groups,
        scrub_credentials: fc.boolean(),
      }),
    )
    .map(([policy, rest]) => ({ ...policy, ...rest })),
  autonomy,
  sandbox,
  session: partial({
    identityLinks: fc.dictionary(fc.constantFrom('token', 'ann'), names, { maxKeys: 2 }),
  }),
  agents: partial({ defaults: agentSettingsArbitrary }),
  budgets: partial({ tenant: budget, per_key: budget, warn_at: fc.constantFrom(0.5, 1) }),
  retention: partial({ usage_days: fc.integer({ min: 1, max: 90 }) }),
})
