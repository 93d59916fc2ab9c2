import { describe, expect, it } from 'vitest'
import { runIdSchema } from '../../../../src/domain/ids.ts'
import { type Message, NO_USAGE } from '../../../../src/domain/message.ts'
import { startCompaction } from '../../../../src/objects/session/compact.ts'
import { SqlRunJournal } from '../../../../src/objects/session/journal.ts'
import { StaleGenerationError } from '../../../../src/objects/session/run-store.ts'
import { startLeftOver, startOrJoin } from '../../../../src/objects/session/send.ts'
import { openSessionStores, type SessionStores } from '../../../support/session-stores.ts'
import { says, user } from '../../../support/turns.ts'
import { admitted, NOW, openWorld, principal, sendRequest } from './world.ts'

const RUN = runIdSchema.parse('run_1')
const OPTIONS = { callerInstructions: '', sampling: {} }
const BUCKET = { bucket: 'session', ratePerMinute: 0, burst: 1 } as const

/** A session of so many turns, and a run that has just begun. */
function begun(turns: number): SessionStores {
  const stores = openSessionStores()
  const append = (message: Message) => stores.transcript.append(RUN, message)
  for (let n = 0; n < turns; n++) {
    append(user(`question ${n}`))
    append(says(`answer ${n}`))
  }
  const firstMessageId = append(user('now'))
  stores.runs.create({
    id: RUN,
    principal: principal('ada'),
    options: OPTIONS,
    firstMessageId,
    now: NOW,
  })
  return stores
}

function takeUp(stores: SessionStores): SqlRunJournal {
  const firstMessageId = stores.runs.find(RUN)?.firstMessageId ?? 0
  const generation = stores.runs.nextGeneration(RUN)
  return new SqlRunJournal({ runId: RUN, generation, firstMessageId }, stores, () => NOW)
}

const contentsOf = (journal: SqlRunJournal) => {
  const { messages } = journal.transcript()
  return messages.slice(journal.condensed().from).map(({ content }) => content)
}

describe('what was summarised', () => {
  it('is what the next life begins with, and the messages behind it', () => {
    const stores = begun(5)
    const journal = takeUp(stores)
    journal.condense({ summary: 's', isUntrusted: true, from: 8, shortTo: 9 })
    const seen = contentsOf(journal)
    const next = takeUp(stores.reopen())
    expect(next.condensed()).toMatchObject({ summary: 's', isUntrusted: true })
    expect(contentsOf(next)).toEqual(seen)
    expect(next.condensed().shortTo - next.condensed().from).toBe(1)
    expect(next.transcript().runStart).toBe(next.transcript().messages.length - 1)
    // No longer read: they stay for the history alone.
    expect(next.transcript().messages).toHaveLength(3)
    expect(stores.transcript.count()).toBe(11)
  })

  it('may reach into the run itself, which still knows where it stands', () => {
    const stores = begun(2)
    const journal = takeUp(stores)
    for (let n = 0; n < 3; n++) {
      journal.appendAssistant({ role: 'assistant', content: `step ${n}`, createdAt: NOW }, NO_USAGE)
    }
    journal.condense({ summary: 's', isUntrusted: false, from: 6, shortTo: 6 })
    const next = takeUp(stores.reopen())
    const { messages, runStart } = next.transcript()
    expect(messages.slice(runStart).map(({ content }) => content)).toEqual([
      'now',
      'step 0',
      'step 1',
      'step 2',
    ])
    expect(contentsOf(next)).toEqual(['step 1', 'step 2'])
  })

  it('is replaced by the one after it, places counted from the same messages', () => {
    const stores = begun(5)
    takeUp(stores).condense({ summary: 'one', isUntrusted: false, from: 4, shortTo: 4 })
    const journal = takeUp(stores.reopen())
    const at = journal.condensed()
    journal.condense({
      summary: 'two',
      isUntrusted: false,
      from: at.from + 2,
      shortTo: at.from + 2,
    })
    expect(stores.condensed.read()).toMatchObject({ summary: 'two', throughId: 6 })
  })

  it('keeps where it stood when results alone are shortened', () => {
    const stores = begun(5)
    takeUp(stores).condense({ summary: 'one', isUntrusted: false, from: 4, shortTo: 4 })
    const journal = takeUp(stores.reopen())
    journal.condense({ ...journal.condensed(), shortTo: 3 })
    expect(stores.condensed.read()).toMatchObject({
      summary: 'one',
      throughId: 4,
      shortThroughId: 7,
    })
  })

  it('is not written by a life that another has taken over', () => {
    const stores = begun(5)
    const old = takeUp(stores)
    takeUp(stores.reopen())
    const next = { summary: 's', isUntrusted: false, from: 4, shortTo: 4 }
    expect(() => old.condense(next)).toThrow(StaleGenerationError)
    expect(stores.condensed.read()).toBeNull()
  })

  it('goes with the transcript', () => {
    const stores = begun(5)
    takeUp(stores).condense({ summary: 's', isUntrusted: false, from: 4, shortTo: 4 })
    stores.transcript.clear()
    expect(stores.condensed.read()).toBeNull()
  })
})

describe('startCompaction', () => {
  const ada = principal('ada')

  function begunSession() {
    const world = openWorld()
    const { sendStores, stores } = world
    const sent = startOrJoin(sendRequest('hello'), admitted('hello'), sendStores)
    if (!sent.ok) throw new Error('not sent')
    const finish = () => {
      const running = stores.runs.running()
      if (!running) throw new Error('nothing runs')
      const result = { kind: 'completed', content: 'hi', usage: NO_USAGE } as const
      stores.runs.finish(running.id, result, NOW)
      return { ended: { ...running, result }, result }
    }
    return { ...world, finish }
  }

  it('begins a run that says nothing in the conversation', () => {
    const { stores, sendStores, finish } = begunSession()
    finish()
    const before = stores.transcript.count()
    const started = startCompaction(ada, BUCKET, sendStores)
    if (!started.ok) throw new Error('not started')
    expect(stores.runs.running()).toMatchObject({
      id: started.value,
      options: { isCompaction: true },
    })
    expect(stores.runs.latest()?.id).toBe(started.value)
    expect(stores.transcript.count()).toBe(before)
    const owner = { runId: started.value, generation: 0, firstMessageId: before + 1 }
    const { messages, runStart } = new SqlRunJournal(owner, stores, () => NOW).transcript()
    expect(runStart).toBe(messages.length)
  })

  it('is refused while a run is going', () => {
    const { sendStores } = begunSession()
    expect(startCompaction(ada, BUCKET, sendStores)).toMatchObject({
      ok: false,
      error: { code: 'FAILED_PRECONDITION', retryable: true },
    })
  })

  it('is refused where there is no session', () => {
    expect(startCompaction(ada, BUCKET, openWorld().sendStores)).toMatchObject({
      ok: false,
      error: { code: 'NOT_FOUND' },
    })
  })

  it('costs what a message costs', () => {
    const { sendStores, finish } = begunSession()
    finish()
    const tight = { ...BUCKET, ratePerMinute: 1 }
    expect(startCompaction(ada, tight, sendStores).ok).toBe(true)
    finish()
    expect(startCompaction(ada, tight, sendStores)).toMatchObject({
      ok: false,
      error: { code: 'RESOURCE_EXHAUSTED' },
    })
  })

  it('keeps the order of runs, also after the transcript was emptied', () => {
    const { stores, sendStores, finish } = begunSession()
    finish()
    stores.transcript.clear()
    for (const say of ['one', 'two']) {
      const compaction = startCompaction(ada, BUCKET, sendStores)
      expect(stores.runs.latest()?.id).toBe(compaction.ok && compaction.value)
      finish()
      const sent = startOrJoin(sendRequest(say), admitted(say, { isNew: false }), sendStores)
      expect(stores.runs.latest()?.id).toBe(sent.ok && sent.value.runId)
      finish()
    }
  })

  it('takes no words of another credential, whose rights they would not run with', () => {
    const { sendStores, finish } = begunSession()
    finish()
    const admin = principal('ada', {
      credential: { kind: 'api_key', id: 'key_2', expiresAt: null },
    })
    startCompaction(admin, BUCKET, sendStores)
    const joined = startOrJoin(sendRequest('more'), admitted('more', { isNew: false }), sendStores)
    expect(joined).toMatchObject({ ok: false, error: { code: 'FAILED_PRECONDITION' } })
  })

  it.each(['completed', 'failed'] as const)(
    'lets what was said meanwhile start a run of its own, when it has %s',
    (kind) => {
      const { stores, sendStores, finish } = begunSession()
      finish()
      startCompaction(ada, BUCKET, sendStores)
      startOrJoin(sendRequest('more'), admitted('more', { isNew: false }), sendStores)
      const { ended, result } = finish()
      const failed = { kind: 'failed', code: 'MODEL', error: 'no summary' } as const
      const next = startLeftOver(ended, kind === 'failed' ? failed : result, sendStores)
      expect(next).not.toBeNull()
      expect(stores.runs.running()).toMatchObject({ id: next, options: OPTIONS })
      expect(stores.runs.running()?.options.isCompaction).toBeUndefined()
    },
  )
})
