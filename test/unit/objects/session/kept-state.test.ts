import { describe, expect, it } from 'vitest'
import { runIdSchema } from '../../../../src/domain/ids.ts'
import { NO_USAGE } from '../../../../src/domain/message.ts'
import type { RunResult } from '../../../../src/domain/run-event.ts'
import { storedAssignments } from '../../../../src/objects/session/exec-assignments.ts'
import { MetaStore } from '../../../../src/objects/session/meta-store.ts'
import { StoredToolBudget } from '../../../../src/objects/session/tool-budget.ts'
import {
  MAX_PAGE_BYTES,
  type TranscriptPage,
} from '../../../../src/objects/session/transcript-store.ts'
import { memoryKv, openSessionStores } from '../../../support/session-stores.ts'
import { AGENT, KEY, NOW, principal, TENANT } from './world.ts'

describe('MetaStore', () => {
  const meta = {
    tenantId: TENANT,
    sessionKey: KEY,
    agentKey: 'main',
    channel: 'ws',
    owner: principal('ada').userId,
    createdAt: NOW,
    label: null,
    model: AGENT.model,
    provider: AGENT.provider,
  }

  it('reads what was written, in another life too', () => {
    const kv = memoryKv()
    new MetaStore(kv).write(meta)
    expect(new MetaStore(kv).read()).toEqual(meta)
  })

  it('answers null for a session that was never written, and writes nothing by asking', () => {
    const kv = memoryKv()
    expect(new MetaStore(kv).read()).toBeNull()
    expect([...kv.list()]).toEqual([])
  })

  it('reads storage anew once it was told to forget', () => {
    const kv = memoryKv()
    const store = new MetaStore(kv)
    store.write(meta)
    kv.delete('meta')
    store.forget()
    expect(store.read()).toBeNull()
  })
})

describe('StoredToolBudget', () => {
  it('keeps the window of tool calls over evictions', () => {
    const kv = memoryKv()
    const empty = new StoredToolBudget(kv).readToolCallWindow()
    const window = { ...empty }
    new StoredToolBudget(kv).writeToolCallWindow(window)
    expect(new StoredToolBudget(kv).readToolCallWindow()).toEqual(window)
  })
})

describe('the runner that an exec was given to', () => {
  it('is remembered over evictions', async () => {
    const kv = memoryKv()
    expect(await storedAssignments(kv, () => NOW).chosen('run_1.1.0')).toBeNull()
    await storedAssignments(kv, () => NOW).choose('run_1.1.0', 'runner-a')
    expect(await storedAssignments(kv, () => NOW).chosen('run_1.1.0')).toBe('runner-a')
  })

  it('is still known for the newest of very many', async () => {
    let now = NOW
    const assignments = storedAssignments(memoryKv(), () => now++)
    for (let i = 300; i > 0; i--) await assignments.choose(`run_${i}.1.0`, 'runner-a')
    expect(await assignments.chosen('run_1.1.0')).toBe('runner-a')
    expect(await assignments.chosen('run_300.1.0')).toBeNull()
  })
})

describe('TranscriptStore', () => {
  it('pages backwards, each page oldest first', () => {
    const { transcript } = openSessionStores()
    for (let i = 1; i <= 5; i++) {
      transcript.append('', { role: 'user', content: `${i}`, createdAt: NOW })
    }
    const contents = (page: TranscriptPage) => page.messages.map(({ message }) => message.content)
    const page = transcript.page(2, null)
    expect(contents(page)).toEqual(['4', '5'])
    const before = transcript.page(2, page.messages[0]?.id ?? 0)
    expect(contents(before)).toEqual(['2', '3'])
    const first = transcript.page(2, before.messages[0]?.id ?? 0)
    expect([contents(first), first.isAll]).toEqual([['1'], true])
    expect([page.isAll, before.isAll]).toEqual([false, false])
    expect(transcript.count()).toBe(5)
  })

  it('ends a page where an answer is full, and never below one message', () => {
    const { transcript } = openSessionStores()
    const large = 'é'.repeat(MAX_PAGE_BYTES / 4)
    for (const content of ['x'.repeat(2 * MAX_PAGE_BYTES), large, large]) {
      transcript.append('', { role: 'user', content, createdAt: NOW })
    }
    const page = transcript.page(50, null)
    expect(page).toMatchObject({ messages: [{ id: 3 }], isAll: false })
    expect(transcript.page(50, 3)).toMatchObject({ messages: [{ id: 2 }], isAll: false })
    expect(transcript.page(50, 2)).toMatchObject({ messages: [{ id: 1 }], isAll: true })
  })

  it('gives a run all of its own and of the rest what fits, never a result without its call', () => {
    const { transcript } = openSessionStores()
    const body = { content: 'x'.repeat(1_000), createdAt: NOW }
    for (let i = 0; i < 3; i++) {
      transcript.append('', { role: 'user', ...body })
      transcript.append('', { role: 'assistant', ...body })
      transcript.append('', { role: 'tool', toolCallId: 'c', name: 'n', isError: false, ...body })
    }
    const firstOwnId = transcript.append('', { role: 'user', ...body })
    transcript.append('', { role: 'assistant', ...body })
    const idsOf = (maxBytes: number) => transcript.ofRun(firstOwnId, maxBytes).map(({ id }) => id)
    expect(idsOf(100_000)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    expect(idsOf(6_000)).toEqual([7, 8, 9, 10, 11])
    expect(idsOf(1_000)).toEqual([10, 11])
  })

  it('tells readers how each run without an answer ended, behind its last message, on any page', () => {
    const { transcript, runs } = openSessionStores()
    const said = { content: 'x', createdAt: NOW } as const
    const results: readonly RunResult[] = [
      { kind: 'failed', code: 'LIMIT', error: 'no tokens are left' },
      { kind: 'completed', content: 'y', usage: NO_USAGE },
      { kind: 'cancelled' },
    ]
    for (const [nth, result] of results.entries()) {
      const id = runIdSchema.parse(`run_${nth}`)
      const firstMessageId = transcript.append(id, { role: 'user', ...said })
      transcript.append(id, { role: 'assistant', ...said })
      const options = { callerInstructions: '', sampling: {} }
      runs.create({ id, principal: principal('ada'), options, firstMessageId, now: NOW })
      runs.finish(id, result, NOW + nth)
    }
    transcript.append('', { role: 'user', ...said })
    const going = runIdSchema.parse('run_going')
    transcript.append(going, { role: 'user', ...said })
    const shown = (limit: number, before: number | null) =>
      transcript
        .shown(limit, before, (id) => runs.endingOf(id))
        .messages.map(({ id, ending }) => [id, ending])
    const failed = { runId: 'run_0', result: results[0], at: NOW }
    const stopped = { runId: 'run_2', result: results[2], at: NOW + 2 }
    expect(shown(50, null)).toEqual([
      [1, null],
      [2, failed],
      [3, null],
      [4, null],
      [5, null],
      [6, stopped],
      [7, null],
      [8, null],
    ])
    // A page that ends amid a run does not say there how that ended.
    for (const before of [2, 3, 4, 6, 7])
      expect(shown(50, before)).toEqual(shown(50, null).slice(0, before - 1))
  })

  it('counts what it says of ends for what an answer holds', () => {
    const { transcript, runs } = openSessionStores()
    const error = 'é'.repeat(MAX_PAGE_BYTES / 4)
    for (const nth of [1, 2, 3]) {
      const id = runIdSchema.parse(`run_${nth}`)
      const firstMessageId = transcript.append(id, { role: 'user', content: 'x', createdAt: NOW })
      const options = { callerInstructions: '', sampling: {} }
      runs.create({ id, principal: principal('ada'), options, firstMessageId, now: NOW })
      runs.finish(id, { kind: 'failed', code: 'MODEL', error }, NOW)
    }
    const page = transcript.shown(50, null, (id) => runs.endingOf(id))
    expect(page).toMatchObject({ messages: [{ id: 3 }], isAll: false })
  })

  it('gives ids that are never used again', () => {
    const { transcript } = openSessionStores()
    const last = transcript.append('', { role: 'user', content: 'a', createdAt: NOW })
    transcript.clear()
    expect(transcript.append('', { role: 'user', content: 'b', createdAt: NOW })).toBeGreaterThan(
      last,
    )
  })
})
