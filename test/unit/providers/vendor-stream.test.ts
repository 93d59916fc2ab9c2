import { afterEach, describe, expect, test } from 'vitest'
import type { ModelEvent, ModelFailure } from '../../../src/domain/model.ts'
import type { ModelTimeouts } from '../../../src/providers/limits.ts'
import {
  collect,
  localModel,
  modelRequest,
  SECRET_KEY,
  textOf,
} from '../../support/vendors/model.ts'
import type { Behaviour } from '../../support/vendors/script.ts'
import { startVendor, type Vendor, type VendorKind } from '../../support/vendors/vendor.ts'

const KINDS = ['openai', 'openai_compat', 'anthropic', 'google'] as const
type Kind = (typeof KINDS)[number]

const running: Vendor[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((vendor) => vendor.close()))
})

const wireOf = (kind: Kind): VendorKind => (kind === 'openai_compat' ? 'openai' : kind)

async function start(kind: Kind, behaviour: Behaviour, timeouts?: ModelTimeouts) {
  const vendor = await startVendor({ kind: wireOf(kind), script: [behaviour] })
  running.push(vendor)
  const options = timeouts === undefined ? { type: kind } : { type: kind, timeouts }
  return { vendor, model: localModel(wireOf(kind), vendor.url, options) }
}

async function failureOf(kind: Kind, behaviour: Behaviour): Promise<ModelFailure> {
  const { model } = await start(kind, behaviour)
  const events = await collect(model)
  const last = events.at(-1)
  expect(events.filter((event) => event.type === 'error' || event.type === 'finish')).toHaveLength(
    1,
  )
  if (last?.type !== 'error') throw new Error(`expected an error, got ${JSON.stringify(last)}`)
  return last.failure
}

const QUICK: ModelTimeouts = { firstByteMs: 150, idleMs: 150, callMs: 5_000 }

describe.each(KINDS)('%s', (kind) => {
  test('streams text in pieces and ends with finish and usage', async () => {
    const { model } = await start(kind, {
      type: 'answer',
      text: 'one two three',
      usage: { input: 20, output: 5 },
    })
    const events = await collect(model)
    expect(events.filter((event) => event.type === 'text')).toHaveLength(3)
    expect(textOf(events)).toBe('one two three')
    expect(events.at(-1)).toMatchObject({
      type: 'finish',
      reason: 'stop',
      usage: { promptTokens: 20, completionTokens: 5 },
    })
  })

  test('hands over tool calls with parsed arguments before the finish', async () => {
    const { model } = await start(kind, {
      type: 'answer',
      text: 'let me look',
      calls: [
        { id: 'c1', name: 'exec', arguments: { command: 'ls' } },
        { id: 'c2', name: 'read_file', arguments: { path: 'a "quoted" ü.txt' } },
      ],
    })
    const events = await collect(model)
    expect(events.slice(-3)).toMatchObject([
      { type: 'tool_call', id: 'c1', name: 'exec', arguments: { command: 'ls' } },
      { type: 'tool_call', id: 'c2', name: 'read_file', arguments: { path: 'a "quoted" ü.txt' } },
      { type: 'finish', reason: 'tool_calls' },
    ])
  })

  test('says why an answer ended early', async () => {
    const { model } = await start(kind, { type: 'answer', text: 'so', finish: 'length' })
    expect((await collect(model)).at(-1)).toMatchObject({ type: 'finish', reason: 'length' })
  })

  test('says when the vendor filtered the answer', async () => {
    const { model } = await start(kind, { type: 'answer', text: 'so', finish: 'content_filter' })
    expect((await collect(model)).at(-1)).toMatchObject({
      type: 'finish',
      reason: 'content_filter',
    })
  })

  test('reports a wrong key and never repeats it', async () => {
    const failure = await failureOf(kind, {
      type: 'status',
      status: 401,
      code: 'authentication_error',
      message: `Incorrect API key provided: ${SECRET_KEY} or ${SECRET_KEY.slice(0, 8)}****ghij`,
    })
    expect(failure).toMatchObject({ kind: 'unauthorized', isRetryable: false })
    expect(failure.message).toContain('Incorrect API key')
    expect(failure.message).not.toContain(SECRET_KEY.slice(0, 6))
    expect(failure.message).not.toContain('ghij')
  })

  test('honours Retry-After of a rate limit', async () => {
    const failure = await failureOf(kind, {
      type: 'status',
      status: 429,
      headers: { 'retry-after': '7' },
      message: 'slow down',
    })
    expect(failure).toMatchObject({ kind: 'rate_limited', isRetryable: true, retryAfterMs: 7_000 })
    expect(failure.message).toContain('slow down')
  })

  test.each([500, 502, 503, 529])('takes status %d for a problem of the vendor', async (status) => {
    const failure = await failureOf(kind, { type: 'status', status })
    expect(failure).toMatchObject({ kind: 'overloaded', isRetryable: true })
  })

  test.each([
    [400, 'invalid_request'],
    [404, 'not_found'],
    [413, 'invalid_request'],
    [422, 'invalid_request'],
  ] as const)('takes status %d for %s, which no retry mends', async (status, expected) => {
    const failure = await failureOf(kind, { type: 'status', status, message: 'no such thing' })
    expect(failure).toMatchObject({ kind: expected, isRetryable: false })
  })

  test('keeps the markup of an error page out of the message', async () => {
    const failure = await failureOf(kind, {
      type: 'status',
      status: 502,
      body: '<html><body>Bad gateway at 10.0.0.7</body></html>',
    })
    expect(failure.kind).toBe('overloaded')
    expect(failure.message).not.toContain('10.0.0.7')
  })

  test.each(['html', 'bad_json', 'foreign_json'] as const)('calls %s garbage', async (what) => {
    expect((await failureOf(kind, { type: 'garbage', what })).kind).toBe('garbage')
  })

  test('calls an empty stream cut', async () => {
    expect((await failureOf(kind, { type: 'garbage', what: 'empty' })).kind).toBe('cut')
  })

  test.each(['end', 'reset'] as const)(
    'calls a stream that ends by %s in the middle cut',
    async (how) => {
      const { model } = await start(kind, { type: 'cut', text: 'half an ans', how })
      const events = await collect(model)
      expect(events.at(-1)).toMatchObject({
        type: 'error',
        failure: { kind: 'cut', isRetryable: true },
      })
    },
  )

  test('takes an error event in the stream for what the vendor calls it', async () => {
    const failure = await failureOf(kind, {
      type: 'error_event',
      code: 'overloaded_error',
      message: 'too busy',
    })
    expect(failure).toMatchObject({ kind: 'overloaded', isRetryable: true })
    expect(failure.message).toContain('too busy')
  })

  test('ends an answer that an error event interrupts', async () => {
    const { model } = await start(kind, {
      type: 'error_event',
      text: 'I was saying',
      code: 'overloaded_error',
      message: 'too busy',
    })
    const events = await collect(model)
    expect(textOf(events)).toBe('I was saying')
    expect(events.at(-1)).toMatchObject({ type: 'error', failure: { kind: 'overloaded' } })
  })

  test.each(['nothing', 'headers', 'text'] as const)(
    'times out when the vendor stalls after %s',
    async (after) => {
      const { model } = await start(kind, { type: 'stall', after }, QUICK)
      expect((await collect(model)).at(-1)).toMatchObject({
        type: 'error',
        failure: { kind: 'timeout', isRetryable: true },
      })
    },
  )

  test('ends a call that takes too long as a whole although bytes keep coming', async () => {
    const { model } = await start(
      kind,
      { type: 'answer', text: Array.from({ length: 100 }, () => 'word '), delayMs: 20 },
      { firstByteMs: 5_000, idleMs: 5_000, callMs: 200 },
    )
    const last = (await collect(model)).at(-1)
    expect(last).toMatchObject({ type: 'error', failure: { kind: 'timeout' } })
    expect(last?.type === 'error' && last.failure.message).toContain('too long')
  })

  test('allows slow pieces within the idle time', async () => {
    const { model } = await start(
      kind,
      { type: 'answer', text: 'a b c d', delayMs: 40 },
      { firstByteMs: 2_000, idleMs: 2_000, callMs: 10_000 },
    )
    expect(textOf(await collect(model))).toBe('a b c d')
  })

  test('ends with aborted when the caller aborts in the middle', async () => {
    const { model, vendor } = await start(kind, { type: 'stall', after: 'text' })
    const controller = new AbortController()
    const events: ModelEvent[] = []
    for await (const event of model.stream(modelRequest(), controller.signal)) {
      events.push(event)
      controller.abort()
    }
    expect(events.at(-1)).toMatchObject({
      type: 'error',
      failure: { kind: 'aborted', isRetryable: false },
    })
    await expect.poll(() => vendor.abandoned()).toBe(1)
  })

  test('sends nothing when the signal was aborted before', async () => {
    const { model, vendor } = await start(kind, { type: 'answer', text: 'x' })
    const events = await collect(model, modelRequest(), AbortSignal.abort())
    expect(events).toMatchObject([{ type: 'error', failure: { kind: 'aborted' } }])
    expect(vendor.requests).toHaveLength(0)
  })

  test('drops the connection when the reader walks away', async () => {
    const { model, vendor } = await start(kind, { type: 'stall', after: 'text' })
    for await (const event of model.stream(modelRequest(), new AbortController().signal)) {
      expect(event.type).toBe('text')
      break
    }
    await expect.poll(() => vendor.abandoned()).toBe(1)
  })

  test('reports a vendor that is not there', async () => {
    const { model, vendor } = await start(kind, { type: 'answer' })
    await vendor.close()
    running.length = 0
    expect(await collect(model)).toMatchObject([
      { type: 'error', failure: { kind: 'network', isRetryable: true } },
    ])
  })

  test('never carries the prompt and key to where a redirect points', async () => {
    const elsewhere = await startVendor({
      kind: wireOf(kind),
      script: [{ type: 'answer', text: 'x' }],
    })
    running.push(elsewhere)
    const failure = await failureOf(kind, {
      type: 'redirect',
      location: `${elsewhere.origin}/steal`,
    })
    expect(failure).toMatchObject({ kind: 'invalid_request', isRetryable: false })
    expect(elsewhere.requests).toHaveLength(0)
  })
})

describe('what only some vendors say', () => {
  test.each(['openai_compat', 'anthropic', 'google'] as const)(
    '%s streams thinking',
    async (kind) => {
      const { model } = await start(kind, { type: 'answer', thinking: 'hmm', text: 'yes' })
      expect((await collect(model)).slice(0, 2)).toEqual([
        { type: 'thinking', delta: 'hmm' },
        { type: 'text', delta: 'yes' },
      ])
    },
  )

  test('anthropic counts cache reads and writes', async () => {
    const { model } = await start('anthropic', {
      type: 'answer',
      text: 'x',
      usage: { input: 10, output: 3, cacheRead: 100, cacheWrite: 20 },
    })
    expect((await collect(model)).at(-1)).toMatchObject({
      usage: {
        promptTokens: 130,
        completionTokens: 3,
        cacheReadTokens: 100,
        cacheCreationTokens: 20,
      },
    })
  })

  test.each(['openai', 'openai_compat', 'google'] as const)(
    '%s counts cache reads',
    async (kind) => {
      const { model } = await start(kind, {
        type: 'answer',
        text: 'x',
        usage: { input: 100, output: 3, cacheRead: 60 },
      })
      expect((await collect(model)).at(-1)).toMatchObject({
        usage: { promptTokens: 100, cacheReadTokens: 60 },
      })
    },
  )

  test.each(['openai', 'openai_compat'] as const)(
    '%s: arguments that are no JSON come as the text they are',
    async (kind) => {
      const { model } = await start(kind, {
        type: 'answer',
        calls: [{ name: 'exec', arguments: null, rawArguments: '{"command": ls' }],
      })
      expect((await collect(model))[0]).toMatchObject({
        type: 'tool_call',
        arguments: '{"command": ls',
      })
    },
  )

  test.each(['openai', 'openai_compat'] as const)(
    '%s: a call that the output limit cut in half is dropped',
    async (kind) => {
      const { model } = await start(kind, {
        type: 'answer',
        calls: [{ name: 'exec', arguments: null, rawArguments: '{"command": "rm -rf' }],
        finish: 'length',
      })
      expect(await collect(model)).toMatchObject([{ type: 'finish', reason: 'length' }])
    },
  )

  test('calls with the same id get different ones', async () => {
    const { model } = await start('openai_compat', {
      type: 'answer',
      calls: [
        { id: 'call_0', name: 'exec', arguments: {} },
        { id: 'call_0', name: 'exec', arguments: {} },
      ],
    })
    const ids = (await collect(model)).flatMap((event) =>
      event.type === 'tool_call' ? [event.id] : [],
    )
    expect(new Set(ids).size).toBe(2)
  })

  test('a spent budget is no rate limit to wait for', async () => {
    const failure = await failureOf('openai', {
      type: 'status',
      status: 429,
      code: 'insufficient_quota',
      message: 'You exceeded your current quota',
    })
    expect(failure).toMatchObject({ kind: 'rate_limited', isRetryable: false })
  })
})
