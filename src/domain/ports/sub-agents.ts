/** What the tools for sub-agents and conversations reach, for one call, under its rights. */
import type { Message } from '../message.ts'
import type { Result } from '../result.ts'
import type { SubAgentPreset } from '../run-origin.ts'
import type { Child, ChildMode } from '../sub-agent.ts'

export interface SpawnRequest {
  readonly task: string
  /** Key or id; null: the agent itself. */
  readonly agent: string | null
  readonly label: string
  readonly mode: ChildMode
  readonly preset: SubAgentPreset | null
  /** Text that is to be digested: it stands between markers, below the task. */
  readonly material: string | null
  readonly waitMs: number
}

export type ChildView = Pick<
  Child,
  'id' | 'sessionKey' | 'agentKey' | 'label' | 'state' | 'answer' | 'hasSeenUntrusted'
>

/** The errors are sentences for the model. */
export interface SubAgentPort {
  /** Taken up again under the same call id: never begun twice. */
  spawn(
    callId: string,
    request: SpawnRequest | (() => Promise<Result<SpawnRequest, string>>),
    signal: AbortSignal,
  ): Promise<Result<ChildView, string>>
  list(): readonly ChildView[]
  steer(id: string, message: string): Promise<Result<null, string>>
  cancel(id: string): Promise<Result<ChildView, string>>
}

export interface SessionView {
  readonly sessionKey: string
  readonly agentKey: string
  readonly kind: string
  readonly label: string | null
  readonly messageCount: number | null
  readonly updatedAt: number | null
}

export interface SessionHistory {
  readonly messages: readonly Message[]
  readonly nextBefore: number | null
  readonly hasSeenUntrusted: boolean
}

export interface SessionAnswer {
  readonly kind: 'started' | 'answered' | 'failed'
  readonly content: string
  readonly hasSeenUntrusted: boolean
}

/** The conversations that a run may see; the errors are sentences for the model. */
export interface SessionsPort {
  list(limit: number): Promise<Result<readonly SessionView[], string>>
  history(
    sessionKey: string,
    page: { readonly limit: number; readonly before: number | null },
  ): Promise<Result<SessionHistory, string>>
  status(
    sessionKey: string,
  ): Promise<Result<{ readonly isRunning: boolean; readonly hasSeenUntrusted: boolean }, string>>
  /** @param waitMs 0: it does not wait for the answer */
  send(
    callId: string,
    message: { readonly sessionKey: string; readonly text: string; readonly waitMs: number },
    signal: AbortSignal,
  ): Promise<Result<SessionAnswer, string>>
}
