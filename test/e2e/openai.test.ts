/** OpenAI's door, through OpenAI's own client against the product as its user starts it. */
import OpenAI, {
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../src/cli/client.ts'
import { type GatewayProcess, startGatewayProcess, until } from '../support/gateway-process.ts'
import type { Behaviour, VendorRequest } from '../support/vendors/script.ts'
import { startVendor, type Vendor } from '../support/vendors/vendor.ts'

const USAGE = { input: 120, output: 34, cacheRead: 20 }

/** What the vendor is told to do stands in the message itself. */
const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  answer: { type: 'answer', text: 'four words in all', usage: USAGE },
  long: { type: 'answer', text: 'and on '.repeat(2_000), delayMs: 20 },
  length: { type: 'answer', text: 'cut off', finish: 'length', usage: USAGE },
  unauthorized: { type: 'status', status: 401, message: 'bad key' },
  invalid: { type: 'status', status: 400, message: 'the context is too long' },
  limited: { type: 'status', status: 429, headers: { 'retry-after': '3600' } },
  broken: { type: 'status', status: 500 },
  cut: { type: 'cut', text: 'only the beg', how: 'reset' },
  garbage: { type: 'garbage', what: 'html' },
  error: { type: 'error_event', text: 'well ', code: 'server_error', message: 'overheated' },
}

interface WireMessage {
  readonly role: string
  readonly content: unknown
}
const messagesOf = ({ body }: VendorRequest): readonly WireMessage[] =>
  (body as { messages: WireMessage[] }).messages

function script(request: VendorRequest): Behaviour {
  const last = messagesOf(request).at(-1)
  const asked = /do: (\w+)/.exec(JSON.stringify(last?.content))?.[1] ?? 'answer'
  const behaviour = BEHAVIOURS[asked]
  if (!behaviour) throw new Error(`the vendor does not know how to ${asked}`)
  return behaviour
}

let gateway: GatewayProcess
let operator: GatewayClient
let vendor: Vendor
let key: string
let client: OpenAI

const ask = (method: string, params: Readonly<Record<string, unknown>>) =>
  operator.request(method, params) as Promise<Record<string, unknown>>

const clientWith = (apiKey: string, headers: Readonly<Record<string, string>> = {}): OpenAI =>
  new OpenAI({ apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0, defaultHeaders: headers })

const keyFor = async (owner: string, scope: string): Promise<string> => {
  const made = await ask('api_keys.create', { name: owner, scopes: [scope], owner_id: owner })
  return String(made['key'])
}

beforeAll(async () => {
  vendor = await startVendor({ kind: 'openai', script })
  gateway = await startGatewayProcess({ args: ['--no-runner', '--quiet'] })
  operator = await gateway.connect()
  await ask('config.patch', { raw: { gateway: { rate_limit_rpm: 0 } } })
  await ask('providers.create', {
    name: 'local',
    provider_type: 'openai_compat',
    api_base: vendor.url,
    api_key: 'the-vendors-own-key',
    allow_private_network: true,
  })
  const wordsOnly = { tools: { profile: 'minimal' } }
  await ask('agents.create', {
    agent_key: 'talker',
    provider: 'local',
    model: 'local-model',
    system_prompt: 'You are the talker.',
    settings: wordsOnly,
  })
  await ask('agents.create', { agent_key: 'worker', provider: 'local', model: 'local-model' })
  await ask('agents.create', { agent_key: 'echo', settings: wordsOnly })
  await ask('agents.create', { agent_key: 'off', settings: wordsOnly, status: 'disabled' })
  key = await keyFor('alice', 'operator.write')
  client = clientWith(key)
})
afterAll(async () => {
  operator?.close()
  await gateway?.stop()
  await vendor?.close()
})

const user = (content: string) => ({ role: 'user' as const, content })
const sessions = async (): Promise<number> => Number((await ask('sessions.list', {}))['total'])

async function failureOf(work: Promise<unknown>): Promise<APIError> {
  try {
    await work
  } catch (error) {
    if (error instanceof APIError) return error
    throw error
  }
  throw new Error('it did not fail')
}

interface Streamed {
  readonly text: string
  readonly finish: string | null | undefined
  readonly usage: OpenAI.CompletionUsage | null | undefined
  readonly chunks: number
}

async function readStream(stream: AsyncIterable<OpenAI.ChatCompletionChunk>): Promise<Streamed> {
  const chunks: OpenAI.ChatCompletionChunk[] = []
  for await (const chunk of stream) chunks.push(chunk)
  const ids = new Set(chunks.map(({ id }) => id))
  expect(ids.size).toBe(1)
  return {
    text: chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join(''),
    finish: chunks.findLast(({ choices }) => choices[0]?.finish_reason)?.choices[0]?.finish_reason,
    usage: chunks.at(-1)?.usage,
    chunks: chunks.length,
  }
}

describe('models', () => {
  it('are the agents that can answer', async () => {
    const { data } = await client.models.list()
    const ids = data.map(({ id }) => id)
    expect(ids).toEqual(expect.arrayContaining(['default', 'talker', 'worker', 'echo']))
    expect(ids).not.toContain('off')
    expect(data[0]).toMatchObject({ object: 'model', owned_by: 'edgeclaw' })
  })
})

describe('a completion of an agent without tools', () => {
  it('answers whole, with usage, and keeps nothing', async () => {
    const before = await sessions()
    const answer = await client.chat.completions.create({
      model: 'talker',
      messages: [user('do: answer')],
    })
    expect(answer.id).toMatch(/^chatcmpl-/)
    expect(answer.object).toBe('chat.completion')
    expect(answer.choices).toHaveLength(1)
    expect(answer.choices[0]).toMatchObject({
      index: 0,
      finish_reason: 'stop',
      message: { role: 'assistant', content: 'four words in all' },
    })
    expect(answer.usage).toMatchObject({
      prompt_tokens: USAGE.input,
      completion_tokens: USAGE.output,
      total_tokens: USAGE.input + USAGE.output,
      prompt_tokens_details: { cached_tokens: USAGE.cacheRead },
    })
    expect(await sessions()).toBe(before)
  })

  it('streams, and tells its usage only when asked', async () => {
    const params = { model: 'talker', messages: [user('do: answer')], stream: true as const }
    const plain = await readStream(await client.chat.completions.create(params))
    expect(plain).toMatchObject({ text: 'four words in all', finish: 'stop' })
    expect(plain.chunks).toBeGreaterThan(3)
    expect(plain.usage ?? null).toBeNull()
    const counted = await readStream(
      await client.chat.completions.create({
        ...params,
        stream_options: { include_usage: true },
      }),
    )
    expect(counted).toMatchObject({
      text: 'four words in all',
      usage: { prompt_tokens: USAGE.input, completion_tokens: USAGE.output },
    })
  })

  it('works with the helper that puts a stream together', async () => {
    const stream = client.chat.completions.stream({
      model: 'agent:talker',
      messages: [user('do: length')],
    })
    const answer = await stream.finalChatCompletion()
    expect(answer.choices[0]).toMatchObject({ finish_reason: 'length' })
    expect(answer.choices[0]?.message.content).toBe('cut off')
  })

  it('hands on the whole conversation, the caller’s instructions below the agent’s own', async () => {
    await client.chat.completions.create({
      model: 'talker',
      messages: [
        { role: 'system', content: 'Speak like a pirate.' },
        { role: 'developer', content: [{ type: 'text', text: 'Be quick.' }] },
        user('first question'),
        { role: 'assistant', content: 'first answer' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'second' },
            { type: 'text', text: 'question' },
          ],
        },
      ],
      temperature: 0.25,
      top_p: 0.5,
      max_completion_tokens: 77,
      stop: ['END'],
    })
    const request = vendor.requests.at(-1)
    if (!request) throw new Error('the vendor was not asked')
    const [system, ...rest] = messagesOf(request)
    expect(system?.role).toBe('system')
    const prompt = String(system?.content)
    const own = prompt.indexOf('You are the talker.')
    expect(own).toBeGreaterThanOrEqual(0)
    expect(prompt.indexOf('Speak like a pirate.')).toBeGreaterThan(own)
    expect(prompt.indexOf('Be quick.')).toBeGreaterThan(own)
    expect(rest.map(({ role }) => role)).toEqual(['user', 'assistant', 'user'])
    expect(JSON.stringify(rest[2])).toContain('second')
    expect(JSON.stringify(rest[2])).toContain('question')
    expect(request.body).toMatchObject({ model: 'local-model', temperature: 0.25, top_p: 0.5 })
    expect(JSON.stringify(request.body)).toContain('77')
    expect(JSON.stringify(request.body)).toContain('END')
    expect(request.headers['authorization']).toBe('Bearer the-vendors-own-key')
    expect(JSON.stringify(request)).not.toContain(key)
  })

  it('stops the vendor when its caller goes away in mid-stream', async () => {
    const before = vendor.abandoned()
    const stream = await client.chat.completions.create({
      model: 'talker',
      messages: [user('do: long')],
      stream: true,
    })
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta.content) break
    }
    stream.controller.abort()
    await until('the vendor is let go', () => vendor.abandoned() > before, 10_000)
  })
})

describe('a completion of an agent with tools', () => {
  it('is a run of a session, which a second one may continue', async () => {
    const before = await sessions()
    const first = await client.chat.completions
      .create({ model: 'default', messages: [user('write: note.txt: remember me')] })
      .withResponse()
    const session = first.response.headers.get('x-edgeclaw-session-key')
    expect(session).toMatch(/^agent:default:ws:direct:/)
    expect(first.response.headers.get('x-edgeclaw-run-id')).toMatch(/^run_/)
    expect(first.data.choices[0]?.finish_reason).toBe('stop')
    expect(first.data.usage?.total_tokens).toBeGreaterThan(0)
    expect(await sessions()).toBe(before + 1)
    const second = await client.chat.completions.create(
      { model: 'default', messages: [user('read: note.txt')] },
      { headers: { 'x-edgeclaw-session-key': String(session) } },
    )
    expect(second.choices[0]?.message.content).toContain('remember me')
    expect(await sessions()).toBe(before + 1)
    const history = await ask('chat.history', { sessionKey: session })
    const roles = (history['messages'] as { role: string }[]).map(({ role }) => role)
    const turn = ['user', 'assistant', 'tool', 'assistant']
    expect(roles).toEqual([...turn, ...turn])
  })

  it('streams its words, whatever tools it calls on the way', async () => {
    const streamed = await readStream(
      await client.chat.completions.create({
        model: 'default',
        messages: [user('list: .')],
        stream: true,
        stream_options: { include_usage: true },
      }),
    )
    expect(streamed.finish).toBe('stop')
    expect(streamed.text).toContain('list_files')
    expect(streamed.usage?.total_tokens).toBeGreaterThan(0)
  })

  it('starts from what the caller says was said before', async () => {
    const { response } = await client.chat.completions
      .create({
        model: 'worker',
        messages: [
          user('my name is Ada'),
          { role: 'assistant', content: 'hello Ada' },
          user('do: answer'),
        ],
      })
      .withResponse()
    const sent = JSON.stringify(vendor.requests.at(-1)?.body)
    for (const said of ['my name is Ada', 'hello Ada', 'do: answer']) expect(sent).toContain(said)
    const sessionKey = response.headers.get('x-edgeclaw-session-key')
    const { messages } = await ask('chat.history', { sessionKey })
    expect(messages).toHaveLength(4)
  })

  it('is refused in a session of somebody else', async () => {
    const { response } = await client.chat.completions
      .create({ model: 'default', messages: [user('hello')] })
      .withResponse()
    const session = String(response.headers.get('x-edgeclaw-session-key'))
    const bob = clientWith(await keyFor('bob', 'operator.write'))
    const foreign = await failureOf(
      bob.chat.completions.create(
        { model: 'default', messages: [user('hello')] },
        { headers: { 'x-edgeclaw-session-key': session } },
      ),
    )
    expect(foreign).toBeInstanceOf(PermissionDeniedError)
  })
})

describe('errors', () => {
  const hello = { model: 'echo', messages: [user('hello')] }

  it('are typed exceptions', async () => {
    const wrong = clientWith(`ec_default_${'x'.repeat(43)}`)
    expect(await failureOf(wrong.models.list())).toBeInstanceOf(AuthenticationError)
    const unauthorized = await failureOf(wrong.chat.completions.create(hello))
    expect(unauthorized).toBeInstanceOf(AuthenticationError)
    expect(unauthorized).toMatchObject({ status: 401, type: 'authentication_error' })
    const reader = clientWith(await keyFor('alice', 'operator.read'))
    const denied = await failureOf(reader.chat.completions.create(hello))
    expect(denied).toBeInstanceOf(PermissionDeniedError)
    for (const model of ['nobody', 'off', 'gpt-4o']) {
      const absent = await failureOf(client.chat.completions.create({ ...hello, model }))
      expect(absent).toBeInstanceOf(NotFoundError)
      expect(absent.message).toContain(model)
    }
  })

  it('say what was wrong with a request', async () => {
    const create = (body: unknown) => client.chat.completions.create(body as typeof hello)
    for (const body of [
      { model: 'echo' },
      { ...hello, messages: [] },
      { ...hello, messages: [{ role: 'wizard', content: 'x' }] },
      { ...hello, messages: [{ role: 'assistant', content: 'x' }] },
      { ...hello, temperature: 9 },
      {
        ...hello,
        messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }],
      },
    ]) {
      const failure = await failureOf(create(body))
      expect(failure).toBeInstanceOf(BadRequestError)
      expect(failure).toMatchObject({ status: 400, type: 'invalid_request_error' })
      expect(failure.message.length).toBeGreaterThan(10)
    }
    const large = await failureOf(create({ ...hello, messages: [user('x'.repeat(1_000_001))] }))
    expect(large.status).toBe(413)
    const session = { headers: { 'x-edgeclaw-session-key': 'nonsense' } }
    // A connection whose body nobody read is closed: a client may hear of it only when it uses it again.
    const badKey = await failureOf(
      client.chat.completions.create(hello, { ...session, maxRetries: 2 }),
    )
    expect(badKey).toBeInstanceOf(BadRequestError)
  })

  it('of a limit tell when to come back', async () => {
    await ask('config.patch', { raw: { gateway: { rate_limit_rpm: 1, rate_limit_burst: 2 } } })
    try {
      const carol = clientWith(await keyFor('carol', 'operator.write'))
      for (let i = 0; i < 2; i++) await carol.chat.completions.create(hello)
      const limited = await failureOf(carol.chat.completions.create(hello))
      expect(limited).toBeInstanceOf(RateLimitError)
      expect(Number(limited.headers?.get('retry-after'))).toBeGreaterThan(0)
    } finally {
      const raw = { gateway: { rate_limit_rpm: 0, rate_limit_burst: null } }
      await ask('config.patch', { raw })
    }
  })
})

describe('a vendor that fails', () => {
  const asking = (model: string, what: string) => ({ model, messages: [user(`do: ${what}`)] })

  it.each([
    ['limited', RateLimitError],
    ['invalid', BadRequestError],
    ['unauthorized', InternalServerError],
    ['broken', InternalServerError],
    ['garbage', InternalServerError],
  ])('with %s is an exception of its kind, whole and streamed', async (what, kind) => {
    const whole = await failureOf(client.chat.completions.create(asking('talker', what)))
    expect(whole).toBeInstanceOf(kind)
    expect(whole.message).not.toContain('the-vendors-own-key')
    const streamed = client.chat.completions.create({ ...asking('talker', what), stream: true })
    expect(await failureOf(streamed)).toBeInstanceOf(kind)
  })

  it.each(['cut', 'error'])('in mid-stream (%s) ends the stream with an error', async (what) => {
    for (const model of ['talker', 'worker']) {
      const stream = await client.chat.completions.create({ ...asking(model, what), stream: true })
      const failure = await failureOf(readStream(stream))
      expect(failure.message).not.toBe('')
      const whole = await failureOf(client.chat.completions.create(asking(model, what)))
      expect(whole).toBeInstanceOf(InternalServerError)
    }
  })

  it('ends a journalled run with an error that names the run', async () => {
    const failure = await failureOf(client.chat.completions.create(asking('worker', 'invalid')))
    expect(failure).toBeInstanceOf(APIError)
    expect(failure.message).toContain('the context is too long')
  })
})
