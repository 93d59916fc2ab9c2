// Written by `npm run operations` from the registry.

export interface EstopOperations {
  /** The emergency stops in force */
  'estop.list': {
    params: { tenant_id?: string | null }
    result: {
      stops: readonly ({
        id: string
        kind: "kill-all" | "network" | "tools"
        tools: readonly string[]
        reason: string
        is_platform: boolean
        created_by: string
        created_at: string
      })[]
    }
  }
  /** Releases an emergency stop; one of the platform is released by the platform */
  'estop.release': {
    params: { id: string; tenant_id?: string | null; all?: boolean | null }
    result: { ok: true; id: string; tenants: number }
  }
  /** Stops all runs, what tools send out, or named tools, at once and until it is released */
  'estop.set': {
    params: {
      kind: "kill-all" | "network" | "tools"
      tools?: readonly string[]
      reason?: string
      tenant_id?: string | null
      all?: boolean | null
    }
    result: { ok: true; id: string; tenants: number }
  }
}

export const CHOICES = {
  'estop.set': { "kind": ["kill-all","network","tools"] },
} as const
