// Written by `npm run operations` from the registry.

export interface QuotaOperations {
  /** The caller's budgets: limits, what is used, when they begin anew */
  'quota.usage': {
    params: Record<string, unknown>
    result: {
      quotas: readonly ({
        scope: "tenant" | "user" | "agent" | "key"
        subject?: string
        measure: "requests" | "tokens" | "usd"
        period: "day" | "month"
        limit: number
        used: number | null
        exhausted: boolean
        resets_at: string
      })[]
    }
  }
}
