/** OpenAI's responses wire (API reference: "Create a model response"), in. Out: `response-events.ts`. */
import { z } from 'zod'
import { err, type Result } from '../domain/result.ts'
import { type CallerConversation, parseConversation } from './openai.ts'

const contentSchema = z.union([
  z.string(),
  z.array(z.looseObject({ type: z.string(), text: z.string().optional() })),
])

const itemSchema = z.looseObject({
  type: z.string().nullish(),
  role: z.enum(['user', 'assistant', 'system', 'developer']).optional(),
  content: z.unknown().optional(),
  output: z.unknown().optional(),
})
type InputItem = z.infer<typeof itemSchema>

/** As OpenAI bounds it. */
const metadataSchema = z
  .record(z.string().max(64), z.string().max(512))
  .refine((metadata) => Object.keys(metadata).length <= 16, 'at most 16 keys')

/** Unknown fields are ignored, as with completions; what would be another kind of answer is refused. */
export const responseRequestSchema = z.looseObject({
  model: z.string().min(1),
  input: z.union([z.string().min(1), z.array(itemSchema).min(1).max(10_000)]),
  instructions: z.string().nullish(),
  previous_response_id: z.string().nullish(),
  store: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  metadata: metadataSchema.nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  max_output_tokens: z.number().int().positive().nullish(),
  user: z.string().max(255).nullish(),
  background: z.literal(false, 'background responses are not offered').nullish(),
  conversation: z.null('conversations are continued by previous_response_id').optional(),
  prompt: z.null('stored prompts are not offered: an agent has its own').optional(),
})
export type ResponseRequest = z.infer<typeof responseRequestSchema>

/** The parsers of completions judge the content: one rule for what a caller may hand over. */
type WireMessage = Parameters<typeof parseConversation>[0][number]

/** What the items say, as messages; those that only our own runs could have made are left out. */
function messageOf(item: InputItem): Result<WireMessage | null, string> {
  const type = item.type ?? 'message'
  const message = (role: WireMessage['role'], content: unknown): Result<WireMessage, string> => {
    const parsed = contentSchema.safeParse(content)
    return parsed.success
      ? { ok: true, value: { role, content: parsed.data } }
      : err(`an input item of type ${JSON.stringify(type.slice(0, 60))} has no text`)
  }
  switch (type) {
    case 'message':
      return item.role ? message(item.role, item.content) : err('an input message names no role')
    case 'function_call_output':
    case 'custom_tool_call_output':
      return message('tool', item.output)
    case 'function_call':
    case 'custom_tool_call':
    case 'reasoning':
      return { ok: true, value: null }
    default:
      return err(
        `input items of type ${JSON.stringify(type.slice(0, 60))} are not accepted by this agent`,
      )
  }
}

/** The caller's instructions, then those among the items: all of them below the agent's own prompt. */
export function parseInput(
  { input, instructions, previous_response_id }: ResponseRequest,
  now: number,
): Result<CallerConversation, string> {
  const messages: WireMessage[] = instructions ? [{ role: 'developer', content: instructions }] : []
  for (const item of typeof input === 'string'
    ? [{ role: 'user' as const, content: input }]
    : input) {
    const message = messageOf(item)
    if (!message.ok) return message
    if (message.value) messages.push(message.value)
  }
  const parsed = parseConversation(messages, now)
  if (!parsed.ok || !previous_response_id || parsed.value.history.length === 0) return parsed
  // The session remembers what was said; what comes with the request is all new.
  const { history, message } = parsed.value
  if (history.some(({ role }) => role !== 'user'))
    return err('beside previous_response_id, input holds only what is new: no message of the agent')
  const texts = [...history.map(({ content }) => content), message]
  return { ok: true, value: { ...parsed.value, history: [], message: texts.join('\n\n') } }
}
