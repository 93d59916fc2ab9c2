/** Every operation there is. What is not in this list cannot be asked. */
import * as agentFiles from './agent-files.ts'
import * as agentPackages from './agent-packages.ts'
import * as agents from './agents.ts'
import * as apiKeyRotation from './api-key-rotation.ts'
import * as apiKeys from './api-keys.ts'
import * as approvals from './approvals.ts'
import * as auditTrail from './audit-trail.ts'
import * as channelDeliveries from './channel-deliveries.ts'
import * as channelInstances from './channel-instances.ts'
import * as channelPairings from './channel-pairings.ts'
import * as chat from './chat.ts'
import * as config from './config.ts'
import * as configPermissions from './config-permissions.ts'
import * as configVersions from './config-versions.ts'
import * as cronJobs from './cron-jobs.ts'
import * as customTools from './custom-tools.ts'
import * as devices from './devices.ts'
import * as estop from './estop.ts'
import * as gatewayCode from './gateway-code.ts'
import * as health from './health.ts'
import * as invitations from './invitations.ts'
import * as issuers from './issuers.ts'
import * as keysAtRest from './keys-at-rest.ts'
import * as loginSessions from './login-sessions.ts'
import * as logs from './logs.ts'
import * as mcpServers from './mcp-servers.ts'
import * as mcpTools from './mcp-tools.ts'
import * as memberStatus from './member-status.ts'
import * as memory from './memory.ts'
import { type AnyOperation, erase } from './operation.ts'
import * as overview from './overview.ts'
import * as providerTest from './provider-test.ts'
import * as providers from './providers.ts'
import * as runHooks from './run-hooks.ts'
import * as runners from './runners.ts'
import * as searchProviders from './search-providers.ts'
import * as secureCli from './secure-cli.ts'
import * as secureCliGrants from './secure-cli-grants.ts'
import * as security from './security.ts'
import * as securityAudit from './security-audit.ts'
import * as send from './send.ts'
import * as sessions from './sessions.ts'
import * as skillGrants from './skill-grants.ts'
import * as skillVersions from './skill-versions.ts'
import * as skills from './skills.ts'
import * as slackInstallation from './slack-install.ts'
import * as tenantEnd from './tenant-end.ts'
import * as tenants from './tenants.ts'
import * as toolPolicy from './tool-policy.ts'
import * as tools from './tools.ts'
import * as traceExporter from './trace-exporter.ts'
import * as traces from './traces.ts'
import * as usage from './usage.ts'
import * as workspaces from './workspaces.ts'
import * as wsTickets from './ws-tickets.ts'

export const OPERATIONS: readonly AnyOperation[] = [
  health.health,
  health.status,
  chat.chatSend,
  chat.chatAbort,
  chat.chatStop,
  chat.chatStopAll,
  chat.chatReset,
  chat.chatInject,
  send.send,
  chat.chatHistory,
  chat.chatSessionStatus,
  sessions.sessionsList,
  sessions.sessionsPreview,
  sessions.sessionsPatch,
  sessions.sessionsDelete,
  sessions.sessionsReset,
  sessions.sessionsCompact,
  sessions.sessionsResume,
  agents.agentsList,
  agents.agentStatus,
  agents.agentsGet,
  agents.agentsCreate,
  agents.agentsUpdate,
  agents.agentsDelete,
  agentFiles.agentFilesList,
  agentFiles.agentFilesGet,
  agentFiles.agentFilesSet,
  agentFiles.agentFilesDelete,
  memory.memoryList,
  memory.memorySearch,
  memory.memoryDelete,
  agentPackages.packagesList,
  agentPackages.packagesAdd,
  agentPackages.packagesRemove,
  providers.providersList,
  providers.providersCreate,
  providers.providersUpdate,
  providers.providersDelete,
  providerTest.providersTest,
  providers.modelsList,
  mcpServers.mcpServersList,
  mcpServers.mcpServersGet,
  mcpServers.mcpServersCreate,
  mcpServers.mcpServersUpdate,
  mcpServers.mcpServersDelete,
  mcpTools.mcpServersTest,
  mcpTools.mcpServersReconnect,
  mcpTools.mcpServersTools,
  mcpTools.mcpServersAgree,
  mcpTools.mcpServersResources,
  mcpTools.mcpServersPrompts,
  mcpTools.mcpServersAuthorize,
  mcpTools.mcpServersAuthorized,
  runHooks.hooksList,
  runHooks.hooksGet,
  runHooks.hooksCreate,
  runHooks.hooksUpdate,
  runHooks.hooksDelete,
  runHooks.hooksTest,
  channelInstances.channelsList,
  channelDeliveries.channelsStatus,
  channelInstances.channelInstancesList,
  channelInstances.channelInstancesGet,
  channelInstances.channelInstancesCreate,
  channelInstances.channelInstancesUpdate,
  channelInstances.channelInstancesDelete,
  channelInstances.channelInstancesTest,
  channelInstances.channelsToggle,
  slackInstallation.slackInstall,
  slackInstallation.slackInstalled,
  channelDeliveries.deliveriesList,
  channelDeliveries.deliveriesReplay,
  channelDeliveries.deliveriesDiscard,
  channelPairings.channelPairList,
  channelPairings.channelPairApprove,
  channelPairings.channelPairDeny,
  channelPairings.channelPairRevoke,
  customTools.customToolsList,
  customTools.customToolsGet,
  customTools.customToolsCreate,
  customTools.customToolsUpdate,
  customTools.customToolsDelete,
  customTools.customToolsTest,
  searchProviders.searchProvidersList,
  searchProviders.searchProvidersCreate,
  searchProviders.searchProvidersUpdate,
  searchProviders.searchProvidersDelete,
  secureCli.secureCliList,
  secureCli.secureCliGet,
  secureCli.secureCliCreate,
  secureCli.secureCliUpdate,
  secureCli.secureCliDelete,
  secureCliGrants.secureCliGrantsList,
  secureCliGrants.secureCliGrant,
  secureCliGrants.secureCliRevoke,
  skills.skillsList,
  skills.skillsGet,
  skills.skillsCreate,
  skills.skillsUpdate,
  skills.skillsDelete,
  skillVersions.skillsVersions,
  skillVersions.skillsRestore,
  skillGrants.skillsGrant,
  skillGrants.skillsRevoke,
  tenants.tenantsMine,
  tenants.tenantsList,
  tenants.tenantsGet,
  tenants.tenantsCreate,
  tenants.tenantsUpdate,
  tenants.tenantUsersList,
  tenants.tenantUsersAdd,
  tenants.tenantUsersRemove,
  memberStatus.tenantUsersSuspend,
  memberStatus.tenantUsersReinstate,
  invitations.invitationsCreate,
  invitations.invitationsList,
  invitations.invitationsRevoke,
  invitations.invitationsAccept,
  tenantEnd.tenantsExport,
  tenantEnd.tenantsDelete,
  tenantEnd.tenantsDeletion,
  keysAtRest.keysRotate,
  keysAtRest.keysRotation,
  apiKeys.apiKeysList,
  apiKeys.apiKeysCreate,
  apiKeys.apiKeysRevoke,
  apiKeyRotation.apiKeysRotate,
  issuers.issuersList,
  issuers.issuersCreate,
  issuers.issuersUpdate,
  issuers.issuersDelete,
  issuers.issuersTest,
  loginSessions.loginSessionsList,
  loginSessions.loginSessionsRevoke,
  loginSessions.loginLogout,
  wsTickets.wsTicketsCreate,
  gatewayCode.pairingCodeCreate,
  devices.devicePairRequest,
  devices.devicePairApprove,
  devices.devicePairDeny,
  devices.devicePairList,
  devices.devicePairRevoke,
  config.configGet,
  config.configDefaults,
  config.configSchema,
  config.configApply,
  config.configPatch,
  configVersions.configVersionsList,
  configVersions.configVersionsGet,
  configVersions.configVersionsRestore,
  configPermissions.configPermissionsList,
  configPermissions.configPermissionsCheck,
  configPermissions.configPermissionsGrant,
  configPermissions.configPermissionsRevoke,
  approvals.approvalList,
  approvals.approvalGet,
  approvals.approvalApprove,
  approvals.approvalDeny,
  approvals.standingList,
  approvals.standingRevoke,
  security.securityEventsList,
  logs.logsTail,
  auditTrail.auditList,
  auditTrail.auditExport,
  auditTrail.auditVerify,
  estop.estopSet,
  estop.estopList,
  estop.estopRelease,
  securityAudit.securityAudit,
  securityAudit.securityAuditSuppress,
  securityAudit.securityAuditUnsuppress,
  securityAudit.securityAuditSuppressions,
  tools.toolsList,
  tools.toolsInvoke,
  toolPolicy.toolsPolicy,
  security.shellDenyGroupsList,
  security.teamTasks,
  traces.tracesList,
  traces.tracesGet,
  traceExporter.traceExporterGet,
  traceExporter.traceExporterSet,
  cronJobs.cronList,
  cronJobs.cronStatus,
  cronJobs.cronRunsList,
  cronJobs.cronCreate,
  cronJobs.cronUpdate,
  cronJobs.cronToggle,
  cronJobs.cronDelete,
  cronJobs.cronRun,
  overview.overviewGet,
  workspaces.workspacesList,
  workspaces.workspacesFiles,
  runners.runnersStatus,
  usage.usageGet,
  usage.usageSummary,
  usage.quotaUsage,
].map(erase)

const byName = new Map(OPERATIONS.map((operation) => [operation.name, operation]))

export const findOperation = (name: string): AnyOperation | undefined => byName.get(name)
