import { describe, expect, it } from 'vitest'
import { createMemoryFlush, type MemoryFlushParts } from '../../../src/agent/memory-flush.ts'
import type { KeyedCall } from '../../../src/agent/ports.ts'
import { addUsage, type Message, NO_USAGE } from '../../../src/domain/message.ts'
import { err, ok } from '../../../src/domain/result.ts'
import {
  asksFor,
  fails,
  HANGS,
  inOrder,
  ScriptedModel,
  says,
} from '../../support/scripted-model.ts'
import { brokenPairs, NOW } from './run.ts'

const LEAVING: readonly Message[] = [
  { role: 'user', content: 'My boat is called Ada.', createdAt: NOW },
  { role: 'assistant', content: 'Noted.', createdAt: NOW },
]
const spec = (name: string) => ({ name, description: '', parameters: {} })
const save = (text: string) => ({ id: 'call_1', name: 'memory_save', arguments: { text } })

function flushWith(model: ScriptedModel, fields: Partial<MemoryFlushParts> = {}) {
  const calls: KeyedCall[] = []
  const spent = { usage: NO_USAGE, models: [] as (string | null)[] }
  const flush = createMemoryFlush({
    model,
    modelName: 'scripted',
    windowTokens: 100_000,
    keyPrefix: 'flush.run_1.1',
    signal: new AbortController().signal,
    tools: {
      specs: () => ['exec', 'memory_save', 'memory_search'].map(spec),
      run: async (keyed) => {
        calls.push(keyed)
        return { content: 'Saved as mem_1.', isError: false }
      },
    },
    addUsage: (usage, by) => {
      spent.usage = addUsage(spent.usage, usage)
      spent.models.push(by?.name ?? null)
    },
    asData: (record) => `<record>\n${record}\n</record>`,
    checkRights: async () => ok(null),
    checkBudget: () => ok(null),
    now: () => NOW,
    ...fields,
  })
  return { flush, calls, spent }
}

describe('the flush of memory', () => {
  it('offers the memory tools alone, saves what the model asks for, and counts what it cost', async () => {
    const model = new ScriptedModel((turn) =>
      turn === 0 ? asksFor(save('The boat is called Ada.'), save('It is blue.')) : says('NONE'),
    )
    const { flush, calls, spent } = flushWith(model)
    await flush(LEAVING)
    expect(model.requests[0]?.tools.map(({ name }) => name)).toEqual([
      'memory_save',
      'memory_search',
    ])
    const [first, ...others] = model.requests[0]?.messages ?? []
    expect(first).toMatchObject({
      role: 'user',
      content: expect.stringMatching(/^<record>\n.*My boat is called Ada.*<\/record>\n\nThe part/s),
    })
    expect(others).toEqual([])
    expect(calls.map(({ call }) => call.arguments)).toEqual([
      { text: 'The boat is called Ada.' },
      { text: 'It is blue.' },
    ])
    expect(new Set(calls.map(({ callKey }) => callKey)).size).toBe(2)
    expect(brokenPairs(model.requests[1]?.messages ?? [])).toEqual([])
    expect(spent.usage.promptTokens).toBe(2)
  })

  it('counts each call under the model that answered it, and tries under whose they were', async () => {
    const by = (name: string) => ({ provider: 'v', name })
    const model = new ScriptedModel((turn) =>
      turn === 0
        ? [{ type: 'asked', model: by('own') }, ...asksFor(save('The boat is called Ada.'))]
        : [
            { type: 'in_vain', usage: NO_USAGE, model: by('own') },
            { type: 'asked', model: by('other') },
            ...says('NONE'),
          ],
    )
    const { flush, spent } = flushWith(model)
    await flush(LEAVING)
    expect(spent.models).toEqual(['own', 'own', 'other'])
  })

  it('counts an answer that it hangs up on', async () => {
    const endless = says(...Array.from({ length: 10 }, () => 'x'.repeat(50_000)))
    const { flush, spent } = flushWith(new ScriptedModel(() => endless))
    await flush(LEAVING)
    expect(spent.usage.completionTokens).toBeGreaterThan(100_000)
    expect(spent.usage.promptTokens).toBeGreaterThan(100)
  })

  it('is cut off in the middle of a call by whoever has it made', async () => {
    const stop = new AbortController()
    const hanging = new ScriptedModel(
      () => [HANGS],
      () => stop.abort(),
    )
    const { flush, calls } = flushWith(hanging)
    await flush(LEAVING, stop.signal)
    expect([hanging.requests.length, calls]).toEqual([1, []])
  })

  it('makes no further call of a tool, or of the model, once it is stopped', async () => {
    const stop = new AbortController()
    const seen: boolean[] = []
    const tools = {
      specs: () => [spec('memory_save')],
      run: async (_: KeyedCall, { signal }: { readonly signal: AbortSignal }) => {
        stop.abort()
        seen.push(signal.aborted)
        return { content: 'Saved.', isError: false }
      },
    }
    const model = new ScriptedModel(() => asksFor(save('one'), save('two')))
    await flushWith(model, { tools }).flush(LEAVING, stop.signal)
    expect(seen).toEqual([true])
    expect(model.requests).toHaveLength(1)
  })

  it('runs no other tool, whatever the model asks for', async () => {
    const evil = { id: 'c', name: 'exec', arguments: { command: 'rm -rf /' } }
    const model = new ScriptedModel((turn) => (turn === 0 ? asksFor(evil) : says('NONE')))
    const { flush, calls } = flushWith(model)
    await flush(LEAVING)
    expect(calls).toEqual([])
    expect(model.requests[1]?.messages.at(-1)).toMatchObject({ role: 'tool', isError: true })
  })

  it('asks no model where nothing can be saved, is nothing to save, or no right or money is left', async () => {
    const model = new ScriptedModel(inOrder())
    const tools = { specs: () => [spec('exec'), spec('memory_search')], run: async () => never() }
    await flushWith(model, { tools }).flush(LEAVING)
    await flushWith(model).flush([])
    await flushWith(model, { checkBudget: () => err('spent') }).flush(LEAVING)
    await flushWith(model, { checkRights: async () => err('revoked') }).flush(LEAVING)
    await flushWith(model, { signal: AbortSignal.abort() }).flush(LEAVING)
    expect(model.requests).toEqual([])
  })

  it('ends with a model that fails, and with one that never stops asking', async () => {
    await flushWith(new ScriptedModel(() => fails('overloaded'))).flush(LEAVING)
    const restless = new ScriptedModel(() =>
      asksFor(...Array.from({ length: 40 }, (_, i) => save(`note ${i}`))),
    )
    const { flush, calls } = flushWith(restless)
    await flush(LEAVING)
    expect(restless.requests).toHaveLength(3)
    expect(calls).toHaveLength(36)
  })
})

const never = (): never => {
  throw new Error('ran')
}
