/** What an operation is handed: who asks, their tenant as it is now, and the ports to act on it. */
import type { KeyRing } from '../crypto/keys.ts'
import type { Database } from '../db/database.ts'
import type { AgentRecord, ProviderRecord, ProviderType } from '../domain/agent-record.ts'
import type { Approval } from '../domain/approval.ts'
import type { AgentSettings } from '../domain/config/agent-settings.ts'
import type { TenantConfig } from '../domain/config/tenant-config.ts'
import type { CredentialedBinary } from '../domain/credentialed-binary.ts'
import type { AgentId, TenantId, UserId } from '../domain/ids.ts'
import type { ChannelAdminPort } from '../domain/ports/channel-admin.ts'
import type { ConnectionPort } from '../domain/ports/connection.ts'
import type { CustomToolAdminPort } from '../domain/ports/custom-tools.ts'
import type { ImagePort } from '../domain/ports/images.ts'
import type { InboxPort } from '../domain/ports/inbox.ts'
import type { IssuerPort } from '../domain/ports/issuer.ts'
import type { LimiterPort } from '../domain/ports/limiter.ts'
import type { McpAdminPort } from '../domain/ports/mcp.ts'
import type { PlatformPort } from '../domain/ports/platform.ts'
import type { ProviderTestPort } from '../domain/ports/provider-test.ts'
import type { RunHookAdminPort } from '../domain/ports/run-hooks.ts'
import type { RunnersPort } from '../domain/ports/runners.ts'
import type { Invocation, ReplyTo, SessionPort } from '../domain/ports/session.ts'
import type { TenantPort } from '../domain/ports/tenant.ts'
import type { Erasable, ExportableSession, TenantEndPort } from '../domain/ports/tenant-end.ts'
import type { WorkspaceListing, WorkspacePort } from '../domain/ports/workspace.ts'
import type { Principal } from '../domain/principal.ts'
import type { Result } from '../domain/result.ts'
import type { SearchProvider } from '../domain/search-provider.ts'
import type { SecurityEvent } from '../domain/security-event.ts'
import type { SecurityReport } from '../domain/security-finding.ts'
import type { SkillBundle } from '../domain/skill.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import type { JudgedCall, PolicyAsker, ToolPolicyView } from './tool-judgement.ts'

/** The doors to storage and objects. Names are made here, from the tenant the principal brings. */
export interface Services {
  /** The tenant's database: tenants may be spread over several. */
  database(tenantId: TenantId): Database
  /** The database of the directory, which knows all tenants. */
  directory(): Database
  tenant(tenantId: TenantId): TenantPort
  session(tenantId: TenantId, sessionKey: string): SessionPort
  workspace(tenantId: TenantId, agentId: AgentId, userId: UserId): WorkspacePort
  /** The same object as `workspace`, for whoever looks through it. */
  workspaceListing(tenantId: TenantId, agentId: AgentId, userId: UserId): WorkspaceListing
  userLimiter(tenantId: TenantId, userId: UserId): LimiterPort
  addressLimiter(address: string): LimiterPort
  connection(connectionId: string): ConnectionPort
  inbox(tenantId: TenantId, instanceId: string): InboxPort
  /** The same object as `inbox`, for its end. */
  inboxEnd(tenantId: TenantId, instanceId: string): Erasable
  /** The same object as `tenant`, for what its end needs. */
  tenantEnd(tenantId: TenantId): TenantEndPort
  /** The same object as `session`, without a principal: for whoever may have all of the tenant. */
  exportableSession(tenantId: TenantId, sessionKey: string): ExportableSession
  platform(): PlatformPort
  readonly keyRing: KeyRing
  now(): number
  /** Work that may outlive the answer; its failure is logged, never thrown at the caller. */
  inBackground(work: Promise<unknown>): void
}

/** What this build offers: facts of other layers, handed in so that operations need not know them. */
export interface Catalog {
  readonly version: string
  readonly tools: readonly {
    readonly name: string
    readonly description: string
    readonly group: string
  }[]
  modelsOf(type: ProviderType): readonly string[]
  /** What the tools' gate would say to a call of this agent, without making it. */
  judgeCall(
    call: Invocation,
    snapshot: TenantSnapshot,
    agent: AgentRecord,
    session: { readonly principal: Principal; readonly channel: string },
  ): JudgedCall
  /** A question as whoever answers it is shown it, with how the line is read and which rule asks. */
  showApproval(approval: Approval, snapshot: TenantSnapshot): Readonly<Record<string, unknown>>
  /** One of many: long texts are cut, and say so. */
  listApproval(approval: Approval, snapshot: TenantSnapshot): Readonly<Record<string, unknown>>
  /** What the gate makes of each tool of an agent, and which rule decided. */
  toolPolicy(
    snapshot: TenantSnapshot,
    agent: AgentRecord,
    asker: PolicyAsker,
  ): Promise<ToolPolicyView>
  /**
   * Looks over what a skill says: secrets and forged marks are refused, and what reads like an injection
   * where the tenant refuses it in messages too.
   * @returns the families of injection that it shows; the error is a sentence, without any of the text
   */
  checkSkill(
    bundle: SkillBundle,
    action: TenantConfig['gateway']['injection_action'],
  ): Result<readonly string[], string>
  /** Judges a provider row by its form alone; the error is a sentence. */
  checkProvider(record: ProviderRecord): Result<null, string>
  checkSearchProvider(record: SearchProvider): Result<null, string>
  /** Judges what is to be registered; the errors are sentences, and hold no value. */
  checkBinary(
    binary: Pick<
      CredentialedBinary,
      'name' | 'absolutePath' | 'denyArgs' | 'denyVerbose' | 'hosts'
    >,
  ): Result<null, string>
  checkBinaryEnvironment(
    absolutePath: string,
    env: Readonly<Record<string, string>>,
  ): Result<null, string>
  checkArgumentPatterns(patterns: readonly string[]): Result<null, string>
  /** Whether a key may be bound to the network; the error is a sentence. */
  checkNetwork(network: string): Result<null, string>
  /** What a layer asks of a document beyond its schema; the error is a sentence. */
  checkConfig(config: TenantConfig): Result<null, string>
  /** The same of what an agent sets over it. */
  checkAgentSettings(settings: AgentSettings): Result<null, string>
}

export interface OperationContext {
  readonly principal: Principal
  readonly snapshot: TenantSnapshot
  readonly services: Services
  readonly replyTo: ReplyTo
  /** The session that a request without a key means; null at the control socket and HTTP. */
  readonly defaultSessionKey: string | null
  /** As the request's header, or its socket's upgrade, brought it; not checked. */
  readonly traceparent: string | null
  readonly catalog: Catalog
  /** Scheme, host and port under which people reach the gateway; empty where no door knows. */
  readonly ownOrigin: string
  /** Null where there is no runner. */
  readonly images: ImagePort | null
  readonly issuers: IssuerPort
  /** Whether plain values are still taken for secrets, as they are while a gateway moves in. */
  readonly acceptsPlaintext: boolean
  readonly mcp: McpAdminPort
  readonly runHooks: RunHookAdminPort
  readonly channels: ChannelAdminPort
  readonly customTools: CustomToolAdminPort
  readonly runners: RunnersPort
  readonly providerTest: ProviderTestPort
  /** The security audit of the caller's tenant as it is now; of the platform too for its operator. */
  securityReport(options: { readonly deep: boolean }): Promise<SecurityReport>
  /** Evidence for the security log; the gateway emits it. */
  report(event: SecurityEvent): void
}
