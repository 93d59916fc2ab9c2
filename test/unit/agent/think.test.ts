import { describe, expect, it } from 'vitest'
import { isDeeperThan } from '../../../src/agent/nesting.ts'
import { think } from '../../../src/agent/think.ts'
import { withUniqueCallIds } from '../../../src/agent/transcript.ts'
import type { ToolCall } from '../../../src/domain/message.ts'
import type { ModelEvent } from '../../../src/domain/model.ts'
import type { RunEvent } from '../../../src/domain/run-event.ts'
import { asksFor, says } from '../../support/scripted-model.ts'

const KB = 1_024

async function thinkOf(events: readonly ModelEvent[]) {
  const emitted: RunEvent[] = []
  async function* stream() {
    yield* events
  }
  const thought = await think(stream(), (event) => void emitted.push(event))
  return { thought, emitted }
}
const call = (fields: Partial<ToolCall> = {}): ToolCall => ({
  id: 'c',
  name: 'exec',
  arguments: {},
  ...fields,
})
const nested = (levels: number): unknown => {
  let value: unknown = 1
  for (let i = 0; i < levels; i++) value = [value]
  return value
}
const REFUSED = { kind: 'failed', content: '', failure: { kind: 'garbage', isRetryable: false } }

describe('the calls of one answer', () => {
  it.each([
    ['64 calls', Array.from({ length: 64 }, () => call())],
    ['a name of 64 characters', [call({ name: 'n'.repeat(64) })]],
    ['a name that is no tool of ours', [call({ name: 'functions.exec:0' })]],
    ['an id of 128 characters', [call({ id: 'i'.repeat(128) })]],
    ['arguments in 64 levels', [call({ arguments: nested(64) })]],
    ['arguments of many bytes', [call({ arguments: { text: '\u0001'.repeat(60 * KB) } })]],
  ])('may be %s', async (_what, calls) => {
    expect((await thinkOf(asksFor(...calls))).thought).toMatchObject({
      kind: 'message',
      toolCalls: calls,
    })
  })

  it.each([
    ['more than 64', Array.from({ length: 65 }, () => call())],
    ['of a name without end', [call({ name: 'n'.repeat(65) })]],
    ['of no name', [call({ name: '' })]],
    ['of a name with control characters', [call({ name: 'exec\u001b[2J' })]],
    ['of an id without end', [call({ id: 'i'.repeat(129) })]],
    ['nested too deep', [call({ arguments: nested(65) })]],
    ['nested deeper than a serialiser can go', [call({ arguments: nested(200_000) })]],
    ['of too many bytes', [call({ arguments: { text: '\u0001'.repeat(70 * KB) } })]],
    ['too many bytes together', Array(3).fill(call({ arguments: 'x'.repeat(150 * KB) }))],
  ])('may not be %s', async (_what, calls) => {
    expect((await thinkOf(asksFor(...calls))).thought).toMatchObject(REFUSED)
  })
})

describe('the size of an answer', () => {
  it('is counted over all deltas as it is written down', async () => {
    const whole = await thinkOf(says(...Array<string>(400).fill('x'.repeat(KB))))
    expect(whole.thought).toMatchObject({ kind: 'message', content: 'x'.repeat(400 * KB) })
    const control = await thinkOf(says(...Array<string>(67).fill('\u0000'.repeat(KB))))
    expect(control.thought).toMatchObject(REFUSED)
  })

  it('is judged before a delta is told to anybody', async () => {
    const { thought, emitted } = await thinkOf(says('a', 'x'.repeat(400 * KB)))
    expect(thought).toMatchObject(REFUSED)
    expect(emitted).toEqual([{ type: 'chunk', content: 'a' }])
  })
})

describe('isDeeperThan', () => {
  it('counts objects and lists, and looks into all of them', () => {
    expect(isDeeperThan('text', 0)).toBe(false)
    expect(isDeeperThan({}, 0)).toBe(true)
    expect(isDeeperThan({ a: [1], b: 2 }, 2)).toBe(false)
    expect(isDeeperThan({ a: 1, b: [{}] }, 2)).toBe(true)
  })
})

describe('withUniqueCallIds', () => {
  it('numbers what repeats, past what is taken', () => {
    const calls = ['a', 'a', '', 'a', 'b'].map((id) => call({ id }))
    const ids = withUniqueCallIds(calls, new Set(['a', 'a-3', 'call'])).map(({ id }) => id)
    expect(ids).toEqual(['a-2', 'a-4', 'call-2', 'a-5', 'b'])
  })
})
