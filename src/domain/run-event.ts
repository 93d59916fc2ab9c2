/** What a run tells its listeners, in order; the payloads of the wire's `agent` event. */
import type { RunId } from './ids.ts'
import type { Message, Usage } from './message.ts'
import type { PricedUsage } from './usage.ts'

export type ActivityPhase =
  | 'thinking'
  | 'tool_exec'
  | 'compacting'
  /** Another model than the agent's own is asked. */
  | 'fallback'
  | 'tool_slow'
  | 'injected_message'
  | 'approval_wait'

export type RunEvent =
  | { readonly type: 'run.started'; readonly message: string }
  | { readonly type: 'thinking'; readonly content: string }
  | { readonly type: 'chunk'; readonly content: string }
  | {
      readonly type: 'tool.call'
      readonly id: string
      readonly name: string
      readonly arguments: unknown
    }
  | {
      readonly type: 'tool.result'
      readonly id: string
      readonly name: string
      readonly isError: boolean
      readonly arguments: unknown
      /** Cut to 1,000 characters on the wire; the transcript keeps more. */
      readonly result: string
    }
  | {
      readonly type: 'activity'
      readonly phase: ActivityPhase
      readonly detail?: Readonly<Record<string, unknown>>
    }
  | { readonly type: 'run.retrying'; readonly attempt: number; readonly maxAttempts: number }
  | {
      readonly type: 'run.completed'
      readonly content: string
      readonly thinking?: string
      readonly usage: Usage
      /** Who answered, the last one last; absent where no model was asked. */
      readonly models?: readonly PricedUsage[]
    }
  | { readonly type: 'run.failed'; readonly error: string; readonly code: RunFailureCode }
  | { readonly type: 'run.cancelled' }

/** Why a run failed; AGENT_TIMEOUT and UPGRADED are the two a client may act on. */
export type RunFailureCode =
  | 'MODEL'
  | 'AGENT_TIMEOUT'
  | 'UPGRADED'
  | 'ACCESS_REVOKED'
  /** An emergency stop: the access is good, and nothing runs. */
  | 'STOPPED'
  | 'LIMIT'
  | 'INTERNAL'

export type TerminalRunEvent = Extract<
  RunEvent,
  { type: 'run.completed' | 'run.failed' | 'run.cancelled' }
>

export const isTerminal = (event: RunEvent): event is TerminalRunEvent =>
  event.type === 'run.completed' || event.type === 'run.failed' || event.type === 'run.cancelled'

/** What a run came to. */
export type RunResult =
  | {
      readonly kind: 'completed'
      readonly content: string
      readonly thinking?: string
      readonly usage: Usage
      /** Who answered, the last one last; absent where no model was asked. */
      readonly models?: readonly PricedUsage[]
    }
  | { readonly kind: 'failed'; readonly code: RunFailureCode; readonly error: string }
  | { readonly kind: 'cancelled' }

/** How a run ended that came to no answer: its history says so behind the last message of it. */
export interface RunEnding {
  readonly runId: RunId
  readonly result: Exclude<RunResult, { kind: 'completed' }>
  readonly at: number
}

/** A message as readers of the history get it. */
export type HistoryMessage = Message & { readonly ending?: RunEnding }

/** How listeners are told what a run came to. */
export const terminalEventOf = (result: RunResult): TerminalRunEvent => {
  switch (result.kind) {
    case 'completed':
      return {
        type: 'run.completed',
        content: result.content,
        ...(result.thinking ? { thinking: result.thinking } : {}),
        usage: result.usage,
        ...(result.models ? { models: result.models } : {}),
      }
    case 'failed':
      return { type: 'run.failed', error: result.error, code: result.code }
    case 'cancelled':
      return { type: 'run.cancelled' }
  }
}

/** What a run came to, as its last event says; null while it goes on. */
export function resultOfTerminal(event: RunEvent): RunResult | null {
  switch (event.type) {
    case 'run.completed':
      return {
        kind: 'completed',
        content: event.content,
        ...(event.thinking ? { thinking: event.thinking } : {}),
        usage: event.usage,
      }
    case 'run.failed':
      return { kind: 'failed', code: event.code, error: event.error }
    case 'run.cancelled':
      return { kind: 'cancelled' }
    default:
      return null
  }
}
