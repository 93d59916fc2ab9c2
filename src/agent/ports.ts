/** What the loop needs of the world, and nothing more. The session implements all of it. */
import type { AssistantMessage, Message, ToolCall, Usage, UserMessage } from '../domain/message.ts'
import type { ModelEvent, ModelRequest, ToolSpec } from '../domain/model.ts'
import type { Result } from '../domain/result.ts'
import type { RunEvent } from '../domain/run-event.ts'
import type { ToolOutcome } from '../domain/tool.ts'
import type { ModelUsage, SpendingModel } from '../domain/usage.ts'
import type { Condensed, Shorten } from './compaction.ts'

/** A tool call with the key under which it may happen once, whatever crashes in between. */
export interface KeyedCall {
  readonly call: ToolCall
  /** Unique per run, assistant message and position; model-made call ids repeat. */
  readonly callKey: string
}

/**
 * The durable record of a run. Writes happen before the act they announce. A run is not remembered
 * as a program counter: where it stands follows from its messages alone, so that resuming is
 * running the loop again.
 */
export interface RunJournal {
  /** The session's messages, oldest first; the run's own are those from `runStart` on. */
  transcript(): { readonly messages: readonly Message[]; readonly runStart: number }
  appendAssistant(message: AssistantMessage, usage: Usage, model?: SpendingModel | null): void
  /** Of a model call that came to no message. */
  addUsage(usage: Usage, model?: SpendingModel | null): void
  /** What stands for the transcript's beginning, for the model alone: the messages stay. */
  condensed(): Condensed
  /** One write: what the model sees from here on, and what it cost to make it. */
  condense(next: Condensed, spent?: { usage: Usage; model: SpendingModel | null }): void
  appendUser(message: UserMessage): void
  /** The key of a call of the transcript's last assistant message. */
  callKey(position: number): string
  /** Whether a start was recorded: such a call may be under way somewhere, also when cancelled. */
  wasStarted(keyed: KeyedCall): boolean
  /** Records the start; `resumed` when it had been recorded before. */
  toolStarted(keyed: KeyedCall): 'fresh' | 'resumed'
  toolFinished(keyed: KeyedCall, outcome: ToolOutcome): void
  usage(): Usage
  /** The same by the models that answered, the last one last. */
  models(): readonly ModelUsage[]
}

export interface ToolPort {
  specs(): readonly ToolSpec[]
  /** Changes nothing: many of them in a row with no word between may lead nowhere. */
  isReadOnly(name: string): boolean
  /** Such calls of one message run side by side. */
  isParallelSafe(name: string): boolean
  /** Never throws for a refusal: what was refused is told to the model as an error outcome. */
  run(keyed: KeyedCall, options: { isResumed: boolean; signal: AbortSignal }): Promise<ToolOutcome>
}

/** What only the gateway can do for a summary: mark, inspect, remember where text came from. */
export interface CondensePort {
  readonly shorten: Shorten
  /** Puts a record between markers that nothing in it can have known. */
  asData(record: string): string
  /** The summary as the model may read it: said to be one, and marked when it tells of text from outside. */
  present(summary: string, record: readonly Message[]): Presented
}

export interface Presented {
  readonly text: string
  readonly isUntrusted: boolean
}

export interface LoopPorts {
  readonly model: { stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent> }
  readonly tools: ToolPort
  readonly journal: RunJournal
  emit(event: RunEvent): void
  /** Asked before each model and tool call: a revoked credential or a frozen tenant ends the run. */
  checkRights(): Promise<Result<null, string>>
  /** What the last check of rights brought along: asked before each model call. */
  checkBudget(): Result<null, string>
  /** Messages that came in while the run was going; each is handed out once. */
  takeInjected(): readonly UserMessage[]
  /** Absent for a run that cannot summarise: its oldest turns leave when the window is full. */
  readonly condense?: CondensePort
  /**
   * Told of messages that the model is about to lose sight of, ahead of their summary. After a crash
   * it may be told again.
   */
  flushMemory?(messages: readonly Message[], signal: AbortSignal): Promise<void>
  now(): number
}
