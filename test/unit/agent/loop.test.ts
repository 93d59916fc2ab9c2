import { describe, expect, it } from 'vitest'
import { MAX_ITERATIONS, MAX_TOOL_CALLS, RUN_TIMEOUT_MS } from '../../../src/agent/limits.ts'
import { addUsage, type Message, NO_USAGE } from '../../../src/domain/message.ts'
import { err, ok } from '../../../src/domain/result.ts'
import { echo, FakeTools, outcome } from '../../support/fake-tools.ts'
import { MemoryJournal, newRecord } from '../../support/journal.ts'
import {
  aborted,
  asksFor,
  CALL_USAGE,
  fails,
  HANGS,
  inOrder,
  ScriptedModel,
  says,
} from '../../support/scripted-model.ts'
import { brokenPairs, live, NOW } from './run.ts'

const call = (id: string, name = 'read', args: unknown = { id }) => ({ id, name, arguments: args })
const tools = () => new FakeTools({ read: echo(true), write: echo(false) })
const roles = (messages: readonly Message[]) => messages.map(({ role }) => role)
const resultsOf = (messages: readonly Message[]) =>
  messages.flatMap((message) => (message.role === 'tool' ? [message] : []))

describe('a turn', () => {
  it('answers at once when the model asks for nothing', async () => {
    const { result, messages, events } = await live({
      model: new ScriptedModel(inOrder(says('hel', 'lo'))),
      tools: tools(),
    })
    expect(result).toMatchObject({ kind: 'completed', content: 'hello' })
    expect(roles(messages)).toEqual(['user', 'assistant'])
    expect(events.map(({ type }) => type)).toEqual(['activity', 'chunk', 'chunk'])
  })

  it('thinks, acts and observes until the model answers', async () => {
    const model = new ScriptedModel(
      inOrder(asksFor(call('a')), asksFor(call('b', 'write')), says('done')),
    )
    const { result, messages, events } = await live({ model, tools: tools() })
    expect(result).toMatchObject({ kind: 'completed', content: 'done' })
    expect(roles(messages)).toEqual(['user', 'assistant', 'tool', 'assistant', 'tool', 'assistant'])
    expect(model.requests[1]?.messages.at(-1)).toMatchObject({
      role: 'tool',
      toolCallId: 'a',
      content: 'echo {"id":"a"}',
    })
    const ofTools = events.filter(({ type }) => type.startsWith('tool.'))
    expect(ofTools.map(({ type }) => type)).toEqual([
      'tool.call',
      'tool.result',
      'tool.call',
      'tool.result',
    ])
  })

  it('sums the tokens of all its model calls', async () => {
    const model = new ScriptedModel(inOrder(asksFor(call('a')), says('done')))
    const { result } = await live({ model, tools: tools() })
    expect(result).toMatchObject({ usage: { promptTokens: 2, completionTokens: 2 } })
  })

  it("asks with the agent's prompt, tools and sampling", async () => {
    const model = new ScriptedModel(inOrder(says('x')))
    await live({ model, tools: tools(), sampling: { temperature: 0.3, maxOutputTokens: 9 } })
    expect(model.requests[0]).toMatchObject({
      model: 'scripted',
      system: 'You are a test.',
      temperature: 0.3,
      maxOutputTokens: 9,
      tools: [{ name: 'read' }, { name: 'write' }],
    })
    expect(model.requests[0]).not.toHaveProperty('toolChoice')
  })

  it('keeps the thinking beside the answer', async () => {
    const model = new ScriptedModel(() => [{ type: 'thinking', delta: 'hm' }, ...says('x')])
    const { result, messages } = await live({ model, tools: tools() })
    expect(result).toMatchObject({ content: 'x', thinking: 'hm' })
    expect(messages[1]).toMatchObject({ thinking: 'hm' })
  })

  it('goes on with the words of a tool that refuses', async () => {
    const model = new ScriptedModel(inOrder(asksFor(call('a', 'unknown')), says('then not')))
    const { result, messages } = await live({ model, tools: tools() })
    expect(result).toMatchObject({ kind: 'completed', content: 'then not' })
    expect(resultsOf(messages)).toMatchObject([{ isError: true, name: 'unknown' }])
  })
})

describe('several calls in one message', () => {
  const gated = (isParallelSafe: boolean) => {
    const log: string[] = []
    const waiting: (() => void)[] = []
    const tool = {
      isParallelSafe,
      run: async (args: unknown) => {
        const { id } = args as { id: string }
        log.push(`begin ${id}`)
        // The first call ends only once the second has begun, when they run side by side.
        if (isParallelSafe && id === 'a') await new Promise<void>((done) => waiting.push(done))
        else for (const release of waiting.splice(0)) release()
        log.push(`end ${id}`)
        return outcome(id)
      },
    }
    return { log, tool }
  }

  it('runs side by side what is safe so', async () => {
    const { log, tool } = gated(true)
    const model = new ScriptedModel(inOrder(asksFor(call('a'), call('b')), says('done')))
    const { messages } = await live({ model, tools: new FakeTools({ read: tool }) })
    expect(log).toEqual(['begin a', 'begin b', 'end b', 'end a'])
    expect(brokenPairs(messages)).toEqual([])
  })

  it('runs the others one after the other, in the order asked', async () => {
    const { log, tool } = gated(false)
    const model = new ScriptedModel(inOrder(asksFor(call('a'), call('b')), says('done')))
    await live({ model, tools: new FakeTools({ read: tool }) })
    expect(log).toEqual(['begin a', 'end a', 'begin b', 'end b'])
  })

  it('runs all in order when one of them is not safe', async () => {
    const { log, tool } = gated(false)
    const model = new ScriptedModel(
      inOrder(asksFor(call('a', 'read'), call('b', 'write')), says('done')),
    )
    await live({
      model,
      tools: new FakeTools({ read: { ...tool, isParallelSafe: true }, write: tool }),
    })
    expect(log).toEqual(['begin a', 'end a', 'begin b', 'end b'])
  })

  it('tells calls with the same id apart, also from those of earlier runs', async () => {
    const history: Message[] = [
      { role: 'user', content: 'before', createdAt: 0 },
      { role: 'assistant', content: '', toolCalls: [call('a')], createdAt: 0 },
      { role: 'tool', toolCallId: 'a', name: 'read', content: 'x', isError: false, createdAt: 0 },
      { role: 'assistant', content: 'said', createdAt: 0 },
    ]
    const model = new ScriptedModel((turn) =>
      turn === 2 ? asksFor(call('a'), call('a'), call('')) : says('done'),
    )
    const journal = new MemoryJournal(newRecord('again', history))
    const { messages } = await live({ model, tools: tools(), journal })
    expect(resultsOf(messages).map(({ toolCallId }) => toolCallId)).toEqual([
      'a',
      'a-2',
      'a-3',
      'call',
    ])
    expect(brokenPairs(messages)).toEqual([])
  })
})

describe('limits', () => {
  it(`makes ${MAX_ITERATIONS} model calls and no more`, async () => {
    const model = new ScriptedModel((turn) =>
      // Within the limit of tool calls: one message asks for none but says nothing either.
      asksFor(call(`c${turn}`)),
    )
    const { result, messages } = await live({ model, tools: tools() })
    expect(result).toMatchObject({ kind: 'failed', code: 'LIMIT' })
    expect(model.requests).toHaveLength(MAX_ITERATIONS)
    expect(brokenPairs(messages)).toEqual([])
  })

  it('asks for an answer without tools in the last model call', async () => {
    const model = new ScriptedModel((turn, { toolChoice }) =>
      toolChoice === 'none' ? says('finally') : asksFor(call(`x${turn}`)),
    )
    const { result } = await live({ model, tools: new FakeTools({}) })
    expect(result).toMatchObject({ kind: 'completed', content: 'finally' })
    expect(model.requests.at(-1)).toMatchObject({ toolChoice: 'none' })
  })

  it(`answers the call after the ${MAX_TOOL_CALLS}th with an error, and then asks for an answer`, async () => {
    const calls = Array.from({ length: MAX_TOOL_CALLS + 3 }, (_, index) => call(`c${index}`))
    const model = new ScriptedModel(inOrder(asksFor(...calls), says('enough')))
    const fakes = tools()
    const { result, messages } = await live({ model, tools: fakes })
    expect(fakes.fresh).toHaveLength(MAX_TOOL_CALLS)
    const refused = resultsOf(messages).filter(({ isError }) => isError)
    expect(refused.map(({ toolCallId }) => toolCallId)).toEqual(['c25', 'c26', 'c27'])
    expect(refused[0]?.content).toContain(`${MAX_TOOL_CALLS} tool calls`)
    expect(model.requests[1]).toMatchObject({ toolChoice: 'none' })
    expect(model.requests[1]?.tools).not.toHaveLength(0)
    expect(result).toMatchObject({ kind: 'completed', content: 'enough' })
  })

  it('allows exactly as many, one message after the other', async () => {
    const fakes = tools()
    const model = new ScriptedModel((turn) =>
      turn < MAX_TOOL_CALLS ? asksFor(call(`c${turn}`)) : says('done'),
    )
    const { result, messages } = await live({ model, tools: fakes })
    expect(result.kind).toBe('completed')
    expect(fakes.fresh).toHaveLength(MAX_TOOL_CALLS)
    expect(resultsOf(messages).every(({ isError }) => !isError)).toBe(true)
  })

  it('does not start a run whose time is over', async () => {
    const model = new ScriptedModel(inOrder(says('late')))
    const { result } = await live({ model, tools: tools(), startedAt: NOW - RUN_TIMEOUT_MS })
    expect(result).toMatchObject({ kind: 'failed', code: 'AGENT_TIMEOUT' })
    expect(model.requests).toEqual([])
  })

  it('ends a model call when the time of the run is over', async () => {
    const model = new ScriptedModel(inOrder([HANGS]))
    const startedAt = NOW - RUN_TIMEOUT_MS + 5
    const { result } = await live({ model, tools: tools(), startedAt })
    expect(result).toMatchObject({ kind: 'failed', code: 'AGENT_TIMEOUT' })
  })

  it('ends a tool call when the time of the run is over, and keeps the pair whole', async () => {
    const slow = {
      isParallelSafe: true,
      run: async (_args: unknown, signal: AbortSignal) => {
        await aborted(signal)
        return { content: 'cut', isError: true }
      },
    }
    const model = new ScriptedModel(inOrder(asksFor(call('a'))))
    const startedAt = NOW - RUN_TIMEOUT_MS + 5
    const { result, messages } = await live({
      model,
      tools: new FakeTools({ read: slow }),
      startedAt,
    })
    expect(result).toMatchObject({ kind: 'failed', code: 'AGENT_TIMEOUT' })
    expect(brokenPairs(messages)).toEqual([])
  })
})

describe('cancelling', () => {
  it('calls nothing when cancelled before the first model call', async () => {
    const model = new ScriptedModel(inOrder(says('never')))
    const { result } = await live({ model, tools: tools(), signal: AbortSignal.abort() })
    expect(result).toEqual({ kind: 'cancelled' })
    expect(model.requests).toEqual([])
  })

  it('keeps in the transcript what the user saw of a model call', async () => {
    const user = new AbortController()
    const model = new ScriptedModel(
      () => [{ type: 'text', delta: 'half an ans' }, HANGS],
      () => user.abort(),
    )
    const { result, messages } = await live({ model, tools: tools(), signal: user.signal })
    expect(result).toEqual({ kind: 'cancelled' })
    expect(messages.at(-1)).toMatchObject({ role: 'assistant', content: 'half an ans' })
  })

  it('leaves nothing behind of a model call that had said nothing', async () => {
    const user = new AbortController()
    const model = new ScriptedModel(
      () => [HANGS],
      () => user.abort(),
    )
    const { result, messages } = await live({ model, tools: tools(), signal: user.signal })
    expect(result).toEqual({ kind: 'cancelled' })
    expect(roles(messages)).toEqual(['user'])
  })

  it('gives every call of the message a result when cancelled during the first', async () => {
    const user = new AbortController()
    const cancelling = {
      isParallelSafe: false,
      run: () => {
        user.abort()
        return outcome('done before it was cancelled')
      },
    }
    const model = new ScriptedModel(inOrder(asksFor(call('a'), call('b'), call('c'))))
    const fakes = new FakeTools({ read: cancelling })
    const { result, messages } = await live({ model, tools: fakes, signal: user.signal })
    expect(result).toEqual({ kind: 'cancelled' })
    expect(fakes.fresh).toHaveLength(1)
    expect(resultsOf(messages).map(({ isError }) => isError)).toEqual([false, true, true])
    expect(brokenPairs(messages)).toEqual([])
  })
})

describe('injected messages', () => {
  const injection = (afterModelCalls: number, content: string) => ({
    afterModelCalls,
    message: { role: 'user' as const, content, createdAt: 0 },
  })

  it('go into the running loop before the next model call', async () => {
    const journal = new MemoryJournal(newRecord('do it', [], [injection(1, 'and that')]))
    const model = new ScriptedModel(inOrder(asksFor(call('a')), says('both done')))
    const { messages, events } = await live({ model, tools: tools(), journal })
    expect(roles(messages)).toEqual(['user', 'assistant', 'tool', 'user', 'assistant'])
    expect(model.requests[1]?.messages.at(-1)).toMatchObject({ content: 'and that' })
    expect(events).toContainEqual({ type: 'activity', phase: 'injected_message' })
  })

  it('make the loop go on when they come with the answer', async () => {
    const journal = new MemoryJournal(newRecord('do it', [], [injection(1, 'one more')]))
    const model = new ScriptedModel(inOrder(says('first'), says('second')))
    const { result, messages } = await live({ model, tools: tools(), journal })
    expect(result).toMatchObject({ kind: 'completed', content: 'second' })
    expect(roles(messages)).toEqual(['user', 'assistant', 'user', 'assistant'])
  })
})

describe('rights and failures', () => {
  it('fails when the access is revoked before a model call', async () => {
    const model = new ScriptedModel(inOrder(says('never')))
    const { result } = await live({ model, tools: tools(), checkRights: async () => err('gone') })
    expect(result).toEqual({ kind: 'failed', code: 'ACCESS_REVOKED', error: 'gone' })
    expect(model.requests).toEqual([])
  })

  it('ends before the model call that the budgets do not allow, with their sentence', async () => {
    let calls = 0
    const model = new ScriptedModel(inOrder(asksFor(call('a')), says('never')))
    const { result, messages } = await live({
      model,
      tools: tools(),
      checkBudget: () => (++calls <= 1 ? ok(null) : err('used up')),
    })
    expect(result).toEqual({ kind: 'failed', code: 'LIMIT', error: 'used up' })
    expect(model.requests).toHaveLength(1)
    expect(roles(messages)).toEqual(['user', 'assistant', 'tool'])
  })

  it('keeps what a failed call cost, where the vendor said so', async () => {
    const usage = { ...NO_USAGE, promptTokens: 7, completionTokens: 1 }
    const [failed] = fails('cut')
    if (failed?.type !== 'error') throw new Error('no failure')
    const journal = new MemoryJournal(newRecord('do it'))
    const model = new ScriptedModel(inOrder(asksFor(call('a')), [{ ...failed, usage }]))
    const { result } = await live({ model, tools: tools(), journal })
    expect(result).toMatchObject({ kind: 'failed', code: 'MODEL' })
    expect(journal.usage()).toEqual(addUsage(CALL_USAGE, usage))
  })

  it('counts a call that its reader ends before the last word', async () => {
    const controller = new AbortController()
    const words = Array.from({ length: 40 }, () => 'many more words ')
    const text = words.map((delta) => ({ type: 'text' as const, delta }))
    const model = new ScriptedModel(() => [...text, HANGS])
    let heard = 0
    const { result, journal } = await live({
      model,
      tools: tools(),
      signal: controller.signal,
      onEvent: ({ type }) => {
        if (type === 'chunk' && ++heard === words.length) controller.abort()
      },
    })
    expect(result).toEqual({ kind: 'cancelled' })
    expect(journal.usage().completionTokens).toBe(160)
    expect(journal.usage().promptTokens).toBeGreaterThan(0)
  })

  it('counts an answer that it hangs up on', async () => {
    const journal = new MemoryJournal(newRecord('do it'))
    const endless = says(...Array.from({ length: 10 }, () => 'x'.repeat(50_000)))
    const model = new ScriptedModel(() => endless)
    const { result } = await live({ model, tools: tools(), journal })
    expect(result).toMatchObject({ kind: 'failed', code: 'MODEL' })
    expect(journal.usage().completionTokens).toBeGreaterThan(100_000)
  })

  it('makes no tool call after the access is revoked in the middle', async () => {
    let checks = 0
    const model = new ScriptedModel(inOrder(asksFor(call('a', 'write'), call('b', 'write'))))
    const fakes = tools()
    const { result, messages } = await live({
      model,
      tools: fakes,
      // Before the model call and the first tool call it still holds.
      checkRights: async () => (++checks <= 2 ? ok(null) : err('gone')),
    })
    expect(result).toMatchObject({ kind: 'failed', code: 'ACCESS_REVOKED' })
    expect(fakes.fresh).toHaveLength(1)
    expect(resultsOf(messages)).toMatchObject([
      { isError: false },
      { isError: true, content: 'gone' },
    ])
    expect(brokenPairs(messages)).toEqual([])
  })

  it('fails with the words of the vendor', async () => {
    const model = new ScriptedModel(inOrder(fails('overloaded', 'try later')))
    const { result, messages } = await live({ model, tools: tools() })
    expect(result).toEqual({ kind: 'failed', code: 'MODEL', error: 'try later' })
    expect(roles(messages)).toEqual(['user'])
  })

  it('fails when the model ends without an end', async () => {
    const { result } = await live({ model: new ScriptedModel(() => []), tools: tools() })
    expect(result).toMatchObject({ kind: 'failed', code: 'MODEL' })
  })

  it('rejects an answer without end, and allows a long one', async () => {
    const flood = (pieces: number) =>
      new ScriptedModel(() => says(...Array.from({ length: pieces }, () => 'x'.repeat(100_000))))
    const tooLong = await live({ model: flood(12), tools: tools() })
    expect(tooLong.result).toMatchObject({ kind: 'failed', code: 'MODEL' })
    const long = await live({ model: flood(2), tools: tools() })
    expect(long.result.kind).toBe('completed')
  })
})
