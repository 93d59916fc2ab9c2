/** A gateway that is set up as docs/security.md says; tests change one thing at a time. */
import type {
  AgentFacts,
  AuditFacts,
  IssuerFacts,
  KeyFacts,
  PlatformFacts,
  ProviderFacts,
  TenantFacts,
} from '../../../src/audit/facts.ts'
import { auditReport } from '../../../src/audit/report.ts'
import type {
  ChannelFacts,
  CustomToolFacts,
  ExporterFacts,
  JobFacts,
  McpServerFacts,
  Reached,
  RunHookFacts,
  SkillFacts,
  WebhookFacts,
} from '../../../src/audit/surface-facts.ts'
import type { Severity, Suppression } from '../../../src/domain/security-finding.ts'

const PUBLIC: Reached = { isPlainHttp: false, isPrivate: false }

export const NOW = 1_700_000_000_000
export const DAY_MS = 86_400_000

export const PLATFORM: PlatformFacts = {
  tokenChars: 43,
  isDevelopmentMode: false,
  isDeployed: true,
  allowedOrigins: ['https://admin.example'],
  trustedProxies: ['203.0.113.7', '198.51.100.0/24'],
  rateCeilingRpm: 60,
  hasEncryptionKey: true,
  acceptsPlaintext: false,
  isRunnerKeyShared: false,
  runnerCount: 1,
  openOperations: [],
  runners: [{ keyId: 'runner-1', isReachable: true, weaknesses: [] }],
}

export const agent = (fields: Partial<AgentFacts> = {}): AgentFacts => ({
  key: 'main',
  model: 'gpt-5',
  provider: 'vendor',
  autonomy: 'supervised',
  hasExec: true,
  hasFiles: true,
  hasWeb: true,
  execSecurity: 'allowlist',
  execAsk: 'on-miss',
  execAllowlist: ['ls *', 'git status'],
  relaxedGroups: [],
  sandboxMode: 'all',
  profile: null,
  ...fields,
})

export const key = (fields: Partial<KeyFacts> = {}): KeyFacts => ({
  id: 'key_1',
  name: 'ci',
  isAdmin: false,
  createdAt: NOW - DAY_MS,
  expiresAt: NOW + DAY_MS,
  lastUsedAt: NOW,
  ...fields,
})

export const issuer = (fields: Partial<IssuerFacts> = {}): IssuerFacts => ({
  name: 'corp',
  audience: 'edgeclaw',
  provisionRole: null,
  mappedRoles: ['operator'],
  ...fields,
})

export const provider = (fields: Partial<ProviderFacts> = {}): ProviderFacts => ({
  name: 'vendor',
  kind: 'model',
  isEnabled: true,
  isPlainHttp: false,
  isPrivate: false,
  ...fields,
})

export const mcpServer = (fields: Partial<McpServerFacts> = {}): McpServerFacts => ({
  name: 'files',
  isEnabled: true,
  isUnrestricted: false,
  hasQuery: false,
  waitingTools: 0,
  ...PUBLIC,
  ...fields,
})

export const channel = (fields: Partial<ChannelFacts> = {}): ChannelFacts => ({
  id: 'chn_1',
  name: 'team',
  type: 'slack',
  isEnabled: true,
  dmPolicy: 'pairing',
  admitsAnySender: false,
  listedSenders: 2,
  groupPolicy: 'allowlist',
  admitsAnyGroup: false,
  needsMention: true,
  isOneConversation: false,
  invalidEntries: 0,
  hasCredentials: true,
  agents: ['main'],
  agentsWithExec: [],
  agentsInControl: [],
  ...PUBLIC,
  ...fields,
})

export const webhook = (fields: Partial<WebhookFacts> = {}): WebhookFacts => ({
  name: 'builds',
  isEnabled: true,
  hasCredentials: true,
  isUnsigned: false,
  hasGatewayToken: false,
  chosenSessions: [],
  ...fields,
})

export const runHook = (fields: Partial<RunHookFacts> = {}): RunHookFacts => ({
  name: 'guard',
  isEnabled: true,
  hasSecret: true,
  letsThroughOnFailure: false,
  ...PUBLIC,
  ...fields,
})

export const customTool = (fields: Partial<CustomToolFacts> = {}): CustomToolFacts => ({
  name: 'custom_weather',
  isEnabled: true,
  isUnrestricted: false,
  ...PUBLIC,
  ...fields,
})

export const skill = (fields: Partial<SkillFacts> = {}): SkillFacts => ({
  name: 'reports',
  isEnabled: true,
  grants: 1,
  openAgents: ['main'],
  ...fields,
})

export const job = (fields: Partial<JobFacts> = {}): JobFacts => ({
  name: 'every morning',
  agentKey: 'main',
  isOperators: false,
  isAdmins: false,
  channel: 'team',
  ...fields,
})

export const exporter = (fields: Partial<ExporterFacts> = {}): ExporterFacts => ({
  name: 'otlp.example',
  isEnabled: true,
  isFailing: false,
  ...PUBLIC,
  ...fields,
})

export const TENANT: TenantFacts = {
  ownerOrAdminCount: 2,
  memberCount: 5,
  rateLimitRpm: 20,
  injectionAction: 'block',
  scrubsCredentials: true,
  toolProfile: null,
  ineffectiveDenyRules: [],
  approvalTimeoutSeconds: 120,
  hasBudget: true,
  keptForever: [],
  keys: [key()],
  issuers: [issuer()],
  secrets: { plaintext: 0, sealable: 0, underPreviousKey: 0 },
  agents: [agent()],
  providers: [provider()],
  mcpServers: [mcpServer()],
  channels: [channel()],
  webhooks: [webhook()],
  runHooks: [runHook()],
  customTools: [customTool()],
  skills: [skill()],
  jobs: [job()],
  exporter: exporter(),
  tracesReachModels: false,
  brokenAt: null,
  unverifiedRecords: 0,
  stops: 0,
}

export interface Change {
  readonly platform?: Partial<PlatformFacts> | null
  readonly tenant?: Partial<TenantFacts>
  readonly suppressions?: readonly Suppression[]
}

export const facts = ({
  platform = {},
  tenant = {},
  suppressions = [],
}: Change = {}): AuditFacts => ({
  now: NOW,
  platform: platform === null ? null : { ...PLATFORM, ...platform },
  tenant: { ...TENANT, ...tenant },
  suppressions,
})

/** What the report says beside the summary: check and severity. */
export const found = (change: Change = {}): readonly (readonly [string, Severity])[] =>
  auditReport(facts(change))
    .findings.filter(({ checkId }) => checkId !== 'summary.attack_surface')
    .map(({ checkId, severity }) => [checkId, severity] as const)
