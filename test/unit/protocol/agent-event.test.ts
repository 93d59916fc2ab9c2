import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runIdSchema, userIdSchema } from '../../../src/domain/ids.ts'
import type { RunEvent } from '../../../src/domain/run-event.ts'
import {
  MAX_EVENT_RESULT_CHARS,
  toAgentEvent,
  toWireMessage,
  toWireUsage,
} from '../../../src/protocol/agent-event.ts'

const run = {
  runId: runIdSchema.parse('run_1'),
  agentKey: 'main',
  sessionKey: 'agent:main:ws:direct:c1',
  channel: 'ws',
  userId: userIdSchema.parse('ada'),
}
const usage = {
  promptTokens: 10,
  completionTokens: 5,
  cacheCreationTokens: 2,
  cacheReadTokens: 3,
}
const payloadOf = (event: RunEvent) => toAgentEvent(event, run).payload

describe('toAgentEvent', () => {
  it('says whose event it is, in the names of protocol v3', () => {
    expect(toAgentEvent({ type: 'chunk', content: 'x' }, run)).toEqual({
      type: 'chunk',
      agentId: 'main',
      runId: 'run_1',
      sessionKey: 'agent:main:ws:direct:c1',
      channel: 'ws',
      userId: 'ada',
      payload: { content: 'x' },
    })
  })

  it('gives every type the members that the protocol lists', () => {
    expect(payloadOf({ type: 'run.started', message: 'hi' })).toEqual({ message: 'hi' })
    expect(payloadOf({ type: 'thinking', content: 'hm' })).toEqual({ content: 'hm' })
    expect(payloadOf({ type: 'tool.call', id: 'c', name: 'exec', arguments: { a: 1 } })).toEqual({
      id: 'c',
      name: 'exec',
      arguments: { a: 1 },
    })
    expect(
      payloadOf({
        type: 'tool.result',
        id: 'c',
        name: 'exec',
        isError: true,
        arguments: { a: 1 },
        result: 'no',
      }),
    ).toEqual({ id: 'c', name: 'exec', is_error: true, arguments: { a: 1 }, result: 'no' })
    expect(payloadOf({ type: 'activity', phase: 'tool_exec', detail: { tool: 'exec' } })).toEqual({
      phase: 'tool_exec',
      tool: 'exec',
    })
    expect(payloadOf({ type: 'run.retrying', attempt: 1, maxAttempts: 3 })).toEqual({
      attempt: 1,
      maxAttempts: 3,
    })
    expect(payloadOf({ type: 'run.completed', content: 'x', usage })).toEqual({
      content: 'x',
      usage: toWireUsage(usage),
    })
    expect(payloadOf({ type: 'run.completed', content: 'x', thinking: 't', usage })).toMatchObject({
      thinking: 't',
    })
    expect(payloadOf({ type: 'run.failed', error: 'late', code: 'AGENT_TIMEOUT' })).toEqual({
      error: 'late',
      code: 'AGENT_TIMEOUT',
    })
    expect(payloadOf({ type: 'run.cancelled' })).toEqual({})
  })

  it('cuts a result, and never inside a character', () => {
    const cutOf = (result: string) =>
      String(
        payloadOf({
          type: 'tool.result',
          id: 'c',
          name: 'n',
          isError: false,
          arguments: {},
          result,
        })['result'],
      )
    expect(cutOf('x'.repeat(MAX_EVENT_RESULT_CHARS))).toHaveLength(MAX_EVENT_RESULT_CHARS)
    fc.assert(
      fc.property(fc.nat(3), (shift) => {
        const cut = cutOf('x'.repeat(shift) + '\u{1F600}'.repeat(MAX_EVENT_RESULT_CHARS))
        expect(cut.length).toBeLessThanOrEqual(MAX_EVENT_RESULT_CHARS)
        expect(cut.length).toBeGreaterThanOrEqual(MAX_EVENT_RESULT_CHARS - 1)
        expect(cut.isWellFormed()).toBe(true)
      }),
    )
  })
})

describe('toWireUsage', () => {
  it('names tokens as protocol v3 does', () => {
    expect(toWireUsage(usage)).toEqual({
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 15,
      cache_creation_tokens: 2,
      cache_read_tokens: 3,
    })
  })
})

describe('toWireMessage', () => {
  const createdAt = Date.UTC(2026, 0, 2)
  const created_at = '2026-01-02T00:00:00.000Z'

  it('shows each role with what belongs to it', () => {
    expect(toWireMessage({ role: 'user', content: 'hi', createdAt })).toEqual({
      role: 'user',
      content: 'hi',
      created_at,
    })
    expect(
      toWireMessage({
        role: 'assistant',
        content: '',
        thinking: 'hm',
        toolCalls: [{ id: 'c', name: 'exec', arguments: { a: 1 } }],
        createdAt,
      }),
    ).toEqual({
      role: 'assistant',
      content: '',
      thinking: 'hm',
      tool_calls: [{ id: 'c', name: 'exec', arguments: { a: 1 } }],
      created_at,
    })
    const result = { role: 'tool', toolCallId: 'c', name: 'exec', content: 'x', createdAt } as const
    expect(toWireMessage({ ...result, isError: true })).toEqual({
      role: 'tool',
      content: 'x',
      tool_call_id: 'c',
      is_error: true,
      created_at,
    })
    expect(toWireMessage({ ...result, isError: false })).not.toHaveProperty('is_error')
  })

  it('says how the run ended that came to no answer, and why', () => {
    const said = { role: 'user', content: 'hi', createdAt } as const
    const run = { runId: runIdSchema.parse('run_1'), at: createdAt }
    const failed = { kind: 'failed', code: 'LIMIT', error: 'no tokens are left' } as const
    const ended = { run_id: 'run_1', ended_at: created_at }
    expect(toWireMessage({ ...said, ending: { ...run, result: failed } })).toEqual({
      role: 'user',
      content: 'hi',
      created_at,
      run_end: { ...ended, type: 'run.failed', error: 'no tokens are left', code: 'LIMIT' },
    })
    expect(toWireMessage({ ...said, ending: { ...run, result: { kind: 'cancelled' } } })).toEqual({
      role: 'user',
      content: 'hi',
      created_at,
      run_end: { ...ended, type: 'run.cancelled' },
    })
  })

  it('leaves out what a message does not have', () => {
    const plain = toWireMessage({ role: 'assistant', content: 'x', toolCalls: [], createdAt })
    expect(Object.keys(plain)).toEqual(['role', 'content', 'created_at'])
  })
})
