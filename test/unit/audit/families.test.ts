/** Each check fires on what it is about, alone, and is silent on a gateway that is set up well. */
import { describe, expect, it } from 'vitest'
import type { Severity } from '../../../src/domain/security-finding.ts'
import { agent, type Change, DAY_MS, found, issuer, key, NOW, provider } from './facts.ts'

type Row = readonly [checkId: string, severity: Severity, change: Change, twin?: Change]

const agents = (...fields: Parameters<typeof agent>[0][]): Change => ({
  tenant: { agents: fields.map((each) => agent(each)) },
})

/** The last one is the change's neighbour: one step away, and nothing to find. */
const GATEWAY: readonly Row[] = [
  ['gateway.no_token', 'critical', { platform: { tokenChars: null } }],
  [
    'gateway.token_too_short',
    'warn',
    { platform: { tokenChars: 23 } },
    { platform: { tokenChars: 24 } },
  ],
  [
    'gateway.dev_mode_deployed',
    'critical',
    { platform: { isDevelopmentMode: true } },
    { platform: { isDevelopmentMode: true, isDeployed: false } },
  ],
  ['gateway.route_without_auth', 'critical', { platform: { openOperations: ['agents.list'] } }],
  ['gateway.allowed_origins_empty', 'warn', { platform: { allowedOrigins: [] } }],
  [
    'gateway.allowed_origins_wildcard',
    'critical',
    { platform: { allowedOrigins: ['https://a.example', '*'] } },
  ],
  [
    'gateway.trusted_proxies_wide',
    'warn',
    { platform: { trustedProxies: ['10.0.0.0/8'] } },
    { platform: { trustedProxies: ['10.0.0.0/16', '2001:db8::/48'] } },
  ],
  ['gateway.trusted_proxies_wide', 'warn', { platform: { trustedProxies: ['2001:db8::/32'] } }],
  [
    'gateway.rate_limit_off',
    'warn',
    { platform: { rateCeilingRpm: 0 }, tenant: { rateLimitRpm: 0 } },
    { platform: { rateCeilingRpm: 60 }, tenant: { rateLimitRpm: 0 } },
  ],
]

const SECRETS: readonly Row[] = [
  ['secrets.encryption_key_missing', 'critical', { platform: { hasEncryptionKey: false } }],
  [
    'secrets.plaintext_rows',
    'critical',
    { tenant: { secrets: { plaintext: 1, sealable: 1, underPreviousKey: 0 } } },
  ],
  [
    'secrets.plaintext_rows',
    'critical',
    { tenant: { secrets: { plaintext: 1, sealable: 0, underPreviousKey: 0 } } },
  ],
  [
    'secrets.old_key_rows',
    'warn',
    { tenant: { secrets: { plaintext: 0, sealable: 0, underPreviousKey: 3 } } },
  ],
]

const KEYS: readonly Row[] = [
  ['keys.no_expiry', 'warn', { tenant: { keys: [key({ expiresAt: null })] } }],
  [
    'keys.unused_90d',
    'info',
    { tenant: { keys: [key({ lastUsedAt: NOW - 91 * DAY_MS })] } },
    { tenant: { keys: [key({ lastUsedAt: NOW - 89 * DAY_MS })] } },
  ],
  [
    'keys.unused_90d',
    'info',
    { tenant: { keys: [key({ lastUsedAt: null, createdAt: NOW - 91 * DAY_MS })] } },
    { tenant: { keys: [key({ lastUsedAt: null })] } },
  ],
  [
    'keys.admin_scope_count',
    'warn',
    { tenant: { keys: Array.from({ length: 4 }, () => key({ isAdmin: true })) } },
    { tenant: { keys: Array.from({ length: 3 }, () => key({ isAdmin: true })) } },
  ],
  ['tenants.single_admin', 'info', { tenant: { ownerOrAdminCount: 1 } }],
  [
    'gateway.jwt_audience_missing',
    'critical',
    { tenant: { issuers: [issuer({ audience: ' ' })] } },
  ],
  [
    'gateway.sso_autoprovision_admin',
    'critical',
    { tenant: { issuers: [issuer({ provisionRole: 'admin' })] } },
    { tenant: { issuers: [issuer({ provisionRole: 'viewer' })] } },
  ],
]

const TOOLS: readonly Row[] = [
  [
    'tools.exec.security_full',
    'warn',
    agents({ execSecurity: 'full', execAsk: 'off' }),
    agents({ execSecurity: 'full', execAsk: 'always' }, { hasExec: false, execSecurity: 'full' }),
  ],
  [
    'tools.exec.allowlist_interpreter',
    'warn',
    agents({ execAllowlist: ['/usr/bin/python3 *'] }),
    agents({ execAllowlist: ['python-config'] }),
  ],
  ['tools.exec.allowlist_interpreter', 'warn', agents({ execAllowlist: ['*'] })],
  [
    'tools.exec.fs_denied_but_exec_allowed',
    'warn',
    agents({ hasFiles: false }),
    agents({ hasFiles: false, hasExec: false }),
  ],
  ['tools.deny_groups_relaxed', 'warn', agents({ relaxedGroups: ['reverse_shell'] })],
  ['tools.deny_rule_ineffective', 'warn', { tenant: { ineffectiveDenyRules: ['exce'] } }],
  [
    'tools.profile_minimal_overridden',
    'warn',
    { tenant: { toolProfile: 'minimal', agents: [agent({ profile: 'coding' })] } },
    { tenant: { toolProfile: 'minimal', agents: [agent({ profile: 'minimal' })] } },
  ],
  ['tools.scrub_off', 'critical', { tenant: { scrubsCredentials: false } }],
  [
    'sandbox.off_with_exec',
    'critical',
    agents({ sandboxMode: 'off' }),
    agents({ sandboxMode: 'off', hasExec: false }),
  ],
  ['input.injection_action_off', 'warn', { tenant: { injectionAction: 'off' } }],
  [
    'input.injection_not_block_public',
    'warn',
    { tenant: { injectionAction: 'warn', issuers: [issuer({ provisionRole: 'viewer' })] } },
    { tenant: { injectionAction: 'warn' } },
  ],
  [
    'agents.full_autonomy_exposed',
    'warn',
    {
      tenant: {
        issuers: [issuer({ provisionRole: 'viewer' })],
        agents: [agent({ autonomy: 'full' })],
      },
    },
    { tenant: { agents: [agent({ autonomy: 'full' })] } },
  ],
]

const PROVIDERS: readonly Row[] = [
  [
    'providers.private_base_url',
    'critical',
    { tenant: { providers: [provider({ isPrivate: true })] } },
    { tenant: { providers: [provider({ isPrivate: true, isEnabled: false })] } },
  ],
  [
    'providers.plain_http',
    'critical',
    { tenant: { providers: [provider({ isPlainHttp: true })] } },
  ],
  [
    'models.small_params',
    'critical',
    agents({ model: 'llama-3.1-8b-instruct' }),
    agents({ model: 'llama-3.1-405b' }),
  ],
  ['models.small_params', 'info', agents({ model: 'qwen2.5:7b', hasWeb: false })],
  [
    'models.weak_tier',
    'warn',
    agents({ model: 'claude-haiku-4-5' }),
    agents({ model: 'minimax-m2' }),
  ],
  [
    'models.legacy',
    'warn',
    agents({ model: 'gpt-3.5-turbo' }),
    agents({ model: 'claude-opus-4-5' }),
  ],
]

const SANDBOX: readonly Row[] = [
  [
    'sandbox.runner_unreachable',
    'warn',
    { platform: { runners: [{ keyId: 'r', isReachable: false, weaknesses: [] }] } },
    { platform: { runners: null } },
  ],
  [
    'sandbox.hardening_weakened',
    'critical',
    { platform: { runners: [{ keyId: 'r', isReachable: true, weaknesses: ['no namespace'] }] } },
  ],
  ['sandbox.runner_key_shared', 'critical', { platform: { isRunnerKeyShared: true } }],
]

const suppressed = { checkId: 'x', reason: 'known', createdBy: 'olga', createdAt: 1 }

const KEEPING: readonly Row[] = [
  ['budgets.none', 'warn', { tenant: { hasBudget: false } }],
  [
    'approvals.timeout_too_long',
    'info',
    { tenant: { approvalTimeoutSeconds: 601 } },
    { tenant: { approvalTimeoutSeconds: 600 } },
  ],
  ['audit.chain_broken', 'critical', { tenant: { brokenAt: 3 } }],
  ['audit.chain_unverified', 'warn', { tenant: { unverifiedRecords: 2 } }],
  ['retention.unlimited', 'info', { tenant: { keptForever: ['audit'] } }],
  [
    'security.audit.suppressions.active',
    'info',
    { suppressions: [{ ...suppressed, expiresAt: null }] },
    { suppressions: [{ ...suppressed, expiresAt: NOW }] },
  ],
]

const FAMILIES = { GATEWAY, SECRETS, KEYS, TOOLS, PROVIDERS, SANDBOX, KEEPING }

describe('a gateway that is set up well', () => {
  it('has nothing to find, with and without its platform', () => {
    expect(found()).toEqual([])
    expect(found({ platform: null })).toEqual([])
  })
})

for (const [family, rows] of Object.entries(FAMILIES)) {
  describe(`the checks of ${family.toLowerCase()}`, () => {
    it.for(rows)('%s (%s)', ([checkId, severity, change, twin]) => {
      expect(found(change)).toEqual([[checkId, severity]])
      if (twin !== undefined) expect(found(twin)).toEqual([])
    })
  })
}

describe('what is the platform’s', () => {
  it('is found for its operator alone', () => {
    for (const [checkId, , change] of [...GATEWAY, ...SECRETS, ...SANDBOX]) {
      if (change.platform === undefined || change.tenant !== undefined) continue
      expect(found({ ...change, platform: null }), checkId).toEqual([])
    }
  })
})
