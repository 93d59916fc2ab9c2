// Written by `npm run operations` from the registry.

export interface AgentsOperations {
  /** Creates an agent */
  'agents.create': {
    params: {
      name?: string
      display_name?: string
      provider?: string
      model?: string
      agent_type?: "open" | "predefined"
      status?: "active" | "disabled"
      system_prompt?: string
      settings?: {
        tools?: {
          profile?: "minimal" | "messaging" | "coding" | "full"
          allow?: readonly string[]
          deny?: readonly string[]
        }
        autonomy?: {
          level?: "readonly" | "supervised" | "full"
          allowed_commands?: readonly string[]
        }
        exec_approval?: {
          security?: "deny" | "allowlist" | "full"
          ask?: "off" | "on-miss" | "always"
          allowlist?: readonly string[]
        }
        shell_deny_groups?: Readonly<Record<string, boolean>>
        sandbox?: {
          mode?: "off" | "non-main" | "all"
          image?: string
          scope?: "session" | "agent" | "shared"
          workspace_access?: "none" | "ro" | "rw"
          limits?: {
            memory_mb?: number
            cpus?: number
            pids?: number
            timeout_seconds?: number
            output_bytes?: number
          }
        }
        fallbacks?: readonly { provider: string; model: string }[]
        temperature?: number
        max_output_tokens?: number
        context_window_tokens?: number
        heartbeat_prompt?: string
      }
      tools?: {
        profile?: "minimal" | "messaging" | "coding" | "full"
        allow?: readonly string[]
        deny?: readonly string[]
      }
      autonomy?: {
        level?: "readonly" | "supervised" | "full"
        allowed_commands?: readonly string[]
      }
      exec_approval?: {
        security?: "deny" | "allowlist" | "full"
        ask?: "off" | "on-miss" | "always"
        allowlist?: readonly string[]
      }
      shell_deny_groups?: Readonly<Record<string, boolean>>
      sandbox?: {
        mode?: "off" | "non-main" | "all"
        image?: string
        scope?: "session" | "agent" | "shared"
        workspace_access?: "none" | "ro" | "rw"
        limits?: {
          memory_mb?: number
          cpus?: number
          pids?: number
          timeout_seconds?: number
          output_bytes?: number
        }
      }
      fallbacks?: readonly { provider: string; model: string }[]
      temperature?: number
      max_output_tokens?: number
      context_window_tokens?: number
      heartbeat_prompt?: string
      agent_key?: string
    }
    result: {
      id: string
      agent_key: string
      display_name: string
      status: string
      provider: string
      model: string
      agent_type: string
      is_default: boolean
      system_prompt: string
      settings: {
        tools?: {
          profile?: "minimal" | "messaging" | "coding" | "full"
          allow?: readonly string[]
          deny?: readonly string[]
        }
        autonomy?: {
          level?: "readonly" | "supervised" | "full"
          allowed_commands?: readonly string[]
        }
        exec_approval?: {
          security?: "deny" | "allowlist" | "full"
          ask?: "off" | "on-miss" | "always"
          allowlist?: readonly string[]
        }
        shell_deny_groups?: Readonly<Record<string, boolean>>
        sandbox?: {
          mode?: "off" | "non-main" | "all"
          image?: string
          scope?: "session" | "agent" | "shared"
          workspace_access?: "none" | "ro" | "rw"
          limits?: {
            memory_mb?: number
            cpus?: number
            pids?: number
            timeout_seconds?: number
            output_bytes?: number
          }
        }
        fallbacks?: readonly { provider: string; model: string }[]
        temperature?: number
        max_output_tokens?: number
        context_window_tokens?: number
        heartbeat_prompt?: string
      }
      ok: true
      agentId: string
      name: string
    }
  }
  /** Deletes an agent; the default one stays */
  'agents.delete': {
    params: { agentId?: string; agent_id?: string; id?: string }
    result: { ok: true }
  }
  /** Deletes a file that an agent is told */
  'agents.files.delete': {
    params: {
      agentId?: string
      agent_id?: string
      id?: string
      name: "AGENTS.md" | "SOUL.md" | "IDENTITY.md" | "TOOLS.md" | "USER.md" | "MEMORY.md"
    }
    result: { ok: true; agentId: string }
  }
  /** One of the files that an agent is told; USER.md and MEMORY.md are the caller’s own */
  'agents.files.get': {
    params: {
      agentId?: string
      agent_id?: string
      id?: string
      name: "AGENTS.md" | "SOUL.md" | "IDENTITY.md" | "TOOLS.md" | "USER.md" | "MEMORY.md"
    }
    result: {
      agentId: string
      file: {
        name: "AGENTS.md" | "SOUL.md" | "IDENTITY.md" | "TOOLS.md" | "USER.md" | "MEMORY.md"
        scope: "agent" | "user"
        missing: boolean
        size: number
        untrusted: boolean
        content: string
      }
    }
  }
  /** The files that an agent is told before every turn: its own, and those of the caller */
  'agents.files.list': {
    params: { agentId?: string; agent_id?: string; id?: string }
    result: {
      agentId: string
      files: readonly ({
        name: "AGENTS.md" | "SOUL.md" | "IDENTITY.md" | "TOOLS.md" | "USER.md" | "MEMORY.md"
        scope: "agent" | "user"
        missing: boolean
        size: number
        untrusted: boolean
      })[]
    }
  }
  /** Writes a file that an agent is told: your own USER.md or MEMORY.md, the agent’s as admin */
  'agents.files.set': {
    params: {
      agentId?: string
      agent_id?: string
      id?: string
      name: "AGENTS.md" | "SOUL.md" | "IDENTITY.md" | "TOOLS.md" | "USER.md" | "MEMORY.md"
      content: string
    }
    result: {
      ok: true
      agentId: string
      file: {
        name: "AGENTS.md" | "SOUL.md" | "IDENTITY.md" | "TOOLS.md" | "USER.md" | "MEMORY.md"
        scope: "agent" | "user"
        missing: boolean
        size: number
        untrusted: boolean
      }
    }
  }
  /** One agent with its settings, and what they come to */
  'agents.get': {
    params: { agentId?: string; agent_id?: string; id?: string }
    result: {
      id: string
      agent_key: string
      display_name: string
      status: string
      provider: string
      model: string
      agent_type: string
      is_default: boolean
      system_prompt: string
      settings: {
        tools?: {
          profile?: "minimal" | "messaging" | "coding" | "full"
          allow?: readonly string[]
          deny?: readonly string[]
        }
        autonomy?: {
          level?: "readonly" | "supervised" | "full"
          allowed_commands?: readonly string[]
        }
        exec_approval?: {
          security?: "deny" | "allowlist" | "full"
          ask?: "off" | "on-miss" | "always"
          allowlist?: readonly string[]
        }
        shell_deny_groups?: Readonly<Record<string, boolean>>
        sandbox?: {
          mode?: "off" | "non-main" | "all"
          image?: string
          scope?: "session" | "agent" | "shared"
          workspace_access?: "none" | "ro" | "rw"
          limits?: {
            memory_mb?: number
            cpus?: number
            pids?: number
            timeout_seconds?: number
            output_bytes?: number
          }
        }
        fallbacks?: readonly { provider: string; model: string }[]
        temperature?: number
        max_output_tokens?: number
        context_window_tokens?: number
        heartbeat_prompt?: string
      }
      effective: {
        tools: readonly ({
          profile?: "minimal" | "messaging" | "coding" | "full"
          allow?: readonly string[]
          deny?: readonly string[]
        })[]
        autonomy: {
          level: "readonly" | "supervised" | "full"
          allowed_commands?: readonly string[]
        }
        exec_approval: {
          security: "deny" | "allowlist" | "full"
          ask: "off" | "on-miss" | "always"
          allowlist: readonly string[]
        }
        shell_deny_groups: Readonly<Record<string, boolean>>
        sandbox: { mode: string; scope: string; workspace_access: string; image: string | null }
        temperature?: number
        max_output_tokens?: number
        context_window_tokens?: number
      }
    }
  }
  /** The agents of the tenant, the default one first */
  'agents.list': {
    params: Record<string, unknown>
    result: {
      agents: readonly {
        id: string
        name: string
        model: string
        provider: string
        agentType: string
        status: string
        isRunning: boolean
      }[]
    }
  }
  /** Builds the agent’s image with further packages, and records their versions */
  'agents.packages.add': {
    params: {
      agentId?: string
      agent_id?: string
      id?: string
      packages: readonly ({ manager: "apt" | "pip" | "npm"; name: string; version?: string })[]
    }
    result: {
      agentId: string
      packages: readonly ({
        manager: "apt" | "pip" | "npm"
        name: string
        version: string
        added_by: string
        added_at: string
      })[]
    }
  }
  /** The packages of an agent’s image, with their versions and who added them */
  'agents.packages.list': {
    params: { agentId?: string; agent_id?: string; id?: string }
    result: {
      agentId: string
      packages: readonly ({
        manager: "apt" | "pip" | "npm"
        name: string
        version: string
        added_by: string
        added_at: string
      })[]
    }
  }
  /** Takes packages out of the agent’s image, which is built anew when it is next used */
  'agents.packages.remove': {
    params: {
      agentId?: string
      agent_id?: string
      id?: string
      packages: readonly ({ manager: "apt" | "pip" | "npm"; name: string; version?: string })[]
    }
    result: {
      agentId: string
      packages: readonly ({
        manager: "apt" | "pip" | "npm"
        name: string
        version: string
        added_by: string
        added_at: string
      })[]
    }
  }
  /** Changes an agent; what is not named stays */
  'agents.update': {
    params: {
      agentId?: string
      agent_id?: string
      id?: string
      name?: string
      display_name?: string
      provider?: string
      model?: string
      agent_type?: "open" | "predefined"
      status?: "active" | "disabled"
      system_prompt?: string
      settings?: {
        tools?: {
          profile?: "minimal" | "messaging" | "coding" | "full"
          allow?: readonly string[]
          deny?: readonly string[]
        }
        autonomy?: {
          level?: "readonly" | "supervised" | "full"
          allowed_commands?: readonly string[]
        }
        exec_approval?: {
          security?: "deny" | "allowlist" | "full"
          ask?: "off" | "on-miss" | "always"
          allowlist?: readonly string[]
        }
        shell_deny_groups?: Readonly<Record<string, boolean>>
        sandbox?: {
          mode?: "off" | "non-main" | "all"
          image?: string
          scope?: "session" | "agent" | "shared"
          workspace_access?: "none" | "ro" | "rw"
          limits?: {
            memory_mb?: number
            cpus?: number
            pids?: number
            timeout_seconds?: number
            output_bytes?: number
          }
        }
        fallbacks?: readonly { provider: string; model: string }[]
        temperature?: number
        max_output_tokens?: number
        context_window_tokens?: number
        heartbeat_prompt?: string
      }
      tools?: {
        profile?: "minimal" | "messaging" | "coding" | "full"
        allow?: readonly string[]
        deny?: readonly string[]
      }
      autonomy?: {
        level?: "readonly" | "supervised" | "full"
        allowed_commands?: readonly string[]
      }
      exec_approval?: {
        security?: "deny" | "allowlist" | "full"
        ask?: "off" | "on-miss" | "always"
        allowlist?: readonly string[]
      }
      shell_deny_groups?: Readonly<Record<string, boolean>>
      sandbox?: {
        mode?: "off" | "non-main" | "all"
        image?: string
        scope?: "session" | "agent" | "shared"
        workspace_access?: "none" | "ro" | "rw"
        limits?: {
          memory_mb?: number
          cpus?: number
          pids?: number
          timeout_seconds?: number
          output_bytes?: number
        }
      }
      fallbacks?: readonly { provider: string; model: string }[]
      temperature?: number
      max_output_tokens?: number
      context_window_tokens?: number
      heartbeat_prompt?: string
      unset?: readonly ("tools" | "autonomy" | "exec_approval" | "shell_deny_groups" | "sandbox" | "fallbacks" | "temperature" | "max_output_tokens" | "context_window_tokens" | "heartbeat_prompt")[]
    }
    result: {
      id: string
      agent_key: string
      display_name: string
      status: string
      provider: string
      model: string
      agent_type: string
      is_default: boolean
      system_prompt: string
      settings: {
        tools?: {
          profile?: "minimal" | "messaging" | "coding" | "full"
          allow?: readonly string[]
          deny?: readonly string[]
        }
        autonomy?: {
          level?: "readonly" | "supervised" | "full"
          allowed_commands?: readonly string[]
        }
        exec_approval?: {
          security?: "deny" | "allowlist" | "full"
          ask?: "off" | "on-miss" | "always"
          allowlist?: readonly string[]
        }
        shell_deny_groups?: Readonly<Record<string, boolean>>
        sandbox?: {
          mode?: "off" | "non-main" | "all"
          image?: string
          scope?: "session" | "agent" | "shared"
          workspace_access?: "none" | "ro" | "rw"
          limits?: {
            memory_mb?: number
            cpus?: number
            pids?: number
            timeout_seconds?: number
            output_bytes?: number
          }
        }
        fallbacks?: readonly { provider: string; model: string }[]
        temperature?: number
        max_output_tokens?: number
        context_window_tokens?: number
        heartbeat_prompt?: string
      }
      ok: true
      changed: readonly string[]
    }
  }
}

export const CHOICES = {
  'agents.create': { "agent_type": ["open","predefined"], "status": ["active","disabled"] },
  'agents.files.delete': { "name": ["AGENTS.md","SOUL.md","IDENTITY.md","TOOLS.md","USER.md","MEMORY.md"] },
  'agents.files.get': { "name": ["AGENTS.md","SOUL.md","IDENTITY.md","TOOLS.md","USER.md","MEMORY.md"] },
  'agents.files.set': { "name": ["AGENTS.md","SOUL.md","IDENTITY.md","TOOLS.md","USER.md","MEMORY.md"] },
  'agents.update': { "agent_type": ["open","predefined"], "status": ["active","disabled"] },
} as const
