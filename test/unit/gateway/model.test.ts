import { afterEach, describe, expect, it } from 'vitest'
import type { AgentRecord, ProviderRecord } from '../../../src/domain/agent-record.ts'
import { tenantConfigSchema } from '../../../src/domain/config/tenant-config.ts'
import { tenantIdSchema } from '../../../src/domain/ids.ts'
import type { ModelEvent } from '../../../src/domain/model.ts'
import type { TenantSnapshot } from '../../../src/domain/tenant-snapshot.ts'
import { openModel } from '../../../src/gateway/model.ts'
import { createSecretDictionary } from '../../../src/output/secret-dictionary.ts'
import { collect, providerRecord } from '../../support/vendors/model.ts'
import type { Behaviour } from '../../support/vendors/script.ts'
import { startVendor, type Vendor } from '../../support/vendors/vendor.ts'
import { openWorld } from './world.ts'

const running: Vendor[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((vendor) => vendor.close()))
})

async function provider(name: string, behaviour: Behaviour): Promise<ProviderRecord> {
  const vendor = await startVendor({ kind: 'openai', script: [behaviour] })
  running.push(vendor)
  return providerRecord({ name, apiBase: vendor.url })
}

/** An agent whose own model is the first provider's, with the others' behind it. */
async function open(...providers: readonly ProviderRecord[]) {
  const [own, ...others] = providers.map(({ name }) => ({ provider: name, model: `${name}-model` }))
  const agent = {
    ...own,
    settings: { fallbacks: others },
  } as unknown as AgentRecord
  const snapshot = {
    tenantId: tenantIdSchema.parse('ten_acme'),
    config: tenantConfigSchema.parse({}),
    providers,
  } as unknown as TenantSnapshot
  const model = await openModel({
    agent,
    snapshot,
    services: openWorld().services,
    dictionary: createSecretDictionary(),
    acceptPlaintext: false,
  })
  if (!model.ok) throw new Error(model.error)
  return model.value
}

const usages = (events: readonly ModelEvent[]) =>
  events.flatMap((event) => ('usage' in event && event.usage ? [event] : []))

describe('a vendor that was at work and gave no answer', () => {
  const usage = { input: 20, output: 5 }

  it.each<[string, Behaviour]>([
    ['garbled', { type: 'garbage', what: 'bad_json' }],
    ['cut-off', { type: 'cut', how: 'end' }],
  ])('has cost what was sent, under its own model: %s', async (name, behaviour) => {
    const model = await open(
      await provider(name, behaviour),
      await provider('steady', { type: 'answer', text: 'hi', usage }),
    )
    const [waste, answer, ...more] = usages(await collect(model))
    expect(waste).toMatchObject({ type: 'in_vain', model: { provider: name } })
    expect(waste?.usage?.promptTokens).toBeGreaterThan(0)
    expect(answer).toMatchObject({
      type: 'finish',
      model: { provider: 'steady', name: 'steady-model' },
      usage: { promptTokens: 20, completionTokens: 5 },
    })
    expect(more).toEqual([])
  })

  it('has cost nothing when it refused', async () => {
    const model = await open(
      await provider('busy', { type: 'status', status: 503 }),
      await provider('calm', { type: 'answer', text: 'hi', usage }),
    )
    expect(usages(await collect(model)).map(({ type }) => type)).toEqual(['finish'])
  })
})
