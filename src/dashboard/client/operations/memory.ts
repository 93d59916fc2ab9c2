// Written by `npm run operations` from the registry.

export interface MemoryOperations {
  /** Erases one note of an agent, or with all=true whatever it has noted of you */
  'memory.delete': {
    params: {
      agentId?: string
      agent_id?: string
      userId?: string
      id?: string
      all?: string | boolean
    }
    result: { ok: true }
  }
  /** What an agent has noted of you, newest first */
  'memory.list': {
    params: {
      agentId?: string
      agent_id?: string
      userId?: string
      limit?: number
      offset?: number
    }
    result: {
      notes: readonly { id: string; title: string; text: string; untrusted: boolean; created_at: number }[]
    }
  }
  /** Searches what an agent has noted of you, as its memory_search tool does */
  'memory.search': {
    params: {
      agentId?: string
      agent_id?: string
      userId?: string
      query: string
      limit?: number
    }
    result: {
      notes: readonly { id: string; title: string; text: string; untrusted: boolean; created_at: number }[]
    }
  }
}
