// Written by `npm run operations` from the registry.

export interface McpOperations {
  /** Agrees to tools as they are now, named by the hashes that mcp.servers.tools shows */
  'mcp.servers.agree': {
    params: { id: string; hashes: readonly string[] }
    result: {
      tools: readonly ({
        name: string
        offered_as: string
        description: string
        schema: Readonly<Record<string, unknown>>
        hash: string
        state: "agreed" | "new" | "changed"
      })[]
    }
  }
  /** Begins an OAuth authorisation: the address that the admin opens in a browser */
  'mcp.servers.authorize': {
    params: { id: string }
    result: { authorization_url: string; redirect_uri: string; expires_at: string }
  }
  /** Ends an OAuth authorisation with the code that the page of the gateway showed */
  'mcp.servers.authorized': {
    params: { id: string; code: string }
    result: { ok: true }
  }
  /** Adds an MCP server; its tools are offered once it was looked at with reconnect */
  'mcp.servers.create': {
    params: {
      name: string
      display_name?: string
      url: string
      transport?: "streamable-http" | "sse"
      agents?: readonly string[]
      timeout_seconds?: number
      allow_private_network?: boolean
      enabled?: boolean
      api_key?: string | null
      headers?: Readonly<Record<string, string>> | null
      oauth_client_id?: string | null
      oauth_client_secret?: string | null
    }
    result: {
      id: string
      name: string
      display_name: string
      transport: "streamable-http" | "sse"
      enabled: boolean
      tools: number
      waiting: number
      url: string
      agents: readonly string[]
      timeout_seconds: number
      allow_private_network: boolean
      headers: string
      authorization: string
      protocol_version: string | null
      checked_at: number | null
    }
  }
  /** Deletes an MCP server with its keys */
  'mcp.servers.delete': {
    params: { id: string }
    result: { ok: true }
  }
  /** One MCP server with its address and who may use it; keys are masked */
  'mcp.servers.get': {
    params: { id: string }
    result: {
      id: string
      name: string
      display_name: string
      transport: "streamable-http" | "sse"
      enabled: boolean
      tools: number
      waiting: number
      url: string
      agents: readonly string[]
      timeout_seconds: number
      allow_private_network: boolean
      headers: string
      authorization: string
      protocol_version: string | null
      checked_at: number | null
    }
  }
  /** The MCP servers of the tenant */
  'mcp.servers.list': {
    params: Record<string, unknown>
    result: {
      servers: readonly ({
        id: string
        name: string
        display_name: string
        transport: "streamable-http" | "sse"
        enabled: boolean
        tools: number
        waiting: number
      })[]
    }
  }
  /** The prompts that an MCP server lists now */
  'mcp.servers.prompts': {
    params: { id: string }
    result: {
      prompts: readonly {
        name: string
        title: string
        description: string
        uri?: string
        mime_type?: string
        arguments?: readonly { name: string; required: boolean }[]
      }[]
    }
  }
  /** Looks at an MCP server and keeps what it has: all of it the first time, later only what is the same; the rest waits to be agreed to */
  'mcp.servers.reconnect': {
    params: { id: string }
    result: {
      protocol_version: string | null
      tools: readonly ({
        name: string
        offered_as: string
        description: string
        schema: Readonly<Record<string, unknown>>
        hash: string
        state: "agreed" | "new" | "changed"
      })[]
      skipped: readonly { name: string; reason: string }[]
    }
  }
  /** The resources that an MCP server lists now */
  'mcp.servers.resources': {
    params: { id: string }
    result: {
      resources: readonly {
        name: string
        title: string
        description: string
        uri?: string
        mime_type?: string
        arguments?: readonly { name: string; required: boolean }[]
      }[]
    }
  }
  /** Connects to an MCP server with its stored key and shows what it has; changes nothing */
  'mcp.servers.test': {
    params: { id: string }
    result: {
      protocol_version: string | null
      tools: readonly ({
        name: string
        offered_as: string
        description: string
        schema: Readonly<Record<string, unknown>>
        hash: string
        state: "agreed" | "new" | "changed"
      })[]
      skipped: readonly { name: string; reason: string }[]
    }
  }
  /** The tools of an MCP server as they are kept, and which wait to be agreed to */
  'mcp.servers.tools': {
    params: { id: string }
    result: {
      tools: readonly ({
        name: string
        offered_as: string
        description: string
        schema: Readonly<Record<string, unknown>>
        hash: string
        state: "agreed" | "new" | "changed"
      })[]
    }
  }
  /** Changes an MCP server; another origin erases its keys and what was agreed to */
  'mcp.servers.update': {
    params: {
      id: string
      display_name?: string
      url?: string
      transport?: "streamable-http" | "sse"
      agents?: readonly string[]
      timeout_seconds?: number
      allow_private_network?: boolean
      enabled?: boolean
      api_key?: string | null
      headers?: Readonly<Record<string, string>> | null
      oauth_client_id?: string | null
      oauth_client_secret?: string | null
    }
    result: {
      id: string
      name: string
      display_name: string
      transport: "streamable-http" | "sse"
      enabled: boolean
      tools: number
      waiting: number
      url: string
      agents: readonly string[]
      timeout_seconds: number
      allow_private_network: boolean
      headers: string
      authorization: string
      protocol_version: string | null
      checked_at: number | null
    }
  }
}

export const CHOICES = {
  'mcp.servers.create': { "transport": ["streamable-http","sse"] },
  'mcp.servers.update': { "transport": ["streamable-http","sse"] },
} as const
