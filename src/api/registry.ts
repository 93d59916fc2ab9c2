/** Every operation there is. What is not in this list cannot be asked. */
import * as agentPackages from './agent-packages.ts'
import * as agents from './agents.ts'
import * as apiKeys from './api-keys.ts'
import * as approvals from './approvals.ts'
import * as chat from './chat.ts'
import * as config from './config.ts'
import * as health from './health.ts'
import * as keysAtRest from './keys-at-rest.ts'
import { type AnyOperation, erase } from './operation.ts'
import * as providers from './providers.ts'
import * as searchProviders from './search-providers.ts'
import * as secureCli from './secure-cli.ts'
import * as secureCliGrants from './secure-cli-grants.ts'
import * as security from './security.ts'
import * as sessions from './sessions.ts'
import * as tenantEnd from './tenant-end.ts'
import * as tenants from './tenants.ts'
import * as tools from './tools.ts'

export const OPERATIONS: readonly AnyOperation[] = [
  health.health,
  health.status,
  chat.chatSend,
  chat.chatAbort,
  chat.chatStop,
  chat.chatStopAll,
  chat.chatReset,
  chat.chatInject,
  chat.chatHistory,
  chat.chatSessionStatus,
  sessions.sessionsList,
  sessions.sessionsPreview,
  sessions.sessionsPatch,
  sessions.sessionsDelete,
  sessions.sessionsReset,
  sessions.sessionsResume,
  agents.agentsList,
  agents.agentStatus,
  agents.agentsGet,
  agents.agentsCreate,
  agents.agentsUpdate,
  agents.agentsDelete,
  agentPackages.packagesList,
  agentPackages.packagesAdd,
  agentPackages.packagesRemove,
  providers.providersList,
  providers.providersCreate,
  providers.providersUpdate,
  providers.providersDelete,
  providers.modelsList,
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
  tenants.tenantsMine,
  tenants.tenantsList,
  tenants.tenantsGet,
  tenants.tenantsCreate,
  tenants.tenantsUpdate,
  tenants.tenantUsersList,
  tenants.tenantUsersAdd,
  tenants.tenantUsersRemove,
  tenantEnd.tenantsExport,
  tenantEnd.tenantsDelete,
  tenantEnd.tenantsDeletion,
  keysAtRest.keysRotate,
  keysAtRest.keysRotation,
  apiKeys.apiKeysList,
  apiKeys.apiKeysCreate,
  apiKeys.apiKeysRevoke,
  config.configGet,
  config.configDefaults,
  config.configSchema,
  config.configApply,
  config.configPatch,
  approvals.approvalList,
  approvals.approvalApprove,
  approvals.approvalDeny,
  approvals.standingList,
  approvals.standingRevoke,
  security.securityEventsList,
  tools.toolsList,
  tools.toolsInvoke,
  security.shellDenyGroupsList,
  security.teamTasks,
].map(erase)

const byName = new Map(OPERATIONS.map((operation) => [operation.name, operation]))

export const findOperation = (name: string): AnyOperation | undefined => byName.get(name)
