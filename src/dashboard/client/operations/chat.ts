// Written by `npm run operations` from the registry.

export interface ChatOperations {
  /** Cancels the run of a session, or one run by its id */
  'chat.abort': {
    params: { sessionKey?: string; key?: string; runId?: string | null }
    result: { ok: true; aborted: boolean; runIds: readonly string[]; notFound: boolean }
  }
  /** A page of a session's messages, oldest first */
  'chat.history': {
    params: { sessionKey?: string; key?: string; limit?: number | null; before?: number | null }
    result: { messages: readonly Readonly<Record<string, unknown>>[]; nextBefore: number | null }
  }
  /** Adds a message to a session without starting a run */
  'chat.inject': {
    params: { sessionKey?: string; key?: string; message: string; label?: string | null }
    result: { ok: true }
  }
  /** Empties a session: its transcript starts anew */
  'chat.reset': {
    params: { sessionKey?: string; key?: string }
    result: { ok: true }
  }
  /** Sends a message; answers when the run it started has ended */
  'chat.send': {
    params: {
      message: string
      agentId?: string | null
      sessionKey?: string | null
      stream?: boolean | null
      media?: unknown
      idempotencyKey?: string | null
      traceparent?: string | null
    }
    result: Readonly<Record<string, unknown>>
  }
  /** Whether a session has a run in progress */
  'chat.session.status': {
    params: { sessionKey?: string; key?: string }
    result: { isRunning: boolean; runId: string | null; activity: string | null }
  }
  /** Stops the run of one session */
  'chat.stop': {
    params: { sessionKey?: string; key?: string }
    result: { ok: true; runIds: readonly string[] }
  }
  /** Stops all runs that the caller started; one session's, when it is named */
  'chat.stopall': {
    params: { sessionKey?: string; key?: string }
    result: { ok: true; runIds: readonly string[] }
  }
}
