import { describe, expect, it } from 'vitest'
import { createCallMeter } from '../../../src/agent/estimated-usage.ts'
import { NO_USAGE } from '../../../src/domain/message.ts'
import type { ModelEvent, ModelFailure, ModelRequest } from '../../../src/domain/model.ts'
import { CALL_USAGE, fails, says } from '../../support/scripted-model.ts'

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
