import { describe, expect, it } from 'vitest'
import type { ProviderRecord } from '../../../src/domain/agent-record.ts'
import type { Fetch } from '../../../src/domain/model.ts'
import { EgressError, TIMED_OUT } from '../../../src/egress/refusal.ts'
import { listModels } from '../../../src/providers/list-models.ts'
import { providerRecord } from '../../support/vendors/model.ts'

const KEY = 'the-key-123456'

function asking(fields: Partial<ProviderRecord>, fetch: Fetch, apiKey: string | null = KEY) {
  const record = providerRecord({ allowPrivateNetwork: false, ...fields })
  return listModels({ record, apiKey, fetch, now: () => 0 })
}

const answers =
  (body: unknown, status = 200): Fetch =>
  async () =>
    new Response(typeof body === 'string' ? body : JSON.stringify(body), { status })

describe('a provider’s models', () => {
  it.each([
    ['openai', 'https://api.openai.com/v1/models', 'authorization', `Bearer ${KEY}`],
    ['anthropic', 'https://api.anthropic.com/v1/models?limit=1000', 'x-api-key', KEY],
    [
      'google',
      'https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000',
      'x-goog-api-key',
      KEY,
    ],
  ] as const)('are asked of %s where it keeps them', async (type, url, header, value) => {
    const sent: [string, string | null][] = []
    await asking({ type, apiBase: null }, async (input, init) => {
      sent.push([String(input), new Headers(init?.headers).get(header)])
      return Response.json({ data: [] })
    })
    expect(sent).toEqual([[url, value]])
  })

  it('are read from each vendor’s list', async () => {
    const openai = answers({ data: [{ id: 'gpt-5' }, { id: 'gpt-5' }, { id: 'o3' }] })
    expect(await asking({ type: 'openai', apiBase: null }, openai)).toEqual({
      ok: true,
      value: ['gpt-5', 'o3'],
    })
    const google = answers({ models: [{ name: 'models/gemini-2.5-pro' }] })
    expect(await asking({ type: 'google', apiBase: null }, google)).toMatchObject({
      value: ['gemini-2.5-pro'],
    })
  })

  it('are looked at one by one, and no further than they are shown', async () => {
    const many = Array.from({ length: 1_200 }, (_, i) => ({ id: `m-${i}` }))
    const asked = await asking({ type: 'openai', apiBase: null }, answers({ data: many }))
    expect(asked.ok && asked.value.length).toBe(1_000)
    for (const data of [[0], [{ id: 'gpt-5' }, null], [{ id: 7 }], [[]], { id: 'gpt-5' }]) {
      const answer = await asking({ type: 'openai', apiBase: null }, answers({ data }))
      expect(answer.ok, JSON.stringify(data)).toBe(false)
    }
  })

  it('cost no memory to speak of when none of them is a model', async () => {
    const body = `{"data":[${'0,'.repeat(500_000)}0]}`
    const before = process.memoryUsage().heapUsed
    expect((await asking({ type: 'openai', apiBase: null }, answers(body))).ok).toBe(false)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 * 1024 * 1024)
  })

  it('are asked without a key where none is needed, and only there', async () => {
    const sent: (string | null)[] = []
    const fetch: Fetch = async (_, init) => {
      sent.push(new Headers(init?.headers).get('authorization'))
      return Response.json({ data: [{ id: 'llama' }] })
    }
    const compat = { type: 'openai_compat', apiBase: 'https://models.example/v1' } as const
    expect(await asking(compat, fetch, null)).toMatchObject({ value: ['llama'] })
    expect(sent).toEqual([null])
    expect(await asking({ type: 'openai', apiBase: null }, fetch, null)).toMatchObject({
      error: expect.stringContaining('needs an API key'),
    })
    expect(sent).toHaveLength(1)
  })

  it('go nowhere that no call of the model would go', async () => {
    const sent: string[] = []
    const fetch: Fetch = async (input) => {
      sent.push(String(input))
      return Response.json({ data: [] })
    }
    for (const apiBase of ['http://models.example', 'https://10.0.0.1', 'https://x.internal']) {
      expect((await asking({ type: 'openai_compat', apiBase }, fetch)).ok, apiBase).toBe(false)
    }
    expect(sent).toEqual([])
  })

  it.each([
    [401, 'refuses the API key (HTTP 401)'],
    [404, 'does not know this model or address (HTTP 404)'],
    [500, 'has a problem (HTTP 500)'],
  ])('are not there after %i, in our own words', async (status, words) => {
    const body = { error: { message: `key ${KEY} is wrong at 10.1.2.3:9000` } }
    const answer = await asking({ type: 'openai', apiBase: null }, answers(body, status))
    expect(answer).toMatchObject({ ok: false, error: expect.stringContaining(words) })
    expect(JSON.stringify(answer)).not.toMatch(/the-key|10\.1\.2\.3/)
  })

  it('are not believed where no list came', async () => {
    for (const body of ['<html>', '{"data":7}', '[]', '{"data":[{"name":"x"}]}']) {
      expect((await asking({ type: 'openai', apiBase: null }, answers(body))).ok, body).toBe(false)
    }
  })

  it('leave out what is no name, and more than a list holds', async () => {
    const names = ['ok', 'two words', 'line\nbreak', '\u202eevil', '', 'x'.repeat(201)]
    const data = names.map((id) => ({ id }))
    expect(await asking({ type: 'openai', apiBase: null }, answers({ data }))).toMatchObject({
      value: ['ok'],
    })
    const many = Array.from({ length: 1_200 }, (_, i) => ({ id: `m${i}` }))
    const listed = await asking({ type: 'openai', apiBase: null }, answers({ data: many }))
    expect(listed.ok && listed.value.length).toBe(1_000)
  })

  it('are not there when the way fails, and nothing tells where it led', async () => {
    const failing = (error: Error) =>
      asking({ type: 'openai', apiBase: null }, () => Promise.reject(error))
    expect(await failing(new EgressError(TIMED_OUT))).toMatchObject({
      error: expect.stringContaining('did not answer in time'),
    })
    const refused = await failing(new Error('connect ECONNREFUSED 10.0.0.8:443'))
    expect(refused).toMatchObject({ error: expect.stringContaining('cannot be reached') })
    expect(JSON.stringify(refused)).not.toContain('10.0.0.8')
  })

  it('are known of the demo without asking', async () => {
    const never: Fetch = () => Promise.reject(new Error('nothing is asked'))
    expect(await asking({ type: 'demo' }, never, null)).toEqual({ ok: true, value: ['demo'] })
  })
})
