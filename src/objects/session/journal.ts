/** The run journal over the session's SQLite: what `agent/` reads and writes of a run. */
import type { KeyedCall, RunJournal } from '../../agent/ports.ts'
import type { RunId } from '../../domain/ids.ts'
import type { AssistantMessage, Message, Usage, UserMessage } from '../../domain/message.ts'
import type { ToolOutcome } from '../../domain/tool.ts'
import type { RunStore } from './run-store.ts'
import type { TranscriptStore } from './transcript-store.ts'

export interface JournalOwner {
  readonly runId: RunId
  readonly generation: number
  readonly firstMessageId: number
}

export class SqlRunJournal implements RunJournal {
  readonly #owner: JournalOwner
  readonly #runs: RunStore
  readonly #transcript: TranscriptStore
  readonly #now: () => number
  /** As far as it is needed, read once, then kept in step with what this run appends. */
  readonly #messages: Message[]
  readonly #runStart: number
  #lastAssistantId: number

  constructor(owner: JournalOwner, runs: RunStore, transcript: TranscriptStore, now: () => number) {
    this.#owner = owner
    this.#runs = runs
    this.#transcript = transcript
    this.#now = now
    const stored = transcript.ofRun(owner.firstMessageId)
    this.#messages = stored.map(({ message }) => message)
    this.#runStart = stored.findIndex(({ id }) => id >= owner.firstMessageId)
    this.#lastAssistantId = stored.findLast(({ message }) => message.role === 'assistant')?.id ?? 0
  }

  transcript(): { readonly messages: readonly Message[]; readonly runStart: number } {
    return { messages: this.#messages, runStart: this.#runStart }
  }

  appendAssistant(message: AssistantMessage, usage: Usage): void {
    this.#lastAssistantId = this.#append(message)
    this.#runs.addUsage(this.#owner.runId, usage)
  }

  addUsage(usage: Usage): void {
    this.#assertCurrent()
    this.#runs.addUsage(this.#owner.runId, usage)
  }

  appendUser(message: UserMessage): void {
    this.#append(message)
  }

  /** The assistant message's row makes it unique over the whole session, resets included. */
  callKey(position: number): string {
    return `${this.#owner.runId}.${this.#lastAssistantId}.${position}`
  }

  wasStarted({ callKey }: KeyedCall): boolean {
    return this.#runs.wasToolStarted(callKey)
  }

  toolStarted({ callKey }: KeyedCall): 'fresh' | 'resumed' {
    this.#assertCurrent()
    return this.#runs.markToolStarted(this.#owner.runId, callKey, this.#now()) ? 'resumed' : 'fresh'
  }

  toolFinished({ call, callKey }: KeyedCall, outcome: ToolOutcome): void {
    this.#append({
      role: 'tool',
      toolCallId: call.id,
      name: call.name,
      content: outcome.content,
      isError: outcome.isError,
      createdAt: this.#now(),
    })
    this.#runs.markToolFinished(callKey, this.#now())
  }

  usage(): Usage {
    return this.#runs.usageOf(this.#owner.runId)
  }

  #append(message: Message): number {
    this.#assertCurrent()
    const id = this.#transcript.append(this.#owner.runId, message)
    this.#messages.push(message)
    return id
  }

  #assertCurrent(): void {
    this.#runs.assertCurrent(this.#owner.runId, this.#owner.generation)
  }
}
