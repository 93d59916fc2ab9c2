/**
 * A vendor through its AI SDK model's `doStream`; the `ai` core, which would bring its own retries and
 * Node-only code, is not used. Models are kept per vendor object, which belongs to one provider row.
 */
import type { Fetch } from '../domain/model.ts'
import { cappedAnswer } from './capped-answer.ts'
import type { LanguageModel } from './language-model.ts'
import { type PromptDialect, toCallOptions } from './prompt.ts'
import type { Vendor } from './vendor-stream.ts'

/** One agent uses one model; a caller that names many does not make this grow. */
const MAX_CACHED_MODELS = 16

export interface SdkModels {
  readonly dialect: PromptDialect
  /** Builds the SDK's model, which must send through this `fetch` and no other. */
  languageModel(model: string, fetch: Fetch): LanguageModel
}

interface Call {
  readonly fetch: Fetch
  readonly onBytes: () => void
}

export function sdkVendor({ dialect, languageModel }: SdkModels): Vendor {
  /** The SDK hands `fetch` the signal of the call it belongs to, and nothing else of it. */
  const calls = new WeakMap<AbortSignal, Call>()
  const models = new Map<string, LanguageModel>()
  const send: Fetch = async (input, init) => {
    const call = init?.signal ? calls.get(init.signal) : undefined
    if (call === undefined) throw new Error('a vendor package sent outside of a call')
    return cappedAnswer(await call.fetch(input, init), call.onBytes)
  }
  const modelOf = (name: string): LanguageModel => {
    const known = models.get(name)
    if (known !== undefined) return known
    if (models.size >= MAX_CACHED_MODELS) models.clear()
    const built = languageModel(name, send)
    models.set(name, built)
    return built
  }
  return {
    async open({ request, fetch, signal, onBytes }) {
      calls.set(signal, { fetch, onBytes })
      const answer = await modelOf(request.model).doStream(toCallOptions(request, dialect, signal))
      const reader = answer.stream.getReader()
      return {
        contentType: answer.response?.headers?.['content-type'] ?? '',
        async next() {
          const { done, value } = await reader.read()
          return done ? null : [value]
        },
      }
    },
  }
}
