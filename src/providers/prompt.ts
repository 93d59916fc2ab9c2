/**
 * Our transcript → the AI SDK's prompt. The system prompt comes first; every tool call is followed at
 * once by exactly its results, since vendors refuse a call without result and a result without call.
 */
import { isJsonObject } from '../domain/json-object.ts'
import type { AssistantMessage, Message, ToolCall, ToolMessage } from '../domain/message.ts'
import type { ModelRequest } from '../domain/model.ts'
import type { CallOptions, Prompt, PromptMessage, ProviderOptions } from './language-model.ts'

export interface PromptDialect {
  /** Marks what the vendor may cache; null when it caches by itself or not at all. */
  readonly cacheMark: ProviderOptions | null
  /** Spells a tool call's id, which another vendor may have made, as this vendor allows it. */
  readonly toolCallId?: (id: string) => string
}

/** What the model is told of a call whose result was never stored. */
const NO_RESULT = 'No result was recorded for this call; it may or may not have happened.'

/** The names that all vendors accept; an invented one would make every later request fail. */
const toolName = (name: string): string => name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64) || '_'

type AssistantPart = Extract<PromptMessage, { role: 'assistant' }>['content'][number]
type ToolResultPart = Extract<
  Extract<PromptMessage, { role: 'tool' }>['content'][number],
  { type: 'tool-result' }
>

/** Vendors take an object and nothing else; what the model sent instead is kept under a name. */
const callInput = (value: unknown): unknown => (isJsonObject(value) ? value : { invalid: value })

/** The results that belong to the calls at `index`: those before the assistant speaks again. */
function resultsAfter(messages: readonly Message[], index: number): Map<string, ToolMessage> {
  const results = new Map<string, ToolMessage>()
  for (const message of messages.slice(index + 1)) {
    if (message.role === 'assistant') break
    if (message.role === 'tool') results.set(message.toolCallId, message)
  }
  return results
}

function assistantMessages(
  message: AssistantMessage,
  results: ReadonlyMap<string, ToolMessage>,
  id: (text: string) => string,
): readonly PromptMessage[] {
  const calls = message.toolCalls ?? []
  const said: AssistantPart[] =
    message.content === '' ? [] : [{ type: 'text', text: message.content }]
  const called = calls.map(
    (call): AssistantPart => ({
      type: 'tool-call',
      toolCallId: id(call.id),
      toolName: toolName(call.name),
      input: callInput(call.arguments),
    }),
  )
  const answered = calls.map((call: ToolCall): ToolResultPart => {
    const result = results.get(call.id)
    return {
      type: 'tool-result',
      toolCallId: id(call.id),
      toolName: toolName(call.name),
      output:
        result === undefined
          ? { type: 'error-text', value: NO_RESULT }
          : { type: result.isError ? 'error-text' : 'text', value: result.content },
    }
  })
  const content = [...said, ...called]
  if (content.length === 0) return []
  const assistant: PromptMessage = { role: 'assistant', content }
  return answered.length === 0 ? [assistant] : [assistant, { role: 'tool', content: answered }]
}

/**
 * Marks the system prompt and the last two turns that are not the model's: the newest, so that the
 * next request finds it, and the one before, which the previous request stored. With the system's
 * mark that is three of the four that Anthropic allows.
 */
function markCached(prompt: readonly PromptMessage[], mark: ProviderOptions): Prompt {
  const turns = prompt.flatMap(({ role }, index) =>
    role === 'user' || role === 'tool' ? [index] : [],
  )
  const marked = new Set(turns.slice(-2))
  return prompt.map((message, index) =>
    message.role === 'system' || marked.has(index)
      ? { ...message, providerOptions: mark }
      : message,
  )
}

export function toPrompt(request: ModelRequest, dialect: PromptDialect): Prompt {
  const id = dialect.toolCallId ?? ((text: string) => text)
  const system: PromptMessage[] =
    request.system === '' ? [] : [{ role: 'system', content: request.system }]
  const turns = request.messages.flatMap((message, index): readonly PromptMessage[] => {
    if (message.role === 'assistant') {
      return assistantMessages(message, resultsAfter(request.messages, index), id)
    }
    // Results stand with their calls; vendors refuse an empty text.
    if (message.role === 'tool' || message.content === '') return []
    return [{ role: 'user', content: [{ type: 'text', text: message.content }] }]
  })
  const prompt = [...system, ...turns]
  return dialect.cacheMark === null ? prompt : markCached(prompt, dialect.cacheMark)
}

export function toCallOptions(
  request: ModelRequest,
  dialect: PromptDialect,
  abortSignal: AbortSignal,
): CallOptions {
  const { temperature, topP, maxOutputTokens, stopSequences, tools } = request
  return {
    prompt: toPrompt(request, dialect),
    abortSignal,
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(stopSequences === undefined ? {} : { stopSequences: [...stopSequences] }),
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(({ name, description, parameters }) => ({
            type: 'function' as const,
            name,
            description,
            inputSchema: parameters,
          })),
          toolChoice: { type: request.toolChoice ?? ('auto' as const) },
        }),
  }
}
