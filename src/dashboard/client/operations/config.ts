// Written by `npm run operations` from the registry.

export interface ConfigOperations {
  /** Replaces the configuration; acts in running sessions at once */
  'config.apply': {
    params: {
      raw: string | Readonly<Record<string, unknown>>
      baseHash?: string | null
      dryRun?: boolean | null
    }
    result: {
      ok: true
      config: Readonly<Record<string, unknown>>
      hash: string
      restart: false
      diff: readonly { path: string; before?: unknown; after?: unknown }[]
    }
  }
  /** What an empty document means */
  'config.defaults': {
    params: Record<string, unknown>
    result: { config: Readonly<Record<string, unknown>> }
  }
  /** The configuration in force, masked, with its hash */
  'config.get': {
    params: Record<string, unknown>
    result: { config: Readonly<Record<string, unknown>>; hash: string }
  }
  /** Merges a patch into the configuration (RFC 7396: null removes a key) */
  'config.patch': {
    params: {
      raw: string | Readonly<Record<string, unknown>>
      baseHash?: string | null
      dryRun?: boolean | null
    }
    result: {
      ok: true
      config: Readonly<Record<string, unknown>>
      hash: string
      restart: false
      diff: readonly { path: string; before?: unknown; after?: unknown }[]
    }
  }
  /** Whether the caller may change a part of the configuration; admins ask for anybody */
  'config.permissions.check': {
    params: {
      agentId?: string | null
      scope?: string
      configType: "agent_settings" | "gateway" | "tools" | "autonomy" | "sandbox" | "session" | "channels" | "agents" | "logging" | "budgets" | "cron" | "retention" | "traces"
      userId?: string | null
    }
    result: {
      allowed: boolean
      rule: "individual deny" | "individual allow" | "group deny" | "group allow" | "no permission" | "role"
    }
  }
  /** Lets somebody change a part of the configuration, or forbids it */
  'config.permissions.grant': {
    params: {
      agentId?: string | null
      scope?: string
      configType: "agent_settings" | "gateway" | "tools" | "autonomy" | "sandbox" | "session" | "channels" | "agents" | "logging" | "budgets" | "cron" | "retention" | "traces"
      userId: string
      permission: "allow" | "deny"
    }
    result: {
      id: string
      agentId: string
      scope: string
      configType: string
      userId: string
      permission: "allow" | "deny"
      grantedBy: string
      createdAt: string
      ok: true
    }
  }
  /** Who may change which part of the configuration, beside the admins */
  'config.permissions.list': {
    params: {
      userId?: string | null
      configType?: "agent_settings" | "gateway" | "tools" | "autonomy" | "sandbox" | "session" | "channels" | "agents" | "logging" | "budgets" | "cron" | "retention" | "traces" | null
    }
    result: {
      permissions: readonly ({
        id: string
        agentId: string
        scope: string
        configType: string
        userId: string
        permission: "allow" | "deny"
        grantedBy: string
        createdAt: string
      })[]
    }
  }
  /** Takes back what was said of somebody, by its id or by whom it concerns */
  'config.permissions.revoke': {
    params: {
      id?: string | null
      agentId?: string | null
      scope?: string
      configType?: "agent_settings" | "gateway" | "tools" | "autonomy" | "sandbox" | "session" | "channels" | "agents" | "logging" | "budgets" | "cron" | "retention" | "traces" | null
      userId?: string | null
    }
    result: { ok: true }
  }
  /** JSON Schema of the document: every setting, its values and what it does */
  'config.schema': {
    params: Record<string, unknown>
    result: { schema: Readonly<Record<string, unknown>> }
  }
  /** An earlier document, and what going back to it would change */
  'config.versions.get': {
    params: { number: number }
    result: {
      number: number
      hash: string
      by: string
      at: string
      config: Readonly<Record<string, unknown>>
      diff: readonly { path: string; before?: unknown; after?: unknown }[]
      fault: string | null
    }
  }
  /** The documents that were written, newest first */
  'config.versions.list': {
    params: { limit?: number; before?: number }
    result: {
      versions: readonly { number: number; hash: string; by: string; at: string }[]
      hasMore: boolean
    }
  }
  /** Writes an earlier document anew, as a version of its own */
  'config.versions.restore': {
    params: { number: number; baseHash?: string | null; dryRun?: boolean | null }
    result: {
      ok: true
      config: Readonly<Record<string, unknown>>
      hash: string
      restart: false
      diff: readonly { path: string; before?: unknown; after?: unknown }[]
    }
  }
}

export const CHOICES = {
  'config.permissions.check': { "configType": ["agent_settings","gateway","tools","autonomy","sandbox","session","channels","agents","logging","budgets","cron","retention","traces"] },
  'config.permissions.grant': { "configType": ["agent_settings","gateway","tools","autonomy","sandbox","session","channels","agents","logging","budgets","cron","retention","traces"], "permission": ["allow","deny"] },
} as const
