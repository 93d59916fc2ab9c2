/**
 * A tool call that a caller makes by hand, as a run like any other: the place of the model is taken by
 * one that asks for exactly this call and answers with its result. So it is journalled, resumed,
 * approved, budgeted and shown by the same code, and judged by the same gates.
 */
import type { RunId } from '../domain/ids.ts'
import { NO_USAGE, type ToolMessage } from '../domain/message.ts'
import type { ModelEvent, ModelPort } from '../domain/model.ts'
import type { Invocation } from '../domain/ports/session.ts'

export function createInvocationModel({ tool, args }: Invocation, runId: RunId): ModelPort {
  const id = `invoke_${runId}`
  return {
    async *stream({ messages }): AsyncGenerator<ModelEvent> {
      const result = messages.findLast(
        (message): message is ToolMessage => message.role === 'tool' && message.toolCallId === id,
      )
      if (result === undefined) yield { type: 'tool_call', id, name: tool, arguments: args }
      else yield { type: 'text', delta: result.content }
      const reason = result === undefined ? 'tool_calls' : 'stop'
      yield { type: 'finish', reason, usage: NO_USAGE }
    },
  }
}
