/** What one turn of a conversation is asked with: who, where, and under which of the platform's settings. */
import type { RunnerSignKey } from '../crypto/job-token.ts'
import type { RunId } from '../domain/ids.ts'
import type { Invocation, Sampling } from '../domain/ports/session.ts'
import type { Principal } from '../domain/principal.ts'
import type { RunOrigin } from '../domain/run-origin.ts'
import type { SessionKey } from '../domain/session-key.ts'
import type { Settings } from './env.ts'

export interface TurnRequest {
  readonly runnerSignKey: Promise<RunnerSignKey> | null
  readonly settings: Settings
  readonly principal: Principal
  readonly sessionKey: SessionKey
  /** Whose workspace the run works in: the session's owner. */
  readonly workspaceUser: Principal['userId']
  readonly runId: RunId
  readonly callerInstructions: string
  readonly sampling: Sampling
  /** Set for a run that makes this one call instead of asking a model. */
  readonly invocation: Invocation | null
  /** A run that makes room in its session, and asks its agent nothing. */
  readonly isCompaction: boolean
  /** Null for a run that a caller's message began. */
  readonly origin: RunOrigin | null
  /** Runs that it follows from, without a word of a person's since the first of them. */
  readonly hops: number
  readonly startedAt: number
  readonly signal: AbortSignal
}
