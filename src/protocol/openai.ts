/** OpenAI's chat-completions wire (API reference: "Create chat completion"), in and out. */
import { z } from 'zod'
import { type Message, NO_USAGE, type Usage } from '../domain/message.ts'
import type { FinishReason } from '../domain/model.ts'
import type { Refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'

const contentSchema = z.union([
  z.string(),
  z.array(z.looseObject({ type: z.string(), text: z.string().optional() })),
  z.null(),
])

const messageSchema = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']),
  content: contentSchema.optional(),
  tool_calls: z.array(z.unknown()).optional(),
  tool_call_id: z.string().optional(),
})

/** Unknown fields are ignored, as OpenAI-compatible clients send many. */
export const chatCompletionRequestSchema = z.looseObject({
  model: z.string().min(1),
  messages: z.array(messageSchema).min(1).max(10_000),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  max_tokens: z.number().int().positive().nullish(),
  max_completion_tokens: z.number().int().positive().nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(4)]).nullish(),
  user: z.string().max(255).nullish(),
})
export type ChatCompletionRequest = z.infer<typeof chatCompletionRequestSchema>

export interface CallerConversation {
  /** The caller's system and developer texts: content below the agent's own prompt. */
  readonly instructions: string
  readonly history: readonly Message[]
  /** The last user message, which the turn is about. */
  readonly message: string
}

type WireMessage = z.infer<typeof messageSchema>

const TEXT_PARTS: ReadonlySet<string> = new Set(['text', 'input_text', 'output_text', 'refusal'])

/** Joins the text parts; an image part is refused here, since nothing behind would look at it. */
function textOf(message: WireMessage): Result<string, string> {
  const { content } = message
  if (content === null || content === undefined) return ok('')
  if (typeof content === 'string') return ok(content)
  const texts: string[] = []
  for (const part of content) {
    if (TEXT_PARTS.has(part.type)) texts.push(part.text ?? '')
    else
      return err(
        `content parts of type ${JSON.stringify(part.type)} are not accepted by this agent`,
      )
  }
  return ok(texts.join('\n'))
}

/** Splits the whole `messages` array into what the agent's turn needs. */
export function parseConversation(
  messages: readonly WireMessage[],
  now: number,
): Result<CallerConversation, string> {
  const instructions: string[] = []
  const history: Message[] = []
  for (const message of messages) {
    const text = textOf(message)
    if (!text.ok) return text
    switch (message.role) {
      case 'system':
      case 'developer':
        instructions.push(text.value)
        break
      case 'user':
        history.push({ role: 'user', content: text.value, createdAt: now })
        break
      case 'assistant':
        // A caller's earlier tool calls name no calls of ours: only what was said stays.
        if (text.value !== '')
          history.push({ role: 'assistant', content: text.value, createdAt: now })
        break
      case 'tool':
      case 'function':
        history.push({
          role: 'user',
          content: `Tool result given by the caller:\n${text.value}`,
          createdAt: now,
        })
        break
    }
  }
  const last = history.at(-1)
  if (last?.role !== 'user') return err('the last message must be from the user')
  return ok({
    instructions: instructions.join('\n\n'),
    history: history.slice(0, -1),
    message: last.content,
  })
}

const FINISH: Record<FinishReason, string> = {
  stop: 'stop',
  tool_calls: 'stop',
  length: 'length',
  content_filter: 'content_filter',
  other: 'stop',
}

const toOpenAiUsage = (usage: Usage) => ({
  prompt_tokens: usage.promptTokens,
  completion_tokens: usage.completionTokens,
  total_tokens: usage.promptTokens + usage.completionTokens,
  prompt_tokens_details: { cached_tokens: usage.cacheReadTokens },
})

export interface CompletionIdentity {
  /** `chatcmpl-…` */
  readonly id: string
  /** Seconds since the epoch. */
  readonly created: number
  readonly model: string
}

export const completionBody = (
  identity: CompletionIdentity,
  content: string,
  reason: FinishReason,
  usage: Usage = NO_USAGE,
) => ({
  id: identity.id,
  object: 'chat.completion',
  created: identity.created,
  model: identity.model,
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content, refusal: null },
      logprobs: null,
      finish_reason: FINISH[reason],
    },
  ],
  usage: toOpenAiUsage(usage),
})

const chunk = (identity: CompletionIdentity, rest: Record<string, unknown>): string =>
  `data: ${JSON.stringify({ id: identity.id, object: 'chat.completion.chunk', created: identity.created, model: identity.model, ...rest })}\n\n`

/** Server-sent events of one streamed completion, in order: start, deltas, finish, usage, done. */
export const completionStream = {
  start: (identity: CompletionIdentity) =>
    chunk(identity, {
      choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }],
    }),
  delta: (identity: CompletionIdentity, content: string) =>
    chunk(identity, { choices: [{ index: 0, delta: { content }, finish_reason: null }] }),
  finish: (identity: CompletionIdentity, reason: FinishReason) =>
    chunk(identity, { choices: [{ index: 0, delta: {}, finish_reason: FINISH[reason] }] }),
  usage: (identity: CompletionIdentity, usage: Usage) =>
    chunk(identity, { choices: [], usage: toOpenAiUsage(usage) }),
  error: (refusal: Refusal) => `data: ${JSON.stringify(openAiError(refusal))}\n\n`,
  done: () => 'data: [DONE]\n\n',
}

const ERROR_TYPES: Partial<Record<Refusal['code'], string>> = {
  UNAUTHORIZED: 'authentication_error',
  RESOURCE_EXHAUSTED: 'rate_limit_error',
  INTERNAL: 'server_error',
  UNAVAILABLE: 'server_error',
  AGENT_TIMEOUT: 'server_error',
}

/** OpenAI's error object, which its SDKs turn into typed exceptions. */
export const openAiError = (refusal: Refusal, status = 500) => ({
  error: {
    message: refusal.message,
    type: ERROR_TYPES[refusal.code] ?? 'invalid_request_error',
    param: null,
    code: status === 401 ? 'invalid_api_key' : refusal.code.toLowerCase(),
  },
})
