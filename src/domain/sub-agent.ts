/** Sub-agents as their parent's conversation keeps them: how many, under which names, how they stand. */
import type { RunId } from './ids.ts'
import type { RunResult } from './run-event.ts'
import type { SubAgentOrigin } from './run-origin.ts'

/** Of one conversation, at work at the same time. */
export const MAX_CHILDREN = 5
/** Of one person, over all their conversations: sub-agents, and runs that agents' messages began. */
export const MAX_AGENT_RUNS = 8
/** Longer than any run may last: one that was never told of again is over. */
export const AGENT_RUN_LEASE_MS = 2 * 3_600_000

export const CHILD_MODES = ['sync', 'async'] as const
/** Whether its parent waits for it, or is told when it has ended. */
export type ChildMode = (typeof CHILD_MODES)[number]

export interface Child {
  /** As the parent's model names it. */
  readonly id: string
  readonly sessionKey: string
  readonly agentKey: string
  readonly label: string
  readonly mode: ChildMode
  readonly parentRunId: RunId
  /** What it was started with, so that a repeat after a crash says the same. */
  readonly message: string
  readonly origin: SubAgentOrigin
  readonly startedAt: number
  readonly state: 'running' | RunResult['kind']
  /** Of one that has ended; cut to what a result may hold. */
  readonly answer: string | null
  readonly hasSeenUntrusted: boolean
}

export interface ChildReport {
  readonly sessionKey: string
  /** Null while it works, and asks whether it may go on. */
  readonly result: RunResult | null
  readonly hasSeenUntrusted: boolean
}

export type ChildStanding = 'go_on' | 'end'

const MAX_LABEL_CHARS = 40

/** As a part of a session's key: a model's words hold anything. */
export const labelSlug = (label: string): string =>
  label
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, MAX_LABEL_CHARS) || 'task'

export const answerOf = (result: RunResult): string => {
  switch (result.kind) {
    case 'completed':
      return result.content
    case 'failed':
      return `It failed: ${result.error}`
    case 'cancelled':
      return 'It was cancelled.'
  }
}
