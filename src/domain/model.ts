/** The port behind which every model vendor stands: one request shape, one event stream. */
import type { Message, Usage } from './message.ts'
import type { SpendingModel, Spent } from './usage.ts'

export interface ToolSpec {
  readonly name: string
  readonly description: string
  /** JSON Schema (draft 7) of the arguments object. */
  readonly parameters: Readonly<Record<string, unknown>>
}

export interface ModelRequest {
  /** The vendor's own model name. */
  readonly model: string
  /** The agent's prompt; stands above everything in `messages`. */
  readonly system: string
  readonly messages: readonly Message[]
  readonly tools: readonly ToolSpec[]
  /** `none`: the tools stay declared (vendors want them beside earlier calls), but it must answer. */
  readonly toolChoice?: 'none'
  readonly temperature?: number
  readonly topP?: number
  readonly maxOutputTokens?: number
  readonly stopSequences?: readonly string[]
}

export type FinishReason = 'stop' | 'tool_calls' | 'length' | 'content_filter' | 'other'

/** Why a model call failed, in the vendor-independent terms that retrying is decided on. */
export interface ModelFailure {
  readonly kind:
    | 'unauthorized'
    | 'rate_limited'
    | 'overloaded'
    | 'invalid_request'
    | 'not_found'
    | 'timeout'
    | 'network'
    | 'cut'
    | 'garbage'
    | 'aborted'
  /** Plain words for the user; carries no key, no URL credentials and no vendor stack. */
  readonly message: string
  readonly isRetryable: boolean
  readonly retryAfterMs?: number
}

/** A stream ends with exactly one `finish` or `error`; their usage is of that answer alone. */
export type ModelEvent =
  /** Of several that stand in for each other: who is asked now. */
  | { readonly type: 'asked'; readonly model: SpendingModel }
  /** A try that came to nothing, told when it has: whose it was, and what it cost. */
  | ({ readonly type: 'in_vain' } & Spent)
  | { readonly type: 'text'; readonly delta: string }
  | { readonly type: 'thinking'; readonly delta: string }
  | {
      readonly type: 'tool_call'
      readonly id: string
      readonly name: string
      readonly arguments: unknown
    }
  | {
      readonly type: 'finish'
      readonly reason: FinishReason
      readonly usage: Usage
      /** Who answered, where several may. */
      readonly model?: SpendingModel
    }
  /** `usage`: what it cost nevertheless, where the vendor said so. */
  | {
      readonly type: 'error'
      readonly failure: ModelFailure
      readonly usage?: Usage
      readonly model?: SpendingModel
    }

export interface ModelPort {
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>
}

/** The `fetch` that providers, channels and the runner client are handed; never the global one. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>
