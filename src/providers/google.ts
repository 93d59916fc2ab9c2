/** Google's Gemini. The key travels in a header, never in the URL. Built without the factory's environment. */
import { GoogleGenerativeAILanguageModel } from '@ai-sdk/google/internal'
import { sdkVendor } from './sdk-vendor.ts'
import type { Vendor } from './vendor-stream.ts'

export const GOOGLE_ADDRESS = {
  url: 'https://generativelanguage.googleapis.com/v1beta',
  path: '/v1beta',
} as const

export const google = (baseUrl: string, apiKey: string): Vendor =>
  sdkVendor({
    dialect: { cacheMark: null },
    languageModel: (model, fetch) =>
      new GoogleGenerativeAILanguageModel(model, {
        provider: 'google.generative-ai',
        baseURL: baseUrl,
        headers: () => ({ 'x-goog-api-key': apiKey }),
        // Gemini's wire may leave ids out; they only have to be unique within the transcript.
        generateId: () => `call_${crypto.randomUUID().replaceAll('-', '')}`,
        fetch,
      }),
  })
