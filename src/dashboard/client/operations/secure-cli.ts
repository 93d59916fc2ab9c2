// Written by `npm run operations` from the registry.

export interface SecureCliOperations {
  /** Registers a binary with its credential */
  'secure_cli.create': {
    params: {
      name: string
      absolute_path: string
      description?: string
      deny_args?: readonly string[]
      deny_verbose?: readonly string[]
      hosts?: readonly string[]
      env?: Readonly<Record<string, string>> | null
      timeout_seconds?: number
      is_global?: boolean
      enabled?: boolean
    }
    result: {
      id: string
      name: string
      absolute_path: string
      description: string
      deny_args: readonly string[]
      deny_verbose: readonly string[]
      hosts: readonly string[]
      has_credential: boolean
      timeout_seconds: number
      is_global: boolean
      enabled: boolean
    }
  }
  /** Removes a binary with its credential and its grants */
  'secure_cli.delete': {
    params: { id: string }
    result: { ok: true }
  }
  /** One binary, with the names of its variables */
  'secure_cli.get': {
    params: { id: string }
    result: {
      id: string
      name: string
      absolute_path: string
      description: string
      deny_args: readonly string[]
      deny_verbose: readonly string[]
      hosts: readonly string[]
      has_credential: boolean
      timeout_seconds: number
      is_global: boolean
      enabled: boolean
      env_names: readonly string[]
    }
  }
  /** Lets an agent call a binary, with further arguments denied if so wished */
  'secure_cli.grants.grant': {
    params: { id: string; agent_id: string; deny_args?: readonly string[] }
    result: { agent_id: string; deny_args: readonly string[]; granted_by: string }
  }
  /** The agents that may call a binary */
  'secure_cli.grants.list': {
    params: { id: string }
    result: {
      grants: readonly { agent_id: string; deny_args: readonly string[]; granted_by: string }[]
    }
  }
  /** Takes a binary from an agent */
  'secure_cli.grants.revoke': {
    params: { id: string; agent_id: string }
    result: { ok: true }
  }
  /** The binaries that run with a credential */
  'secure_cli.list': {
    params: Record<string, unknown>
    result: {
      binaries: readonly {
        id: string
        name: string
        absolute_path: string
        description: string
        deny_args: readonly string[]
        deny_verbose: readonly string[]
        hosts: readonly string[]
        has_credential: boolean
        timeout_seconds: number
        is_global: boolean
        enabled: boolean
      }[]
    }
  }
  /** Changes a binary; another path or other hosts erase its stored credential */
  'secure_cli.update': {
    params: {
      id: string
      absolute_path?: string
      description?: string
      deny_args?: readonly string[]
      deny_verbose?: readonly string[]
      hosts?: readonly string[]
      env?: Readonly<Record<string, string>> | null
      timeout_seconds?: number
      is_global?: boolean
      enabled?: boolean
    }
    result: {
      id: string
      name: string
      absolute_path: string
      description: string
      deny_args: readonly string[]
      deny_verbose: readonly string[]
      hosts: readonly string[]
      has_credential: boolean
      timeout_seconds: number
      is_global: boolean
      enabled: boolean
    }
  }
}
