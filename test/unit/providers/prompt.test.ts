import { describe, expect, test } from 'vitest'
import type { Message } from '../../../src/domain/message.ts'
import { toCallOptions, toPrompt } from '../../../src/providers/prompt.ts'
import { modelRequest } from '../../support/vendors/model.ts'

const plain = { cacheMark: null }
const mark = { anthropic: { cacheControl: { type: 'ephemeral' } } }

const user = (content: string): Message => ({ role: 'user', content, createdAt: 1 })
const said = (content: string, ...ids: readonly string[]): Message => ({
  role: 'assistant',
  content,
  thinking: 'private thoughts',
  ...(ids.length === 0
    ? {}
    : { toolCalls: ids.map((id) => ({ id, name: 'exec', arguments: { command: id } })) }),
  createdAt: 1,
})
const result = (toolCallId: string, content: string, isError = false): Message => ({
  role: 'tool',
  toolCallId,
  name: 'exec',
  content,
  isError,
  createdAt: 1,
})

const prompt = (...messages: readonly Message[]) => toPrompt(modelRequest({ messages }), plain)
const output = (toolCallId: string, type: string, value: unknown) => ({
  type: 'tool-result',
  toolCallId,
  toolName: 'exec',
  output: { type, value },
})

describe('toPrompt', () => {
  test('puts the system prompt first', () => {
    expect(prompt(user('hi'))).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'hi' }] },
    ])
  })

  test('leaves an empty system prompt and empty messages out', () => {
    const request = modelRequest({ system: '', messages: [user(''), said(''), user('x')] })
    expect(toPrompt(request, plain)).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'x' }] },
    ])
  })

  test('puts the results of parallel calls right after them, in the order of the calls', () => {
    expect(
      prompt(
        user('go'),
        said('ok', 'a', 'b'),
        result('b', '2', true),
        user('hurry'),
        result('a', '1'),
      ),
    ).toMatchObject([
      { role: 'system' },
      { role: 'user' },
      { role: 'assistant', content: [{ type: 'text' }, { toolCallId: 'a' }, { toolCallId: 'b' }] },
      { role: 'tool', content: [output('a', 'text', '1'), output('b', 'error-text', '2')] },
      { role: 'user', content: [{ text: 'hurry' }] },
    ])
  })

  test('answers a call whose result is missing', () => {
    const last = prompt(said('', 'a')).at(-1)
    expect(last).toMatchObject({
      role: 'tool',
      content: [{ toolCallId: 'a', output: { type: 'error-text' } }],
    })
  })

  test('leaves a result without its call out', () => {
    expect(prompt(result('lost', 'x'), user('hi')).map(({ role }) => role)).toEqual([
      'system',
      'user',
    ])
  })

  test('matches ids that a vendor uses again in a later step with the step they belong to', () => {
    const values = prompt(said('', 'c'), result('c', 'first'), said('', 'c'), result('c', 'second'))
      .filter(({ role }) => role === 'tool')
      .map((message) => JSON.stringify(message.content))
    expect(values[0]).toContain('first')
    expect(values[1]).toContain('second')
  })

  test('never sends thinking back', () => {
    expect(JSON.stringify(prompt(said('x')))).not.toContain('private thoughts')
  })

  test('makes names and arguments fit that a model invented', () => {
    const message: Message = {
      role: 'assistant',
      content: '',
      toolCalls: [{ id: 'a', name: 'no such/tool', arguments: 'not json' }],
      createdAt: 1,
    }
    expect(prompt(message)[1]).toMatchObject({
      content: [{ toolName: 'no_such_tool', input: { invalid: 'not json' } }],
    })
  })

  test('spells ids as the dialect wants in call and result alike', () => {
    const dialect = { ...plain, toolCallId: (id: string) => id.replaceAll(':', '_') }
    const messages = [said('', 'functions:0'), result('functions:0', 'x')]
    expect(toPrompt(modelRequest({ messages }), dialect).slice(1)).toMatchObject([
      { role: 'assistant', content: [{ toolCallId: 'functions_0' }] },
      { role: 'tool', content: [{ toolCallId: 'functions_0', output: { value: 'x' } }] },
    ])
  })

  test('marks system and the last two foreign turns for the cache', () => {
    const messages = [user('1'), said('', 'a'), result('a', 'x'), said('2'), user('3')]
    const marked = toPrompt(modelRequest({ messages }), { cacheMark: mark }).map(
      ({ providerOptions }) => providerOptions === mark,
    )
    expect(marked).toEqual([true, false, false, true, false, true])
  })
})

describe('toCallOptions', () => {
  const { signal } = new AbortController()

  test('passes settings on and leaves absent ones out', () => {
    const request = modelRequest({ temperature: 0, maxOutputTokens: 5, stopSequences: ['END'] })
    const options = toCallOptions(request, plain, signal)
    expect(options).toMatchObject({ temperature: 0, maxOutputTokens: 5, stopSequences: ['END'] })
    expect(options).not.toHaveProperty('topP')
    expect(options).not.toHaveProperty('tools')
  })

  test('offers tools with their schema', () => {
    const parameters = { type: 'object', properties: {} }
    const request = modelRequest({ tools: [{ name: 'exec', description: 'runs', parameters }] })
    expect(toCallOptions(request, plain, signal)).toMatchObject({
      tools: [{ type: 'function', name: 'exec', description: 'runs', inputSchema: parameters }],
      toolChoice: { type: 'auto' },
    })
  })
})
