import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { agentSettingsSchema } from '../../../../src/domain/config/agent-settings.ts'
import { CONFIG_SECTIONS, tenantConfigSchema } from '../../../../src/domain/config/tenant-config.ts'

const faultOf = (document: unknown, schema: z.ZodType = tenantConfigSchema): string => {
  const parsed = schema.safeParse(document)
  return parsed.success ? 'allowed' : (parsed.error.issues[0]?.message ?? '')
}

describe('an unknown key', () => {
  it.each([
    [{ tools: { scrub_credential: true } }, 'tools.scrub_credential', 'tools.scrub_credentials'],
    [{ gatewy: {} }, 'gatewy', 'gateway'],
    [{ tools: { exec_approval: {} } }, 'tools.exec_approval', 'tools.execApproval'],
    [
      { tools: { by_owner: { ann: { dney: [] } } } },
      'tools.by_owner.ann.dney',
      'tools.by_owner.ann.deny',
    ],
    [
      { agents: { defaults: { autonomy: { levl: 'full' } } } },
      'agents.defaults.autonomy.levl',
      'agents.defaults.autonomy.level',
    ],
    [
      { budgets: { per_key: { usd_per_dy: 1 } } },
      'budgets.per_key.usd_per_dy',
      'budgets.per_key.usd_per_day',
    ],
  ])('is refused with the nearest known one: %j', (document, unknown, known) => {
    expect(faultOf(document)).toBe(`${unknown} is not a setting; did you mean ${known}?`)
  })

  it('is refused without a guess where nothing is near', () => {
    expect(faultOf({ tools: { zebra: 1 } })).toBe('tools.zebra is not a setting')
  })

  it('is told whole and escaped only when it is a plain word', () => {
    const hostile = `\u001b[31m${'x'.repeat(100_000)}`
    expect(faultOf({ [hostile]: 1 }).length).toBeLessThan(500)
    expect(faultOf({ [hostile]: 1 })).not.toContain('\u001b')
  })

  it('names no member of every object as if it were a setting', () => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty']) {
      expect(faultOf({ [name]: {} })).toContain(`${name} is not a setting`)
    }
  })

  it('is refused in the settings of an agent as well, extended and partial objects alike', () => {
    const inAgent = (settings: unknown) => faultOf(settings, agentSettingsSchema)
    expect(inAgent({ exec_aproval: {} })).toBe(
      'exec_aproval is not a setting; did you mean exec_approval?',
    )
    expect(inAgent({ exec_approval: { asks: 'off' } })).toBe(
      'exec_approval.asks is not a setting; did you mean exec_approval.ask?',
    )
    expect(inAgent({ exec_approval: { ask: 'off' } })).toBe('allowed')
  })
})

describe('a platform setting', () => {
  it.each([
    [{ gateway: { token: 'x' } }, 'gateway.token'],
    [{ gateway: { owner_ids: [] } }, 'gateway.owner_ids'],
    [{ gateway: { allowedOrigins: ['*'] } }, 'gateway.allowedOrigins'],
    [{ gateway: { 'trusted-proxies': [] } }, 'gateway.trusted-proxies'],
    [{ runners: [] }, 'runners'],
    [{ sandbox: { runners: [] } }, 'sandbox.runners'],
    [{ allow_private_network: true }, 'allow_private_network'],
    [{ accept_plaintext: true }, 'accept_plaintext'],
    [{ EDGECLAW_TOKEN: 'x' }, 'EDGECLAW_TOKEN'],
    [{ ceilings: {} }, 'ceilings'],
  ])('is refused as the operator’s: %j', (document, name) => {
    expect(faultOf(document)).toBe(
      `${name} belongs to the operator of the gateway: a tenant's settings cannot hold it`,
    )
  })

  it('is no key of the schema', () => {
    const text = JSON.stringify(z.toJSONSchema(tenantConfigSchema, { io: 'input' }))
    for (const name of ['owner_ids', 'allowed_origins', 'trusted_proxies', 'accept_plaintext']) {
      expect(text).not.toContain(`"${name}"`)
    }
  })
})

describe('a value that is none of a choice', () => {
  it('is refused with what there is, and the nearest', () => {
    expect(faultOf({ gateway: { injection_action: 'blok' } })).toBe(
      'is one of off, log, warn, block; did you mean block?',
    )
    expect(faultOf({ gateway: { injection_action: 7 } })).toBe('is one of off, log, warn, block')
    expect(faultOf({ gateway: { injection_action: 'block' } })).toBe('allowed')
  })
})

interface Node {
  readonly description?: string
  readonly properties?: Readonly<Record<string, Node>>
  readonly additionalProperties?: Node | false
}

function undescribed(node: Node, path: string): string[] {
  const members = Object.entries(node.properties ?? {}).flatMap(([name, inner]) => [
    ...(inner.description === undefined || inner.description.length < 10
      ? [`${path}.${name}`]
      : []),
    ...undescribed(inner, `${path}.${name}`),
  ])
  const extra = node.additionalProperties
  return extra ? [...members, ...undescribed(extra, `${path}.*`)] : members
}

describe('the exported JSON Schema', () => {
  it('says of every setting what it does', () => {
    for (const schema of [tenantConfigSchema, agentSettingsSchema]) {
      const exported = z.toJSONSchema(schema, { io: 'input' }) as Node
      expect(Object.keys(exported.properties ?? {}).length).toBeGreaterThan(5)
      expect(undescribed(exported, '')).toEqual([])
    }
  })

  it('has every section, and lets nothing else in', () => {
    const exported = z.toJSONSchema(tenantConfigSchema, { io: 'input' })
    expect(Object.keys(exported.properties ?? {})).toEqual([...CONFIG_SECTIONS])
    expect(exported['additionalProperties']).toBe(false)
  })
})

describe('budgets', () => {
  it('hold limits a day and a month for each kind, and prices by provider and model', () => {
    const limit = { requests_per_month: 1, tokens_per_month: 2, usd_per_month: 3, usd_per_day: 0 }
    const budgets = {
      tenant: limit,
      per_user: limit,
      per_agent: limit,
      per_key: limit,
      warn_at: 0.5,
      prices: { 'openai/gpt-5/mini': { input: 1, output: 2, cache_read: 0.1 } },
    }
    expect(tenantConfigSchema.parse({ budgets }).budgets).toEqual(budgets)
    expect(tenantConfigSchema.parse({}).budgets).toEqual({ warn_at: 0.8, prices: {} })
  })

  it.each([
    { warn_at: 0 },
    { warn_at: 1.5 },
    { prices: { 'no-slash': { input: 1, output: 1 } } },
    { prices: { 'a/b': { input: -1, output: 1 } } },
    { prices: { 'a/b': { input: 1 } } },
    { tenant: { usd_per_day: -1 } },
  ])('refuse %j', (budgets) => {
    expect(tenantConfigSchema.safeParse({ budgets }).success).toBe(false)
  })
})
