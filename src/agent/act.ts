/** Runs the tool calls of one assistant message, side by side where all of them allow it. */
import type { RunEvent } from '../domain/run-event.ts'
import type { ToolOutcome } from '../domain/tool.ts'
import { MAX_TOOL_CALLS } from './limits.ts'
import { withNotice } from './loop-detector.ts'
import type { KeyedCall, LoopPorts } from './ports.ts'

const refused = (content: string): ToolOutcome => ({ content, isError: true })

const CANCELLED = refused('The run was cancelled before this call was made.')
const OVER_LIMIT = refused(
  `This run has used its ${MAX_TOOL_CALLS} tool calls. Answer with what is known so far.`,
)

const resultEvent = ({ call }: KeyedCall, outcome: ToolOutcome): RunEvent => ({
  type: 'tool.result',
  id: call.id,
  name: call.name,
  isError: outcome.isError,
  arguments: call.arguments,
  result: outcome.content,
})

export interface NumberedCall {
  readonly keyed: KeyedCall
  /** How many calls the run asked for before this one; the same after a crash. */
  readonly ordinal: number
}

/** Every call ends with a result in the journal, also when cancelled: pairs stay whole. */
export async function act(
  calls: readonly NumberedCall[],
  ports: LoopPorts,
  signal: AbortSignal,
): Promise<void> {
  const finish = (keyed: KeyedCall, result: ToolOutcome): void => {
    const { messages, runStart } = ports.journal.transcript()
    const own = messages.slice(runStart)
    const outcome = withNotice(own, keyed.call, result, (name) => ports.tools.isReadOnly(name))
    ports.journal.toolFinished(keyed, outcome)
    ports.emit(resultEvent(keyed, outcome))
  }
  const runOne = async ({ keyed, ordinal }: NumberedCall): Promise<void> => {
    const wasStarted = ports.journal.wasStarted(keyed)
    if (signal.aborted && !wasStarted) return finish(keyed, CANCELLED)
    if (ordinal >= MAX_TOOL_CALLS) return finish(keyed, OVER_LIMIT)
    const rights = await ports.checkRights()
    if (!rights.ok) return finish(keyed, refused(rights.error))
    // A call that began before a crash is taken up even when cancelled: only then it can be stopped.
    const isResumed = ports.journal.toolStarted(keyed) === 'resumed'
    const { id, name, arguments: args } = keyed.call
    if (!isResumed) ports.emit({ type: 'tool.call', id, name, arguments: args })
    finish(keyed, await ports.tools.run(keyed, { isResumed, signal }))
  }
  if (calls.every(({ keyed }) => ports.tools.isParallelSafe(keyed.call.name))) {
    await Promise.all(calls.map(runOne))
    return
  }
  for (const call of calls) await runOne(call)
}
