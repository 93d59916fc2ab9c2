/** A conversation that outgrows its model's window, and a model that cannot answer, at the doors. */
import { evictDurableObject } from 'cloudflare:test'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { SUMMARISER_PROMPT } from '../../src/agent/summary.ts'
import type { TenantId } from '../../src/domain/ids.ts'
import { sessionObjectName } from '../../src/domain/object-name.ts'
import {
  bearer,
  bindings,
  connected,
  createKey,
  createTenant,
  http,
  migrate,
  operator,
  TOKEN,
} from './support/gateway.ts'
import type { TestSocket } from './support/socket.ts'
import { chunk } from './support/vendor.ts'

const FACT = 'the vault is number 4711'
const USAGE = {
  prompt_tokens: 50,
  completion_tokens: 5,
  prompt_tokens_details: { cached_tokens: 30 },
}

const EVENT_STREAM = { 'content-type': 'text/event-stream' }

interface Asked {
  readonly host: string
  readonly model: string
  readonly messages: readonly { readonly role: string; readonly content: string }[]
}

const isSummary = ({ messages }: Asked): boolean => messages[0]?.content === SUMMARISER_PROMPT

/** Sums up what it knows of the vault; answers with all that it was sent, in short. */
class RecallingVendor {
  readonly asked: Asked[] = []
  /** Hosts that refuse for the moment. */
  readonly down = new Set<string>()
  /** Hosts that hang up before their first word. */
  readonly cut = new Set<string>()
  isSummarising = true

  constructor() {
    vi.stubGlobal('fetch', async (input: unknown, init?: RequestInit): Promise<Response> => {
      const { host } = new URL(input instanceof Request ? input.url : String(input))
      const asked = { host, ...(JSON.parse(String(init?.body)) as Omit<Asked, 'host'>) }
      this.asked.push(asked)
      if (this.down.has(host)) return new Response('{}', { status: 503 })
      if (this.cut.has(host)) return new Response('', { headers: EVENT_STREAM })
      const text = this.#answerTo(asked)
      const end = `data: ${JSON.stringify({ choices: [], usage: USAGE })}\n\ndata: [DONE]\n\n`
      const body = `${chunk({ content: text })}${chunk({}, 'stop')}${end}`
      return new Response(body, { headers: EVENT_STREAM })
    })
  }

  #answerTo(asked: Asked): string {
    const known = JSON.stringify(asked.messages).includes(FACT) ? FACT : 'I do not know'
    if (isSummary(asked)) return this.isSummarising ? known : ''
    return asked.messages.at(-1)?.content.includes('which number') ? known : 'fine'
  }

  get summaries(): readonly Asked[] {
    return this.asked.filter(isSummary)
  }
}

let platform: TestSocket
let admin: TestSocket
let tenantId: string
let vendor: RecallingVendor

beforeAll(async () => {
  await migrate()
  platform = await operator()
  tenantId = await createTenant(platform, 'long-talks')
  await platform.ask('tenants.users.add', { tenant_id: tenantId, user_id: 'olga', role: 'owner' })
  admin = await connected({ token: TOKEN, tenant_id: tenantId, user_id: 'olga' })
  await admin.ask('config.patch', {
    raw: {
      gateway: { rate_limit_rpm: 0, rate_limit_session_rpm: 0 },
      budgets: { prices: { 'near/m': { input: 10, output: 10, cache_read: 1 } } },
    },
  })
  for (const name of ['near', 'far']) {
    await admin.ask('providers.create', {
      name,
      provider_type: 'openai_compat',
      api_base: `https://${name}.example/v1`,
      api_key: `key-of-the-${name}-vendor`,
    })
  }
  await admin.ask('agents.create', {
    agent_key: 'small',
    provider: 'near',
    model: 'm',
    settings: {
      context_window_tokens: 6_000,
      max_output_tokens: 500,
      tools: { deny: ['*'] },
      fallbacks: [{ provider: 'far', model: 'm2' }],
    },
  })
}, 60_000)
beforeEach(() => {
  vendor = new RecallingVendor()
})
afterAll(() => void vi.unstubAllGlobals())

let talks = 0
const talk = (): string => `agent:small:ws:direct:l${++talks}`

const send = (sessionKey: string, message: string) =>
  admin.ask('chat.send', { sessionKey, message })

/** The fact first, then more than the window holds. */
async function longTalk(sessionKey: string, turns = 8): Promise<void> {
  await send(sessionKey, `remember that ${FACT}`)
  for (let n = 0; n < turns; n++) await send(sessionKey, `${n} ${'words '.repeat(500)}`)
}

const forget = (sessionKey: string) =>
  evictDurableObject(
    bindings.SESSIONS.getByName(sessionObjectName(tenantId as TenantId, sessionKey)),
  )

const completedOf = (sessionKey: string, runId: unknown) =>
  admin.find(
    (frame) =>
      frame.type === 'event' &&
      frame.payload['type'] === 'run.completed' &&
      frame.payload['sessionKey'] === sessionKey &&
      frame.payload['runId'] === runId,
    `the end of ${String(runId)}`,
  )

describe('a conversation longer than its window', () => {
  it('is answered from a summary, in another life as well, and its history stays whole', async () => {
    const sessionKey = talk()
    await longTalk(sessionKey)
    expect(vendor.summaries.length).toBeGreaterThan(0)
    for (const { messages } of vendor.asked) {
      expect(JSON.stringify(messages).length / 4).toBeLessThan(6_000)
    }
    await forget(sessionKey)
    const before = vendor.summaries.length
    const { content } = (await send(sessionKey, 'which number?')) as { content: string }
    expect(content).toBe(FACT)
    expect(vendor.summaries).toHaveLength(before)
    // Below the agent's prompt, among the messages, and said to be what it is.
    const [system, summary] = vendor.asked.at(-1)?.messages ?? []
    expect(system?.content).not.toContain(FACT)
    expect(summary).toMatchObject({ role: 'user' })
    expect(summary?.content).toMatch(/^\[Summary of the conversation so far/)
    const { messages } = (await admin.ask('chat.history', { sessionKey, limit: 200 })) as {
      messages: readonly unknown[]
    }
    expect(messages).toHaveLength(20)
  })

  it('goes on without its oldest turns when nothing comes of the summary', async () => {
    vendor.isSummarising = false
    const sessionKey = talk()
    await longTalk(sessionKey)
    const { content } = (await send(sessionKey, 'which number?')) as { content: string }
    expect(content).toBe('I do not know')
    for (const { messages } of vendor.asked) {
      expect(JSON.stringify(messages).length / 4).toBeLessThan(6_000)
    }
  })

  it('has no summary left once it was emptied', async () => {
    const sessionKey = talk()
    await longTalk(sessionKey)
    await admin.ask('sessions.reset', { sessionKey })
    const { content } = (await send(sessionKey, 'which number?')) as { content: string }
    expect(content).toBe('I do not know')
  })
})

describe('sessions.compact', () => {
  it('summarises by hand, says so, and is paid for', async () => {
    const sessionKey = talk()
    await longTalk(sessionKey, 3)
    expect(vendor.summaries).toHaveLength(0)
    const begun = (await admin.ask('sessions.compact', { sessionKey })) as { runId: string }
    const ended = await completedOf(sessionKey, begun.runId)
    expect(ended).toMatchObject({
      payload: { payload: { content: '', usage: { prompt_tokens: 50, cache_read_tokens: 30 } } },
    })
    expect(vendor.summaries).toHaveLength(1)
    const { content } = (await send(sessionKey, 'which number?')) as { content: string }
    expect(content).toBe(FACT)
    expect(vendor.asked.at(-1)?.messages).toHaveLength(7)
  })

  it('is refused to another user, and to nobody for whom there is no session', async () => {
    const sessionKey = talk()
    await send(sessionKey, 'hello')
    const { key } = await createKey(platform, tenantId, {
      scopes: ['operator.write'],
      owner: 'mallory',
    })
    const path = (name: string) => `/v1/sessions/${encodeURIComponent(name)}/compact`
    const by = { method: 'POST', headers: bearer(key), body: {} } as const
    expect((await http(path(sessionKey), by)).status).toBeGreaterThanOrEqual(401)
    expect((await http(path(talk()), by)).status).toBe(404)
    expect(vendor.summaries).toHaveLength(0)
  })
})

describe('a model that cannot answer', () => {
  it('is stood in for, and who answered is told and counted', async () => {
    const sessionKey = talk()
    const own = (await send(sessionKey, 'hello')) as Record<string, unknown>
    expect(own).toMatchObject({
      usage: { cache_read_tokens: 30 },
      models: [{ provider: 'near', model: 'm' }],
      cost_usd: (20 * 10 + 30 * 1 + 5 * 10) / 1_000_000,
    })
    vendor.down.add('near.example')
    const stood = (await send(sessionKey, 'hello')) as Record<string, unknown>
    expect(stood).toMatchObject({ models: [{ provider: 'far', model: 'm2' }] })
    expect(stood).not.toHaveProperty('cost_usd')
    expect(vendor.asked.at(-1)).toMatchObject({ host: 'far.example', model: 'm2' })
    const byModel = async () => {
      const { usage } = (await admin.ask('usage.get', { group_by: 'model' })) as {
        usage: readonly { provider: string; model: string; requests: number }[]
      }
      return usage.find(({ provider }) => provider === 'far')?.model
    }
    await expect.poll(byModel, { timeout: 15_000 }).toBe('m2')
  })

  it('has cost what was sent to it, under its own name, in the answer and in the books', async () => {
    await admin.ask('providers.create', {
      name: 'loose',
      provider_type: 'openai_compat',
      api_base: 'https://loose.example/v1',
      api_key: 'key-of-the-loose-vendor',
    })
    await admin.ask('agents.create', {
      agent_key: 'loose',
      provider: 'loose',
      model: 'm',
      settings: { fallbacks: [{ provider: 'far', model: 'm2' }] },
    })
    vendor.cut.add('loose.example')
    const answer = await send(`agent:loose:ws:direct:l${++talks}`, 'hello')
    expect(answer).toMatchObject({
      models: [
        { provider: 'loose', usage: { completion_tokens: 0 } },
        { provider: 'far', usage: { prompt_tokens: 50, completion_tokens: 5 } },
      ],
    })
    const [wasted] = (answer as { models: readonly { usage: { prompt_tokens: number } }[] }).models
    const sent = wasted?.usage.prompt_tokens ?? 0
    expect(sent).toBeGreaterThan(100)
    const booked = async () => {
      const { usage } = (await admin.ask('usage.get', { group_by: 'model' })) as {
        usage: readonly { provider: string; input_tokens: number }[]
      }
      return usage.find(({ provider }) => provider === 'loose')?.input_tokens
    }
    await expect.poll(booked, { timeout: 15_000 }).toBe(sent)
  })

  it('is not stood in for by one without a price while a budget of money holds', async () => {
    await admin.ask('config.patch', { raw: { budgets: { tenant: { usd_per_day: 5 } } } })
    vendor.down.add('near.example')
    const answer = await admin.request('chat.send', { sessionKey: talk(), message: 'hello' })
    await admin.ask('config.patch', { raw: { budgets: { tenant: null } } })
    expect(answer).toMatchObject({ ok: false })
    expect(vendor.asked.some(({ host }) => host === 'far.example')).toBe(false)
  })

  it('may be stood in for by whom an admin names, and by a provider that is there', async () => {
    const unknown = await admin.request('agents.update', {
      id: 'small',
      fallbacks: [{ provider: 'elsewhere', model: 'x' }],
    })
    expect(unknown).toMatchObject({ ok: false, error: { code: 'INVALID_REQUEST' } })
    const { providers } = (await admin.ask('providers.list')) as {
      providers: readonly { id: string; name: string }[]
    }
    const far = providers.find(({ name }) => name === 'far')?.id
    expect(await admin.request('providers.delete', { id: far })).toMatchObject({
      ok: false,
      error: { code: 'FAILED_PRECONDITION' },
    })
    await admin.ask('config.permissions.grant', {
      configType: 'agent_settings',
      userId: 'dora',
      permission: 'allow',
    })
    await platform.ask('tenants.users.add', {
      tenant_id: tenantId,
      user_id: 'dora',
      role: 'operator',
    })
    const dora = await connected({ token: TOKEN, tenant_id: tenantId, user_id: 'dora' })
    await dora.ask('agents.update', { id: 'small', temperature: 0.5 })
    const moved = await dora.request('agents.update', {
      id: 'small',
      fallbacks: [{ provider: 'near', model: 'x' }],
    })
    expect(moved).toMatchObject({ ok: false, error: { code: 'UNAUTHORIZED' } })
  })
})
