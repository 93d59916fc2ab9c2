// Written by `npm run operations` from the registry.

export interface UsageOperations {
  /** What was consumed, by day, user, agent, model or key: one's own, for admins the tenant's */
  'usage.get': {
    params: {
      from?: string
      to?: string
      group_by?: "day" | "user" | "agent" | "model" | "key"
      limit?: number
    }
    result: {
      from: string
      to: string
      group_by: "day" | "user" | "agent" | "model" | "key"
      scope: "tenant" | "own"
      usage: readonly ({
        requests: number
        input_tokens: number
        output_tokens: number
        cache_creation_tokens: number
        cache_read_tokens: number
        cost_usd: number
        [name: string]: string | boolean | number
      })[]
      truncated: boolean
      total: {
        requests: number
        input_tokens: number
        output_tokens: number
        cache_creation_tokens: number
        cache_read_tokens: number
        cost_usd: number
      }
    }
  }
  /** Today's and this month's consumption, and the month's by model */
  'usage.summary': {
    params: Record<string, unknown>
    result: {
      scope: "tenant" | "own"
      today: {
        requests: number
        input_tokens: number
        output_tokens: number
        cache_creation_tokens: number
        cache_read_tokens: number
        cost_usd: number
      }
      month: {
        requests: number
        input_tokens: number
        output_tokens: number
        cache_creation_tokens: number
        cache_read_tokens: number
        cost_usd: number
      }
      by_model: readonly {
        requests: number
        input_tokens: number
        output_tokens: number
        cache_creation_tokens: number
        cache_read_tokens: number
        cost_usd: number
        provider: string
        model: string
        unpriced?: true
      }[]
    }
  }
}

export const CHOICES = {
  'usage.get': { "group_by": ["day","user","agent","model","key"] },
} as const
