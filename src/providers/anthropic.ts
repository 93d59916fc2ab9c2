/**
 * Anthropic's messages, with prompt caching on: system prompt, tools and the turns so far are read
 * from the vendor's cache in the next step of the loop. Built without the factory, which would read
 * keys from the environment.
 */
import { AnthropicMessagesLanguageModel } from '@ai-sdk/anthropic/internal'
import { sdkVendor } from './sdk-vendor.ts'
import type { Vendor } from './vendor-stream.ts'

export const ANTHROPIC_ADDRESS = { url: 'https://api.anthropic.com/v1', path: '/v1' } as const

/** The version of the wire that the SDK speaks. */
export const ANTHROPIC_VERSION = '2023-06-01'

export const anthropic = (baseUrl: string, apiKey: string): Vendor =>
  sdkVendor({
    dialect: {
      cacheMark: { anthropic: { cacheControl: { type: 'ephemeral' } } },
      // Ids made by another vendor may hold dots and colons, which this one refuses.
      toolCallId: (id) => id.replace(/[^A-Za-z0-9_-]/g, '_') || '_',
    },
    languageModel: (model, fetch) =>
      new AnthropicMessagesLanguageModel(model, {
        provider: 'anthropic.messages',
        baseURL: baseUrl,
        headers: () => ({ 'anthropic-version': ANTHROPIC_VERSION, 'x-api-key': apiKey }),
        fetch,
      }),
  })
