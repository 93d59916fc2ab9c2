// Written by `npm run operations` from the registry.

export interface LoginOperations {
  /** Ends the session that asks */
  'login.logout': {
    params: Record<string, unknown>
    result: { ok: true }
  }
  /** Who is signed in: oneself, or for admins everybody */
  'login.sessions.list': {
    params: Record<string, unknown>
    result: {
      sessions: readonly {
        id: string
        user_id: string
        role: string
        issuer_id: string
        address: string
        user_agent: string
        is_current: boolean
        expires_at: string
        created_at: string
      }[]
    }
  }
  /** Ends a session: its requests, sockets and runs end */
  'login.sessions.revoke': {
    params: { id: string }
    result: { ok: true; id: string }
  }
}
