/** One model call: streams it out, and gathers the message it comes to. */
import type { ToolCall, Usage } from '../domain/message.ts'
import type { FinishReason, ModelEvent, ModelFailure } from '../domain/model.ts'
import type { RunEvent } from '../domain/run-event.ts'

export type Thought =
  | {
      readonly kind: 'message'
      readonly content: string
      readonly thinking: string
      readonly toolCalls: readonly ToolCall[]
      readonly reason: FinishReason
      readonly usage: Usage
    }
  | { readonly kind: 'failed'; readonly failure: ModelFailure; readonly content: string }

/**
 * A vendor chosen by a tenant may stream for ever. The answer becomes one row of the journal, which
 * holds 2 MB, and each character may take six bytes of JSON.
 */
const MAX_ANSWER_CHARS = 300_000

const TOO_LONG: ModelFailure = {
  kind: 'garbage',
  message: `the model's answer exceeded ${MAX_ANSWER_CHARS} characters`,
  isRetryable: false,
}

export async function think(
  events: AsyncIterable<ModelEvent>,
  emit: (event: RunEvent) => void,
): Promise<Thought> {
  let content = ''
  let thinking = ''
  let callChars = 0
  const toolCalls: ToolCall[] = []
  for await (const event of events) {
    if (content.length + thinking.length + callChars > MAX_ANSWER_CHARS)
      return { kind: 'failed', failure: TOO_LONG, content: '' }
    switch (event.type) {
      case 'text':
        content += event.delta
        emit({ type: 'chunk', content: event.delta })
        break
      case 'thinking':
        thinking += event.delta
        emit({ type: 'thinking', content: event.delta })
        break
      case 'tool_call':
        callChars += JSON.stringify(event.arguments)?.length ?? 0
        toolCalls.push({ id: event.id, name: event.name, arguments: event.arguments })
        break
      case 'finish':
        return {
          kind: 'message',
          content,
          thinking,
          toolCalls,
          reason: event.reason,
          usage: event.usage,
        }
      case 'error':
        return { kind: 'failed', failure: event.failure, content }
    }
  }
  const failure: ModelFailure = {
    kind: 'cut',
    message: 'the model ended its answer without finishing it',
    isRetryable: true,
  }
  return { kind: 'failed', failure, content }
}
