/**
 * What a run promises while everything goes on living: it answers a repeated message with the first
 * result, outlives its client, takes messages in, stops when told to, and ends with words that help
 * when its model's vendor misbehaves. What survives a crash is kill.test.ts' business.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEngine, parseEngineAddress } from '../../sandbox-runner/src/launcher/engine.ts'
import { type EventFrame, type GatewayClient, RefusedError } from '../../src/cli/client.ts'
import { commandLineOf, listProcesses } from '../../src/cli/processes.ts'
import { missingDocker } from '../support/docker.ts'
import { Follower } from '../support/follower.ts'
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.ts'
import { agentPayload } from '../support/run-view.ts'
import { type GatedVendor, startGatedOpenai } from '../support/vendors/gated-openai.ts'
import type { Behaviour } from '../support/vendors/script.ts'
import { startVendor, type Vendor } from '../support/vendors/vendor.ts'
import { COLD_RUNNER } from '../support/witness.ts'

const API_KEY = 'local-test-key-0123456789'
/** Of a command that was told to stop, from the request to the end of its container. */
const ABORT_MS = 5_000
/** The engine starts a command in a fifth of a second; two busy cores make more of it. */
const COMMAND_MS = 15_000
/** A vendor that falls silent in the middle of an answer is given up after a minute. */
const STALL_MS = 90_000

interface Answer {
  readonly runId: string
  readonly content?: string
  readonly injected?: boolean
  readonly cancelled?: boolean
}

interface WireMessage {
  readonly role: string
  readonly content: string
}

const withoutDocker = await missingDocker('stopping a command in the sandbox')

/** What a vendor does, by the name of the model that it is asked for. */
const FAULTS = {
  unauthorized: { type: 'status', status: 401, message: `bad key ${API_KEY}` },
  invalid: { type: 'status', status: 400, message: 'temperature is too hot' },
  unknown: { type: 'status', status: 404, message: 'no such model' },
  limited: { type: 'status', status: 429, message: 'slow down', headers: { 'retry-after': '1' } },
  quota: { type: 'status', status: 429, code: 'insufficient_quota', message: 'no credit is left' },
  broken: { type: 'status', status: 500, message: 'out of order' },
  page: { type: 'garbage', what: 'html' },
  bad_json: { type: 'garbage', what: 'bad_json' },
  foreign: { type: 'garbage', what: 'foreign_json' },
  empty: { type: 'garbage', what: 'empty' },
  cut: { type: 'cut', text: 'half an ', how: 'end' },
  reset: { type: 'cut', text: 'half an ', how: 'reset' },
  error_event: { type: 'error_event', text: 'so ', code: 'server_error', message: 'it fell over' },
  stall: { type: 'stall', after: 'text' },
} as const satisfies Readonly<Record<string, Behaviour>>
type Fault = keyof typeof FAULTS

/** Words that tell the user what to do about it. */
const EXPECTED: Readonly<Record<Exclude<Fault, 'stall'>, RegExp>> = {
  unauthorized: /refuses the API key/,
  invalid: /refuses the request.*temperature is too hot/,
  unknown: /does not know this model.*no such model/,
  limited: /limits the rate of requests.*slow down/,
  quota: /no credit is left/,
  broken: /has a problem.*HTTP 500.*out of order/,
  page: /no model answer/,
  bad_json: /no model answer/,
  foreign: /no model answer/,
  empty: /before it was complete|no model answer/,
  cut: /before it was complete/,
  reset: /before it was complete/,
  error_event: /it fell over/,
}

let gateway: GatewayProcess
let gated: GatedVendor
let faulty: Vendor
let client: GatewayClient
let other: GatewayClient
let patient: Follower
let stalled: Promise<unknown>

const session = (agent: string, name: string): string => `agent:${agent}:ws:direct:${name}`

const send = async (
  from: GatewayClient,
  sessionKey: string,
  message: string,
  idempotencyKey?: string,
): Promise<Answer> =>
  (await from.request('chat.send', {
    sessionKey,
    message,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  })) as Answer

const refusalOf = (request: Promise<unknown>) =>
  request.then(
    (answer) => {
      throw new Error(`it was allowed: ${JSON.stringify(answer)}`)
    },
    (error: unknown) => {
      if (error instanceof RefusedError) return error.refusal
      throw error
    },
  )

async function userMessages(sessionKey: string): Promise<readonly string[]> {
  const { messages } = (await client.request('chat.history', { sessionKey, limit: 200 })) as {
    messages: readonly WireMessage[]
  }
  return messages.filter(({ role }) => role === 'user').map(({ content }) => content)
}

/** The next event of a session that fits. */
function nextEvent(
  from: GatewayClient,
  sessionKey: string,
  fits: (event: NonNullable<ReturnType<typeof agentPayload>>) => boolean,
): Promise<NonNullable<ReturnType<typeof agentPayload>>> {
  return new Promise((resolve) => {
    const stop = from.onEvent((frame: EventFrame) => {
      const event = agentPayload(frame)
      if (event?.sessionKey !== sessionKey || !fits(event)) return
      stop()
      resolve(event)
    })
  })
}

const ofType =
  (...types: readonly string[]) =>
  ({ type }: { readonly type: string }): boolean =>
    types.includes(type)

beforeAll(async () => {
  gated = await startGatedOpenai()
  faulty = await startVendor({
    kind: 'openai',
    script: ({ body }) => FAULTS[(body as { model: Fault }).model],
  })
  gateway = await startGatewayProcess({ env: COLD_RUNNER })
  client = await gateway.connect()
  other = await gateway.connect()
  await client.request('config.patch', {
    raw: {
      gateway: { rate_limit_rpm: 0, rate_limit_session_rpm: 0 },
      tools: { rate_limit_per_hour: 0 },
    },
  })
  const provider = {
    provider_type: 'openai_compat',
    api_key: API_KEY,
    allow_private_network: true,
  }
  await client.request('providers.create', { ...provider, name: 'gated', api_base: gated.url })
  await client.request('providers.create', { ...provider, name: 'faulty', api_base: faulty.url })
  const gatedAgent = { name: 'Gated', agent_key: 'gated', provider: 'gated', model: 'held' }
  await client.request('agents.create', gatedAgent)
  for (const model of Object.keys(FAULTS)) {
    const agent = { name: model, agent_key: `f-${model}`, provider: 'faulty', model }
    await client.request('agents.create', agent)
  }
  // Takes a minute: begun first, looked at last, and nobody else's to stop.
  const sessionKey = session('f-stall', 'fault')
  patient = new Follower({ ...gateway, sessionKey, userId: 'patient' })
  stalled = patient.say('hello', 'k1')
  stalled.catch(() => undefined)
})

afterAll(async () => {
  client?.close()
  other?.close()
  patient?.close()
  await gateway?.stop()
  await gated?.close()
  await faulty?.close()
})

describe('a message that is repeated with its key', () => {
  it('is answered with the first result, also by another connection', async () => {
    const key = session('default', 'repeat')
    const first = await send(client, key, 'only once', 'k1')
    expect(first.content).toContain('only once')
    expect(await send(client, key, 'only once', 'k1')).toEqual(first)
    expect(await send(other, key, 'only once', 'k1')).toEqual(first)
    expect(await userMessages(key)).toEqual(['only once'])
  })

  it('is refused when it says something else; another key allows it', async () => {
    const key = session('default', 'other-body')
    await send(client, key, 'the one', 'k1')
    expect(await refusalOf(send(client, key, 'the other', 'k1'))).toMatchObject({
      code: 'ALREADY_EXISTS',
    })
    expect((await send(client, key, 'the other', 'k2')).content).toContain('the other')
    expect(await userMessages(key)).toEqual(['the one', 'the other'])
  })

  it('joins the run that is still going', async () => {
    const key = session('gated', 'join')
    const first = send(client, key, 'wait for it', 'k1')
    const held = await gated.next()
    const before = gated.count()
    const second = send(other, key, 'wait for it', 'k1')
    // Answered on the same socket after it: the repeat has been taken by then.
    await other.request('chat.session.status', { sessionKey: key })
    held.answer({ text: 'here it is' })
    expect(await second).toEqual(await first)
    expect((await first).content).toBe('here it is')
    expect(gated.count()).toBe(before)
    expect(await userMessages(key)).toEqual(['wait for it'])
  })

  it('is known after workerd was killed', async () => {
    const key = session('default', 'over-crash')
    const before = await gateway.connect()
    const first = await send(before, key, 'remember', 'k1')
    await gateway.restarted(gateway.killWorkerd())
    client = await gateway.connect()
    other = await gateway.connect()
    expect(await send(client, key, 'remember', 'k1')).toEqual(first)
    expect(await userMessages(key)).toEqual(['remember'])
  })
})

describe('a client that goes away', () => {
  it('finds its run ended, with all that was said meanwhile', async () => {
    const key = session('gated', 'away')
    const leaving = new Follower({ ...gateway, sessionKey: key })
    const said = leaving.say('tell me more', 'k1').catch(() => undefined)
    const held = await gated.next()
    held.say('first half, ')
    await leaving.follow(() => leaving.runOf('tell me more')?.draft === 'first half, ')
    const { view, afterSeq } = leaving
    leaving.close()
    await said
    const ended = nextEvent(client, key, ofType('run.completed', 'run.failed'))
    held.answer({ text: 'second half' })
    expect((await ended).payload['content']).toBe('first half, second half')
    const back = new Follower({ ...gateway, sessionKey: key, view, afterSeq })
    await back.follow(() => !back.isBusy && back.afterSeq > afterSeq)
    expect(back.runOf('tell me more')?.outcome).toEqual({
      kind: 'completed',
      content: 'first half, second half',
    })
    back.close()
  })

  it('drops no call to the vendor', async () => {
    const key = session('gated', 'quiet')
    const leaving = await gateway.connect()
    const answered = send(leaving, key, 'think').catch((error: Error) => error.name)
    const held = await gated.next()
    leaving.close()
    expect(await answered).toBe('DisconnectedError')
    const ended = nextEvent(client, key, ofType('run.completed'))
    held.answer({ text: 'thought' })
    await ended
    const { messages } = (await client.request('chat.history', { sessionKey: key })) as {
      messages: readonly WireMessage[]
    }
    expect(messages.map(({ content }) => content)).toEqual(['think', 'thought'])
  })
})

describe('a message into a running loop', () => {
  it('reaches the model in the same run, once, however often it is repeated', async () => {
    const key = session('gated', 'inject')
    const first = send(client, key, 'begin', 'k1')
    const held = await gated.next()
    const told = nextEvent(
      client,
      key,
      ({ type, payload }) => type === 'activity' && payload['phase'] === 'injected_message',
    )
    const injected = await send(client, key, 'and consider this', 'k2')
    expect(injected.injected).toBe(true)
    expect(await send(other, key, 'and consider this', 'k2')).toEqual(injected)
    held.answer({ text: 'an early answer' })
    await told
    const again = await gated.next()
    const asked = again.messages.filter(({ role }) => role === 'user').map(({ content }) => content)
    expect(JSON.stringify(asked)).toContain('begin')
    expect(JSON.stringify(asked).match(/and consider this/g)).toHaveLength(1)
    again.answer({ text: 'considered' })
    expect(await first).toMatchObject({ runId: injected.runId, content: 'considered' })
    expect(await userMessages(key)).toEqual(['begin', 'and consider this'])
  })

  it('refuses its key with another text', async () => {
    const key = session('gated', 'inject-other')
    const first = send(client, key, 'begin', 'k1')
    const held = await gated.next()
    await send(client, key, 'this', 'k2')
    expect(await refusalOf(send(client, key, 'that', 'k2'))).toMatchObject({
      code: 'ALREADY_EXISTS',
    })
    held.answer({ text: 'early' })
    ;(await gated.next()).answer({ text: 'late' })
    expect((await first).content).toBe('late')
  })
})

describe('a run that is told to stop', () => {
  it('hangs up on the vendor and keeps what was said', async () => {
    const key = session('gated', 'stop')
    const answered = send(client, key, 'talk on')
    const held = await gated.next()
    const heard = nextEvent(client, key, ofType('chunk'))
    held.say('so far so good')
    await heard
    const cancelled = nextEvent(client, key, ofType('run.cancelled'))
    const aborted = await client.request('chat.abort', { sessionKey: key })
    expect(aborted).toMatchObject({ ok: true, aborted: true, notFound: false })
    expect(await answered).toMatchObject({ cancelled: true })
    await cancelled
    await held.abandoned
    const { messages } = (await client.request('chat.history', { sessionKey: key })) as {
      messages: readonly WireMessage[]
    }
    expect(messages.map(({ content }) => content)).toEqual(['talk on', 'so far so good'])
  })

  it('leaves its session fit for the next message', async () => {
    const key = session('gated', 'stop')
    const answered = send(client, key, 'go on')
    ;(await gated.next()).answer({ text: 'gladly' })
    expect((await answered).content).toBe('gladly')
    const aborted = await client.request('chat.abort', { sessionKey: key })
    expect(aborted).toMatchObject({ ok: true, aborted: false, notFound: true })
  })

  it('is one of all that chat.stopall stops', async () => {
    const keys = [session('gated', 'all-1'), session('gated', 'all-2')]
    const answers = keys.map((key) => send(client, key, 'talk on'))
    const calls = [await gated.next(), await gated.next()]
    await client.request('chat.stopall')
    for (const answer of answers) expect(await answer).toMatchObject({ cancelled: true })
    await Promise.all(calls.map(({ abandoned }) => abandoned))
    // Another user's run goes on.
    expect(patient.isBusy).toBe(true)
  })
})

describe.skipIf(withoutDocker !== null)('a command that is told to stop', () => {
  const engine = createEngine(parseEngineAddress(process.env['DOCKER_HOST']))
  const containersOf = async (runId: string) =>
    (await engine.listContainers('edgeclaw.exec')).filter(({ Labels }) =>
      Labels['edgeclaw.exec']?.startsWith(runId),
    )

  /** The engine's processes are this machine's, so that one can see that a command has begun. */
  const isRunningHere = (command: string): boolean =>
    listProcesses().some(({ pid }) => commandLineOf(pid) === command)

  for (const [what, command, sleep] of [
    ['sleeps', 'sleep 101.5', 'sleep 101.5'],
    ['ignores the request', "trap '' TERM INT; while :; do sleep 1.0625; done", 'sleep 1.0625'],
  ] as const) {
    it(`ends with its container within 5 s when it ${what}`, async () => {
      const key = session('default', `stop-${what.replaceAll(' ', '-')}`)
      const called = nextEvent(client, key, ofType('tool.call'))
      const answered = send(client, key, `run: echo x > early.txt; ${command}; echo y > late.txt`)
      const { runId } = await called
      await expect.poll(() => isRunningHere(sleep), { timeout: COMMAND_MS }).toBe(true)
      expect(await containersOf(runId)).toHaveLength(1)
      const began = performance.now()
      await client.request('chat.abort', { sessionKey: key })
      expect(await answered).toMatchObject({ runId, cancelled: true })
      await expect.poll(() => containersOf(runId), { timeout: ABORT_MS }).toEqual([])
      expect(performance.now() - began).toBeLessThan(ABORT_MS)
      const { content } = await send(client, key, 'read: late.txt')
      expect(content).toContain('read_file failed')
    })
  }
})

describe('a vendor that misbehaves', () => {
  for (const [fault, words] of Object.entries(EXPECTED)) {
    it.concurrent(`ends the run with words that help: ${fault}`, async () => {
      const key = session(`f-${fault}`, 'fault')
      const ended = nextEvent(client, key, ofType('run.failed', 'run.completed'))
      const refusal = await refusalOf(send(client, key, 'hello'))
      const { type, payload, runId } = await ended
      expect(type).toBe('run.failed')
      expect(String(payload['error'])).toMatch(words)
      expect(refusal).toMatchObject({ code: 'UNAVAILABLE', message: payload['error'] })
      expect(refusal.details).toEqual({ runId })
      expect(JSON.stringify([payload, refusal])).not.toContain(API_KEY)
      expect(await userMessages(key)).toEqual(['hello'])
      const status = await client.request('chat.session.status', { sessionKey: key })
      expect(status).toMatchObject({ isRunning: false })
    })
  }

  it('is asked again when that may help, and not when it cannot', () => {
    const asked = (model: Fault) =>
      faulty.requests.filter(({ body }) => (body as { model: string }).model === model).length
    expect([asked('broken'), asked('limited'), asked('page')]).toEqual([3, 3, 3])
    expect([asked('unauthorized'), asked('invalid'), asked('quota')]).toEqual([1, 1, 1])
    // Half an answer is not asked for again: it would be said twice.
    expect([asked('cut'), asked('reset'), asked('error_event')]).toEqual([1, 1, 1])
  })

  it('is refused on a private address unless an owner allowed it', async () => {
    const careless = { name: 'careless', provider_type: 'openai_compat', api_key: API_KEY }
    const attempt = async () => {
      await client.request('providers.create', { ...careless, api_base: faulty.url })
      const agent = { name: 'Careless', provider: 'careless', model: 'broken' }
      await client.request('agents.create', agent)
      return send(client, session('careless', 'private'), 'hello')
    }
    const before = faulty.requests.length
    const refusal = await refusalOf(attempt())
    expect(refusal.message).toMatch(/private network|not public/)
    expect(faulty.requests.length).toBe(before)
  })

  it(
    'is given up when it falls silent in the middle of an answer',
    async () => {
      await stalled
      expect(patient.runOf('hello')?.outcome).toMatchObject({
        kind: 'failed',
        error: expect.stringMatching(/did not answer in time.*stalled/),
      })
    },
    STALL_MS,
  )
})
