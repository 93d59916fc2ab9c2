import { describe, expect, it } from 'vitest'
import { createCallMeter } from '../../../src/agent/estimated-usage.ts'
import { NO_USAGE } from '../../../src/domain/message.ts'
import type { ModelEvent, ModelRequest } from '../../../src/domain/model.ts'
import type { Spent } from '../../../src/domain/usage.ts'
import { meteredEvents } from '../../../src/gateway/spending.ts'
import { CALL_USAGE } from '../../support/scripted-model.ts'

const REQUEST: ModelRequest = {
  model: 'm',
  system: 's'.repeat(400),
  tools: [],
  messages: [{ role: 'user', content: 'u'.repeat(400), createdAt: 0 }],
}
const first = { provider: 'v', name: 'first' }
const second = { provider: 'v', name: 'second' }
const usage = { ...NO_USAGE, promptTokens: 7 }

/** The first is asked in vain, the second answers. */
const SCRIPT: readonly ModelEvent[] = [
  { type: 'asked', model: first },
  { type: 'in_vain', usage, model: first },
  { type: 'asked', model: second },
  { type: 'text', delta: 'x'.repeat(400) },
  { type: 'finish', reason: 'stop', usage: CALL_USAGE, model: second },
]

function metered() {
  async function* stream() {
    yield* SCRIPT
  }
  const told: (readonly Spent[])[] = []
  const events = meteredEvents(stream(), createCallMeter(REQUEST), async (spent) => {
    told.push(spent.map(({ usage: parts, model }) => ({ usage: parts, model })))
  })
  return { events, told }
}

describe('an answer without a session', () => {
  it('shows who reads it what was said, and in the end all that it has cost', async () => {
    const { events } = metered()
    const seen: ModelEvent[] = []
    for await (const event of events) seen.push(event)
    expect(seen.map(({ type }) => type)).toEqual(['text', 'finish'])
    expect(seen.at(-1)).toMatchObject({ usage: { promptTokens: 8, completionTokens: 1 } })
  })

  it("is counted in each one's name, the answer's last", async () => {
    const { events, told } = metered()
    for await (const _ of events);
    expect(told[0]).toEqual([
      { usage, model: first },
      { usage: CALL_USAGE, model: second },
    ])
  })

  it('that nobody reads to its end costs what was wasted, and what was heard of the second', async () => {
    const { events, told } = metered()
    await events.next()
    await events.return(undefined)
    expect(told).toMatchObject([
      [
        { usage, model: first },
        { usage: { completionTokens: 100 }, model: second },
      ],
    ])
  })
})
