/** The transcript's messages: what a model sees, and what `chat.history` shows. */
export interface ToolCall {
  readonly id: string
  readonly name: string
  /** Parsed JSON as the model sent it; validated by the tool's own schema before use. */
  readonly arguments: unknown
}

export interface UserMessage {
  readonly role: 'user'
  readonly content: string
  readonly createdAt: number
}

export interface AssistantMessage {
  readonly role: 'assistant'
  readonly content: string
  readonly thinking?: string
  readonly toolCalls?: readonly ToolCall[]
  readonly createdAt: number
}

export interface ToolMessage {
  readonly role: 'tool'
  readonly toolCallId: string
  readonly name: string
  readonly content: string
  readonly isError: boolean
  readonly createdAt: number
}

export type Message = UserMessage | AssistantMessage | ToolMessage

/** Token counts of one model call, or summed over a run. */
export interface Usage {
  readonly promptTokens: number
  readonly completionTokens: number
  readonly cacheCreationTokens: number
  readonly cacheReadTokens: number
}

export const NO_USAGE: Usage = {
  promptTokens: 0,
  completionTokens: 0,
  cacheCreationTokens: 0,
  cacheReadTokens: 0,
}

export const addUsage = (a: Usage, b: Usage): Usage => ({
  promptTokens: a.promptTokens + b.promptTokens,
  completionTokens: a.completionTokens + b.completionTokens,
  cacheCreationTokens: a.cacheCreationTokens + b.cacheCreationTokens,
  cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
})
