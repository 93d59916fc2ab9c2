/** One object per conversation. Every method checks that the principal owns the session first. */
import type { RunId } from '../ids.ts'
import type { Message } from '../message.ts'
import type { ModelRequest } from '../model.ts'
import type { Principal } from '../principal.ts'
import type { Refusal } from '../refusal.ts'
import type { Result } from '../result.ts'
import type { HistoryMessage, RunResult } from '../run-event.ts'
import type { RunOrigin } from '../run-origin.ts'
import type { ChildReport, ChildStanding } from '../sub-agent.ts'
import type { TraceEntry } from '../trace.ts'
import type { UntrustedSource } from '../untrusted.ts'

/** Where the answer of a request goes once the run it started has ended. */
export type ReplyTo =
  | {
      readonly kind: 'connection'
      readonly connectionId: string
      readonly requestId: string | number
    }
  | { readonly kind: 'socket'; readonly socketId: string; readonly requestId: string | number }
  | { readonly kind: 'none' }

export type Sampling = Pick<
  ModelRequest,
  'temperature' | 'topP' | 'maxOutputTokens' | 'stopSequences'
>

/** One tool call that a caller makes by hand. */
export interface Invocation {
  readonly tool: string
  readonly args: unknown
}

export interface SendRequest {
  readonly principal: Principal
  readonly sessionKey: string
  readonly message: string
  /** What a channel's message carried along, of others: it is marked as theirs, and obeyed by nobody. */
  readonly outside?: { readonly text: string; readonly source: UntrustedSource }
  /** Earlier turns handed over with the request (`/v1/chat/completions`); only for a new session. */
  readonly preamble?: readonly Message[]
  /** Instructions of the caller: content below the agent's own prompt, never above it. */
  readonly callerInstructions?: string
  readonly sampling?: Sampling
  /** Set for a run that makes this one call instead of asking a model. */
  readonly invocation?: Invocation
  readonly origin?: RunOrigin
  /** Into the run that is going, or nowhere: it begins none. */
  readonly joinOnly?: boolean
  /** Runs that this one follows from; only beside an origin. */
  readonly hops?: number
  readonly idempotencyKey?: string
  /** How it came in, and whose trace it belongs to; absent: a trace of its own, from the run on. */
  readonly trace?: TraceEntry
  /** Of the tenant's snapshot that the caller proved for this very request: spares the hop. */
  readonly epoch?: number
  readonly replyTo: ReplyTo
}

export type SendReceipt =
  | { readonly kind: 'started'; readonly runId: RunId }
  /** The session was busy: the message goes into the running loop. */
  | { readonly kind: 'injected'; readonly runId: RunId }
  /** The idempotency key was used before with the same body: here is that run's answer. */
  | { readonly kind: 'finished'; readonly runId: RunId; readonly result: RunResult }

export interface Conversation {
  readonly runId: RunId
  /** One `RunEvent` a line; deltas as they come, not gathered. */
  readonly events: ReadableStream<Uint8Array>
}

export interface SessionStatus {
  readonly isRunning: boolean
  readonly runId: RunId | null
  readonly activity: string | null
  /** Text from outside came into the conversation: whoever carries on what it says carries that along. */
  readonly hasSeenUntrusted: boolean
}

export interface HistoryPage {
  readonly messages: readonly HistoryMessage[]
  /**
   * Pass as `before` for the page that precedes this one; null at the beginning. Fewer messages than
   * asked for say nothing: a page ends where an answer is full.
   */
  readonly nextBefore: number | null
}

export interface SessionSummary {
  readonly sessionKey: string
  readonly agentKey: string
  readonly label: string | null
  readonly messages: readonly HistoryMessage[]
  readonly createdAt: number
}

/** The last `seq` that a client saw, or the beginning of the run in progress. */
export type ResumeFrom = number | 'running'

export interface SessionPort {
  send(request: SendRequest): Promise<Result<SendReceipt, Refusal>>
  /** Sends, and answers the run's events as NDJSON from its beginning to its end, in one hop. */
  converse(request: SendRequest): Promise<Result<Conversation, Refusal>>
  /** Cancels the running run (the given one, when named). */
  abort(principal: Principal, runId?: RunId): Promise<Result<readonly RunId[], Refusal>>
  /** Judged like a message that is sent, and kept as the caller's words. */
  inject(principal: Principal, message: string, label?: string): Promise<Result<null, Refusal>>
  reset(principal: Principal): Promise<Result<null, Refusal>>
  /** Begins a run that only makes room in the model's window; refused while another is going. */
  compact(principal: Principal): Promise<Result<RunId, Refusal>>
  remove(principal: Principal): Promise<Result<null, Refusal>>
  patch(principal: Principal, change: { label?: string }): Promise<Result<null, Refusal>>
  history(
    principal: Principal,
    page: { limit: number; before: number | null },
  ): Promise<Result<HistoryPage, Refusal>>
  preview(principal: Principal): Promise<Result<SessionSummary, Refusal>>
  status(principal: Principal): Promise<Result<SessionStatus, Refusal>>
  /**
   * Sends what was missed after `afterSeq` as event frames, then the answer itself, and goes on
   * with what happens next: replay and live events arrive in order, without a gap between.
   *
   * @param from `running`: the run in progress from its start, and nothing where there is none
   */
  resume(principal: Principal, from: ResumeFrom, replyTo: ReplyTo): Promise<Result<null, Refusal>>
  /** Adds a connection that came while the run was going. */
  subscribe(principal: Principal, connectionId: string): Promise<Result<null, Refusal>>
  /**
   * Rights changed: closes those of its sockets whose credential ended. Answers which are open.
   *
   * @param authVersion in force; null where the tenant is gone
   */
  recheckSockets(
    socketIds: readonly string[],
    authVersion: number | null,
  ): Promise<readonly string[]>
  /** A sub-agent of this session tells how it stands, and hears whether it may go on. Carries no authority. */
  subAgent(report: ChildReport): Promise<ChildStanding>
  /** Wakes a run that waits for the answer; it looks the answer up by itself. Carries no authority. */
  approvalAnswered(approvalId: string): Promise<void>
  /** The upgrade of `/v1/sessions/{key}/ws`, with the verified principal in an internal header. */
  fetch(request: Request): Promise<Response>
}
