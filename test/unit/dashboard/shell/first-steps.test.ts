import { describe, expect, it } from 'vitest'
import {
  stoppable,
  stoppingNothing,
  stopTitle,
} from '../../../../src/dashboard/shell/estop-words.ts'
import { firstSteps } from '../../../../src/dashboard/shell/first-steps.ts'

const NEW = {
  providers: [{ provider_type: 'demo', enabled: true }],
  sessions: 0,
  channels: 0,
  people: 0,
}
const done = (known: Parameters<typeof firstSteps>[0]) =>
  firstSteps(known)
    .filter(({ isDone }) => isDone)
    .map(({ name }) => name)

describe('firstSteps', () => {
  it('has four steps at a new gateway, and none is done', () => {
    expect(firstSteps(NEW).map(({ name }) => name)).toEqual(['model', 'hello', 'channel', 'people'])
    expect(done(NEW)).toEqual([])
  })

  it('ticks what is there', () => {
    const providers = [...NEW.providers, { provider_type: 'anthropic', enabled: true }]
    expect(done({ providers, sessions: 1, channels: 2, people: 1 })).toEqual([
      'model',
      'hello',
      'channel',
      'people',
    ])
  })

  it('takes neither the demo nor a provider that is off for a model', () => {
    const providers = [...NEW.providers, { provider_type: 'openai', enabled: false }]
    expect(done({ ...NEW, providers })).toEqual([])
  })

  it('leaves out what the caller may not know', () => {
    const known = { ...NEW, providers: null, channels: null, people: null }
    expect(firstSteps(known)).toEqual([{ name: 'hello', isDone: false }])
  })
})

describe('stops', () => {
  it('are named by what stands still', () => {
    expect(stopTitle({ kind: 'tools', tools: ['exec', 'group:web'] })).toBe(
      'Stopped tools: exec, group:web',
    )
    expect(stopTitle({ kind: 'kill-all', tools: [] })).toBe('All runs are stopped')
  })

  it('name groups and tools that there are, each once, and beginnings of names', () => {
    const tools = [
      { name: 'web_search', group: 'web' },
      { name: 'exec', group: 'runtime' },
      { name: 'web_fetch', group: 'web' },
    ]
    const known = ['group:runtime', 'group:web', 'exec', 'web_fetch', 'web_search']
    expect(stoppable(tools)).toEqual(known)
    expect(stoppingNothing([...known, 'web_*', '*'], tools)).toEqual([])
    const none = ['exe', 'group:', 'group:w*', 'group:none', 'x*', 'exec, web_fetch']
    expect(stoppingNothing(none, tools)).toEqual(none)
  })
})
