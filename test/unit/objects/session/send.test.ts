import { describe, expect, it } from 'vitest'
import { runIdSchema, tenantIdSchema } from '../../../../src/domain/ids.ts'
import { NO_USAGE } from '../../../../src/domain/message.ts'
import type { Principal } from '../../../../src/domain/principal.ts'
import { MAX_WAITERS } from '../../../../src/objects/session/run-store.ts'
import { addNote, startLeftOver, startOrJoin } from '../../../../src/objects/session/send.ts'
import { admitted, NOW, openWorld, principal, sendRequest } from './world.ts'

const ADA = principal('ada')
const RUN_1 = runIdSchema.parse('run_1')

describe('startOrJoin', () => {
  it('starts a run and stores it before anybody hears of it', () => {
    const { stores, sendStores, broadcast } = openWorld()
    const receipt = startOrJoin(sendRequest('hi'), admitted('hi'), sendStores)
    expect(receipt).toEqual({ ok: true, value: { kind: 'started', runId: 'run_1' } })
    expect(stores.runs.running()).toMatchObject({ id: 'run_1', principal: { userId: 'ada' } })
    expect(stores.transcript.since(0).map(({ message }) => message.content)).toEqual(['hi'])
    expect(broadcast).toHaveLength(1)
    expect(JSON.parse(broadcast[0]?.frame ?? '')).toMatchObject({
      event: 'agent',
      seq: 1,
      payload: { type: 'run.started', runId: 'run_1', payload: { message: 'hi' } },
    })
  })

  it('gives a new session to whoever sent first, with what went before', () => {
    const { stores, sendStores } = openWorld()
    const preamble = [{ role: 'user', content: 'earlier', createdAt: 0 }] as const
    startOrJoin(sendRequest('hi'), admitted('hi', { preamble }), sendStores)
    expect(stores.meta.read()).toMatchObject({ owner: 'ada', agentKey: 'main', channel: 'ws' })
    expect(stores.transcript.since(0).map(({ message }) => message.content)).toEqual([
      'earlier',
      'hi',
    ])
    expect(stores.runs.running()?.firstMessageId).toBe(2)
  })

  it('keeps owner and history of a session that exists', () => {
    const { stores, sendStores } = openWorld()
    startOrJoin(sendRequest('hi'), admitted('hi'), sendStores)
    stores.runs.finish(RUN_1, { kind: 'cancelled' }, NOW)
    const admin = principal('root', { role: 'admin', scopes: ['operator.admin'] })
    const preamble = [{ role: 'user', content: 'forged', createdAt: 0 }] as const
    const request = sendRequest('again', { principal: admin })
    startOrJoin(request, admitted('again', { isNew: false, preamble }), sendStores)
    expect(stores.meta.read()?.owner).toBe('ada')
    expect(stores.transcript.since(0).map(({ message }) => message.content)).toEqual([
      'hi',
      'again',
    ])
  })

  it('injects into a run that is going on', () => {
    const { stores, sendStores } = openWorld()
    startOrJoin(sendRequest('hi'), admitted('hi'), sendStores)
    expect(startOrJoin(sendRequest('more'), admitted('more'), sendStores)).toEqual({
      ok: true,
      value: { kind: 'injected', runId: 'run_1' },
    })
    expect(stores.runs.takeInjections()).toEqual([{ message: 'more', createdAt: NOW }])
    expect(stores.transcript.count()).toBe(1)
  })

  it('takes no words into a run that reaches further than whoever sends them', () => {
    const wide = { role: 'admin', scopes: ['operator.admin'] } as const
    const key = { kind: 'api_key', id: 'key_2', expiresAt: null } as const
    const lesser = [
      { scopes: ['operator.write'], role: 'operator' },
      { scopes: ['operator.admin'], role: 'admin', allowedAgents: ['agt_main'] },
      { scopes: ['operator.admin'], role: 'operator' },
    ] as never as Partial<Principal>[]
    for (const fields of lesser) {
      const { sendStores, stores } = openWorld()
      startOrJoin(
        sendRequest('one', { principal: principal('ada', wide) }),
        admitted('one'),
        sendStores,
      )
      const two = sendRequest('two', {
        principal: principal('ada', { credential: key, ...fields }),
      })
      expect(startOrJoin(two, admitted('two', { isNew: false }), sendStores)).toMatchObject({
        ok: false,
        error: { code: 'FAILED_PRECONDITION' },
      })
      expect(stores.runs.takeInjections()).toEqual([])
    }
    const { sendStores } = openWorld()
    startOrJoin(sendRequest('one'), admitted('one'), sendStores)
    const wider = sendRequest('two', { principal: principal('ada', { credential: key, ...wide }) })
    expect(startOrJoin(wider, admitted('two', { isNew: false }), sendStores)).toMatchObject({
      value: { kind: 'injected' },
    })
  })

  it('takes no words of one sender into the run of another, though one channel vouches for both', () => {
    const credential = { kind: 'channel', id: 'chn_1', expiresAt: null } as const
    const sender = (senderId: string, groupId = 'g') =>
      principal('group', {
        credential,
        channel: { name: 'slack', instanceId: 'chn_1', senderId, groupId },
      })
    for (const [by, kind] of [
      [sender('b'), undefined],
      [sender('a', 'other'), undefined],
      [principal('group', { role: 'admin', scopes: ['operator.admin'] }), undefined],
      [sender('a'), 'injected'],
    ] as const) {
      const { sendStores } = openWorld()
      startOrJoin(sendRequest('one', { principal: sender('a') }), admitted('one'), sendStores)
      const two = sendRequest('two', { principal: by })
      const joined = startOrJoin(two, admitted('two', { isNew: false }), sendStores)
      expect(joined.ok ? joined.value.kind : undefined).toBe(kind)
    }
  })

  it('takes a schedule for tainted that a run set which had read text from outside', () => {
    for (const hasSeenUntrusted of [true, false]) {
      const { sendStores } = openWorld()
      const origin = {
        kind: 'cron',
        jobId: 'job_1',
        scheduledAt: 1,
        attempt: 1,
        hasSeenUntrusted,
      } as const
      startOrJoin(sendRequest('note it', { origin }), admitted('note it'), sendStores)
      expect(sendStores.provenance.hasSeenUntrusted()).toBe(hasSeenUntrusted)
    }
  })

  it('refuses a stranger to whom the session fell while the message was judged', () => {
    const { stores, sendStores } = openWorld()
    startOrJoin(sendRequest('hi'), admitted('hi'), sendStores)
    const stranger = sendRequest('mine?', { principal: principal('eve') })
    expect(startOrJoin(stranger, admitted('mine?'), sendStores)).toMatchObject({
      error: { code: 'UNAUTHORIZED' },
    })
    const foreign = sendRequest('mine?', {
      principal: principal('ada', { tenantId: tenantIdSchema.parse('ten_other') }),
    })
    expect(startOrJoin(foreign, admitted('mine?'), sendStores)).toMatchObject({
      error: { code: 'NOT_FOUND' },
    })
    expect(stores.runs.takeInjections()).toEqual([])
  })

  it('refuses a message to a session that was deleted while it was judged', () => {
    const { sendStores } = openWorld()
    const answer = startOrJoin(sendRequest('hi'), admitted('hi', { isNew: false }), sendStores)
    expect(answer).toMatchObject({ error: { code: 'NOT_FOUND' } })
  })
})

describe('an idempotency key', () => {
  const request = sendRequest('hi', {
    idempotencyKey: 'k',
    replyTo: { kind: 'socket', socketId: 's1', requestId: 1 },
  })
  const again = { ...request, replyTo: { kind: 'socket', socketId: 's2', requestId: 2 } } as const

  it('attaches a repeat to the run that is going on', () => {
    const { stores, sendStores } = openWorld()
    startOrJoin(request, admitted('hi'), sendStores)
    const repeat = startOrJoin(again, admitted('hi', { isNew: false }), sendStores)
    expect(repeat).toEqual({ ok: true, value: { kind: 'started', runId: 'run_1' } })
    expect(stores.transcript.count()).toBe(1)
    expect(stores.runs.takeInjections()).toEqual([])
    expect(stores.runs.takeWaiters(RUN_1)).toEqual([request.replyTo, again.replyTo])
  })

  it('refuses a repeat once as many wait as may, and answers it when the run has ended', () => {
    const { stores, sendStores } = openWorld()
    startOrJoin(request, admitted('hi'), sendStores)
    const repeat = () => startOrJoin(again, admitted('hi', { isNew: false }), sendStores)
    for (let i = 1; i < MAX_WAITERS; i++) expect(repeat().ok).toBe(true)
    expect(repeat()).toMatchObject({ error: { code: 'RESOURCE_EXHAUSTED', retryable: true } })
    expect(stores.runs.takeWaiters(RUN_1)).toHaveLength(MAX_WAITERS)
    stores.runs.finish(RUN_1, { kind: 'cancelled' }, NOW)
    expect(repeat()).toMatchObject({ value: { kind: 'finished' } })
  })

  it('answers a repeat with what the first run came to, in another life too', () => {
    const world = openWorld()
    startOrJoin(request, admitted('hi'), world.sendStores)
    world.stores.runs.finish(RUN_1, { kind: 'cancelled' }, NOW)
    const { sendStores } = openWorld(world.stores.reopen())
    expect(startOrJoin(again, admitted('hi', { isNew: false }), sendStores)).toEqual({
      ok: true,
      value: { kind: 'finished', runId: 'run_1', result: { kind: 'cancelled' } },
    })
  })

  it('does not inject twice', () => {
    const { stores, sendStores } = openWorld()
    startOrJoin(sendRequest('first'), admitted('first'), sendStores)
    for (let i = 0; i < 2; i++) {
      expect(startOrJoin(request, admitted('hi'), sendStores)).toMatchObject({
        value: { kind: 'injected' },
      })
    }
    expect(stores.runs.takeInjections()).toHaveLength(1)
  })

  it('is refused with another message, and allowed to another user', () => {
    const { sendStores } = openWorld()
    startOrJoin(request, admitted('hi'), sendStores)
    const other = startOrJoin({ ...request, message: 'ho' }, admitted('ho'), sendStores)
    expect(other).toMatchObject({ error: { code: 'ALREADY_EXISTS' } })
    const admin = principal('root', { role: 'admin', scopes: ['operator.admin'] })
    const theirs = startOrJoin({ ...request, principal: admin }, admitted('ho'), sendStores)
    expect(theirs).toMatchObject({ value: { kind: 'injected' } })
  })

  it('without one, the same message is sent twice', () => {
    const { stores, sendStores } = openWorld()
    startOrJoin(sendRequest('hi'), admitted('hi'), sendStores)
    startOrJoin(sendRequest('hi'), admitted('hi'), sendStores)
    expect(stores.runs.takeInjections()).toHaveLength(1)
  })
})

const COMPLETED = { kind: 'completed', content: 'done', usage: NO_USAGE } as const

describe('startLeftOver', () => {
  it('starts a run for messages that came after the last was read, in the name of that run', () => {
    const { stores, sendStores } = openWorld()
    startOrJoin(sendRequest('hi'), admitted('hi', { callerInstructions: 'brief' }), sendStores)
    stores.runs.inject('late', NOW)
    stores.runs.inject('later', NOW)
    const ended = stores.runs.running()
    if (!ended) throw new Error('no run')
    expect(startLeftOver(ended, COMPLETED, sendStores)).toBeNull()
    stores.runs.finish(RUN_1, COMPLETED, NOW)
    expect(startLeftOver(ended, COMPLETED, sendStores)).toBe('run_2')
    expect(stores.runs.running()).toMatchObject({
      id: 'run_2',
      principal: { userId: 'ada' },
      options: { callerInstructions: 'brief' },
      firstMessageId: 2,
    })
    expect(stores.transcript.since(0).map(({ message }) => message.content)).toEqual([
      'hi',
      'late',
      'later',
    ])
  })

  it.each([{ kind: 'cancelled' }, { kind: 'failed', code: 'MODEL', error: 'why' }] as const)(
    'starts nothing after a run that was $kind, and keeps what was said',
    (result) => {
      const { stores, sendStores } = openWorld()
      startOrJoin(sendRequest('hi'), admitted('hi'), sendStores)
      stores.runs.inject('late', NOW)
      const ended = stores.runs.running()
      if (!ended) throw new Error('no run')
      stores.runs.finish(RUN_1, result, NOW)
      expect(startLeftOver(ended, result, sendStores)).toBeNull()
      expect(stores.runs.running()).toBeNull()
      expect(stores.transcript.since(0).at(-1)?.message.content).toBe('late')
    },
  )

  it('starts nothing when nothing was left', () => {
    const { stores, sendStores } = openWorld()
    startOrJoin(sendRequest('hi'), admitted('hi'), sendStores)
    const ended = stores.runs.running()
    if (!ended) throw new Error('no run')
    stores.runs.finish(RUN_1, { kind: 'cancelled' }, NOW)
    expect(startLeftOver(ended, COMPLETED, sendStores)).toBeNull()
    expect(stores.runs.running()).toBeNull()
  })
})

describe('addNote', () => {
  it('goes into the running loop, and into the transcript of an idle session as the user’s', () => {
    const { stores, sendStores } = openWorld()
    startOrJoin(sendRequest('hi'), admitted('hi'), sendStores)
    expect(addNote('to the loop', admitted('x'), ADA, sendStores)).toMatchObject({ ok: true })
    expect(stores.runs.takeInjections()).toMatchObject([{ message: 'to the loop' }])
    stores.runs.finish(RUN_1, COMPLETED, NOW)
    addNote('for later', admitted('x'), ADA, sendStores)
    expect(stores.transcript.since(0).at(-1)?.message).toMatchObject({
      role: 'user',
      content: 'for later',
    })
    expect(stores.runs.running()).toBeNull()
  })
})

describe("the session's own bucket", () => {
  const sessionRate = { bucket: 'session', ratePerMinute: 1, burst: 2 }
  const say = (text: string) => admitted(text, { sessionRate })

  it('is shared by all who may talk in it, notes among them, and survives the object', () => {
    const { stores, sendStores } = openWorld()
    const admin = principal('root', { role: 'admin', scopes: ['operator.admin'] })
    expect(startOrJoin(sendRequest('1'), say('1'), sendStores)).toMatchObject({ ok: true })
    expect(addNote('2', say('2'), admin, sendStores)).toMatchObject({ ok: true })
    const again = openWorld(stores.reopen())
    const refused = startOrJoin(sendRequest('3', { principal: admin }), say('3'), again.sendStores)
    expect(refused).toMatchObject({
      error: { code: 'RESOURCE_EXHAUSTED', retryable: true, retryAfterMs: 60_000 },
    })
    expect(addNote('4', say('4'), ADA, again.sendStores)).toMatchObject({ ok: false })
    expect(again.stores.runs.takeInjections().map(({ message }) => message)).toEqual(['2'])
    expect(again.reported.map(({ name, fields }) => [name, fields['bucket']])).toEqual([
      ['rate_limited', 'session'],
      ['rate_limited', 'session'],
    ])
    const later = { ...again.sendStores, now: NOW + 60_000 }
    expect(startOrJoin(sendRequest('5'), say('5'), later)).toMatchObject({ ok: true })
  })

  it('gives nothing to a stranger, and takes nothing for a repeat', () => {
    const { sendStores } = openWorld()
    const keyed = sendRequest('1', { idempotencyKey: 'k' })
    for (let i = 0; i < 5; i++) {
      expect(startOrJoin(keyed, say('1'), sendStores)).toMatchObject({ ok: true })
    }
    const stranger = sendRequest('x', { principal: principal('eve') })
    for (let i = 0; i < 5; i++) startOrJoin(stranger, say('x'), sendStores)
    expect(startOrJoin(sendRequest('2'), say('2'), sendStores)).toMatchObject({ ok: true })
  })

  it('is no limit where the tenant set 0', () => {
    const { stores, sendStores } = openWorld()
    for (let i = 0; i < 20; i++) startOrJoin(sendRequest('hi'), admitted('hi'), sendStores)
    expect(stores.runs.takeInjections()).toHaveLength(19)
  })
})
