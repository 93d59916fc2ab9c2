import { describe, expect, it } from 'vitest'
import { createCallMeter, meteredModel } from '../../../src/agent/estimated-usage.ts'
import { meteredThink } from '../../../src/agent/think.ts'
import { NO_USAGE } from '../../../src/domain/message.ts'
import type { ModelEvent, ModelFailure, ModelRequest } from '../../../src/domain/model.ts'
import { ok } from '../../../src/domain/result.ts'
import { CoolDowns, withFallbacks } from '../../../src/providers/fallback.ts'
import { withRetries } from '../../../src/providers/retry.ts'
import { CALL_USAGE, fails, ScriptedModel, says } from '../../support/scripted-model.ts'

/** 100 tokens of system and tools, 108 of the one message. */
const REQUEST: ModelRequest = {
  model: 'm',
  system: 's'.repeat(398),
  tools: [],
  messages: [{ role: 'user', content: 'u'.repeat(400), createdAt: 0 }],
}
const PROMPT = 208

async function metered(events: readonly ModelEvent[]) {
  async function* stream() {
    yield* events
  }
  const meter = createCallMeter(REQUEST)
  const passed: ModelEvent[] = []
  for await (const event of meter.metered(stream())) passed.push(event)
  return { passed, meter }
}
const text = (chars: number): ModelEvent => ({ type: 'text', delta: 'x'.repeat(chars) })

describe('a call that ends as it should', () => {
  it('costs what its vendor says', async () => {
    const { passed } = await metered(says('hello'))
    expect(passed).toEqual(says('hello'))
    expect(passed.at(-1)).toMatchObject({ usage: CALL_USAGE })
  })

  it('costs what its vendor says when it fails', async () => {
    const [failed] = fails('cut')
    const usage = { ...NO_USAGE, promptTokens: 7 }
    const { passed } = await metered([text(4_000), { ...failed, usage } as ModelEvent])
    expect(passed.at(-1)).toMatchObject({ usage })
  })
})

describe('a call whose vendor never came to say what it cost', () => {
  it.each<[ModelFailure['kind'], number, number]>([
    ['aborted', 400, 100],
    ['aborted', 0, 0],
    ['timeout', 400, 100],
    ['cut', 40, 10],
    ['garbage', 0, 0],
    ['network', 40, 10],
  ])('costs what was sent and heard: %s after %d characters', async (kind, chars, heard) => {
    const events = chars === 0 ? fails(kind) : [text(chars), ...fails(kind)]
    const { passed } = await metered(events)
    expect(passed.at(-1)).toMatchObject({
      usage: { ...NO_USAGE, promptTokens: PROMPT, completionTokens: heard },
    })
  })

  it.each<ModelFailure['kind']>([
    'unauthorized',
    'rate_limited',
    'overloaded',
    'invalid_request',
    'not_found',
    'network',
  ])('costs nothing when it was refused: %s', async (kind) => {
    const { passed } = await metered(fails(kind))
    expect(passed).toEqual(fails(kind))
  })

  it('counts thoughts and arguments as well as words, and knows them at any time', async () => {
    const { meter } = await metered([
      { type: 'thinking', delta: 't'.repeat(200) },
      text(100),
      { type: 'tool_call', id: 'c', name: 'exec', arguments: { command: 'c'.repeat(82) } },
    ])
    expect(meter.estimate()).toEqual({
      ...NO_USAGE,
      promptTokens: PROMPT,
      completionTokens: 100,
    })
  })
})

describe('tries that came to nothing', () => {
  const signal = new AbortController().signal
  const spentOn = async (model: ReturnType<typeof meteredModel>): Promise<number> => {
    let prompt = 0
    for await (const event of model.stream(REQUEST, signal)) {
      if ('usage' in event) prompt += event.usage?.promptTokens ?? 0
    }
    return prompt
  }

  it('cost what was sent, when another model answers instead', async () => {
    const candidate = (name: string, events: readonly ModelEvent[]) => ({
      model: { provider: name, name },
      coolDownKey: name,
      open: async () => ok(meteredModel(new ScriptedModel(() => events))),
    })
    const model = withFallbacks(
      [candidate('slow', fails('timeout')), candidate('good', says('hi'))],
      {
        coolDowns: new CoolDowns(),
        now: () => 0,
      },
    )
    expect(await spentOn(model)).toBe(PROMPT + CALL_USAGE.promptTokens)
  })

  it('cost what was sent, when the same model is asked again', async () => {
    let tries = 0
    const flaky = new ScriptedModel(() => (++tries === 1 ? fails('timeout') : says('hi')))
    const model = withRetries(meteredModel(flaky), { sleep: async () => undefined })
    expect(await spentOn(model)).toBe(PROMPT + CALL_USAGE.promptTokens)
  })
})

const nobody = (): undefined => undefined

it('an answer that is hung up on here costs what was sent, whatever it was asked for', async () => {
  const endless = new ScriptedModel(() => [text(500_000)])
  const events = endless.stream(REQUEST, new AbortController().signal)
  const thought = await meteredThink(events, REQUEST, nobody, nobody)
  expect(thought).toMatchObject({ kind: 'failed', usage: { promptTokens: PROMPT } })
})
