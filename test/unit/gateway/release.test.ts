import { describe, expect, it } from 'vitest'
import { tenantConfigSchema } from '../../../src/domain/config/tenant-config.ts'
import type { Message } from '../../../src/domain/message.ts'
import type { ModelEvent } from '../../../src/domain/model.ts'
import { releasedModel } from '../../../src/gateway/model.ts'
import { createRunRelease, releasedEvent, releasedMessages } from '../../../src/gateway/release.ts'
import { createSecretDictionary } from '../../../src/output/secret-dictionary.ts'
import { asksFor, fails, HANGS, inOrder, ScriptedModel } from '../../support/scripted-model.ts'

const KEY = 'sk-ant-api03-hqT7wLx0pZ4mVn2Rk9Bd5Yc8'
const CONFIG = tenantConfigSchema.parse({})
const ORDINARY_IDS = [
  'call_kX2mP9vQ4rT7wZ1bN6cJ8dLh',
  'toolu_01A09q90qw90lq917835lq9x',
  'call_3f2b8c1d9e7a4f6085b2c4d6e8f01a3b',
  'chatcmpl-tool-9b1deb4d3b7d4bad9bdd2b0d7b3dcb6d',
  'functions.exec:0',
]

function release() {
  const dictionary = createSecretDictionary()
  dictionary.register(KEY)
  return createRunRelease(CONFIG, dictionary, () => undefined)
}

describe('a call whose id and name hold the key', () => {
  const call = { id: `id-${KEY}`, name: `name-${KEY}`, arguments: { text: KEY } }

  it('is told without it, and its result goes by the same id', () => {
    const gate = release()
    const called = releasedEvent({ type: 'tool.call', ...call }, gate)
    const answer = { type: 'tool.result', ...call, isError: true, result: '' } as const
    const answered = releasedEvent(answer, gate)
    expect(JSON.stringify([called, answered])).not.toContain(KEY)
    const { arguments: _, ...own } = called as { arguments: unknown; id: string; name: string }
    expect(answered).toMatchObject({ id: own.id, name: own.name })
  })

  it('stands in the history without it, and its result too', () => {
    const messages: readonly Message[] = [
      { role: 'assistant', content: '', toolCalls: [call], createdAt: 1 },
      {
        role: 'tool',
        toolCallId: call.id,
        name: call.name,
        content: '',
        isError: true,
        createdAt: 1,
      },
    ]
    const shown = releasedMessages(messages, CONFIG)
    expect(JSON.stringify(shown)).not.toContain(KEY)
    const [assistant, tool] = shown
    const id = assistant?.role === 'assistant' ? assistant.toolCalls?.[0]?.id : null
    expect(tool?.role === 'tool' && tool.toolCallId).toBe(id)
  })

  it('leaves the model without it; a tool is called by its name and with what was meant', async () => {
    const tool = { ...call, name: 'exec' }
    const model = releasedModel(
      new ScriptedModel(inOrder(asksFor(call, tool))),
      release(),
      () => undefined,
    )
    const events: ModelEvent[] = []
    const tools = [{ name: 'exec', description: '', parameters: {} }]
    const request = { model: 'm', system: '', messages: [], tools }
    for await (const event of model.stream(request, new AbortController().signal))
      events.push(event)
    const [unknown, known] = events
    expect(JSON.stringify({ ...unknown, arguments: null })).not.toContain(KEY)
    expect(known).toMatchObject({ name: 'exec', arguments: tool.arguments })
    expect(known?.type === 'tool_call' && known.id).not.toContain(KEY)
  })
})

it.each(ORDINARY_IDS)('tells the ordinary id %s as it is', (id) => {
  const event = { type: 'tool.call', id, name: 'read_file', arguments: {} } as const
  expect(releasedEvent(event, release())).toEqual(event)
})

describe('a call that is cut off', () => {
  const request = {
    model: 'm',
    system: 's'.repeat(400),
    messages: [],
    tools: [],
  }
  const lastOf = async (model: ScriptedModel, signal: AbortSignal, onText = () => undefined) => {
    let last: ModelEvent | undefined
    for await (const event of releasedModel(model, release(), () => undefined).stream(
      request,
      signal,
    )) {
      if (event.type === 'text') onText()
      last = event
    }
    return last
  }

  it('costs what was sent and heard, for whatever it was asked', async () => {
    const controller = new AbortController()
    const words = Array.from({ length: 50 }, () => ({ type: 'text' as const, delta: 'words! ' }))
    const model = new ScriptedModel(() => [...words, HANGS])
    const last = await lastOf(model, controller.signal, () => void controller.abort())
    expect(last).toMatchObject({ type: 'error', usage: { promptTokens: 101 } })
    expect(last?.type === 'error' && (last.usage?.completionTokens ?? 0)).toBeGreaterThan(0)
  })

  it('costs nothing when its vendor refused it', async () => {
    const model = new ScriptedModel(() => fails('unauthorized'))
    expect(await lastOf(model, new AbortController().signal)).not.toHaveProperty('usage')
  })
})
