// Written by `npm run operations` from the registry.

export interface HooksOperations {
  /** Adds a run hook; a signing secret that is made for it is shown once */
  'hooks.create': {
    params: {
      name: string
      url: string
      events: readonly ("session_start" | "user_prompt_submit" | "pre_tool_use" | "post_tool_use" | "stop")[]
      agents?: readonly string[]
      failure?: "default" | "closed" | "open"
      allow_private_network?: boolean
      enabled?: boolean
      secret?: string
    }
    result: {
      id: string
      name: string
      events: readonly ("session_start" | "user_prompt_submit" | "pre_tool_use" | "post_tool_use" | "stop")[]
      agents: readonly string[]
      failure: "default" | "closed" | "open"
      enabled: boolean
      url: string
      allow_private_network: boolean
      secret: string
    }
  }
  /** Deletes a run hook with its secret */
  'hooks.delete': {
    params: { id: string }
    result: { ok: true }
  }
  /** One run hook with its address; its secret is masked */
  'hooks.get': {
    params: { id: string }
    result: {
      id: string
      name: string
      events: readonly ("session_start" | "user_prompt_submit" | "pre_tool_use" | "post_tool_use" | "stop")[]
      agents: readonly string[]
      failure: "default" | "closed" | "open"
      enabled: boolean
      url: string
      allow_private_network: boolean
      secret: string
    }
  }
  /** The run hooks of the tenant, in the order in which they are asked */
  'hooks.list': {
    params: Record<string, unknown>
    result: {
      hooks: readonly ({
        id: string
        name: string
        events: readonly ("session_start" | "user_prompt_submit" | "pre_tool_use" | "post_tool_use" | "stop")[]
        agents: readonly string[]
        failure: "default" | "closed" | "open"
        enabled: boolean
      })[]
    }
  }
  /** Asks a run hook about nothing in particular, and shows what it says */
  'hooks.test': {
    params: {
      id: string
      event?: "session_start" | "user_prompt_submit" | "pre_tool_use" | "post_tool_use" | "stop"
    }
    result: { decision: "allow" | "block"; reason: string; context: string }
  }
  /** Changes a run hook; another origin erases its secret unless one comes along */
  'hooks.update': {
    params: {
      id: string
      url?: string
      events?: readonly ("session_start" | "user_prompt_submit" | "pre_tool_use" | "post_tool_use" | "stop")[]
      agents?: readonly string[]
      failure?: "default" | "closed" | "open"
      allow_private_network?: boolean
      enabled?: boolean
      secret?: string
      renew?: boolean
    }
    result: {
      id: string
      name: string
      events: readonly ("session_start" | "user_prompt_submit" | "pre_tool_use" | "post_tool_use" | "stop")[]
      agents: readonly string[]
      failure: "default" | "closed" | "open"
      enabled: boolean
      url: string
      allow_private_network: boolean
      secret: string
    }
  }
}

export const CHOICES = {
  'hooks.create': { "failure": ["default","closed","open"] },
  'hooks.test': { "event": ["session_start","user_prompt_submit","pre_tool_use","post_tool_use","stop"] },
  'hooks.update': { "failure": ["default","closed","open"] },
} as const
