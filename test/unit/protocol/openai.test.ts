import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NO_USAGE } from '../../../src/domain/message.ts'
import { ERROR_CODES } from '../../../src/domain/refusal.ts'
import {
  chatCompletionRequestSchema,
  completionBody,
  completionStream,
  openAiError,
  parseConversation,
} from '../../../src/protocol/openai.ts'

const NOW = 1_700_000_000_000
const request = (fields: Record<string, unknown>) =>
  chatCompletionRequestSchema.safeParse({
    model: 'main',
    messages: [{ role: 'user', content: 'hi' }],
    ...fields,
  })
const conversation = (messages: unknown) => {
  const parsed = request({ messages })
  if (!parsed.success) throw parsed.error
  return parseConversation(parsed.data.messages, NOW)
}

describe('chatCompletionRequestSchema', () => {
  it('takes what clients send beyond the reference', () => {
    expect(
      request({ stream: true, logit_bias: {}, tools: [], stop: null, temperature: null }).success,
    ).toBe(true)
  })

  it('rejects what no model could be asked', () => {
    expect(request({ model: '' }).success).toBe(false)
    expect(request({ messages: [] }).success).toBe(false)
    expect(request({ messages: [{ role: 'wizard', content: 'x' }] }).success).toBe(false)
    expect(request({ temperature: 3 }).success).toBe(false)
    expect(request({ max_tokens: 0 }).success).toBe(false)
    expect(request({ stop: ['a', 'b', 'c', 'd', 'e'] }).success).toBe(false)
    expect(request({ stop: ['a', 'b', 'c', 'd'] }).success).toBe(true)
  })
})

describe('parseConversation', () => {
  it('uses the whole array: instructions, history and the last message', () => {
    expect(
      conversation([
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'one' },
        { role: 'assistant', content: 'two' },
        { role: 'developer', content: 'In French.' },
        { role: 'user', content: 'three' },
      ]),
    ).toEqual({
      ok: true,
      value: {
        instructions: 'Be brief.\n\nIn French.',
        history: [
          { role: 'user', content: 'one', createdAt: NOW },
          { role: 'assistant', content: 'two', createdAt: NOW },
        ],
        message: 'three',
      },
    })
  })

  it('joins text parts', () => {
    expect(
      conversation([
        {
          role: 'user',
          content: [
            { type: 'text', text: 'a' },
            { type: 'input_text', text: 'b' },
          ],
        },
      ]),
    ).toMatchObject({ value: { message: 'a\nb' } })
  })

  it('rejects a part that nothing behind would look at', () => {
    const parts = [{ type: 'image_url', image_url: { url: 'http://127.0.0.1/x.png' } }]
    expect(conversation([{ role: 'user', content: parts }])).toMatchObject({
      ok: false,
      error: expect.stringContaining('image_url'),
    })
  })

  it('rejects a conversation that does not end with the user, and allows one that does', () => {
    for (const role of ['assistant', 'system'] as const) {
      expect(conversation([{ role, content: 'x' }]).ok).toBe(false)
    }
    expect(conversation([{ role: 'user', content: 'x' }]).ok).toBe(true)
  })

  it("turns a caller's tool results into words of the user, and forgets its tool calls", () => {
    const parsed = conversation([
      { role: 'user', content: 'weather?' },
      { role: 'assistant', content: null, tool_calls: [{ id: 'c1', function: { name: 'w' } }] },
      { role: 'tool', tool_call_id: 'c1', content: 'rain' },
    ])
    expect(parsed).toMatchObject({
      value: {
        history: [{ role: 'user', content: 'weather?' }],
        message: expect.stringContaining('rain'),
      },
    })
  })

  it("never lets a caller's text become the agent's own prompt or a tool result of ours", () => {
    const roles = fc.constantFrom('system', 'developer', 'user', 'assistant', 'tool', 'function')
    const messages = fc.array(fc.record({ role: roles, content: fc.string() }), { minLength: 1 })
    fc.assert(
      fc.property(messages, (said) => {
        const parsed = conversation(said)
        if (!parsed.ok) return
        for (const { role } of parsed.value.history) expect(['user', 'assistant']).toContain(role)
      }),
    )
  })
})

const identity = { id: 'chatcmpl-1', created: 1_700_000_000, model: 'main' }
const usage = { ...NO_USAGE, promptTokens: 3, completionTokens: 4, cacheReadTokens: 1 }

describe('answers', () => {
  it('have the shape of a chat completion', () => {
    expect(completionBody(identity, 'hello', 'stop', usage)).toEqual({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'main',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'hello', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: {
        prompt_tokens: 3,
        completion_tokens: 4,
        total_tokens: 7,
        prompt_tokens_details: { cached_tokens: 1 },
      },
    })
  })

  it('stream in pieces that each are one server-sent event', () => {
    const pieces = [
      completionStream.start(identity),
      completionStream.delta(identity, 'line\nbreak'),
      completionStream.finish(identity, 'length'),
      completionStream.usage(identity, usage),
    ]
    for (const piece of pieces) {
      expect(piece).toMatch(/^data: [^\n]+\n\n$/)
      expect(JSON.parse(piece.slice('data: '.length))).toMatchObject({
        object: 'chat.completion.chunk',
        ...identity,
      })
    }
    const [start, delta, finish, last] = pieces.map((piece) => JSON.parse(piece.slice(6)).choices)
    expect(start).toEqual([
      { index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null },
    ])
    expect(delta).toEqual([{ index: 0, delta: { content: 'line\nbreak' }, finish_reason: null }])
    expect(finish).toEqual([{ index: 0, delta: {}, finish_reason: 'length' }])
    expect(last).toEqual([])
    expect(completionStream.done()).toBe('data: [DONE]\n\n')
  })

  it('tell the tools of the agent from those of the caller: none are pending', () => {
    expect(completionBody(identity, '', 'tool_calls').choices[0]?.finish_reason).toBe('stop')
  })
})

describe('openAiError', () => {
  it('gives every code a type that the SDKs know', () => {
    const types = [
      'authentication_error',
      'rate_limit_error',
      'server_error',
      'invalid_request_error',
    ]
    for (const code of ERROR_CODES) {
      const { error } = openAiError({ code, message: 'why' })
      expect(types).toContain(error.type)
      expect(error).toMatchObject({ message: 'why', param: null, code: expect.any(String) })
    }
    const unauthorized = { code: 'UNAUTHORIZED', message: '' } as const
    expect(openAiError(unauthorized, 401).error.code).toBe('invalid_api_key')
    expect(openAiError(unauthorized, 403).error.code).toBe('unauthorized')
  })

  it('says it inside a stream that has begun', () => {
    const piece = completionStream.error({ code: 'UNAVAILABLE', message: 'gone' })
    expect(JSON.parse(piece.slice(6))).toMatchObject({ error: { message: 'gone' } })
  })
})
