import { describe, expect, it } from 'vitest'
import { tenantConfigSchema } from '../../../src/domain/config/tenant-config.ts'
import { NO_USAGE } from '../../../src/domain/message.ts'
import { pricedResult } from '../../../src/gateway/priced.ts'
import { toWireSpending } from '../../../src/protocol/agent-event.ts'

const config = tenantConfigSchema.parse({
  budgets: { prices: { 'near/a': { input: 2, output: 10, cache_read: 0.5 } } },
})
const usage = { ...NO_USAGE, promptTokens: 100, completionTokens: 10, cacheReadTokens: 60 }
const completed = { kind: 'completed', content: 'x', usage } as const
const near = { provider: 'near', name: 'a', usage }

describe('pricedResult', () => {
  it('says what each model that answered has cost, hits of the cache at their own price', () => {
    const priced = pricedResult(completed, [near], { config, providers: [] })
    expect(priced).toMatchObject({
      models: [{ ...near, costMicroUsd: 40 * 2 + 60 * 0.5 + 10 * 10 }],
    })
    if (priced.kind !== 'completed') throw new Error('not completed')
    expect(toWireSpending(priced.models)).toMatchObject({
      models: [
        { provider: 'near', model: 'a', cost_usd: 0.00021, usage: { cache_read_tokens: 60 } },
      ],
      cost_usd: 0.00021,
    })
  })

  it('gives no sum where one of them has no price', () => {
    const far = { provider: 'far', name: 'b', usage }
    const priced = pricedResult(completed, [near, far], { config, providers: [] })
    if (priced.kind !== 'completed') throw new Error('not completed')
    const wire = toWireSpending(priced.models)
    expect(wire).not.toHaveProperty('cost_usd')
    expect(wire).toMatchObject({ models: [{ cost_usd: 0.00021 }, { provider: 'far' }] })
    expect(JSON.stringify(wire).split('cost_usd')).toHaveLength(2)
  })

  it('adds nothing to a run that asked no model, or that failed', () => {
    expect(pricedResult(completed, [], { config, providers: [] })).toEqual(completed)
    const failed = { kind: 'failed', code: 'MODEL', error: 'x' } as const
    expect(pricedResult(failed, [near], { config, providers: [] })).toEqual(failed)
  })
})
