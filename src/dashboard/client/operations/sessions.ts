// Written by `npm run operations` from the registry.

export interface SessionsOperations {
  /** Summarises the older turns of a session for its model; the history stays as it is */
  'sessions.compact': {
    params: { sessionKey?: string; key?: string }
    result: { ok: true; runId: string }
  }
  /** Deletes a session with its transcript */
  'sessions.delete': {
    params: { sessionKey?: string; key?: string }
    result: { ok: true }
  }
  /** Sessions, newest first */
  'sessions.list': {
    params: {
      agentId?: string | null
      channel?: string | null
      search?: string | null
      userId?: string | null
      cursor?: string | null
      limit?: number
      offset?: number
    }
    result: {
      sessions: readonly {
        key: string
        messageCount: number
        created: string
        updated: string
        label?: string
        channel?: string
        kind?: string
        userID?: string
        model?: string
        provider?: string
        inputTokens?: number
        outputTokens?: number
      }[]
      total: number
      limit: number
      offset: number
      next: string | null
    }
  }
  /** Changes the label of a session */
  'sessions.patch': {
    params: { sessionKey?: string; key?: string; label?: string | null }
    result: { ok: true; key: string }
  }
  /** A session's last messages */
  'sessions.preview': {
    params: { sessionKey?: string; key?: string }
    result: {
      key: string
      messages: readonly Readonly<Record<string, unknown>>[]
      summary: string
    }
  }
  /** Empties a session: its transcript starts anew */
  'sessions.reset': {
    params: { sessionKey?: string; key?: string }
    result: { ok: true }
  }
  /** Events of a session after the last seq that the client saw */
  'sessions.resume': {
    params: {
      sessionKey?: string
      key?: string
      afterSeq?: number
      onlyRunning?: boolean | null
    }
    result: Readonly<Record<string, unknown>>
  }
}
