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
  /** What each tool of an agent comes to under all levels of the policy, and which decided */
  'tools.policy': {
    params: {
      agentId: string
      channel?: string | null
      chat_kind?: "direct" | "group"
      chat?: string | null
      sender?: string | null
      user_id?: string | null
      credential?: string | null
    }
    result: {
      agentId: string
      tools: readonly ({
        name: string
        group: string
        allowed: boolean
        asks: boolean
        decidedBy: {
          level: "credential" | "tenant" | "agent" | "channel" | "owner" | "subagent" | "reader" | "estop" | "sandbox" | "autonomy"
          place: string
          rule: string
          entry: string | null
        } | null
      })[]
      levels: readonly ({
        level: "credential" | "tenant" | "agent" | "channel" | "owner" | "subagent" | "reader" | "estop" | "sandbox" | "autonomy"
        place: string
        profile?: string
        allow?: readonly string[]
        deny?: readonly string[]
      })[]
      shell: {
        denyGroups: readonly ({
          name: "destructive_ops" | "data_exfiltration" | "reverse_shell" | "code_injection" | "privilege_escalation" | "dangerous_paths" | "env_injection" | "container_escape" | "crypto_mining" | "filter_bypass" | "network_recon" | "package_install" | "persistence" | "process_control" | "env_dump"
          denied: boolean
          decidedBy: "agent" | "defaults" | "tenant" | "default"
        })[]
        allowedCommands: readonly string[] | null
        approval: { security: string; ask: string; allowlist: readonly string[] }
      }
      autonomy: string
      workspaceAccess: string
      limitPerHour: number
    }
  }
}

export const CHOICES = {
  'tools.custom.create': { "group": ["web","messaging","automation","runtime"], "method": ["GET","POST","DELETE"], "kind": ["http","script"] },
  'tools.custom.update': { "group": ["web","messaging","automation","runtime"], "method": ["GET","POST","DELETE"] },
  'tools.policy': { "chat_kind": ["direct","group"] },
} as const
