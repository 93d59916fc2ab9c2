// Written by `npm run operations` from the registry.

export interface StatusOperations {
  /** Counts agents, connected clients and sessions of the tenant */
  'status': {
    params: Record<string, unknown>
    result: {
      agents: readonly { id: string; model: string; isRunning: boolean }[]
      agentTotal: number
      clients: number
      sessions: number
    }
  }
}
