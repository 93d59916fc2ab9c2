/**
 * A run journal in memory that can die at any of its writes, as the object that holds it may. What
 * was written before a death is there for the next one that opens the same record.
 */
import type { KeyedCall, RunJournal } from '../../src/agent/ports.ts'
import {
  type AssistantMessage,
  addUsage,
  type Message,
  NO_USAGE,
  type Usage,
  type UserMessage,
} from '../../src/domain/message.ts'
import type { ToolOutcome } from '../../src/domain/tool.ts'

/** The process is gone: nothing after it happens. */
export class Crash extends Error {
  override readonly name = 'Crash'
}

/** What survives a crash. */
export interface JournalRecord {
  readonly messages: Message[]
  readonly runStart: number
  readonly startedCalls: Set<string>
  /** Messages that came in while the run was going and were not taken yet. */
  readonly injected: { readonly afterModelCalls: number; readonly message: UserMessage }[]
  usage: Usage
}

export const newRecord = (
  message: string,
  history: readonly Message[] = [],
  injected: JournalRecord['injected'] = [],
): JournalRecord => ({
  messages: [...history, { role: 'user', content: message, createdAt: 0 }],
  runStart: history.length,
  startedCalls: new Set(),
  injected: [...injected],
  usage: NO_USAGE,
})

/** The first write of a life is 0. `before` loses that write, `after` keeps it. */
export interface CrashPoint {
  readonly write: number
  readonly when: 'before' | 'after'
}

export class MemoryJournal implements RunJournal {
  readonly record: JournalRecord
  readonly #crash: CrashPoint | null
  #writes = 0
  #isDead = false
  /** Taken and appended in one step, as the object's storage commits them together. */
  #batch: UserMessage[] = []
  #batchSize = 0

  constructor(record: JournalRecord, crash: CrashPoint | null = null) {
    this.record = record
    this.#crash = crash
  }

  get writes(): number {
    return this.#writes
  }

  transcript(): { readonly messages: readonly Message[]; readonly runStart: number } {
    const { messages, runStart } = this.record
    return { messages: [...messages], runStart }
  }

  appendAssistant(message: AssistantMessage, usage: Usage): void {
    this.#write(() => {
      this.record.messages.push(message)
      this.record.usage = addUsage(this.record.usage, usage)
    })
  }

  addUsage(usage: Usage): void {
    this.#write(() => {
      this.record.usage = addUsage(this.record.usage, usage)
    })
  }

  appendUser(message: UserMessage): void {
    this.#batch.push(message)
    if (this.#batch.length < this.#batchSize) return
    this.#write(() => {
      this.record.injected.splice(0, this.#batch.length)
      this.record.messages.push(...this.#batch)
    })
    this.#batch = []
  }

  callKey(position: number): string {
    return `run.${this.record.messages.findLastIndex(({ role }) => role === 'assistant')}.${position}`
  }

  wasStarted({ callKey }: KeyedCall): boolean {
    return this.record.startedCalls.has(callKey)
  }

  toolStarted({ callKey }: KeyedCall): 'fresh' | 'resumed' {
    if (this.#isDead) throw new Crash()
    if (this.record.startedCalls.has(callKey)) return 'resumed'
    this.#write(() => this.record.startedCalls.add(callKey))
    return 'fresh'
  }

  toolFinished({ call }: KeyedCall, outcome: ToolOutcome): void {
    this.#write(() =>
      this.record.messages.push({
        role: 'tool',
        toolCallId: call.id,
        name: call.name,
        content: outcome.content,
        isError: outcome.isError,
        createdAt: 0,
      }),
    )
  }

  usage(): Usage {
    return this.record.usage
  }

  /** The loop's `takeInjected`: what is due by now, each once. */
  takeInjected(): readonly UserMessage[] {
    const { injected, messages, runStart } = this.record
    const calls = messages.slice(runStart).filter(({ role }) => role === 'assistant').length
    const due = injected.filter(({ afterModelCalls }) => afterModelCalls <= calls)
    this.#batchSize = due.length
    return due.map(({ message }) => message)
  }

  #write(change: () => void): void {
    if (this.#isDead) throw new Crash()
    const isLast = this.#writes === this.#crash?.write
    if (isLast && this.#crash?.when === 'before') this.#die()
    change()
    this.#writes++
    if (isLast) this.#die()
  }

  #die(): never {
    this.#isDead = true
    throw new Crash()
  }
}
