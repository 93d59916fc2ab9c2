// Written by `npm run operations` from the registry.

export interface OverviewOperations {
  /** What goes on, over time and now: one’s own figures, for admins the tenant’s */
  'overview.get': {
    params: { hours?: number }
    result: {
      scope: "tenant" | "own"
      from: string
      to: string
      stepMs: number
      sampleRatio: number
      series: readonly ({
        at: string
        runs: number
        failed: number
        inputTokens: number
        outputTokens: number
        costMicros: number
        p50Ms: number | null
        p95Ms: number | null
      })[]
      security: readonly { kind: string; total: number; counts: readonly number[] }[]
      runsInProgress: number
      pendingApprovals: number
      channels: { healthy: number; failing: number }
      runners: { configured: number; healthy: number }
    }
  }
}
