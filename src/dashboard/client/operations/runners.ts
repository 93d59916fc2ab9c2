// Written by `npm run operations` from the registry.

export interface RunnersOperations {
  /** Whether each sandbox-runner would take a command now, and why one would not */
  'runners.status': {
    params: Record<string, unknown>
    result: {
      asked_at: string
      runners: readonly ({
        key_id: string
        healthy: boolean
        reason: "no_answer" | "key_refused" | "engine_unreachable" | "image_missing" | "degraded" | "no_key" | null
        latency_ms: number | null
      })[]
    }
  }
}
