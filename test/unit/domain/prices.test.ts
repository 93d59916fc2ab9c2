import { describe, expect, it } from 'vitest'
import { NO_USAGE } from '../../../src/domain/message.ts'
import { costMicroUsd, LIST_PRICES, priceOf } from '../../../src/domain/prices.ts'

const usage = (promptTokens: number, completionTokens: number, read = 0, written = 0) => ({
  promptTokens,
  completionTokens,
  cacheReadTokens: read,
  cacheCreationTokens: written,
})

describe('priceOf', () => {
  const openai = { name: 'my-openai', type: 'openai' } as const

  it('knows a listed model, also under the day of its release', () => {
    expect(priceOf({}, openai, 'gpt-4o')).toEqual({ input: 2.5, cache_read: 1.25, output: 10 })
    expect(priceOf({}, openai, 'gpt-4o-2024-08-06')).toBe(LIST_PRICES.openai['gpt-4o'])
    expect(priceOf({}, openai, 'gpt-4o-2024-05-13')).toEqual({ input: 5, output: 15 })
    const anthropic = { name: 'a', type: 'anthropic' } as const
    expect(priceOf({}, anthropic, 'claude-sonnet-4-5-20250929')).toMatchObject({
      input: 3,
      output: 15,
      cache_write: 3.75,
    })
  })

  it('guesses nothing from the beginning of a name, nor from another vendor', () => {
    expect(priceOf({}, openai, 'gpt-4o-audio-preview')).toBeNull()
    expect(priceOf({}, openai, 'gpt-5-pro')).toBeNull()
    expect(priceOf({}, openai, 'claude-sonnet-4-5')).toBeNull()
    expect(priceOf({}, { name: 'router', type: 'openai_compat' }, 'gpt-4o')).toBeNull()
    expect(priceOf({}, { name: 'gone', type: null }, 'gpt-4o')).toBeNull()
  })

  it('takes the tenant’s own word first, by the name that the tenant gave the provider', () => {
    const prices = { 'my-openai/gpt-4o': { input: 1, output: 2 }, 'r/a/b': { input: 0, output: 0 } }
    expect(priceOf(prices, openai, 'gpt-4o')).toEqual({ input: 1, output: 2 })
    expect(priceOf(prices, { name: 'r', type: 'openai_compat' }, 'a/b')).toEqual({
      input: 0,
      output: 0,
    })
    expect(priceOf(prices, { name: 'other', type: 'openai' }, 'gpt-4o')).not.toEqual({
      input: 1,
      output: 2,
    })
  })

  it('finds no price in what every object has', () => {
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect(priceOf({}, openai, name)).toBeNull()
    }
  })
})

describe('costMicroUsd', () => {
  it('prices each kind of token once', () => {
    const price = { input: 3, output: 15, cache_read: 0.3, cache_write: 3.75 }
    // 1,000 prompt tokens, of which 600 were read from the cache and 100 written to it.
    expect(costMicroUsd(usage(1_000, 10, 600, 100), price)).toBe(
      300 * 3 + 600 * 0.3 + 100 * 3.75 + 10 * 15,
    )
  })

  it('takes the price of input for cached tokens that have none', () => {
    const price = { input: 2, output: 0 }
    expect(costMicroUsd(usage(100, 0, 40, 40), price)).toBe(200)
    expect(costMicroUsd(usage(100, 0), price)).toBe(200)
  })

  it('rounds up, so that nothing is free that has a price', () => {
    const price = { input: 0.05, output: 0.4 }
    expect(costMicroUsd(usage(1, 0), price)).toBe(1)
    expect(costMicroUsd(usage(20, 0), price)).toBe(1)
    expect(costMicroUsd(usage(21, 0), price)).toBe(2)
    expect(costMicroUsd(NO_USAGE, price)).toBe(0)
  })

  it('is exact where floating point is not', () => {
    expect(costMicroUsd(usage(3, 0), { input: 0.1, output: 0 })).toBe(1)
    expect(costMicroUsd(usage(30, 0), { input: 0.1, output: 0 })).toBe(3)
    expect(costMicroUsd(usage(1e12, 0), { input: 75, output: 0 })).toBe(75e12)
  })

  it('is never negative, whatever a vendor says of its cache', () => {
    expect(costMicroUsd(usage(10, 0, 50, 50), { input: 1, output: 1, cache_read: 0 })).toBe(50)
  })
})
