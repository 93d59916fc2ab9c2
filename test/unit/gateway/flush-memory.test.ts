import { expect, it } from 'vitest'
import { ok } from '../../../src/domain/result.ts'
import type { FlushParts } from '../../../src/gateway/flush-memory.ts'
import { flushMemoryOf } from '../../../src/gateway/flush-memory.ts'
import type { TurnRequest } from '../../../src/gateway/turn-request.ts'
import { HANGS, ScriptedModel } from '../../support/scripted-model.ts'
import { liveOf, requestOf } from './run.ts'

const LEAVING = [{ role: 'user', content: 'My boat is called Ada.', createdAt: 0 }] as const

function flushWith(model: ScriptedModel, request: Partial<TurnRequest> = {}, document = {}) {
  const parts: FlushParts = {
    request: requestOf(request),
    live: () => liveOf(document),
    model,
    tools: {
      specs: () => [{ name: 'memory_save', description: '', parameters: {} }],
      run: async () => ({ content: 'Saved.', isError: false }),
    },
    modelName: 'scripted',
    windowTokens: 100_000,
    addUsage: () => undefined,
    asData: (record) => record,
    checkRights: async () => ok(null),
    checkBudget: () => ok(null),
    now: () => 0,
  }
  return flushMemoryOf(parts)
}

it('ends with what it was made for, and with the run', async () => {
  for (const which of ['the step', 'the run'] as const) {
    const ended = new AbortController()
    const model = new ScriptedModel(
      () => [HANGS],
      () => ended.abort(),
    )
    const never = new AbortController().signal
    const isRun = which === 'the run'
    const flush = flushWith(model, isRun ? { signal: ended.signal } : {})
    await flush(LEAVING, isRun ? never : ended.signal)
    expect(model.requests).toHaveLength(1)
  }
})

it('asks no model where a human would have to be asked about what it saves', async () => {
  const model = new ScriptedModel(() => [])
  const flush = flushWith(model, {}, { autonomy: { level: 'supervised' } })
  await flush(LEAVING, new AbortController().signal)
  expect(model.requests).toEqual([])
})
