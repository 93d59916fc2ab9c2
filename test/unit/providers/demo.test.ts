import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Message } from '../../../src/domain/message.ts'
import { createDemoModel, parseDirectives, toDeltas } from '../../../src/providers/demo.ts'
import { collect, modelRequest, textOf } from '../../support/vendors/model.ts'

const demo = createDemoModel()
const user = (content: string): Message => ({ role: 'user', content, createdAt: 1_000 })
const result = (name: string, content: string, isError = false): Message => ({
  role: 'tool',
  toolCallId: 'a',
  name,
  content,
  isError,
  createdAt: 1_001,
})
const ask = (...messages: readonly Message[]) => collect(demo, modelRequest({ messages }))

describe('parseDirectives', () => {
  test.each([
    ['run: ls -la | wc', 'exec', { command: 'ls -la | wc' }],
    ['read: a/b.txt', 'read_file', { path: 'a/b.txt' }],
    ['list: .', 'list_files', { path: '.' }],
    ['fetch: https://example.com/?a=b:c', 'web_fetch', { url: 'https://example.com/?a=b:c' }],
    ['write: a.txt: hello: you', 'write_file', { path: 'a.txt', content: 'hello: you' }],
    ['write: a.txt:', 'write_file', { path: 'a.txt', content: '' }],
    ['tool: edit {"path":"a","old":"x y"}', 'edit', { path: 'a', old: 'x y' }],
    ['tool: anything', 'anything', {}],
    ['tool: edit {broken', 'edit', '{broken'],
    ['  run: id  ', 'exec', { command: 'id' }],
  ])('takes %j for a call of %s', (line, name, args) => {
    expect(parseDirectives(line)).toEqual([{ name, arguments: args }])
  })

  test.each(['hello', 'please run: ls', 'run:', 'write: nowhere', 'Run: ls', 'constructor: x'])(
    'takes %j for talk',
    (line) => {
      expect(parseDirectives(line)).toEqual([])
    },
  )

  test('takes each line for itself', () => {
    expect(parseDirectives('first\nrun: echo a\r\nread: b\nand more')).toMatchObject([
      { name: 'exec', arguments: { command: 'echo a' } },
      { name: 'read_file' },
    ])
  })

  test('survives any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => Array.isArray(parseDirectives(text))),
    )
  })
})

describe('the demo model', () => {
  test('calls several tools in one step, with ids that differ and stay the same', async () => {
    const events = await ask(user('run: a\nrun: a'))
    const ids = events.flatMap((event) => (event.type === 'tool_call' ? [event.id] : []))
    expect(new Set(ids).size).toBe(2)
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'tool_calls' })
    expect(await ask(user('run: a\nrun: a'))).toEqual(events)
  })

  test('uses other ids in another step of the session', async () => {
    const [first] = await ask(user('run: a'))
    const [second] = await ask(user('run: a'), result('exec', 'x'), user('run: a'))
    expect(first).toMatchObject({ type: 'tool_call' })
    expect(second).toMatchObject({ type: 'tool_call' })
    expect(second).not.toEqual(first)
  })

  test('shows what the tools answered, also a refusal', async () => {
    const text = textOf(
      await ask(
        user('run: a'),
        result('exec', 'line 1\nline 2'),
        result('read_file', 'denied', true),
      ),
    )
    expect(text).toContain('line 1\nline 2')
    expect(text).toContain('read_file failed:\ndenied')
  })

  test('turns to a message that came after the results', async () => {
    const events = await ask(user('run: a'), result('exec', 'old output'), user('never mind'))
    expect(textOf(events)).toContain('never mind')
    expect(textOf(events)).not.toContain('old output')
  })

  test('says that it is the demo model and repeats the message, in several pieces', async () => {
    const events = await ask(user('Good morning, all'))
    expect(events.filter(({ type }) => type === 'text').length).toBeGreaterThan(5)
    expect(textOf(events)).toMatch(/demo model.*Good morning, all/)
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'stop' })
  })

  test('calls a tool that it was not offered', async () => {
    expect(await ask(user('tool: forbidden_thing {}'))).toMatchObject([
      { type: 'tool_call', name: 'forbidden_thing' },
      { type: 'finish' },
    ])
  })

  test('counts tokens', async () => {
    const last = (await ask(user('x'.repeat(400)))).at(-1)
    expect(last?.type === 'finish' && last.usage.promptTokens).toBeGreaterThanOrEqual(100)
  })

  test('stops when the caller aborts', async () => {
    const events = await collect(demo, modelRequest(), AbortSignal.abort())
    expect(events).toMatchObject([{ type: 'error', failure: { kind: 'aborted' } }])
  })

  test('answers a request without any message', async () => {
    expect((await ask()).at(-1)).toMatchObject({ type: 'finish' })
  })
})

describe('toDeltas', () => {
  test('loses nothing and stays within its number of pieces', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 5_000 }), (text) => {
        const deltas = toDeltas(text)
        return deltas.length <= 200 && deltas.join('').trim() === text.trim()
      }),
    )
    expect(toDeltas('word '.repeat(20_000)).length).toBeLessThanOrEqual(200)
  })
})
