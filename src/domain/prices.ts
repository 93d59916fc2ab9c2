/**
 * What models cost, as their vendors listed it in November 2025, and what an answer comes to. A model that is not listed
 * here or by the tenant has no price: it is never guessed from the name of another. Long-context
 * surcharges, batches and free tiers are not known; a tenant sets what it pays in `budgets.prices`.
 */
import type { ProviderType } from './agent-record.ts'
import type { Usage } from './message.ts'

/** US dollars per million tokens. */
export interface ModelPrice {
  readonly input: number
  readonly output: number
  /** Absent: what `input` costs. */
  readonly cache_read?: number | undefined
  readonly cache_write?: number | undefined
}

/** Anthropic: a token written to the five-minute cache costs 5/4 of one that is read in, a hit 1/10. */
const anthropic = (input: number, output: number): ModelPrice => ({
  input,
  output,
  cache_read: input / 10,
  cache_write: (input * 5) / 4,
})

const openai = (input: number, cache_read: number, output: number): ModelPrice => ({
  input,
  cache_read,
  output,
})

const FREE: ModelPrice = { input: 0, output: 0 }

type Listed = Readonly<Record<string, ModelPrice>>

export const LIST_PRICES: Readonly<Record<ProviderType, Listed>> = {
  /** Whoever speaks OpenAI's wire may ask any price. */
  openai_compat: {},
  openai: {
    'gpt-5.1': openai(1.25, 0.125, 10),
    'gpt-5': openai(1.25, 0.125, 10),
    'gpt-5-mini': openai(0.25, 0.025, 2),
    'gpt-5-nano': openai(0.05, 0.005, 0.4),
    'gpt-4.1': openai(2, 0.5, 8),
    'gpt-4.1-mini': openai(0.4, 0.1, 1.6),
    'gpt-4.1-nano': openai(0.1, 0.025, 0.4),
    'gpt-4o': openai(2.5, 1.25, 10),
    // The first release kept its price when the later ones became cheaper.
    'gpt-4o-2024-05-13': { input: 5, output: 15 },
    'gpt-4o-mini': openai(0.15, 0.075, 0.6),
    o3: openai(2, 0.5, 8),
    'o4-mini': openai(1.1, 0.275, 4.4),
  },
  anthropic: {
    'claude-opus-4-5': anthropic(5, 25),
    'claude-sonnet-4-5': anthropic(3, 15),
    'claude-haiku-4-5': anthropic(1, 5),
    'claude-opus-4-1': anthropic(15, 75),
    'claude-opus-4': anthropic(15, 75),
    'claude-opus-4-0': anthropic(15, 75),
    'claude-sonnet-4': anthropic(3, 15),
    'claude-sonnet-4-0': anthropic(3, 15),
  },
  google: {
    'gemini-2.5-pro': { input: 1.25, output: 10 },
    'gemini-2.5-flash': { input: 0.3, output: 2.5 },
    'gemini-2.5-flash-lite': { input: 0.1, output: 0.4 },
    'gemini-2.0-flash': { input: 0.1, output: 0.4 },
  },
  demo: { demo: FREE },
}

/** The day of a model's release behind its name: the same model at the same price. */
const RELEASE = /-(?:\d{8}|\d{4}-\d{2}-\d{2})$/

const own = (listed: Listed, name: string): ModelPrice | undefined =>
  Object.hasOwn(listed, name) ? listed[name] : undefined

/** Null when nobody has said what the model costs. The tenant's own word stands over the list. */
export function priceOf(
  tenantPrices: Listed,
  provider: { readonly name: string; readonly type: ProviderType | null },
  model: string,
): ModelPrice | null {
  const set = own(tenantPrices, `${provider.name}/${model}`)
  if (set) return set
  if (provider.type === null) return null
  const listed = LIST_PRICES[provider.type]
  return own(listed, model) ?? own(listed, model.replace(RELEASE, '')) ?? null
}

/** Dollars per million tokens are millionths of a dollar per token; their millionths are whole. */
const PARTS = 1_000_000
const partsOf = (price: number): bigint => BigInt(Math.round(price * PARTS))

/**
 * Millionths of a US dollar, rounded up once for the whole usage. `promptTokens` includes those that
 * were read from a cache or written to it.
 */
export function costMicroUsd(usage: Usage, price: ModelPrice): number {
  const { promptTokens, completionTokens, cacheReadTokens, cacheCreationTokens } = usage
  const plain = Math.max(0, promptTokens - cacheReadTokens - cacheCreationTokens)
  const parts =
    BigInt(plain) * partsOf(price.input) +
    BigInt(cacheReadTokens) * partsOf(price.cache_read ?? price.input) +
    BigInt(cacheCreationTokens) * partsOf(price.cache_write ?? price.input) +
    BigInt(completionTokens) * partsOf(price.output)
  return Number((parts + BigInt(PARTS - 1)) / BigInt(PARTS))
}
