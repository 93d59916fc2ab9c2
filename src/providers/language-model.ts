/**
 * The AI SDK's language model (specification v3) as this folder uses it. The types are taken from a
 * model class itself, so that they cannot differ from what the installed packages implement.
 */
import type { OpenAIChatLanguageModel } from '@ai-sdk/openai/internal'

export type LanguageModel = Pick<OpenAIChatLanguageModel, 'doStream'>
export type CallOptions = Parameters<LanguageModel['doStream']>[0]
export type Prompt = CallOptions['prompt']
export type PromptMessage = Prompt[number]
export type ProviderOptions = NonNullable<CallOptions['providerOptions']>
type StreamResult = Awaited<ReturnType<LanguageModel['doStream']>>
export type StreamPart = StreamResult['stream'] extends ReadableStream<infer Part> ? Part : never
