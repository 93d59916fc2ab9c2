import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createChunkReader } from '../../../src/providers/chat-chunks.ts'
import { OversizedAnswerError } from '../../../src/providers/failure.ts'
import { MAX_CALL_CHARS, MAX_SSE_EVENT_BYTES } from '../../../src/providers/limits.ts'
import { createSseReader } from '../../../src/providers/sse.ts'

function parts(...chunks: readonly unknown[]) {
  const reader = createChunkReader()
  const read = chunks.flatMap((chunk) =>
    reader.read(typeof chunk === 'string' ? chunk : JSON.stringify(chunk)),
  )
  return [...read, ...reader.end()]
}
const delta = (fields: unknown, finishReason: string | null = null) => ({
  choices: [{ index: 0, delta: fields, finish_reason: finishReason }],
})
const call = (fields: object, called: object) =>
  delta({ tool_calls: [{ ...fields, function: called }] })
const done = delta({}, 'tool_calls')
const toolCall = (toolCallId: string, toolName: string, input: string) => ({
  type: 'tool-call',
  toolCallId,
  toolName,
  input,
})

describe('createSseReader', () => {
  const STREAM =
    ': hello\r\n\r\ndata: one\r\nid: 7\r\n\r\nevent: x\ndata:two\ndata: three\n\ndata: last'

  test('reads fields, comments and both line ends', () => {
    const reader = createSseReader()
    expect([...reader.push(STREAM), ...reader.end()]).toEqual(['one', 'two\nthree', 'last'])
  })

  test('reads the same however the text is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(STREAM.length), { maxLength: 20 }), (cuts) => {
        const reader = createSseReader()
        const edges = [0, ...[...cuts].sort((a, b) => a - b), STREAM.length]
        const read = edges.slice(1).flatMap((end, i) => reader.push(STREAM.slice(edges[i], end)))
        expect([...read, ...reader.end()]).toEqual(['one', 'two\nthree', 'last'])
      }),
    )
  })

  test('is linear in a line that never ends', () => {
    const reader = createSseReader()
    const begin = performance.now()
    for (let i = 0; i < 50_000; i++) reader.push('x'.repeat(20))
    expect(reader.end()).toEqual([])
    expect(performance.now() - begin).toBeLessThan(500)
  })

  test('allows an event of the full size, its framing counted', () => {
    const data = 'x'.repeat(MAX_SSE_EVENT_BYTES - 'data:\n'.length)
    expect(createSseReader().push(`data:${data}\n\n`)).toEqual([data])
  })

  test.each([
    ['a line that never ends', 'x'.repeat(1_000)],
    ['an event of many lines', `data: ${'x'.repeat(1_000)}\n`],
    ['an event of empty lines', 'data:\n'.repeat(200)],
  ])('refuses %s', (_what, piece) => {
    const reader = createSseReader()
    expect(() => {
      for (let i = 0; i < 2_000; i++) reader.push(piece)
    }).toThrow(OversizedAnswerError)
  })
})

describe('createChunkReader', () => {
  test('reads content as text and as a list, and thinking under all its names', () => {
    expect(
      parts(
        delta({ role: 'assistant', content: null, reasoning_content: 'a' }),
        delta({ reasoning: 'b' }),
        delta({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'c' }] }] }),
        delta({ content: 'x' }),
        delta({ content: [{ type: 'text', text: 'y' }, { type: 'image' }] }),
      ),
    ).toMatchObject([
      { type: 'reasoning-delta', delta: 'a' },
      { type: 'reasoning-delta', delta: 'b' },
      { type: 'reasoning-delta', delta: 'c' },
      { type: 'text-delta', delta: 'x' },
      { type: 'text-delta', delta: 'y' },
    ])
  })

  test.each([
    [
      'in pieces, interleaved',
      [
        call({ index: 0, id: 'a' }, { name: 'exec', arguments: '{"c"' }),
        call({ index: 1, id: 'b' }, { name: 'edit', arguments: '' }),
        call({ index: 0 }, { arguments: ':1}' }),
        call({ index: 1 }, { arguments: '{}' }),
      ],
      [toolCall('a', 'exec', '{"c":1}'), toolCall('b', 'edit', '{}')],
    ],
    [
      'whole and without index',
      [
        call({ id: 'a' }, { name: 'exec', arguments: '{}' }),
        call({ id: 'b' }, { name: 'exec', arguments: '{}' }),
      ],
      [toolCall('a', 'exec', '{}'), toolCall('b', 'exec', '{}')],
    ],
    [
      'all numbered 0',
      [
        call({ index: 0, id: 'a' }, { name: 'exec', arguments: '{}' }),
        call({ index: 0, id: 'b' }, { name: 'exec', arguments: '{}' }),
      ],
      [toolCall('a', 'exec', '{}'), toolCall('b', 'exec', '{}')],
    ],
    [
      'with arguments as an object',
      [call({ index: 0, id: 'a' }, { name: 'exec', arguments: { c: 1 } })],
      [toolCall('a', 'exec', '{"c":1}')],
    ],
    [
      'with the id repeated in every piece',
      [
        call({ index: 0, id: 'a' }, { name: 'exec', arguments: '{' }),
        call({ index: 0, id: 'a' }, { name: 'exec', arguments: '}' }),
      ],
      [toolCall('a', 'exec', '{}')],
    ],
  ])('puts calls together that come %s', (_how, chunks, expected) => {
    expect(parts(...chunks, done).slice(0, -1)).toEqual(expected)
  })

  const TENTH = 'x'.repeat(MAX_CALL_CHARS / 10)
  test.each([
    ['arguments', () => call({ index: 0 }, { arguments: TENTH })],
    ['arguments as an object', () => call({ index: 0 }, { arguments: { a: TENTH } })],
    ['names', (at: number) => call({ index: at }, { name: TENTH })],
    ['ids', (at: number) => call({ index: at, id: TENTH }, {})],
    [
      'empty calls',
      (at: number) =>
        delta({ tool_calls: Array.from({ length: 300 }, (_, i) => ({ index: at * 300 + i })) }),
    ],
  ])('refuses calls that come to too much: %s', (_what, tenth) => {
    const chunks = Array.from({ length: 11 }, (_, at) => tenth(at))
    const error = { type: 'error', error: expect.any(OversizedAnswerError) }
    expect(parts(...chunks)).toContainEqual(error)
    expect(parts(...chunks.slice(0, 8))).not.toContainEqual(error)
  })

  test('refuses arguments that are nested deeper than they can be written down', () => {
    const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const chunk = `{"choices":[{"delta":{"tool_calls":[{"function":{"arguments":${nested}}}]}}]}`
    expect(parts(chunk)).toEqual([{ type: 'error', error: expect.any(OversizedAnswerError) }])
  })

  test('takes usage from whichever chunk holds it', () => {
    const usage = { prompt_tokens: 5, completion_tokens: 2, prompt_cache_hit_tokens: 4 }
    for (const chunks of [
      [{ ...delta({}, 'stop'), usage }],
      [delta({}, 'stop'), { choices: [], usage }],
      [delta({}, 'stop'), { usage }, { ...delta({}), usage: null }],
    ]) {
      expect(parts(...chunks)).toMatchObject([
        {
          type: 'finish',
          usage: { inputTokens: { total: 5, cacheRead: 4 }, outputTokens: { total: 2 } },
        },
      ])
    }
  })

  test('says what an answer cost that the server did not finish', () => {
    const usage = { prompt_tokens: 5, completion_tokens: 2 }
    const cut = parts({ ...delta({ content: 'x' }), usage })
    expect(cut.at(-1)).toMatchObject({
      type: 'finish',
      finishReason: { raw: undefined },
      usage: { inputTokens: { total: 5 }, outputTokens: { total: 2 } },
    })
  })

  test('finishes only when the server said so', () => {
    expect(parts(delta({ content: 'x' }))).toMatchObject([{ type: 'text-delta' }])
    expect(parts(delta({ content: 'x' }, 'stop'), '[DONE]').at(-1)).toMatchObject({
      type: 'finish',
      finishReason: { unified: 'stop', raw: 'stop' },
    })
    expect(parts(delta({}, 'eos_token')).at(-1)).toMatchObject({
      finishReason: { unified: 'other', raw: 'eos_token' },
    })
  })

  test.each(['{', 'null x', '{"choices":"none"}', '{"choices":{}}'])(
    'calls %s malformed',
    (data) => {
      expect(parts(data)).toMatchObject([{ type: 'error' }])
    },
  )

  test('hands an error object over as it is, and does not mind a null one', () => {
    expect(parts({ error: { message: 'no' } })).toEqual([
      { type: 'error', error: { message: 'no' } },
    ])
    expect(parts({ ...delta({ content: 'x' }), error: null })).toMatchObject([
      { type: 'text-delta' },
    ])
  })

  test('survives any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (choice, whole) => {
        parts(
          JSON.stringify({ choices: [choice] }),
          JSON.stringify({ choices: [{ delta: choice }] }),
        )
        parts(
          JSON.stringify({ choices: [{ delta: { tool_calls: [choice] } }] }),
          JSON.stringify(whole),
        )
      }),
    )
  })
})
