/** Functions of the repositories that the isolation test calls as no tenant, and why. */

/** Exported functions that ask the database nothing by themselves. */
export const NO_QUERY: ReadonlySet<string> = new Set([
  'agent-files.parseAgentFile',
  'agents.parseAgentRecord',
  'api-keys.parseApiKeyGrant',
  'api-keys.parseApiKeyRow',
  'api-keys.selectApiKeyGrant',
  'channel-instances.parseChannelInstance',
  'cron-job-row.parseCronJob',
  'cron-job-row.scheduleColumns',
  'database.openDatabase',
  'memory.memoryScope',
  'directory.parseTenantRow',
  'invitations.parseInvitation',
  'key-tree.isDeciderGood',
  'key-tree.isSuspendedAbove',
  'key-tree.keysFrom',
  'jwt-issuers.parseIssuerGrant',
  'jwt-issuers.selectIssuerGrant',
  'emergency-stops.parseStop',
  'kept-key.keptKey',
  'schema-walk.isSecretColumn',
  'sealed-values.placeOf',
  'llm-providers.parseProviderRecord',
  'mcp-servers.parseMcpServer',
  'custom-tools.parseCustomTool',
  'run-hooks.parseRunHook',
  'pairings.parsePairing',
  'search-providers.parseSearchProvider',
  'secure-cli.grantedBinaries',
  'skills.grantedSkills',
  'tenant-config.configHash',
  'tenant-config.parseStoredDocument',
  'unique-violation.isUniqueViolation',
])

/** Answers the platform operator across tenants, as its purpose is. */
export const ACROSS_TENANTS: ReadonlySet<string> = new Set([
  'directory.listTenants',
  'key-rotations.latestRotation',
  'key-rotations.startRotation',
  'key-rotations.advanceRotation',
  'sealed-values.listSealedValues',
  'sealed-values.countSealedValues',
  'sealed-values.swapSealedValues',
])
