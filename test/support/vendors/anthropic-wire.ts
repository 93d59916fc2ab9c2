/** Anthropic's messages as server-sent events. */

import { argumentsText, DEFAULT_USAGE, inHalves, type ScriptedUsage, textDeltas } from './script.ts'
import type { Wire } from './wire.ts'

const event = (data: { readonly type: string; readonly [field: string]: unknown }): string =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`

const start = (usage: ScriptedUsage): string =>
  event({
    type: 'message_start',
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'local',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: {
        input_tokens: usage.input,
        output_tokens: 1,
        cache_creation_input_tokens: usage.cacheWrite ?? 0,
        cache_read_input_tokens: usage.cacheRead ?? 0,
      },
    },
  })

const block = (index: number, content: unknown, deltas: readonly unknown[]): readonly string[] => [
  event({ type: 'content_block_start', index, content_block: content }),
  ...deltas.map((delta) => event({ type: 'content_block_delta', index, delta })),
  event({ type: 'content_block_stop', index }),
]

const STOP_REASONS = { stop: 'end_turn', length: 'max_tokens', content_filter: 'refusal' } as const

export const anthropicWire: Wire = {
  basePath: '/v1',
  begin: () =>
    start(DEFAULT_USAGE) +
    event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }) +
    event({ type: 'ping' }),
  text: (delta) =>
    event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: delta } }),
  answer({ thinking, text, calls = [], finish = 'stop', usage = DEFAULT_USAGE }) {
    const blocks: (readonly [content: unknown, deltas: readonly unknown[]])[] = []
    if (thinking !== undefined) {
      blocks.push([{ type: 'thinking', thinking: '' }, [{ type: 'thinking_delta', thinking }]])
    }
    if (text !== undefined) {
      const deltas = textDeltas(text).map((delta) => ({ type: 'text_delta', text: delta }))
      blocks.push([{ type: 'text', text: '' }, deltas])
    }
    for (const [index, call] of calls.entries()) {
      const id = call.id ?? `toolu_${index}`
      blocks.push([
        { type: 'tool_use', id, name: call.name, input: {} },
        inHalves(argumentsText(call)).map((part) => ({
          type: 'input_json_delta',
          partial_json: part,
        })),
      ])
    }
    const isCalling = calls.length > 0 && finish === 'stop'
    return [
      start(usage),
      event({ type: 'ping' }),
      ...blocks.flatMap(([content, deltas], index) => block(index, content, deltas)),
      event({
        type: 'message_delta',
        delta: { stop_reason: isCalling ? 'tool_use' : STOP_REASONS[finish], stop_sequence: null },
        usage: { output_tokens: usage.output },
      }),
      event({ type: 'message_stop' }),
    ]
  },
  errorEvent: (code, message) => event({ type: 'error', error: { type: code, message } }),
  errorBody: (_status, code, message) =>
    JSON.stringify({ type: 'error', error: { type: code, message } }),
}
