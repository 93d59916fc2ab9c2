// Written by `npm run operations` from the registry.

export interface ToolsOperations {
  /** Adds a custom tool; no agent may use it before it is named in agents */
  'tools.custom.create': {
    params: {
      description: string
      agents?: readonly string[]
      parameters?: Readonly<Record<string, unknown>>
      group?: "web" | "messaging" | "automation" | "runtime"
      origin?: string
      method?: "GET" | "POST" | "DELETE"
      path?: string
      query?: Readonly<Record<string, string>>
      body?: unknown
      command?: string
      timeout_seconds?: number
      allow_private_network?: boolean
      enabled?: boolean
      headers?: Readonly<Record<string, string>> | null
      env?: Readonly<Record<string, string>> | null
      name: string
      kind: "http" | "script"
    }
    result: {
      id: string
      name: string
      kind: "http" | "script"
      group: "web" | "messaging" | "automation" | "runtime"
      description: string
      agents: readonly string[]
      enabled: boolean
      parameters: Readonly<Record<string, unknown>>
      origin: string | null
      method: "GET" | "POST" | "DELETE" | null
      path: string | null
      query: Readonly<Record<string, string>> | null
      body: unknown
      command: string
      timeout_seconds: number
      allow_private_network: boolean
      headers: string
      env: string
    }
  }
  /** Deletes a custom tool with its headers and variables */
  'tools.custom.delete': {
    params: { id: string }
    result: { ok: true }
  }
  /** One custom tool; headers and variables are masked */
  'tools.custom.get': {
    params: { id: string }
    result: {
      id: string
      name: string
      kind: "http" | "script"
      group: "web" | "messaging" | "automation" | "runtime"
      description: string
      agents: readonly string[]
      enabled: boolean
      parameters: Readonly<Record<string, unknown>>
      origin: string | null
      method: "GET" | "POST" | "DELETE" | null
      path: string | null
      query: Readonly<Record<string, string>> | null
      body: unknown
      command: string
      timeout_seconds: number
      allow_private_network: boolean
      headers: string
      env: string
    }
  }
  /** The tools that the tenant has defined itself */
  'tools.custom.list': {
    params: Record<string, unknown>
    result: {
      tools: readonly ({
        id: string
        name: string
        kind: "http" | "script"
        group: "web" | "messaging" | "automation" | "runtime"
        description: string
        agents: readonly string[]
        enabled: boolean
      })[]
    }
  }
  /** Makes the request of a custom tool once; of a command only the gate’s word is told */
  'tools.custom.test': {
    params: { id: string; arguments?: Readonly<Record<string, unknown>> }
    result: { content: string; is_error: boolean }
  }
  /** Changes a custom tool; another origin erases its headers, another command its variables */
  'tools.custom.update': {
    params: {
      description?: string
      agents?: readonly string[]
      parameters?: Readonly<Record<string, unknown>>
      group?: "web" | "messaging" | "automation" | "runtime"
      origin?: string
      method?: "GET" | "POST" | "DELETE"
      path?: string
      query?: Readonly<Record<string, string>>
      body?: unknown
      command?: string
      timeout_seconds?: number
      allow_private_network?: boolean
      enabled?: boolean
      headers?: Readonly<Record<string, string>> | null
      env?: Readonly<Record<string, string>> | null
      id: string
    }
    result: {
      id: string
      name: string
      kind: "http" | "script"
      group: "web" | "messaging" | "automation" | "runtime"
      description: string
      agents: readonly string[]
      enabled: boolean
      parameters: Readonly<Record<string, unknown>>
      origin: string | null
      method: "GET" | "POST" | "DELETE" | null
      path: string | null
      query: Readonly<Record<string, string>> | null
      body: unknown
      command: string
      timeout_seconds: number
      allow_private_network: boolean
      headers: string
      env: string
    }
  }
  /** Calls one tool of an agent, or only judges the call (dryRun) */
  'tools.invoke': {
    params: {
      tool: string
      args?: Readonly<Record<string, unknown>>
      sessionKey?: string | null
      agentId?: string | null
      dryRun?: boolean
      idempotencyKey?: string | null
    }
    result: Readonly<Record<string, unknown>>
  }
  /** The tools of this gateway */
  'tools.list': {
    params: Record<string, unknown>
    result: { tools: readonly { name: string; description: string; group: string }[] }
  }
}
