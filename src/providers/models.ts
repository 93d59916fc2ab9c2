/**
 * What is known of vendors' models without asking them: names to offer, and context windows for
 * trimming. Any other name may be used too; it then gets the default window.
 */
import type { ProviderType } from '../domain/agent-record.ts'

/** Small enough for any current model, so that an unknown one is trimmed rather than refused. */
export const DEFAULT_CONTEXT_TOKENS = 128_000

const KNOWN_MODELS: Readonly<Record<ProviderType, readonly string[]>> = {
  openai_compat: [],
  openai: [
    'gpt-5',
    'gpt-5-mini',
    'gpt-5-nano',
    'gpt-4.1',
    'gpt-4.1-mini',
    'gpt-4o',
    'gpt-4o-mini',
    'o3',
    'o4-mini',
  ],
  anthropic: [
    'claude-opus-4-5',
    'claude-sonnet-4-5',
    'claude-haiku-4-5',
    'claude-opus-4-1',
    'claude-sonnet-4-0',
  ],
  google: ['gemini-2.5-pro', 'gemini-2.5-flash', 'gemini-2.5-flash-lite', 'gemini-2.0-flash'],
  demo: ['demo'],
}

/** By the beginning of the name, first hit wins; a router's prefix (`vendor/`) is left out first. */
const WINDOWS: readonly (readonly [prefix: string, tokens: number])[] = [
  ['gpt-4.1', 1_047_576],
  ['gpt-5', 400_000],
  ['gpt-4-turbo', 128_000],
  ['gpt-4o', 128_000],
  ['gpt-4', 8_192],
  ['gpt-3.5', 16_385],
  ['o1', 200_000],
  ['o3', 200_000],
  ['o4', 200_000],
  ['claude', 200_000],
  ['gemini', 1_048_576],
]

export const knownModels = (type: ProviderType): readonly string[] => KNOWN_MODELS[type]

export function contextWindowTokens(model: string): number {
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase()
  return WINDOWS.find(([prefix]) => name.startsWith(prefix))?.[1] ?? DEFAULT_CONTEXT_TOKENS
}
