// Written by `npm run operations` from the registry.

export interface AgentOperations {
  /** Whether an agent has a run in progress */
  'agent': {
    params: { agentId?: string; agent_id?: string; id?: string }
    result: { id: string; isRunning: boolean }
  }
}
