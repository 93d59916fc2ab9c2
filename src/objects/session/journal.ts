/** The run journal over the session's SQLite: what `agent/` reads and writes of a run. */
import { type Condensed, NOTHING_CONDENSED } from '../../agent/compaction.ts'
import type { KeyedCall, RunJournal } from '../../agent/ports.ts'
import type { RunId } from '../../domain/ids.ts'
import type { AssistantMessage, Message, Usage, UserMessage } from '../../domain/message.ts'
import type { ToolOutcome } from '../../domain/tool.ts'
import type { ModelUsage, SpendingModel } from '../../domain/usage.ts'
import type { CondensedStore } from './condensed-store.ts'
import { type RunStore, StaleGenerationError } from './run-store.ts'
import type { TranscriptStore } from './transcript-store.ts'

export interface JournalOwner {
  readonly runId: RunId
  readonly generation: number
  readonly firstMessageId: number
}

export interface JournalStores {
  readonly runs: RunStore
  readonly transcript: TranscriptStore
  readonly condensed: CondensedStore
}

export class SqlRunJournal implements RunJournal {
  readonly #owner: JournalOwner
  readonly #runs: RunStore
  readonly #transcript: TranscriptStore
  readonly #condensedStore: CondensedStore
  readonly #now: () => number
  /** As far as it is needed, read once, then kept in step with what this run appends. */
  readonly #messages: Message[]
  /** Of the messages, by their places. */
  readonly #ids: number[]
  readonly #runStart: number
  #condensed: Condensed
  #lastAssistantId: number

  constructor(owner: JournalOwner, stores: JournalStores, now: () => number) {
    this.#owner = owner
    this.#runs = stores.runs
    this.#transcript = stores.transcript
    this.#condensedStore = stores.condensed
    this.#now = now
    const kept = stores.condensed.read()
    const stored = stores.transcript.ofRun(owner.firstMessageId, undefined, kept?.throughId)
    this.#messages = stored.map(({ message }) => message)
    this.#ids = stored.map(({ id }) => id)
    this.#runStart = this.#placeAfter(owner.firstMessageId - 1)
    this.#condensed =
      kept === null
        ? NOTHING_CONDENSED
        : {
            summary: kept.summary,
            isUntrusted: kept.isUntrusted,
            from: this.#placeAfter(kept.throughId),
            shortTo: this.#placeAfter(kept.shortThroughId),
          }
    this.#lastAssistantId = stored.findLast(({ message }) => message.role === 'assistant')?.id ?? 0
  }

  transcript(): { readonly messages: readonly Message[]; readonly runStart: number } {
    return { messages: this.#messages, runStart: this.#runStart }
  }

  appendAssistant(
    message: AssistantMessage,
    usage: Usage,
    model: SpendingModel | null = null,
  ): void {
    // Ahead of the row: a run that was ended meanwhile takes no words in, and has cost them all the same.
    this.addUsage(usage, model)
    this.#lastAssistantId = this.#append(message)
  }

  /** Of a run that was ended from outside as well: what was spent until then was spent. */
  addUsage(usage: Usage, model: SpendingModel | null = null): void {
    const { runId, generation } = this.#owner
    if (!this.#runs.isLatest(runId, generation)) throw new StaleGenerationError(runId)
    this.#runs.addUsage(runId, usage, model)
  }

  condensed(): Condensed {
    return this.#condensed
  }

  /** Nothing is awaited between the writes: storage commits them together. */
  condense(next: Condensed, spent?: { usage: Usage; model: SpendingModel | null }): void {
    this.#assertCurrent()
    const { summary, isUntrusted, from, shortTo } = next
    this.#condensedStore.write(
      {
        summary,
        isUntrusted,
        throughId: this.#idBefore(from),
        shortThroughId: this.#idBefore(shortTo),
      },
      this.#owner.runId,
      this.#now(),
    )
    if (spent) this.#runs.addUsage(this.#owner.runId, spent.usage, spent.model)
    this.#condensed = next
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

  models(): readonly ModelUsage[] {
    return this.#runs.modelsOf(this.#owner.runId)
  }

  #placeAfter(id: number): number {
    const place = this.#ids.findIndex((own) => own > id)
    return place < 0 ? this.#ids.length : place
  }

  /** Of nothing that is here: what stood before stays summarised. */
  #idBefore(place: number): number {
    return this.#ids[place - 1] ?? this.#condensedStore.read()?.throughId ?? 0
  }

  #append(message: Message): number {
    this.#assertCurrent()
    const id = this.#transcript.append(this.#owner.runId, message)
    this.#messages.push(message)
    this.#ids.push(id)
    return id
  }

  #assertCurrent(): void {
    this.#runs.assertCurrent(this.#owner.runId, this.#owner.generation)
  }
}
