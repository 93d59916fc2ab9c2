/**
 * OpenAI's responses wire, out: the response object, and its stream of events with the items that
 * they build. What the agent's own tools do is no part of it: a caller would take a call for theirs
 * to answer.
 */
import { NO_USAGE, type Usage } from '../domain/message.ts'
import type { FinishReason } from '../domain/model.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { ResponseRequest } from './openai-responses.ts'
import { type Said, STILL_HERE, type Teller } from './openai-teller.ts'

export interface ResponseIdentity {
  /** `resp_…` */
  readonly id: string
  /** Seconds since the epoch. */
  readonly created: number
  readonly request: ResponseRequest
  /** Whether it can be continued, whatever was asked for. */
  readonly isStored: boolean
}

const toResponseUsage = (usage: Usage) => ({
  input_tokens: usage.promptTokens,
  input_tokens_details: {
    cached_tokens: usage.cacheReadTokens,
    cache_write_tokens: usage.cacheCreationTokens,
  },
  output_tokens: usage.completionTokens,
  // Vendors count them in; how many they were is not told apart here.
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: usage.promptTokens + usage.completionTokens,
})

const INCOMPLETE: Partial<Record<FinishReason, string>> = {
  length: 'max_output_tokens',
  content_filter: 'content_filter',
}

type ItemKind = 'message' | 'reasoning'
interface Item {
  readonly kind: ItemKind
  readonly id: string
  text: string
}
type ItemStatus = 'in_progress' | 'completed' | 'incomplete'

const partOf = ({ kind, text }: Item) =>
  kind === 'message'
    ? { type: 'output_text', text, annotations: [], logprobs: [] }
    : { type: 'reasoning_text', text }

const itemOf = (item: Item, status: ItemStatus) => {
  const content = status === 'in_progress' ? [] : [partOf(item)]
  return item.kind === 'message'
    ? { id: item.id, type: 'message', status, role: 'assistant', content }
    : { id: item.id, type: 'reasoning', status, summary: [], content }
}

/** A response's code is one of OpenAI's closed set. */
const errorCodeOf = ({ code }: Refusal): string => {
  if (code === 'RESOURCE_EXHAUSTED') return 'rate_limit_exceeded'
  return code === 'INVALID_REQUEST' ? 'invalid_prompt' : 'server_error'
}

const responseOf = (
  { id, created, request, isStored }: ResponseIdentity,
  rest: Readonly<Record<string, unknown>>,
) => ({
  id,
  object: 'response',
  created_at: created,
  background: false,
  error: null,
  incomplete_details: null,
  instructions: request.instructions ?? null,
  max_output_tokens: request.max_output_tokens ?? null,
  metadata: request.metadata ?? {},
  model: request.model,
  output: [],
  parallel_tool_calls: false,
  previous_response_id: request.previous_response_id ?? null,
  reasoning: { effort: null, summary: null },
  store: isStored,
  temperature: request.temperature ?? null,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  top_p: request.top_p ?? null,
  // Older messages leave the model's window by themselves.
  truncation: 'auto',
  usage: null,
  user: request.user ?? null,
  ...rest,
})

const endOf = (reason: FinishReason) => {
  const incomplete = INCOMPLETE[reason]
  return incomplete === undefined
    ? { status: 'completed' as const, incomplete_details: null }
    : { status: 'incomplete' as const, incomplete_details: { reason: incomplete } }
}

/** @param newItemId makes ids that no other item has */
export function responseTeller(
  identity: ResponseIdentity,
  newItemId: (prefix: 'msg' | 'rs') => string,
): Teller {
  const items: Item[] = []
  /** A thought's last words may come after the answer began: both stay open until the step ends. */
  const open = new Map<ItemKind, Item>()
  let sequence = 0
  const newItem = (kind: ItemKind): Item => ({
    kind,
    id: newItemId(kind === 'message' ? 'msg' : 'rs'),
    text: '',
  })
  const event = (type: string, fields: Readonly<Record<string, unknown>>): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence++, ...fields })}\n\n`
  const lifecycle = (type: string, rest: Readonly<Record<string, unknown>>): string =>
    event(`response.${type}`, { response: responseOf(identity, rest) })
  const place = (item: Item) => ({
    item_id: item.id,
    output_index: items.indexOf(item),
    content_index: 0,
  })
  const textEvent = (item: Item, what: 'delta' | 'done'): string =>
    `response.${item.kind === 'message' ? 'output_text' : 'reasoning_text'}.${what}`
  const logprobs = (item: Item) => (item.kind === 'message' ? { logprobs: [] } : {})

  const close = (status: ItemStatus): string => {
    const closed = items.filter((item) => open.get(item.kind) === item)
    open.clear()
    return closed
      .map((item) =>
        [
          event(textEvent(item, 'done'), { ...place(item), text: item.text, ...logprobs(item) }),
          event('response.content_part.done', { ...place(item), part: partOf(item) }),
          event('response.output_item.done', {
            output_index: items.indexOf(item),
            item: itemOf(item, statusOf(item, status)),
          }),
        ].join(''),
      )
      .join('')
  }
  const openItem = (kind: ItemKind): string => {
    const item = newItem(kind)
    items.push(item)
    open.set(kind, item)
    return [
      event('response.output_item.added', {
        output_index: items.length - 1,
        item: itemOf(item, 'in_progress'),
      }),
      event('response.content_part.added', { ...place(item), part: partOf(item) }),
    ].join('')
  }
  const delta = (kind: ItemKind, text: string): string => {
    const opened = open.has(kind) ? '' : openItem(kind)
    const item = open.get(kind)
    if (!item) return opened
    item.text += text
    const fields = { ...place(item), delta: text, ...logprobs(item) }
    return opened + event(textEvent(item, 'delta'), fields)
  }
  /** Only what was last can have been cut off. */
  const statusOf = (item: Item, last: ItemStatus): ItemStatus =>
    items.indexOf(item) === items.length - 1 ? last : 'completed'
  const output = (last: ItemStatus) => items.map((item) => itemOf(item, statusOf(item, last)))
  const hasText = (): boolean => items.some(({ kind }) => kind === 'message')

  return {
    start: () =>
      lifecycle('created', { status: 'in_progress' }) +
      lifecycle('in_progress', { status: 'in_progress' }),
    text: (text) => delta('message', text),
    thinking: (text) => delta('reasoning', text),
    toolCall: () => close('completed') || STILL_HERE,
    finish: ({ content, reason, usage }) => {
      const end = endOf(reason)
      // Of a run that had ended before its stream began, the chunks are no longer kept.
      const late = hasText() ? '' : content === '' ? openItem('message') : delta('message', content)
      const closed = close(end.status)
      const rest = { ...end, output: output(end.status), usage: toResponseUsage(usage) }
      return late + closed + lifecycle(end.status, rest)
    },
    fail: (refusal) => {
      const closed = close('incomplete')
      return (
        closed +
        lifecycle('failed', {
          status: 'failed',
          error: { code: errorCodeOf(refusal), message: refusal.message },
          output: output('incomplete'),
        })
      )
    },
    body: (said) => wholeBody(identity, said, newItem),
  }
}

function wholeBody(
  identity: ResponseIdentity,
  { content, thinking, reason, usage = NO_USAGE }: Said,
  newItem: (kind: ItemKind) => Item,
) {
  const end = endOf(reason)
  const output = [
    ...(thinking ? [itemOf({ ...newItem('reasoning'), text: thinking }, 'completed')] : []),
    itemOf({ ...newItem('message'), text: content }, end.status),
  ]
  // `output_text` is the SDKs' own convenience: on the wire there is none.
  return responseOf(identity, { ...end, output, usage: toResponseUsage(usage) })
}
