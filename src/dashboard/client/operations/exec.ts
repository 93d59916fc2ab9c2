// Written by `npm run operations` from the registry.

export interface ExecOperations {
  /** Lets one waiting tool call run; with `always`, the same command from now on */
  'exec.approval.approve': {
    params: { id: string; always?: boolean }
    result: { ok: true; id: string }
  }
  /** Refuses one waiting tool call; whoever asked may do so too */
  'exec.approval.deny': {
    params: { id: string }
    result: { ok: true; id: string }
  }
  /** The whole of one tool call that waits for a human, and how its line is read */
  'exec.approval.get': {
    params: { id: string }
    result: { approval: Readonly<Record<string, unknown>> }
  }
  /** Tool calls that wait for a human: all for whoever may answer them, else the caller’s own */
  'exec.approval.list': {
    params: { sessionKey?: string | null; cursor?: string | null; limit?: number }
    result: {
      pending: readonly Readonly<Record<string, unknown>>[]
      total: number
      next: string | null
    }
  }
  /** Commands that were allowed for always and still are */
  'exec.approval.standing.list': {
    params: Record<string, unknown>
    result: { standing: readonly Readonly<Record<string, unknown>>[] }
  }
  /** Takes an allow-always back; the next call asks again */
  'exec.approval.standing.revoke': {
    params: { id: string }
    result: { ok: true; id: string }
  }
}
