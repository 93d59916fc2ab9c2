/** What led to an answer, shown where its conversation asked for it. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { RunEvent } from '../../../../src/domain/run-event.ts'
import { filed, message, World } from './world.ts'

let world: World
beforeEach(() => {
  world = new World()
})

const THREAD = { conversation: { kind: 'direct', id: '1', threadId: 't' } as const }

const ask = async (text: string, fields = {}) => {
  await world.inbox.receive([filed(message(`${text}-${world.talks.length}`, text, fields))])
  await world.settle()
}
const show = async (what: 'reasoning' | 'verbose', isOn: boolean | null, fields = {}) => {
  const { verdict } = world
  world.verdict = () => ({ kind: 'show', what, isOn })
  await ask(`/${what} ${isOn} ${world.sent.length}`, fields)
  world.verdict = verdict
}
const tell = async (...events: readonly RunEvent[]) => {
  for (const event of events) world.talk().push(event)
  await world.settle()
}
const answer = async (content: string) => {
  world.talk().complete(content)
  await world.settle()
  return world.sent.at(-1)
}
const call: RunEvent = { type: 'tool.call', id: '1', name: 'exec', arguments: { command: 'ls' } }
const failed: RunEvent = {
  type: 'tool.result',
  id: '1',
  name: 'exec',
  isError: true,
  arguments: {},
  result: 'no',
}
const thought: RunEvent = { type: 'thinking', content: 'First\nthen' }

describe('what led to an answer', () => {
  it('is nobody’s to see who did not ask', async () => {
    await ask('a')
    await tell(thought, call, failed)
    expect(await answer('done')).toBe('done')
  })

  it('is shown before the words, once it was asked for, and until it is not', async () => {
    await show('verbose', true)
    await show('reasoning', null)
    expect(world.sent).toEqual([
      'Which tools I use is shown here from now on.',
      'How I get to an answer is shown here from now on.',
    ])
    world.sent.length = 0
    await ask('a')
    await tell(thought, call, failed)
    await answer('done')
    expect(world.sent).toEqual([
      '- `exec` `{"command":"ls"}`\n- `exec` failed',
      '> First\n> then',
      'done',
    ])
    world.open()
    await show('reasoning', null)
    await show('verbose', false)
    expect(world.sent.at(-1)).toBe('Which tools I use is not shown here any more.')
    await ask('b')
    await tell(thought, call)
    expect(await answer('done')).toBe('done')
  })

  it('is shown in the conversation that asked, and in no other', async () => {
    await show('verbose', true, THREAD)
    await ask('a')
    await tell(call)
    expect(await answer('one')).toBe('one')
    world.sent.length = 0
    await ask('b', THREAD)
    await tell(call)
    await answer('two')
    expect(world.sent).toEqual(['- `exec` `{"command":"ls"}`', 'two'])
  })

  it('is not shown to whoever may not command any more', async () => {
    await show('verbose', true)
    const { verdict } = world
    world.verdict = (event) => {
      const judged = verdict(event)
      return judged.kind === 'run'
        ? { kind: 'run', run: { ...judged.run, maySeeSteps: false } }
        : judged
    }
    await ask('a')
    await tell(call)
    expect(await answer('done')).toBe('done')
  })

  it('is forgotten of a conversation that never went on, after half a year', async () => {
    const rows = () => world.storage.sql.exec('SELECT * FROM shown_steps').toArray().length
    const day = 24 * 3_600_000
    await show('verbose', true)
    for (let i = 0; i < 179; i++) await world.advance(day)
    expect(rows()).toBe(1)
    for (let i = 0; i < 3; i++) await world.advance(day)
    expect(rows()).toBe(0)
  })

  it('grows with the answer, and ends somewhere', async () => {
    world.editEveryMs = 1_000
    await show('verbose', true)
    world.sent.length = 0
    await ask('a')
    await tell(call)
    expect(world.sent).toEqual(['- `exec` `{"command":"ls"}`\n …'])
    for (let i = 0; i < 60; i++) world.talk().push(call)
    await tell({ type: 'chunk', content: 'done' })
    await answer('done')
    expect(world.edited.at(-1)).toMatch(/\n- … and 21 more$/)
    expect(world.sent.at(-1)).toBe('done')
  })
})
