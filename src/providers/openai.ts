/**
 * OpenAI itself, through chat completions: stateless, so that nothing of a tenant is stored at the
 * vendor, and the same for its look-alikes. The model class is used without its factory, which would
 * read a key or a base URL from the process' environment when a tenant gave none.
 */
import { OpenAIChatLanguageModel } from '@ai-sdk/openai/internal'
import { sdkVendor } from './sdk-vendor.ts'
import type { Vendor } from './vendor-stream.ts'

export const OPENAI_ADDRESS = { url: 'https://api.openai.com/v1', path: '/v1' } as const

export const openai = (baseUrl: string, apiKey: string): Vendor =>
  sdkVendor({
    dialect: { cacheMark: null },
    languageModel: (model, fetch) =>
      new OpenAIChatLanguageModel(model, {
        provider: 'openai.chat',
        url: ({ path }) => `${baseUrl}${path}`,
        headers: () => ({ authorization: `Bearer ${apiKey}` }),
        fetch,
      }),
  })
