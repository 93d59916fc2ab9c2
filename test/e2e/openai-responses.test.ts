/** OpenAI's door for responses, through OpenAI's own client against the product as its user starts it. */
import OpenAI, {
  APIError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from 'openai'
import type { Response, ResponseStreamEvent } from 'openai/resources/responses/responses'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../src/cli/client.ts'
import { type GatewayProcess, startGatewayProcess, until } from '../support/gateway-process.ts'
import type { Behaviour, VendorRequest } from '../support/vendors/script.ts'
import { startVendor, type Vendor } from '../support/vendors/vendor.ts'

const USAGE = { input: 120, output: 34, cacheRead: 20 }

/** What the vendor is told to do stands in the message itself. */
const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  answer: { type: 'answer', text: 'four words in all', usage: USAGE },
  think: { type: 'answer', thinking: 'let me see', text: 'it is so', usage: USAGE },
  long: { type: 'answer', text: 'and on '.repeat(2_000), delayMs: 20 },
  length: { type: 'answer', text: 'cut off', finish: 'length', usage: USAGE },
  unauthorized: { type: 'status', status: 401, message: 'bad key' },
  invalid: { type: 'status', status: 400, message: 'the context is too long' },
  limited: { type: 'status', status: 429, headers: { 'retry-after': '3600' } },
  broken: { type: 'status', status: 500 },
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
let client: OpenAI

const ask = (method: string, params: Readonly<Record<string, unknown>>) =>
  operator.request(method, params) as Promise<Record<string, unknown>>

const clientWith = (apiKey: string): OpenAI =>
  new OpenAI({ apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 })

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
  await ask('agents.create', {
    agent_key: 'talker',
    provider: 'local',
    model: 'local-model',
    system_prompt: 'You are the talker.',
    settings: { tools: { profile: 'minimal' } },
  })
  await ask('agents.create', { agent_key: 'worker', provider: 'local', model: 'local-model' })
  client = clientWith(await keyFor('alice', 'operator.write'))
})
afterAll(async () => {
  operator?.close()
  await gateway?.stop()
  await vendor?.close()
})

const sessions = async (): Promise<number> => Number((await ask('sessions.list', {}))['total'])
const asked = (input: string, model = 'talker') => ({ model, input: `do: ${input}` })

async function failureOf(work: Promise<unknown>): Promise<APIError> {
  try {
    await work
  } catch (error) {
    if (error instanceof APIError) return error
    throw error
  }
  throw new Error('it did not fail')
}

async function eventsOf(
  stream: AsyncIterable<ResponseStreamEvent>,
): Promise<readonly ResponseStreamEvent[]> {
  const events: ResponseStreamEvent[] = []
  for await (const event of stream) events.push(event)
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, at) => at))
  return events
}

/** Repeats are one: how many deltas there are is the vendor's to say. */
const kindsOf = (events: readonly ResponseStreamEvent[]): readonly string[] =>
  events.map(({ type }) => type).filter((type, at, all) => type !== all[at - 1])

const MESSAGE_EVENTS = [
  'response.output_item.added',
  'response.content_part.added',
  'response.output_text.delta',
  'response.output_text.done',
  'response.content_part.done',
  'response.output_item.done',
]
const REASONING_EVENTS = MESSAGE_EVENTS.map((type) => type.replace('output_text', 'reasoning_text'))

const endOf = (events: readonly ResponseStreamEvent[]): Response => {
  const last = events.at(-1)
  if (!last || !('response' in last)) throw new Error('the stream has no end')
  return last.response
}

describe('a response', () => {
  it('is whole, with usage and what it was asked with', async () => {
    const response = await client.responses.create({
      ...asked('answer'),
      instructions: 'Speak like a pirate.',
      metadata: { ticket: '42' },
      temperature: 0.25,
      max_output_tokens: 77,
    })
    expect(response.id).toMatch(/^resp_/)
    expect(response).toMatchObject({
      object: 'response',
      status: 'completed',
      model: 'talker',
      error: null,
      incomplete_details: null,
      output_text: 'four words in all',
      metadata: { ticket: '42' },
      instructions: 'Speak like a pirate.',
      temperature: 0.25,
      max_output_tokens: 77,
      store: true,
      previous_response_id: null,
      usage: {
        input_tokens: USAGE.input,
        input_tokens_details: { cached_tokens: USAGE.cacheRead },
        output_tokens: USAGE.output,
        total_tokens: USAGE.input + USAGE.output,
      },
    })
    expect(response.output).toMatchObject([
      { type: 'message', role: 'assistant', status: 'completed' },
    ])
    const request = vendor.requests.at(-1)
    if (!request) throw new Error('the vendor was not asked')
    const [system] = messagesOf(request)
    const prompt = String(system?.content)
    expect(prompt.indexOf('Speak like a pirate.')).toBeGreaterThan(
      prompt.indexOf('You are the talker.'),
    )
    expect(JSON.stringify(request.body)).toContain('77')
  })

  it.each([true, false])(
    'streams the events of OpenAI in their order (stored: %s)',
    async (store) => {
      const before = await sessions()
      const stream = await client.responses.create({ ...asked('answer'), store, stream: true })
      const events = await eventsOf(stream)
      expect(kindsOf(events)).toEqual([
        'response.created',
        'response.in_progress',
        ...MESSAGE_EVENTS,
        'response.completed',
      ])
      const said = events.flatMap((event) =>
        event.type === 'response.output_text.delta' ? [event.delta] : [],
      )
      expect(said.length).toBeGreaterThan(1)
      expect(said.join('')).toBe('four words in all')
      expect(endOf(events)).toMatchObject({
        status: 'completed',
        store,
        output: [{ content: [{ type: 'output_text', text: 'four words in all' }] }],
        usage: { input_tokens: USAGE.input, output_tokens: USAGE.output },
      })
      expect(await sessions()).toBe(store ? before + 1 : before)
    },
  )

  it('shows what the model thought as an item of its own', async () => {
    const stream = await client.responses.create({ ...asked('think'), store: false, stream: true })
    const events = await eventsOf(stream)
    const kinds = kindsOf(events)
    expect(kinds.at(-1)).toBe('response.completed')
    // The two may overlap; each keeps its own order, at its own place.
    const ofItem = (at: number) =>
      kindsOf(events.filter((event) => 'output_index' in event && event.output_index === at))
    expect([ofItem(0), ofItem(1), ofItem(2)]).toEqual([REASONING_EVENTS, MESSAGE_EVENTS, []])
    const whole = await client.responses.create({ ...asked('think'), store: false })
    for (const { output } of [endOf(events), whole]) {
      expect(output).toMatchObject([
        { type: 'reasoning', content: [{ type: 'reasoning_text', text: 'let me see' }] },
        { type: 'message', content: [{ type: 'output_text', text: 'it is so' }] },
      ])
    }
  })

  it('that was cut off is incomplete, and says why', async () => {
    const incomplete = { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }
    const params = { ...asked('length'), store: false }
    expect(await client.responses.create(params)).toMatchObject(incomplete)
    const events = await eventsOf(await client.responses.create({ ...params, stream: true }))
    expect(events.at(-1)?.type).toBe('response.incomplete')
    expect(endOf(events)).toMatchObject(incomplete)
  })

  it('works with the helper that puts a stream together, tools and all', async () => {
    const stream = client.responses.stream({ model: 'default', input: 'list: .' })
    const response = await stream.finalResponse()
    expect(response.status).toBe('completed')
    expect(response.output_text).toContain('list_files')
    // A call of the agent's own tools is nothing that a caller could answer.
    expect(response.output.every(({ type }) => type === 'message')).toBe(true)
  })

  it('takes a list of items, and the caller’s results as the caller’s words', async () => {
    await client.responses.create({
      model: 'talker',
      store: false,
      input: [
        { role: 'developer', content: 'Be quick.' },
        { role: 'user', content: [{ type: 'input_text', text: 'first question' }] },
        {
          type: 'message',
          role: 'assistant',
          id: 'msg_1',
          status: 'completed',
          content: [{ type: 'output_text', text: 'first answer', annotations: [] }],
        },
        { type: 'function_call', call_id: 'c1', name: 'x', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c1', output: 'the result' },
        { role: 'user', content: 'second question' },
      ],
    })
    const request = vendor.requests.at(-1)
    if (!request) throw new Error('the vendor was not asked')
    const [system, ...rest] = messagesOf(request)
    expect(String(system?.content)).toContain('Be quick.')
    expect(rest.every(({ role }) => role === 'user' || role === 'assistant')).toBe(true)
    const sent = JSON.stringify(rest)
    for (const said of ['first question', 'first answer', 'the result', 'second question'])
      expect(sent).toContain(said)
  })

  it('stops the vendor when its caller goes away in mid-stream and nothing is stored', async () => {
    const before = vendor.abandoned()
    const params = { ...asked('long'), store: false, stream: true as const }
    const stream = await client.responses.create(params)
    for await (const event of stream) if (event.type === 'response.output_text.delta') break
    stream.controller.abort()
    await until('the vendor is let go', () => vendor.abandoned() > before, 10_000)
  })
})

describe('a response that follows another', () => {
  it('goes on in the same conversation', async () => {
    const before = await sessions()
    const first = await client.responses.create({ model: 'worker', input: 'my name is Ada' })
    const second = await client.responses.create({
      ...asked('answer', 'worker'),
      previous_response_id: first.id,
    })
    expect(second.previous_response_id).toBe(first.id)
    expect(second.id).not.toBe(first.id)
    const sent = JSON.stringify(vendor.requests.at(-1)?.body)
    for (const said of ['my name is Ada', 'four words in all', 'do: answer'])
      expect(sent).toContain(said)
    expect(await sessions()).toBe(before + 1)
  })

  it('is not found by others, made up, or deleted since', async () => {
    const { data, response } = await client.responses
      .create({ model: 'worker', input: 'a secret' })
      .withResponse()
    const follow = (by: OpenAI, id: string, model = 'worker') =>
      failureOf(by.responses.create({ model, input: 'go on', previous_response_id: id }))
    const bob = clientWith(await keyFor('bob', 'operator.write'))
    const admin = clientWith(await keyFor('root', 'operator.admin'))
    const flipped = `${data.id.slice(0, 20)}${data.id[20] === 'A' ? 'B' : 'A'}${data.id.slice(21)}`
    for (const failure of [
      await follow(bob, data.id),
      await follow(admin, data.id),
      await follow(client, flipped),
      await follow(client, `resp_${'A'.repeat(80)}`),
      await follow(client, 'agent:worker:ws:direct:mine'),
    ]) {
      expect(failure).toBeInstanceOf(NotFoundError)
      expect(failure.message).toContain('previous response')
    }
    expect(await follow(client, data.id, 'talker')).toBeInstanceOf(BadRequestError)
    const unstored = await client.responses.create({ ...asked('answer', 'worker'), store: false })
    expect(unstored).toMatchObject({ store: false })
    expect(await follow(client, unstored.id)).toBeInstanceOf(NotFoundError)
    const sessionKey = response.headers.get('x-edgeclaw-session-key')
    await ask('sessions.delete', { sessionKey })
    expect(await follow(client, data.id)).toBeInstanceOf(NotFoundError)
  })

  it('is the same one for a repeat with its key, and refused for another with it', async () => {
    const headers = { 'idempotency-key': 'once' }
    const before = await sessions()
    const first = await client.responses.create(asked('answer'), { headers })
    const again = await client.responses.create(asked('answer'), { headers })
    expect(again.id).toBe(first.id)
    expect(again.output_text).toBe(first.output_text)
    expect(await sessions()).toBe(before + 1)
    const other = await failureOf(client.responses.create(asked('think'), { headers }))
    expect(other).toBeInstanceOf(ConflictError)
  })
})

describe('errors', () => {
  it('are typed exceptions', async () => {
    const wrong = clientWith(`ec_default_${'x'.repeat(43)}`)
    const unauthorized = await failureOf(wrong.responses.create(asked('answer')))
    expect(unauthorized).toBeInstanceOf(AuthenticationError)
    expect(unauthorized).toMatchObject({ status: 401, type: 'authentication_error' })
    const reader = clientWith(await keyFor('alice', 'operator.read'))
    const denied = await failureOf(reader.responses.create(asked('answer')))
    expect(denied).toBeInstanceOf(PermissionDeniedError)
    const absent = await failureOf(client.responses.create(asked('answer', 'nobody')))
    expect(absent).toBeInstanceOf(NotFoundError)
  })

  it('say what was wrong with a request', async () => {
    type Params = Parameters<typeof client.responses.create>[0]
    const hello = { model: 'talker', input: 'hello' }
    for (const body of [
      { model: 'talker' },
      { ...hello, input: [] },
      { ...hello, input: [{ role: 'wizard', content: 'x' }] },
      { ...hello, input: [{ role: 'assistant', content: 'x' }] },
      { ...hello, input: [{ type: 'item_reference', id: 'msg_1' }] },
      {
        ...hello,
        input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'http://x/' }] }],
      },
      { ...hello, temperature: 9 },
      { ...hello, background: true },
      { ...hello, conversation: 'conv_1' },
      { ...hello, metadata: { long: 'x'.repeat(513) } },
    ]) {
      const failure = await failureOf(client.responses.create(body as Params))
      expect(failure, JSON.stringify(body)).toBeInstanceOf(BadRequestError)
      expect(failure).toMatchObject({ status: 400, type: 'invalid_request_error' })
      expect(failure.message.length).toBeGreaterThan(10)
    }
    const large = { ...hello, input: 'x'.repeat(1_000_001) }
    expect((await failureOf(client.responses.create(large))).status).toBe(413)
  })

  it('of a limit tell when to come back', async () => {
    await ask('config.patch', { raw: { gateway: { rate_limit_rpm: 1, rate_limit_burst: 2 } } })
    try {
      const carol = clientWith(await keyFor('carol', 'operator.write'))
      for (let i = 0; i < 2; i++) await carol.responses.create(asked('answer'))
      const limited = await failureOf(carol.responses.create(asked('answer')))
      expect(limited).toBeInstanceOf(RateLimitError)
      expect(Number(limited.headers?.get('retry-after'))).toBeGreaterThan(0)
    } finally {
      const raw = { gateway: { rate_limit_rpm: 0, rate_limit_burst: null } }
      await ask('config.patch', { raw })
    }
  })

  it.each([
    ['limited', RateLimitError],
    ['invalid', BadRequestError],
    ['unauthorized', InternalServerError],
    ['broken', InternalServerError],
  ])('of a vendor (%s) are exceptions of their kind', async (what, kind) => {
    const failure = await failureOf(client.responses.create({ ...asked(what), store: false }))
    expect(failure).toBeInstanceOf(kind)
    expect(failure.message).not.toContain('the-vendors-own-key')
  })

  it('in mid-stream end it as failed, with what was said so far', async () => {
    for (const store of [true, false]) {
      const params = { ...asked('error'), store, stream: true as const }
      const events = await eventsOf(await client.responses.create(params))
      expect(events.at(-1)?.type).toBe('response.failed')
      const end = endOf(events)
      expect(end).toMatchObject({ status: 'failed', error: { code: 'server_error' } })
      expect(end.error?.message).not.toBe('')
      expect(JSON.stringify(end.output)).toContain('well ')
    }
  })
})
