/** A model request as the body of OpenAI's chat completions. */
import type { ModelRequest } from '../domain/model.ts'
import type { PromptMessage } from './language-model.ts'
import { toPrompt } from './prompt.ts'

type Content = Exclude<PromptMessage, { role: 'system' }>['content'][number]
type ToolResult = Extract<Content, { type: 'tool-result' }>

const textOf = (parts: readonly Content[]): string =>
  parts.map((part) => (part.type === 'text' ? part.text : '')).join('')

const outputText = ({ output }: ToolResult): string =>
  output.type === 'text' || output.type === 'error-text' ? output.value : JSON.stringify(output)

function toChatMessages(message: PromptMessage): readonly object[] {
  switch (message.role) {
    case 'system':
      return [{ role: 'system', content: message.content }]
    case 'user':
      return [{ role: 'user', content: textOf(message.content) }]
    case 'assistant': {
      const calls = message.content.flatMap((part) =>
        part.type === 'tool-call'
          ? [
              {
                id: part.toolCallId,
                type: 'function',
                function: { name: part.toolName, arguments: JSON.stringify(part.input) },
              },
            ]
          : [],
      )
      const text = textOf(message.content)
      if (calls.length === 0) return [{ role: 'assistant', content: text }]
      return [{ role: 'assistant', content: text === '' ? null : text, tool_calls: calls }]
    }
    case 'tool':
      return message.content.flatMap((part) =>
        part.type === 'tool-result'
          ? [{ role: 'tool', tool_call_id: part.toolCallId, content: outputText(part) }]
          : [],
      )
  }
}

/** Absent settings are left out of the JSON. */
export const toChatBody = (request: ModelRequest): string =>
  JSON.stringify({
    model: request.model,
    messages: toPrompt(request, { cacheMark: null }).flatMap(toChatMessages),
    stream: true,
    stream_options: { include_usage: true },
    temperature: request.temperature,
    top_p: request.topP,
    max_tokens: request.maxOutputTokens,
    stop: request.stopSequences,
    ...(request.tools.length === 0
      ? {}
      : {
          tools: request.tools.map((tool) => ({ type: 'function', function: tool })),
          tool_choice: request.toolChoice ?? 'auto',
        }),
  })
