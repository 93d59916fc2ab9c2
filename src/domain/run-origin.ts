/**
 * Who began a run that no message of a caller's did, and for whom it acts. The gateway's own code says
 * so, never a frame or a request: it opens sessions that callers cannot, and it narrows.
 */
import type { Attempt } from './cron-job.ts'
import type { RunId, UserId } from './ids.ts'
import { parseSessionKey, type SessionKey } from './session-key.ts'

/** What a run of one conversation hands to a run of another. */
interface ActsFor {
  readonly parentSessionKey: string
  readonly parentRunId: RunId
  /**
   * Keys of the conversations that it acts for, outermost first and the parent's last: it may do what
   * a run in each of them may.
   */
  readonly lineage: readonly string[]
  /** The parent had read text from outside: what it says may come from there. */
  readonly hasSeenUntrusted: boolean
}

export interface SubAgentOrigin extends ActsFor {
  readonly kind: 'subagent'
  /** Of the parent's conversation; so the child's is theirs as well, whoever speaks in it. */
  readonly owner: UserId
  /** A reader has no tools, whatever any policy says. */
  readonly preset: SubAgentPreset | null
}

/** A message that the run of one conversation wrote into another of the same person. */
export interface RelayedOrigin extends ActsFor {
  readonly kind: 'relayed'
}

/** A schedule that a run set which had read text from outside says what that text may have said. */
export interface CronOrigin extends Attempt {
  readonly kind: 'cron'
  readonly hasSeenUntrusted?: boolean
}

export type RunOrigin = SubAgentOrigin | RelayedOrigin | CronOrigin

export const SUB_AGENT_PRESETS = ['reader'] as const
export type SubAgentPreset = (typeof SUB_AGENT_PRESETS)[number]

/** Conversations that follow from each other without a word of a person's in between. */
export const MAX_HOPS = 5

/** Outermost first; empty for a run that acts for none but its own conversation. */
export function lineageOf(origin: RunOrigin | null): readonly SessionKey[] {
  if (origin === null || origin.kind === 'cron') return []
  return origin.lineage.map((text) => {
    const key = parseSessionKey(text)
    if (!key.ok) throw new Error(`a lineage holds no session key: ${key.error}`)
    return key.value
  })
}

/** Whose budget of agents a run draws on: that of the agent it acts for in the end. */
export const payingAgentKey = (origin: RunOrigin | null, agentKey: string): string =>
  lineageOf(origin)[0]?.agentKey ?? agentKey

/** A message of another agent's joins no run that may do more, and none that it did not begin. */
export const mayJoin = (running: RunOrigin | undefined, origin: RunOrigin): boolean =>
  origin.kind === 'subagent' &&
  running?.kind === 'subagent' &&
  running.parentSessionKey === origin.parentSessionKey
