/**
 * Calls to model vendors as spans (OpenTelemetry's semantic conventions for generative AI): who was asked,
 * who answered, what it cost and how it ended. No word of what was said is looked at.
 */
import type { ProviderType } from '../domain/agent-record.ts'
import type { Usage } from '../domain/message.ts'
import type { Fetch, ModelEvent, ModelPort, ModelRequest } from '../domain/model.ts'
import type { ActiveSpan } from '../domain/ports/tracer.ts'
import type { Attributes } from '../domain/trace.ts'

/** The conventions' own names where they have one. */
const PROVIDER_NAMES: Partial<Record<ProviderType, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  google: 'gcp.gemini',
}

export interface TracedModelParts {
  readonly span: ActiveSpan | undefined
  /** The tenant's own name of the provider. */
  readonly provider: string
  readonly type: ProviderType
  /** Whether the vendor is told of the trace. */
  readonly isPropagated: boolean
}

export interface TracedModel {
  fetch(fetch: Fetch): Fetch
  model(model: ModelPort): ModelPort
}

export function traceModel({ span, provider, type, isPropagated }: TracedModelParts): TracedModel {
  if (span === undefined) return { fetch: (fetch) => fetch, model: (model) => model }
  // A run makes one call of a model at a time: what is sent now belongs to the last that began.
  let current: ActiveSpan | null = null
  return {
    fetch: (fetch) => {
      if (!isPropagated) return fetch
      return (input, init) => {
        const traceparent = current?.traceparent ?? null
        if (traceparent === null) return fetch(input, init)
        const headers = new Headers(
          init?.headers ?? (input instanceof Request ? input.headers : {}),
        )
        headers.set('traceparent', traceparent)
        return fetch(input, { ...init, headers })
      }
    },
    model: (model) => ({
      stream: (request, signal) => {
        current = span.start({
          name: `chat ${request.model}`,
          kind: 'client',
          attributes: {
            'gen_ai.operation.name': 'chat',
            'gen_ai.provider.name': PROVIDER_NAMES[type] ?? provider,
            'edgeclaw.provider': provider,
            ...ofRequest(request),
          },
        })
        return tracedEvents(model.stream(request, signal), request.model, current)
      },
    }),
  }
}

const ofRequest = ({ model, temperature, topP, maxOutputTokens }: ModelRequest): Attributes => ({
  'gen_ai.request.model': model,
  ...(temperature === undefined ? {} : { 'gen_ai.request.temperature': temperature }),
  ...(topP === undefined ? {} : { 'gen_ai.request.top_p': topP }),
  ...(maxOutputTokens === undefined ? {} : { 'gen_ai.request.max_tokens': maxOutputTokens }),
})

async function* tracedEvents(
  events: AsyncIterable<ModelEvent>,
  model: string,
  span: ActiveSpan,
): AsyncGenerator<ModelEvent> {
  let isEnded = false
  try {
    for await (const event of events) {
      if (event.type === 'finish') {
        span.set({
          'gen_ai.response.model': event.model?.name ?? model,
          'gen_ai.response.finish_reasons': [event.reason],
          ...usageAttributes(event.usage),
        })
        span.end('ok')
        isEnded = true
      } else if (event.type === 'error') {
        span.set({
          'error.type': event.failure.kind,
          ...(event.usage ? usageAttributes(event.usage) : {}),
        })
        span.end('error')
        isEnded = true
      }
      yield event
    }
  } catch (error) {
    span.set({ 'error.type': 'thrown' })
    span.end('error')
    throw error
  } finally {
    // Whoever read it has hung up.
    if (!isEnded) span.set({ 'error.type': 'cut' })
    span.end('error')
  }
}

export const usageAttributes = (usage: Usage): Attributes => ({
  'gen_ai.usage.input_tokens': usage.promptTokens,
  'gen_ai.usage.output_tokens': usage.completionTokens,
  ...(usage.cacheReadTokens
    ? { 'gen_ai.usage.cache_read.input_tokens': usage.cacheReadTokens }
    : {}),
  ...(usage.cacheCreationTokens
    ? { 'gen_ai.usage.cache_creation.input_tokens': usage.cacheCreationTokens }
    : {}),
})
