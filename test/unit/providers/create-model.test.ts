import { afterEach, describe, expect, test, vi } from 'vitest'
import type { ProviderRecord } from '../../../src/domain/agent-record.ts'
import type { Fetch } from '../../../src/domain/model.ts'
import { createModel } from '../../../src/providers/create-model.ts'
import { contextWindowTokens, knownModels } from '../../../src/providers/models.ts'
import { collect, modelRequest, providerRecord, textOf } from '../../support/vendors/model.ts'

interface Sent {
  readonly url: string
  readonly headers: Headers
  readonly body: unknown
}

function recorder(): { readonly fetch: Fetch; readonly sent: Sent[] } {
  const sent: Sent[] = []
  return {
    sent,
    fetch: async (input, init) => {
      const body: unknown = JSON.parse(String(init?.body))
      sent.push({ url: String(input), headers: new Headers(init?.headers), body })
      return new Response('', { status: 500 })
    },
  }
}

function create(fields: Partial<ProviderRecord>, apiKey: string | null = 'the-key-123456') {
  const { fetch, sent } = recorder()
  const record = providerRecord({ allowPrivateNetwork: false, ...fields })
  return { model: createModel({ record, apiKey, fetch }), sent }
}

async function sentBy(fields: Partial<ProviderRecord>, apiKey?: string | null): Promise<Sent> {
  const { model, sent } = create(fields, apiKey)
  if (!model.ok) throw new Error(model.error.message)
  const tools = [
    { name: 'exec', description: 'runs', parameters: { type: 'object', properties: {} } },
  ]
  await collect(model.value, modelRequest({ tools }))
  const [first] = sent
  if (first === undefined) throw new Error('nothing was sent')
  return first
}

const refusalOf = (fields: Partial<ProviderRecord>, apiKey?: string | null) => {
  const { model } = create(fields, apiKey)
  return model.ok ? null : model.error.kind
}

afterEach(() => vi.unstubAllEnvs())

describe('createModel', () => {
  test.each([
    [
      'openai',
      'https://api.openai.com/v1/chat/completions',
      'authorization',
      'Bearer the-key-123456',
    ],
    ['anthropic', 'https://api.anthropic.com/v1/messages', 'x-api-key', 'the-key-123456'],
    [
      'google',
      'https://generativelanguage.googleapis.com/v1beta/models/local-model:streamGenerateContent?alt=sse',
      'x-goog-api-key',
      'the-key-123456',
    ],
  ] as const)(
    '%s sends the key in a header to the vendor itself',
    async (type, url, name, value) => {
      const sent = await sentBy({ type })
      expect(sent.url).toBe(url)
      expect(sent.headers.get(name)).toBe(value)
      expect(sent.url).not.toContain('the-key')
      expect(JSON.stringify(sent.body)).not.toContain('the-key')
    },
  )

  test.each([
    ['openai', 'https://proxy.example.com', 'https://proxy.example.com/v1/chat/completions'],
    ['openai', 'https://proxy.example.com/x/', 'https://proxy.example.com/x/chat/completions'],
    ['anthropic', 'https://proxy.example.com/', 'https://proxy.example.com/v1/messages'],
    ['openai_compat', 'https://api.example.com', 'https://api.example.com/chat/completions'],
    ['openai_compat', 'https://api.example.com/v1', 'https://api.example.com/v1/chat/completions'],
  ] as const)('%s at %s sends to %s', async (type, apiBase, url) => {
    expect((await sentBy({ type, apiBase })).url).toBe(url)
  })

  test('sends no authorization when a compatible server needs none', async () => {
    const sent = await sentBy({ type: 'openai_compat', apiBase: 'https://api.example.com' }, null)
    expect(sent.headers.has('authorization')).toBe(false)
  })

  test.each(['openai', 'anthropic', 'google'] as const)(
    '%s without a key is refused, whatever the environment holds',
    (type) => {
      vi.stubEnv('OPENAI_API_KEY', 'operators-key')
      vi.stubEnv('ANTHROPIC_API_KEY', 'operators-key')
      vi.stubEnv('GOOGLE_GENERATIVE_AI_API_KEY', 'operators-key')
      expect(refusalOf({ type }, null)).toBe('missing_key')
      expect(refusalOf({ type }, '')).toBe('missing_key')
    },
  )

  test('takes no base URL from the environment', async () => {
    vi.stubEnv('OPENAI_BASE_URL', 'https://elsewhere.example.com/v1')
    vi.stubEnv('ANTHROPIC_BASE_URL', 'https://elsewhere.example.com/v1')
    expect((await sentBy({ type: 'openai' })).url).toContain('api.openai.com')
    expect((await sentBy({ type: 'anthropic' })).url).toContain('api.anthropic.com')
  })

  test('refuses a disabled provider and a compatible one without address', () => {
    expect(refusalOf({ type: 'demo', enabled: false })).toBe('disabled')
    expect(refusalOf({ type: 'openai_compat', apiBase: null })).toBe('missing_base_url')
    expect(refusalOf({ type: 'openai_compat', apiBase: ' ' })).toBe('missing_base_url')
  })

  test.each([
    'http://127.0.0.1:11434/v1',
    'http://localhost:11434/v1',
    'https://192.168.1.7/v1',
    'http://models.example.com/v1',
    'http://gpu.internal/v1',
  ])('refuses %s, and allows it with the private network', (apiBase) => {
    const local = { type: 'openai_compat', apiBase } as const
    expect(refusalOf(local)).toBe('bad_base_url')
    expect(refusalOf({ ...local, allowPrivateNetwork: true })).toBeNull()
  })

  test.each([
    'https://user:pass@api.example.com/v1',
    'ftp://api.example.com',
    'api.example.com/v1',
    'https://api.example.com/v1?key=abc',
    'https://api.example.com/v1#x',
    'http://169.254.169.254/v1',
    'http://metadata.google.internal/v1',
  ])('refuses %s even with the private network', (apiBase) => {
    expect(refusalOf({ type: 'openai_compat', apiBase, allowPrivateNetwork: true })).toBe(
      'bad_base_url',
    )
  })

  test('marks system prompt and last message for Anthropic to cache', async () => {
    const { body } = await sentBy({ type: 'anthropic' })
    const cached = { cache_control: { type: 'ephemeral' } }
    expect(body).toMatchObject({
      stream: true,
      system: [cached],
      messages: [{ role: 'user', content: [cached] }],
      tools: [{ name: 'exec' }],
    })
  })

  test.each(['openai', 'openai_compat'] as const)(
    '%s asks for usage in the stream',
    async (type) => {
      const { body } = await sentBy({ type, apiBase: 'https://api.example.com/v1' })
      expect(body).toMatchObject({
        model: 'local-model',
        stream: true,
        stream_options: { include_usage: true },
        messages: [{ role: 'system' }, { role: 'user', content: 'hello' }],
        tools: [{ type: 'function', function: { name: 'exec' } }],
      })
    },
  )

  test('keeps the keys of two providers of one kind apart', async () => {
    const local = { type: 'openai_compat', apiBase: 'https://api.example.com' } as const
    const [first, second] = await Promise.all([sentBy(local, 'key-one'), sentBy(local, 'key-two')])
    expect(first.headers.get('authorization')).toBe('Bearer key-one')
    expect(second.headers.get('authorization')).toBe('Bearer key-two')
  })

  test('the demo model needs nothing', async () => {
    const { model, sent } = create({ type: 'demo' }, null)
    expect(model.ok && textOf(await collect(model.value))).toContain('demo model')
    expect(sent).toHaveLength(0)
  })
})

describe('models', () => {
  test.each([
    ['claude-sonnet-4-5', 200_000],
    ['anthropic/claude-sonnet-4-5', 200_000],
    ['gpt-4.1-mini', 1_047_576],
    ['gpt-4o', 128_000],
    ['GPT-4', 8_192],
    ['gemini-2.5-pro', 1_048_576],
    ['never-heard-of', 128_000],
  ])('%s has a window of %d tokens', (model, tokens) => {
    expect(contextWindowTokens(model)).toBe(tokens)
  })

  test('offers names for vendors and none for an unknown server', () => {
    expect(knownModels('anthropic').length).toBeGreaterThan(0)
    expect(knownModels('demo')).toEqual(['demo'])
    expect(knownModels('openai_compat')).toEqual([])
  })
})
