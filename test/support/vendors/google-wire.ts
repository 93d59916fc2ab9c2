/** Gemini's streamGenerateContent as server-sent events. */

import { DEFAULT_USAGE, textDeltas } from './script.ts'
import type { Wire } from './wire.ts'

const event = (data: unknown): string => `data: ${JSON.stringify(data)}\r\n\r\n`

const candidate = (parts: readonly unknown[], finishReason?: string): unknown => ({
  content: { role: 'model', parts },
  index: 0,
  ...(finishReason === undefined ? {} : { finishReason }),
})

const FINISH_REASONS = { stop: 'STOP', length: 'MAX_TOKENS', content_filter: 'SAFETY' } as const

export const googleWire: Wire = {
  basePath: '/v1beta',
  begin: () => event({ responseId: 'r1', modelVersion: 'local' }),
  text: (delta) => event({ candidates: [candidate([{ text: delta }])] }),
  answer({ thinking, text, calls = [], finish = 'stop', usage = DEFAULT_USAGE }) {
    return [
      ...(thinking === undefined
        ? []
        : [event({ candidates: [candidate([{ text: thinking, thought: true }])] })]),
      ...textDeltas(text).map((delta) => event({ candidates: [candidate([{ text: delta }])] })),
      ...calls.map((call) => {
        const functionCall = { ...(call.id ? { id: call.id } : {}), name: call.name }
        return event({
          candidates: [candidate([{ functionCall: { ...functionCall, args: call.arguments } }])],
        })
      }),
      event({
        candidates: [candidate([], FINISH_REASONS[finish])],
        usageMetadata: {
          promptTokenCount: usage.input,
          candidatesTokenCount: usage.output,
          totalTokenCount: usage.input + usage.output,
          ...(usage.cacheRead === undefined ? {} : { cachedContentTokenCount: usage.cacheRead }),
        },
      }),
    ]
  },
  errorEvent: (code, message) => event({ error: { code: 503, status: code, message } }),
  errorBody: (status, code, message) =>
    JSON.stringify({ error: { code: status, status: code, message } }),
}
