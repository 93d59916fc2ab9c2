import { describe, expect, it } from 'vitest'
import { runLoop } from '../../../../src/agent/loop.ts'
import { runIdSchema } from '../../../../src/domain/ids.ts'
import { NO_USAGE, type UserMessage } from '../../../../src/domain/message.ts'
import { ok } from '../../../../src/domain/result.ts'
import { SqlRunJournal } from '../../../../src/objects/session/journal.ts'
import { StaleGenerationError } from '../../../../src/objects/session/run-store.ts'
import { echo, FakeTools } from '../../../support/fake-tools.ts'
import { asksFor, inOrder, ScriptedModel, says } from '../../../support/scripted-model.ts'
import { openSessionStores, type SessionStores } from '../../../support/session-stores.ts'
import { NOW, principal } from './world.ts'

const RUN = runIdSchema.parse('run_1')
const user = (content: string): UserMessage => ({ role: 'user', content, createdAt: NOW })
const call = { id: 'c1', name: 'read', arguments: { a: 1 } }

/** A session with an earlier exchange, and a run that has just begun. */
function begun(): SessionStores {
  const stores = openSessionStores()
  stores.transcript.append('', user('before'))
  stores.transcript.append('', { role: 'assistant', content: 'said', createdAt: NOW })
  const firstMessageId = stores.transcript.append(RUN, user('now'))
  const options = { callerInstructions: '', sampling: {} }
  stores.runs.create({ id: RUN, principal: principal('ada'), options, firstMessageId, now: NOW })
  return stores
}

function takeUp(stores: SessionStores): SqlRunJournal {
  const firstMessageId = stores.runs.find(RUN)?.firstMessageId ?? 0
  const generation = stores.runs.nextGeneration(RUN)
  return new SqlRunJournal({ runId: RUN, generation, firstMessageId }, stores, () => NOW)
}

describe('SqlRunJournal', () => {
  it("tells the session's messages from the run's own", () => {
    const { messages, runStart } = takeUp(begun()).transcript()
    expect(messages.map(({ content }) => content)).toEqual(['before', 'said', 'now'])
    expect(runStart).toBe(2)
  })

  it('holds in the next life what was written in this one', () => {
    const stores = begun()
    const journal = takeUp(stores)
    journal.appendAssistant(
      { role: 'assistant', content: '', toolCalls: [call], createdAt: NOW },
      {
        ...NO_USAGE,
        promptTokens: 5,
      },
    )
    const keyed = { call, callKey: journal.callKey(0) }
    expect(journal.toolStarted(keyed)).toBe('fresh')
    journal.toolFinished(keyed, { content: 'x', isError: true })
    journal.appendUser(user('and'))
    const next = takeUp(stores.reopen())
    expect(next.transcript()).toEqual(journal.transcript())
    expect(next.usage().promptTokens).toBe(5)
    expect(next.transcript().messages.at(-2)).toMatchObject({
      role: 'tool',
      toolCallId: 'c1',
      name: 'read',
      content: 'x',
      isError: true,
    })
  })

  it('gives a call the same key in every life, and no two calls the same', () => {
    const stores = begun()
    const journal = takeUp(stores)
    const message = {
      role: 'assistant',
      content: '',
      toolCalls: [call, call],
      createdAt: NOW,
    } as const
    journal.appendAssistant(message, NO_USAGE)
    const keys = [journal.callKey(0), journal.callKey(1)]
    expect(takeUp(stores.reopen()).callKey(1)).toBe(keys[1])
    const second = takeUp(stores)
    second.appendAssistant(message, NO_USAGE)
    expect(new Set([...keys, second.callKey(0), second.callKey(1)]).size).toBe(4)
  })

  it('says of a call that had begun before that it is resumed', () => {
    const stores = begun()
    const journal = takeUp(stores)
    journal.appendAssistant(
      { role: 'assistant', content: '', toolCalls: [call], createdAt: NOW },
      NO_USAGE,
    )
    expect(journal.toolStarted({ call, callKey: journal.callKey(0) })).toBe('fresh')
    const next = takeUp(stores.reopen())
    expect(next.toolStarted({ call, callKey: next.callKey(0) })).toBe('resumed')
  })

  it('refuses every write of a life that another has taken over, and leaves no trace of it', () => {
    const stores = begun()
    const old = takeUp(stores)
    const keyed = { call, callKey: 'k' }
    takeUp(stores.reopen())
    const before = stores.transcript.since(0)
    expect(() =>
      old.appendAssistant({ role: 'assistant', content: 'x', createdAt: NOW }, NO_USAGE),
    ).toThrow(StaleGenerationError)
    expect(() => old.appendUser(user('x'))).toThrow(StaleGenerationError)
    expect(() => old.toolStarted(keyed)).toThrow(StaleGenerationError)
    expect(() => old.toolFinished(keyed, { content: '', isError: false })).toThrow(
      StaleGenerationError,
    )
    expect(stores.transcript.since(0)).toEqual(before)
    expect(stores.runs.markToolStarted(RUN, 'k', NOW)).toBe(false)
  })

  it('takes no words into a run that was ended meanwhile, and what they cost all the same', () => {
    const stores = begun()
    const journal = takeUp(stores)
    stores.runs.finish(RUN, { kind: 'cancelled' }, NOW)
    const before = stores.transcript.since(0).length
    const cost = { ...NO_USAGE, promptTokens: 5, completionTokens: 2 }
    const said = { role: 'assistant', content: 'half', createdAt: NOW } as const
    expect(() => journal.appendAssistant(said, cost)).toThrow(StaleGenerationError)
    journal.addUsage({ ...NO_USAGE, promptTokens: 1 })
    expect(stores.transcript.since(0)).toHaveLength(before)
    expect(stores.runs.usageOf(RUN)).toMatchObject({ promptTokens: 6, completionTokens: 2 })
    stores.runs.nextGeneration(RUN)
    expect(() => journal.addUsage(cost)).toThrow(StaleGenerationError)
  })

  it('carries a run from one life to the next, as the loop needs it', async () => {
    const stores = begun()
    const model = new ScriptedModel(
      // The session's earlier answer counts as the first turn.
      inOrder(says('unused'), asksFor(call), says('done')),
    )
    const tools = new FakeTools({ read: echo(true) })
    const liveOnce = (journal: SqlRunJournal, afterCall: () => void) =>
      runLoop(
        {
          model: 'm',
          system: 's',
          windowTokens: 100_000,
          sampling: {},
          startedAt: NOW,
          signal: new AbortController().signal,
        },
        {
          model,
          tools: {
            specs: () => tools.specs(),
            isReadOnly: () => true,
            isParallelSafe: () => true,
            run: async (keyed, options) => {
              const outcome = await tools.run(keyed, options)
              afterCall()
              return outcome
            },
          },
          journal,
          emit: () => undefined,
          checkRights: async () => ok(null),
          checkBudget: () => ok(null),
          takeInjected: () => [],
          now: () => NOW,
        },
      )
    // While the tool works, another life takes the run over.
    let second: SqlRunJournal | null = null
    const first = liveOnce(takeUp(stores), () => {
      second = takeUp(stores.reopen())
    })
    await expect(first).rejects.toThrow(StaleGenerationError)
    if (!second) throw new Error('nobody took over')
    expect(await liveOnce(second, () => undefined)).toMatchObject({
      kind: 'completed',
      content: 'done',
    })
    expect(tools.fresh).toHaveLength(1)
    expect(tools.resumed).toEqual(tools.fresh)
  })
})
