import { describe, expect, test } from 'vitest'
import { NO_USAGE, type Usage } from '../../../src/domain/message.ts'
import type { ModelEvent, ModelFailure, ModelPort } from '../../../src/domain/model.ts'
import { err, ok } from '../../../src/domain/result.ts'
import { failure } from '../../../src/providers/failure.ts'
import {
  type Candidate,
  COOL_DOWN_MS,
  CoolDowns,
  withFallbacks,
} from '../../../src/providers/fallback.ts'
import { withRetries } from '../../../src/providers/retry.ts'
import { collect, modelRequest } from '../../support/vendors/model.ts'

const usage = (tokens: number): Usage => ({ ...NO_USAGE, promptTokens: tokens })
const text: ModelEvent = { type: 'text', delta: 'hi' }
const finish: ModelEvent = { type: 'finish', reason: 'stop', usage: usage(1) }
const fails = (kind: ModelFailure['kind'], fields: Partial<ModelFailure> = {}): ModelEvent => ({
  type: 'error',
  failure: { ...failure(kind, kind), ...fields },
})

function chain(
  scripts: Readonly<Record<string, readonly (readonly ModelEvent[])[]>>,
  { coolDowns = new CoolDowns(), now = (): number => 0, unopenable = [] as readonly string[] } = {},
) {
  const asked: string[] = []
  const counts = new Map<string, number>()
  const told: string[] = []
  const candidates = Object.entries(scripts).map(([name, calls]): Candidate => {
    const port: ModelPort = {
      async *stream(request) {
        asked.push(request.model)
        const count = counts.get(name) ?? 0
        counts.set(name, count + 1)
        yield* calls[Math.min(count, calls.length - 1)] ?? []
      },
    }
    return {
      model: { provider: `p-${name}`, name },
      coolDownKey: `t/p-${name}`,
      open: async () => (unopenable.includes(name) ? err(`${name} is disabled`) : ok(port)),
    }
  })
  const model = withFallbacks(candidates, {
    coolDowns,
    now,
    onFallback: ({ name }) => told.push(name),
  })
  return { model, asked, told }
}

/** Whose each usage is, in the order in which it is told. */
async function costsOf(model: ModelPort): Promise<readonly (readonly [string, number])[]> {
  return (await collect(model)).flatMap((event) =>
    'usage' in event && event.usage
      ? [[event.model?.name ?? '', event.usage.promptTokens] as const]
      : [],
  )
}

describe('withFallbacks', () => {
  test('asks the first alone while it answers, and says who did', async () => {
    const { model, asked, told } = chain({ a: [[text, finish]], b: [[text, finish]] })
    expect((await collect(model)).at(-1)).toEqual({
      ...finish,
      model: { provider: 'p-a', name: 'a' },
    })
    expect([asked, told]).toEqual([['a'], []])
  })

  test.each(['overloaded', 'rate_limited', 'timeout', 'network', 'cut', 'garbage'] as const)(
    'asks the next, by its own name, when the first is %s before its first word',
    async (kind) => {
      const { model, asked, told } = chain({ a: [[fails(kind)]], b: [[text, finish]] })
      const events = await collect(model)
      expect(events).toContainEqual({ type: 'asked', model: { provider: 'p-b', name: 'b' } })
      expect(events.at(-2)).toEqual(text)
      expect(events.at(-1)).toMatchObject({ type: 'finish', model: { name: 'b' } })
      expect([asked, told]).toEqual([['a', 'b'], ['b']])
    },
  )

  test.each(['unauthorized', 'invalid_request', 'not_found', 'aborted'] as const)(
    'asks nobody else when the first is %s: another try would not help it',
    async (kind) => {
      const { model, asked } = chain({ a: [[fails(kind)]], b: [[text, finish]] })
      expect((await collect(model)).at(-1)).toMatchObject({ type: 'error', failure: { kind } })
      expect(asked).toEqual(['a'])
    },
  )

  test('asks nobody else once a word was said', async () => {
    const { model, asked } = chain({ a: [[text, fails('cut')]], b: [[text, finish]] })
    expect((await collect(model)).at(-1)).toMatchObject({ type: 'error', failure: { kind: 'cut' } })
    expect(asked).toEqual(['a'])
  })

  test('counts what a failed try has cost under the model that failed', async () => {
    const costly: ModelEvent = { ...fails('overloaded'), usage: usage(5) } as ModelEvent
    const { model } = chain({ a: [[costly]], b: [[text, finish]] })
    expect(await costsOf(model)).toEqual([
      ['a', 5],
      ['b', 1],
    ])
    const none = chain({ a: [[fails('overloaded')]], b: [[text, finish]] })
    expect(await costsOf(none.model)).toEqual([['b', 1]])
  })

  test('counts each once where none could answer, and every round of the retries', async () => {
    const costly: ModelEvent = { ...fails('overloaded'), usage: usage(5) } as ModelEvent
    const dear: ModelEvent = { ...fails('overloaded'), usage: usage(7) } as ModelEvent
    const scripts = { a: [[costly]], b: [[dear]] }
    expect(await costsOf(chain(scripts).model)).toEqual([
      ['a', 5],
      ['b', 7],
    ])
    const unopenable = chain(scripts, { unopenable: ['b'] })
    expect(await costsOf(unopenable.model)).toEqual([
      ['a', 5],
      ['a', 0],
    ])
    const again = chain({ a: [[costly], [text, finish]], b: [[dear]] })
    const retried = withRetries(again.model, { sleep: async () => undefined, random: () => 0 })
    expect(await costsOf(retried)).toEqual([
      ['a', 5],
      ['b', 7],
      ['a', 1],
    ])
  })

  test('asks one that has just failed last, and first again after a while', async () => {
    const coolDowns = new CoolDowns()
    let now = 0
    const world = chain(
      { a: [[fails('overloaded')], [text, finish]], b: [[text, finish]] },
      { coolDowns, now: () => now },
    )
    await collect(world.model)
    await collect(world.model)
    expect(world.asked).toEqual(['a', 'b', 'b'])
    now = COOL_DOWN_MS + 1
    await collect(world.model)
    expect(world.asked).toEqual(['a', 'b', 'b', 'a'])
  })

  test('still asks every one of them when all are cooling down', async () => {
    const coolDowns = new CoolDowns()
    const world = chain(
      { a: [[fails('overloaded')], [text, finish]], b: [[fails('overloaded')]] },
      { coolDowns },
    )
    expect((await collect(world.model)).at(-1)).toMatchObject({ type: 'error' })
    expect((await collect(world.model)).at(-1)).toMatchObject({ type: 'finish' })
    expect(world.asked).toEqual(['a', 'b', 'a'])
  })

  test('passes over one that cannot be opened, and tells the failure of one that could', async () => {
    const two = chain(
      { a: [[fails('network')]], b: [[text]], c: [[text, finish]] },
      { unopenable: ['b'] },
    )
    expect((await collect(two.model)).at(-1)).toMatchObject({
      type: 'finish',
      model: { name: 'c' },
    })
    const last = chain({ a: [[fails('network')]], b: [[text]] }, { unopenable: ['b'] })
    expect((await collect(last.model)).at(-1)).toMatchObject({ failure: { kind: 'network' } })
  })

  test('is tried as a whole again by the retries around it', async () => {
    const { model, asked } = chain({
      a: [[fails('overloaded')]],
      b: [[fails('overloaded')], [text, finish]],
    })
    const retried = withRetries(model, { sleep: async () => undefined, random: () => 0 })
    expect((await collect(retried)).at(-1)).toMatchObject({ type: 'finish', model: { name: 'b' } })
    expect(asked).toEqual(['a', 'b', 'a', 'b'])
  })

  test('stops asking when the run was stopped', async () => {
    const controller = new AbortController()
    const { model, asked } = chain({ a: [[fails('network')]], b: [[text, finish]] })
    controller.abort()
    const events: ModelEvent[] = []
    for await (const event of model.stream(modelRequest(), controller.signal)) events.push(event)
    expect(asked).toEqual(['a'])
    expect(events.at(-1)).toMatchObject({ type: 'error' })
  })
})

describe('CoolDowns', () => {
  test('waits as long as a vendor asks for, and never for ever', () => {
    const coolDowns = new CoolDowns()
    coolDowns.note('a', failure('rate_limited', ''), 0)
    expect(coolDowns.isCooling('a', COOL_DOWN_MS - 1)).toBe(true)
    expect(coolDowns.isCooling('a', COOL_DOWN_MS)).toBe(false)
    coolDowns.note('b', { ...failure('rate_limited', ''), retryAfterMs: 1e12 }, 0)
    expect(coolDowns.isCooling('b', 24 * 3_600_000)).toBe(false)
  })

  test('holds no more than its bound', () => {
    const coolDowns = new CoolDowns()
    for (let i = 0; i < 5_000; i++) coolDowns.note(`k${i}`, failure('network', ''), 0)
    expect(coolDowns.isCooling('k0', 1)).toBe(false)
    expect(coolDowns.isCooling('k4999', 1)).toBe(true)
  })
})
