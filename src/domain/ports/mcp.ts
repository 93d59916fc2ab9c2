/**
 * The ways to a tenant's MCP servers: of a run, for the calls of its tools; of an admin, for looking
 * at a server. Behind them stand the guarded door, the server's own key, and its pinned tools.
 */
import type { JsonObject, McpServer, McpTool } from '../mcp.ts'
import type { Result } from '../result.ts'
import type { ToolOutcome } from '../tool.ts'

export interface McpCall {
  readonly serverId: string
  /** The tool as it was offered: one that has changed since is not called. */
  readonly tool: McpTool
  readonly arguments: JsonObject
}

export interface McpPort {
  /** What fails is an outcome: a server that is down harms its own calls alone. */
  call(call: McpCall, signal: AbortSignal): Promise<ToolOutcome>
}

/** What a server has that is not offered, and why. The name is cleaned: it is the server's own. */
export interface SkippedTool {
  readonly name: string
  readonly reason: string
}

export interface McpLook {
  readonly protocolVersion: string | null
  /** As they would be pinned; nobody has agreed to them by being looked at. */
  readonly tools: readonly McpTool[]
  readonly skipped: readonly SkippedTool[]
}

export interface McpListing {
  readonly name: string
  readonly title: string
  readonly description: string
  /** Of a resource. */
  readonly uri?: string
  readonly mimeType?: string
  /** Of a prompt. */
  readonly arguments?: readonly { readonly name: string; readonly required: boolean }[]
}

export interface StartedAuthorization {
  /** For the admin's browser. */
  readonly url: string
  /** What a client that was registered by hand must be registered with. */
  readonly redirectUrl: string
  readonly expiresAt: number
}

/** The errors are sentences for the admin; they hold nothing that the server said. */
export interface McpAdminPort {
  /** Judges an address by its form alone. */
  checkAddress(server: Pick<McpServer, 'url' | 'allowPrivateNetwork'>): Result<null, string>
  look(server: McpServer): Promise<Result<McpLook, string>>
  list(
    server: McpServer,
    kind: 'resources' | 'prompts',
  ): Promise<Result<readonly McpListing[], string>>
  startAuthorization(server: McpServer): Promise<Result<StartedAuthorization, string>>
  /**
   * @param handover what the callback's page gave to whoever began
   * @returns the authorisation, sealed for its row
   */
  finishAuthorization(server: McpServer, handover: string): Promise<Result<string, string>>
}
