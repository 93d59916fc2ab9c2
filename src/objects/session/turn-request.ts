/** A stored run as a request to the turn: what it may and shall do, and the platform's settings for it. */

import { parseSessionKey } from '../../domain/session-key.ts'
import type { Runtime } from '../../gateway/runtime.ts'
import type { TurnRequest } from '../../gateway/turn-request.ts'
import type { SessionMeta } from './meta-store.ts'
import type { StoredRun } from './run-store.ts'

export function turnRequestOf(
  { settings, runnerSignKey }: Runtime,
  run: StoredRun,
  meta: SessionMeta,
  signal: AbortSignal,
): TurnRequest {
  const key = parseSessionKey(meta.sessionKey)
  if (!key.ok) throw new Error(key.error)
  return {
    settings,
    runnerSignKey,
    principal: run.principal,
    sessionKey: key.value,
    workspaceUser: meta.owner,
    runId: run.id,
    callerInstructions: run.options.callerInstructions,
    sampling: run.options.sampling,
    invocation: run.options.invocation ?? null,
    isCompaction: run.options.isCompaction === true,
    origin: run.options.origin ?? null,
    hops: run.options.hops ?? 0,
    startedAt: run.startedAt,
    signal,
  }
}
