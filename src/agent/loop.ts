/**
 * Think → act → observe until the model answers. The loop holds no state of its own: each turn
 * reads from the journal where the run stands, so a run that was cut by a crash goes on by calling
 * `runLoop` again on the same journal.
 */

import { NO_USAGE } from '../domain/message.ts'
import type { ModelRequest } from '../domain/model.ts'
import type { RunResult } from '../domain/run-event.ts'
import { act } from './act.ts'
import { fitView, Shortener, viewOf } from './compaction.ts'
import { estimateText } from './context-window.ts'
import { MAX_ITERATIONS, MAX_TOOL_CALLS, RUN_TIMEOUT_MS } from './limits.ts'
import { verdictOf } from './loop-detector.ts'
import { makeRoom } from './make-room.ts'
import type { LoopPorts } from './ports.ts'
import { meteredThink } from './think.ts'
import {
  callIdsOf,
  countModelCalls,
  countToolResults,
  standingOf,
  withUniqueCallIds,
} from './transcript.ts'

export interface LoopInput {
  readonly model: string
  readonly system: string
  readonly windowTokens: number
  readonly sampling: Pick<
    ModelRequest,
    'temperature' | 'topP' | 'maxOutputTokens' | 'stopSequences'
  >
  readonly startedAt: number
  /** Aborted by the user; the run's own time-out is added here. */
  readonly signal: AbortSignal
}

/** Room that is kept free for the answer when the agent sets no limit. */
const DEFAULT_ANSWER_TOKENS = 4_096
const MAX_ANSWER_SHARE = 0.4

/** What one life of a run remembers beside its journal; nothing that a crash may not take. */
interface Life {
  readonly shortener: Shortener
  /** The summariser failed: the oldest turns leave instead. */
  mayCondense: boolean
}

export const runLoop = (input: LoopInput, ports: LoopPorts): Promise<RunResult> =>
  withinTime(input, ports, (signal) => loopUntil(signal, input, ports))

/** A run that makes room in its session, and asks its agent nothing. */
export const runCompaction = (input: LoopInput, ports: LoopPorts): Promise<RunResult> =>
  withinTime(input, ports, async (signal) => {
    const rights = await ports.checkRights()
    if (!rights.ok) return { kind: 'failed', code: 'ACCESS_REVOKED', error: rights.error }
    const budget = ports.checkBudget()
    if (!budget.ok) return { kind: 'failed', code: 'LIMIT', error: budget.error }
    const room = { ...roomOf(input, ports, signal), isForced: true }
    const made = await makeRoom(room, ports, new Shortener(ports.condense?.shorten ?? (() => null)))
    if (signal.aborted) return stoppedBy(input)
    if (made.kind === 'made')
      return { kind: 'completed', content: '', usage: ports.journal.usage() }
    const error = made.failure?.message ?? 'the model gave no summary'
    return { kind: 'failed', code: 'MODEL', error }
  })

async function withinTime(
  input: LoopInput,
  ports: LoopPorts,
  work: (signal: AbortSignal) => Promise<RunResult>,
): Promise<RunResult> {
  const remainingMs = input.startedAt + RUN_TIMEOUT_MS - ports.now()
  if (remainingMs <= 0) return timedOut()
  const timeout = new AbortController()
  // `AbortSignal.timeout` cannot be taken back, and a pending timer keeps an object from hibernating.
  const timer = setTimeout(() => timeout.abort(), remainingMs)
  try {
    return await work(AbortSignal.any([input.signal, timeout.signal]))
  } finally {
    clearTimeout(timer)
  }
}

const stoppedBy = (input: LoopInput): RunResult =>
  input.signal.aborted ? { kind: 'cancelled' } : timedOut()

async function loopUntil(
  signal: AbortSignal,
  input: LoopInput,
  ports: LoopPorts,
): Promise<RunResult> {
  const life: Life = {
    shortener: new Shortener(ports.condense?.shorten ?? (() => null)),
    mayCondense: ports.condense !== undefined,
  }
  while (true) {
    const stopped = (): RunResult => stoppedBy(input)
    const { messages, runStart } = ports.journal.transcript()
    const own = messages.slice(runStart)
    const standing = standingOf(own)
    if (standing.kind === 'acting') {
      const calls = standing.pending.map(({ call, position }) => ({
        keyed: { call, callKey: ports.journal.callKey(position) },
        ordinal: standing.earlierResults + position,
      }))
      await act(calls, ports, signal)
      if (signal.aborted) return stopped()
      continue
    }
    if (signal.aborted) return stopped()
    const injected = ports.takeInjected()
    for (const message of injected) {
      ports.journal.appendUser(message)
      ports.emit({ type: 'activity', phase: 'injected_message' })
    }
    if (standing.kind === 'answered' && injected.length === 0) {
      const { content, thinking } = standing.answer
      return {
        kind: 'completed',
        content,
        ...(thinking ? { thinking } : {}),
        usage: ports.journal.usage(),
      }
    }
    const verdict = verdictOf(own, (name) => ports.tools.isReadOnly(name))
    if (verdict.kind === 'stop') return { kind: 'failed', code: 'LIMIT', error: verdict.reason }
    const failed = await takeTurn(input, ports, life, signal)
    if (failed) return signal.aborted ? stopped() : failed
  }
}

/** One model call, journalled; a result ends the run. */
async function takeTurn(
  input: LoopInput,
  ports: LoopPorts,
  life: Life,
  signal: AbortSignal,
): Promise<RunResult | null> {
  if (life.mayCondense) {
    const made = await makeRoom(roomOf(input, ports, signal), ports, life.shortener)
    life.mayCondense = made.kind === 'made'
  }
  const rights = await ports.checkRights()
  if (!rights.ok) return { kind: 'failed', code: 'ACCESS_REVOKED', error: rights.error }
  const budget = ports.checkBudget()
  if (!budget.ok) return { kind: 'failed', code: 'LIMIT', error: budget.error }
  const { messages, runStart } = ports.journal.transcript()
  const own = messages.slice(runStart)
  const iteration = countModelCalls(own)
  if (iteration >= MAX_ITERATIONS) {
    return {
      kind: 'failed',
      code: 'LIMIT',
      error: `the run ended after ${MAX_ITERATIONS} model calls without an answer`,
    }
  }
  ports.emit({ type: 'activity', phase: 'thinking' })
  const request = buildRequest(input, ports, life)
  const stream = ports.model.stream(request, signal)
  const thought = await meteredThink(stream, request, ports.emit, (...spent) =>
    ports.journal.addUsage(...spent),
  )
  if (thought.kind === 'failed') {
    const { usage } = thought
    if (signal.aborted && thought.content !== '') {
      // What the user saw before stopping stays in the transcript.
      ports.journal.appendAssistant(
        { role: 'assistant', content: thought.content, createdAt: ports.now() },
        usage,
        thought.model,
      )
    } else if (usage !== NO_USAGE) ports.journal.addUsage(usage, thought.model)
    return { kind: 'failed', code: 'MODEL', error: thought.failure.message }
  }
  const toolCalls = withUniqueCallIds(thought.toolCalls, callIdsOf(messages))
  ports.journal.appendAssistant(
    {
      role: 'assistant',
      content: thought.content,
      ...(thought.thinking ? { thinking: thought.thinking } : {}),
      ...(toolCalls.length > 0 ? { toolCalls } : {}),
      createdAt: ports.now(),
    },
    thought.usage,
    thought.model,
  )
  return null
}

const reservedTokens = (input: LoopInput, ports: LoopPorts): number =>
  estimateText(input.system) +
  estimateText(JSON.stringify(ports.tools.specs())) +
  // A limit as large as the window would leave nothing to answer to.
  Math.min(
    input.sampling.maxOutputTokens ?? DEFAULT_ANSWER_TOKENS,
    Math.floor(input.windowTokens * MAX_ANSWER_SHARE),
  )

const roomOf = (input: LoopInput, ports: LoopPorts, signal: AbortSignal) => ({
  model: input.model,
  windowTokens: input.windowTokens,
  reservedTokens: reservedTokens(input, ports),
  signal,
})

function buildRequest(input: LoopInput, ports: LoopPorts, { shortener }: Life): ModelRequest {
  const transcript = ports.journal.transcript()
  const own = transcript.messages.slice(transcript.runStart)
  const mayUseTools =
    countModelCalls(own) < MAX_ITERATIONS - 1 && countToolResults(own) < MAX_TOOL_CALLS
  const view = viewOf(transcript, ports.journal.condensed(), shortener)
  return {
    model: input.model,
    system: input.system,
    messages: fitView(view, input.windowTokens, reservedTokens(input, ports)),
    tools: ports.tools.specs(),
    ...(mayUseTools ? {} : { toolChoice: 'none' as const }),
    ...input.sampling,
  }
}

const timedOut = (): RunResult => ({
  kind: 'failed',
  code: 'AGENT_TIMEOUT',
  error: `the run took longer than ${RUN_TIMEOUT_MS / 60_000} minutes`,
})
