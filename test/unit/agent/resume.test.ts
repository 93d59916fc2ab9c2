import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Message, UserMessage } from '../../../src/domain/message.ts'
import type { RunResult } from '../../../src/domain/run-event.ts'
import { echo, FakeTools } from '../../support/fake-tools.ts'
import { Crash, type CrashPoint, MemoryJournal, newRecord } from '../../support/journal.ts'
import { asksFor, inOrder, type Script, ScriptedModel, says } from '../../support/scripted-model.ts'
import { brokenPairs, live } from './run.ts'

interface Scenario {
  readonly script: Script
  readonly injected: { readonly afterModelCalls: number; readonly message: UserMessage }[]
}

interface Ended {
  readonly result: RunResult
  readonly messages: readonly Message[]
  readonly tools: FakeTools
  readonly lives: number
  readonly writes: number
}

const newTools = () => new FakeTools({ read: echo(true), write: echo(false) })

/** Runs a scenario to its end, with a death at each given point; one point a life. */
async function runToEnd(scenario: Scenario, crashes: readonly CrashPoint[]): Promise<Ended> {
  const record = newRecord('do it', [], scenario.injected)
  const tools = newTools()
  const model = new ScriptedModel(scenario.script)
  for (let life = 0; ; life++) {
    const journal = new MemoryJournal(record, crashes[life] ?? null)
    try {
      const { result, messages } = await live({ model, tools, journal })
      return { result, messages, tools, lives: life + 1, writes: journal.writes }
    } catch (error) {
      if (!(error instanceof Crash)) throw error
    }
  }
}

const duplicates = (keys: readonly string[]) =>
  keys.filter((key, index) => keys.indexOf(key) !== index)

const say = (content: string): UserMessage => ({ role: 'user', content, createdAt: 0 })
const call = (id: string, name: string) => ({ id, name, arguments: { id } })

/** Reads side by side, writes in order, a message in between, two with equal ids, thirty calls. */
const LONG: Scenario = {
  script: inOrder(
    asksFor(call('a', 'read'), call('b', 'read'), call('c', 'read')),
    asksFor(call('a', 'write'), call('a', 'write')),
    asksFor(call('d', 'write'), call('e', 'read'), call('f', 'unknown')),
    asksFor(...Array.from({ length: 22 }, (_, index) => call(`n${index}`, 'read'))),
    says('all ', 'done'),
    says('that too'),
  ),
  injected: [
    { afterModelCalls: 2, message: say('hurry') },
    { afterModelCalls: 5, message: say('and this') },
    { afterModelCalls: 5, message: say('and that') },
  ],
}

describe('a run that dies', () => {
  it('ends with the same transcript wherever it died, and begins no call twice', async () => {
    const whole = await runToEnd(LONG, [])
    expect(whole.result).toMatchObject({ kind: 'completed', content: 'that too' })
    expect(whole.tools.resumed).toEqual([])
    expect(brokenPairs(whole.messages)).toEqual([])
    for (let write = 0; write < whole.writes; write++) {
      for (const when of ['before', 'after'] as const) {
        const ended = await runToEnd(LONG, [{ write, when }])
        expect(ended.lives).toBe(2)
        expect(ended.messages).toEqual(whole.messages)
        expect(ended.result).toEqual(whole.result)
        expect(duplicates(ended.tools.fresh)).toEqual([])
      }
    }
  })

  it('does so when it dies again and again', async () => {
    const whole = await runToEnd(LONG, [])
    const deaths = fc.array(
      fc.record({
        write: fc.nat(12),
        when: fc.constantFrom('before' as const, 'after' as const),
      }),
      { maxLength: 12 },
    )
    await fc.assert(
      fc.asyncProperty(deaths, async (crashes) => {
        const ended = await runToEnd(LONG, crashes)
        expect(ended.messages.map(withoutOrder)).toEqual(whole.messages.map(withoutOrder))
        expect(sortedResults(ended.messages)).toEqual(sortedResults(whole.messages))
        expect(duplicates(ended.tools.fresh)).toEqual([])
        expect(brokenPairs(ended.messages)).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  it('does so for any script of calls', async () => {
    const name = fc.constantFrom('read', 'write', 'unknown')
    const turn = fc.array(
      fc.record({ id: fc.constantFrom('', 'a', 'b'), name, arguments: fc.nat(9) }),
      { minLength: 1, maxLength: 9 },
    )
    const scenario = fc.record({
      turns: fc.array(turn, { maxLength: 6 }),
      injectedAfter: fc.array(fc.nat(6), { maxLength: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(
        scenario,
        fc.nat(40),
        fc.constantFrom('before' as const, 'after' as const),
        async ({ turns, injectedAfter }, write, when) => {
          const scripted: Scenario = {
            script: inOrder(...turns.map((calls) => asksFor(...calls))),
            injected: injectedAfter
              .sort()
              .map((afterModelCalls, index) => ({ afterModelCalls, message: say(`m${index}`) })),
          }
          const whole = await runToEnd(scripted, [])
          const ended = await runToEnd(scripted, [{ write, when }])
          expect(ended.messages).toEqual(whole.messages)
          expect(duplicates(ended.tools.fresh)).toEqual([])
        },
      ),
      { numRuns: 100 },
    )
  })

  it('takes up, as resumed, the calls that were going on when it died', async () => {
    const script = inOrder(asksFor(call('a', 'read'), call('b', 'read')), says('done'))
    // Writes: the message, start a, start b, end a, end b.
    const ended = await runToEnd({ script, injected: [] }, [{ write: 3, when: 'before' }])
    expect(ended.tools.fresh).toEqual(['run.1.0', 'run.1.1'])
    expect(ended.tools.resumed).toEqual(['run.1.0', 'run.1.1'])
  })

  it('does not refuse, as one too many, a call that had begun within the limit', async () => {
    const calls = Array.from({ length: 27 }, (_, index) => call(`c${index}`, 'read'))
    const scenario: Scenario = { script: inOrder(asksFor(...calls), says('done')), injected: [] }
    const whole = await runToEnd(scenario, [])
    for (let write = 0; write < whole.writes; write++) {
      const ended = await runToEnd(scenario, [{ write, when: 'after' }])
      const refused = ended.messages.filter((message) => message.role === 'tool' && message.isError)
      expect(refused.map((message) => message.role === 'tool' && message.toolCallId)).toEqual([
        'c25',
        'c26',
      ])
    }
  })

  it('does nothing more when it died after its answer', async () => {
    const scenario: Scenario = { script: inOrder(says('done')), injected: [] }
    const ended = await runToEnd(scenario, [{ write: 0, when: 'after' }])
    expect(ended.result).toMatchObject({ kind: 'completed', content: 'done' })
    expect(ended.messages).toHaveLength(2)
  })
})

/** Results of calls that ran side by side may come in another order after a death. */
const withoutOrder = (message: Message) => (message.role === 'tool' ? { role: 'tool' } : message)
const sortedResults = (messages: readonly Message[]) =>
  messages
    .flatMap((message) =>
      message.role === 'tool' ? [`${message.toolCallId} ${message.content}`] : [],
    )
    .sort()
