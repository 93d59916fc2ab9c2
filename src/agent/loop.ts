/**
 * Think → act → observe until the model answers. The loop holds no state of its own: each turn
 * reads from the journal where the run stands, so a run that was cut by a crash goes on by calling
 * `runLoop` again on the same journal.
 */

import { type Message, NO_USAGE } from '../domain/message.ts'
import type { ModelRequest } from '../domain/model.ts'
import type { RunResult } from '../domain/run-event.ts'
import { act } from './act.ts'
import { estimateTextTokens, fitContext } from './context-window.ts'
import { createCallMeter } from './estimated-usage.ts'
import { MAX_ITERATIONS, MAX_TOOL_CALLS, RUN_TIMEOUT_MS } from './limits.ts'
import type { LoopPorts } from './ports.ts'
import { think } from './think.ts'
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

export async function runLoop(input: LoopInput, ports: LoopPorts): Promise<RunResult> {
  const remainingMs = input.startedAt + RUN_TIMEOUT_MS - ports.now()
  if (remainingMs <= 0) return timedOut()
  const timeout = new AbortController()
  // `AbortSignal.timeout` cannot be taken back, and a pending timer keeps an object from hibernating.
  const timer = setTimeout(() => timeout.abort(), remainingMs)
  try {
    return await loopUntil(AbortSignal.any([input.signal, timeout.signal]), input, ports)
  } finally {
    clearTimeout(timer)
  }
}

async function loopUntil(
  signal: AbortSignal,
  input: LoopInput,
  ports: LoopPorts,
): Promise<RunResult> {
  while (true) {
    const stopped = (): RunResult => (input.signal.aborted ? { kind: 'cancelled' } : timedOut())
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
    const failed = await takeTurn(input, ports, signal)
    if (failed) return signal.aborted ? stopped() : failed
  }
}

/** One model call, journalled; a result ends the run. */
async function takeTurn(
  input: LoopInput,
  ports: LoopPorts,
  signal: AbortSignal,
): Promise<RunResult | null> {
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
  const request = buildRequest(input, ports, messages, own)
  const meter = createCallMeter(request)
  const thought = await think(meter.metered(ports.model.stream(request, signal)), ports.emit)
  if (thought.kind === 'failed') {
    const usage = thought.isRefused ? meter.estimate() : thought.usage
    if (signal.aborted && thought.content !== '') {
      // What the user saw before stopping stays in the transcript.
      ports.journal.appendAssistant(
        { role: 'assistant', content: thought.content, createdAt: ports.now() },
        usage,
      )
    } else if (usage !== NO_USAGE) ports.journal.addUsage(usage)
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
  )
  return null
}

function buildRequest(
  input: LoopInput,
  ports: LoopPorts,
  messages: readonly Message[],
  own: readonly Message[],
): ModelRequest {
  const mayUseTools =
    countModelCalls(own) < MAX_ITERATIONS - 1 && countToolResults(own) < MAX_TOOL_CALLS
  const tools = ports.tools.specs()
  const reserved =
    estimateTextTokens(input.system.length + JSON.stringify(tools).length) +
    (input.sampling.maxOutputTokens ?? DEFAULT_ANSWER_TOKENS)
  return {
    model: input.model,
    system: input.system,
    messages: fitContext(messages, input.windowTokens, reserved).messages,
    tools,
    ...(mayUseTools ? {} : { toolChoice: 'none' as const }),
    ...input.sampling,
  }
}

const timedOut = (): RunResult => ({
  kind: 'failed',
  code: 'AGENT_TIMEOUT',
  error: `the run took longer than ${RUN_TIMEOUT_MS / 60_000} minutes`,
})
