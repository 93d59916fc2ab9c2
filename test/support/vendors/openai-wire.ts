/** OpenAI's chat completions as server-sent events. */

import { argumentsText, DEFAULT_USAGE, inHalves, textDeltas } from './script.ts'
import type { Wire } from './wire.ts'

const event = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`

const chunk = (delta: unknown, finishReason: string | null = null): string =>
  event({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model: 'local',
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  })

export const openaiWire: Wire = {
  basePath: '/v1',
  text: (delta) => chunk({ content: delta }),
  begin: () => chunk({ role: 'assistant', content: '' }),
  answer({ thinking, text, calls = [], finish = 'stop', usage = DEFAULT_USAGE }) {
    return [
      chunk({ role: 'assistant', content: '' }),
      ...(thinking === undefined ? [] : [chunk({ reasoning_content: thinking })]),
      ...textDeltas(text).map((delta) => chunk({ content: delta })),
      ...calls.flatMap((call, index) => {
        const [first = '', ...rest] = inHalves(argumentsText(call))
        const id = call.id ?? `call_${index}`
        const start = {
          index,
          id,
          type: 'function',
          function: { name: call.name, arguments: first },
        }
        return [
          chunk({ tool_calls: [start] }),
          ...rest.map((part) => chunk({ tool_calls: [{ index, function: { arguments: part } }] })),
        ]
      }),
      chunk({}, calls.length > 0 && finish === 'stop' ? 'tool_calls' : finish),
      event({
        id: 'chatcmpl-1',
        object: 'chat.completion.chunk',
        created: 1_700_000_000,
        model: 'local',
        choices: [],
        usage: {
          prompt_tokens: usage.input,
          completion_tokens: usage.output,
          total_tokens: usage.input + usage.output,
          prompt_tokens_details: { cached_tokens: usage.cacheRead ?? 0 },
        },
      }),
      'data: [DONE]\n\n',
    ]
  },
  errorEvent: (code, message) => event({ error: { message, type: code, param: null, code } }),
  errorBody: (_status, code, message) =>
    JSON.stringify({ error: { message, type: code, param: null, code } }),
}
