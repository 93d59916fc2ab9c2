/** One life of a run: the loop over a journal in memory, a scripted model and tools that do nothing. */
import { type LoopInput, runLoop } from '../../../src/agent/loop.ts'
import type { LoopPorts, ToolPort } from '../../../src/agent/ports.ts'
import type { Message } from '../../../src/domain/message.ts'
import type { ModelPort } from '../../../src/domain/model.ts'
import { ok, type Result } from '../../../src/domain/result.ts'
import type { RunEvent, RunResult } from '../../../src/domain/run-event.ts'
import { MemoryJournal, newRecord } from '../../support/journal.ts'

export const NOW = 1_700_000_000_000

export interface Life {
  readonly model: ModelPort
  readonly tools: ToolPort
  readonly journal?: MemoryJournal
  readonly signal?: AbortSignal
  readonly startedAt?: number
  readonly windowTokens?: number
  readonly sampling?: LoopInput['sampling']
  readonly condense?: LoopPorts['condense']
  flushMemory?: LoopPorts['flushMemory']
  checkRights?(): Promise<Result<null, string>>
  checkBudget?(): Result<null, string>
  onEvent?(event: RunEvent): void
}

export interface Lived {
  readonly result: RunResult
  readonly events: readonly RunEvent[]
  readonly journal: MemoryJournal
  readonly messages: readonly Message[]
}

export async function live(life: Life): Promise<Lived> {
  const journal = life.journal ?? new MemoryJournal(newRecord('do it'))
  const events: RunEvent[] = []
  const result = await runLoop(
    {
      model: 'scripted',
      system: 'You are a test.',
      windowTokens: life.windowTokens ?? 1_000_000,
      sampling: life.sampling ?? {},
      startedAt: life.startedAt ?? NOW,
      signal: life.signal ?? new AbortController().signal,
    },
    {
      model: life.model,
      tools: life.tools,
      journal,
      emit: (event) => {
        events.push(event)
        life.onEvent?.(event)
      },
      checkRights: life.checkRights ?? (async () => ok(null)),
      checkBudget: life.checkBudget ?? (() => ok(null)),
      takeInjected: () => journal.takeInjected(),
      ...(life.condense ? { condense: life.condense } : {}),
      ...(life.flushMemory ? { flushMemory: life.flushMemory } : {}),
      now: () => NOW,
    },
  )
  return { result, events, journal, messages: journal.record.messages }
}

/** Every call has exactly one result, and stands before it: what every vendor insists on. */
export function brokenPairs(messages: readonly Message[]): readonly string[] {
  const open = new Set<string>()
  const broken: string[] = []
  for (const message of messages) {
    if (message.role === 'tool') {
      if (!open.delete(message.toolCallId)) broken.push(`result without call ${message.toolCallId}`)
      continue
    }
    for (const id of open) broken.push(`call without result ${id}`)
    open.clear()
    if (message.role === 'assistant') for (const call of message.toolCalls ?? []) open.add(call.id)
  }
  return [...broken, ...[...open].map((id) => `call without result ${id}`)]
}
