import { beforeEach, describe, expect, it } from 'vitest'
import { INBOX_MIGRATIONS } from '../../../../src/objects/schema/inbox.ts'
import { migrate } from '../../../../src/objects/schema/migrate.ts'
import { SqliteStorage } from '../sqlite-storage.ts'
import { filed, message, runOf, World } from './world.ts'

let world: World
beforeEach(() => {
  world = new World()
})

const receive = async (...events: Parameters<World['inbox']['receive']>[0]) => {
  const receipt = await world.inbox.receive(events)
  await world.settle()
  return receipt
}
const answer = async (content: string, index = -1) => {
  world.talk(index).complete(content)
  await world.settle()
}

describe('a delivery', () => {
  it('is answered once, however often it comes', async () => {
    expect(await receive(filed(message('a')))).toEqual({ stored: 1, repeated: 0 })
    expect(await receive(filed(message('a')))).toEqual({ stored: 0, repeated: 1 })
    await answer('hello')
    expect(await receive(filed(message('a')))).toEqual({ stored: 0, repeated: 1 })
    expect([world.talks.length, world.sent]).toEqual([1, ['hello']])
  })

  it('waits behind the one before it in its conversation, and behind no other', async () => {
    await receive(filed(message('a')), filed(message('b')), filed(message('c'), 'two'))
    expect(world.talks.map(({ key }) => key)).toEqual(['a', 'c'])
    await answer('first', 0)
    expect(world.talks.map(({ key }) => key)).toEqual(['a', 'c', 'b'])
    await answer('second')
    expect(world.sent).toEqual(['first', 'second'])
  })

  it('leaves nothing of what was said once it is answered', async () => {
    await receive(filed(message('a', 'the secret plan')))
    await answer('the secret answer')
    const rows = ['deliveries', 'pieces'].flatMap((table) =>
      world.storage.sql.exec(`SELECT * FROM ${table}`).toArray(),
    )
    expect(rows).toHaveLength(2)
    expect(JSON.stringify(rows)).not.toContain('secret')
  })

  it('is put aside, not lost, while its channel is switched off, and begun anew when told to', async () => {
    world.state = 'closed'
    await receive(filed(message('a', 'hello')))
    expect(world.inbox.deadLetters(9)).toMatchObject([{ text: 'hello', senderId: '1' }])
    world.state = 'open'
    expect(await world.inbox.replay(null)).toBe(1)
    await world.settle()
    await answer('late')
    expect([world.sent, world.inbox.health().dead]).toEqual([['late'], 0])
  })

  it('is not judged anew where it was put aside while it ran: it asks for the same run', async () => {
    await receive(filed(message('a', 'hello')))
    world.state = 'closed'
    world.talk().breakOff()
    await world.settle()
    await world.advance(10_000)
    expect(world.inbox.deadLetters(9)).toMatchObject([{ text: 'hello' }])
    world.state = 'open'
    world.verdict = () => ({ kind: 'drop', reason: 'another judgement' })
    await world.inbox.replay(null)
    await world.settle()
    expect([world.judgedWith.length, world.talks.map(({ key }) => key)]).toEqual([1, ['a', 'a']])
    expect(world.talk().run).toEqual(world.talk(0).run)
    await answer('late')
    expect(world.sent).toEqual(['late'])
  })

  it('waits out an emergency stop', async () => {
    world.state = 'paused'
    await receive(filed(message('a')))
    await world.advance(60_000)
    expect([world.talks, world.inbox.deadLetters(9)]).toEqual([[], []])
    world.state = 'open'
    await world.advance(60_000)
    expect(world.talks).toHaveLength(1)
  })

  it('is refused in words where it cannot be begun, and tried again where that may pass', async () => {
    world.refusal = { ok: false, error: { code: 'UNAVAILABLE', message: 'not now' } }
    await receive(filed(message('a')))
    expect(world.sent).toEqual([])
    world.refusal = { ok: false, error: { code: 'FAILED_PRECONDITION', message: 'no budget' } }
    await world.advance(5_000)
    expect(world.sent).toEqual(['no budget'])
  })
})

describe('what a life of the object began', () => {
  it('is taken up by the next, under the same key', async () => {
    await receive(filed(message('a')))
    world.open()
    await world.advance(15_000)
    expect(world.talks.map(({ key }) => key)).toEqual(['a', 'a'])
    await answer('hello')
    expect(world.sent).toEqual(['hello'])
  })

  it('is taken up when its stream breaks off', async () => {
    await receive(filed(message('a')))
    world.talk().breakOff()
    await world.settle()
    await world.advance(5_000)
    await answer('hello')
    expect([world.talks.length, world.sent]).toEqual([2, ['hello']])
  })

  it('is not said twice: what was on its way is of unknown outcome', async () => {
    await receive(filed(message('a')))
    world.hold = new Promise(() => undefined)
    await answer('one\n\ntwo')
    world.hold = null
    world.open()
    await world.advance(15_000)
    expect(world.sent).toEqual(['two'])
    expect(world.reports).toEqual(['delivery_unknown: it was being sent when the gateway stopped'])
    expect(world.inbox.health().unknown).toBe(1)
  })
})

describe('an answer', () => {
  it('comes in pieces, in their order', async () => {
    await receive(filed(message('a')))
    await answer('one\n\ntwo\n\nthree')
    expect(world.sent).toEqual(['one', 'two', 'three'])
  })

  it('waits as long as the platform says, however often', async () => {
    await receive(filed(message('a')))
    world.failures = Array.from({ length: 9 }, () => ({
      kind: 'rate_limited' as const,
      retryAfterMs: 30_000,
    }))
    await answer('one\n\ntwo')
    for (let i = 0; i < 9; i++) {
      expect(world.sent).toEqual([])
      await world.advance(30_000)
    }
    expect(world.sent).toEqual(['one', 'two'])
  })

  it('is tried again where it certainly did not arrive, then put aside', async () => {
    await receive(filed(message('a')))
    const down = { kind: 'unavailable' as const, reason: 'the platform answered 503' }
    world.failures = [down, down]
    await answer('one')
    await world.advance(60_000)
    await world.advance(60_000)
    expect(world.sent).toEqual(['one'])
    await receive(filed(message('b')))
    world.failures = Array.from({ length: 20 }, () => down)
    await answer('two')
    for (let i = 0; i < 9; i++) await world.advance(60_000)
    expect(world.inbox.health()).toMatchObject({ dead: 1, lastError: { message: down.reason } })
    world.failures = []
    await world.inbox.replay(null)
    await world.settle()
    // The run is not asked again: only its answer is sent.
    expect([world.talks.length, world.sent]).toEqual([2, ['one', 'two']])
  })

  it('that may have arrived is not repeated', async () => {
    await receive(filed(message('a')))
    world.failures = [{ kind: 'unknown', reason: 'broke off' }]
    await answer('one\n\ntwo')
    expect([world.sent, world.reports]).toEqual([['two'], ['delivery_unknown: broke off']])
  })

  it('is put aside at once where nobody will ever take it', async () => {
    await receive(filed(message('a')))
    world.failures = [{ kind: 'refused', reason: 'the chat is gone' }]
    await answer('one')
    expect(world.reports).toEqual(['delivery_dead: the chat is gone'])
  })
})

describe('an answer that grows', () => {
  beforeEach(() => {
    world.editEveryMs = 1_000
  })
  const grow = async (content: string) => {
    world.talk().push({ type: 'chunk', content })
    await world.settle()
  }

  it('is one message, edited no more often than the platform likes', async () => {
    await receive(filed(message('a')))
    await grow('This is the beginning of it')
    await grow(', and more')
    expect([world.sent.length, world.edited]).toEqual([1, []])
    world.nowMs += 1_000
    await grow(' and more')
    await answer('All of it.\n\nAnd a second piece.')
    expect(world.sent).toEqual(['This is the beginning of it …', 'And a second piece.'])
    expect(world.edited).toEqual([
      'm1: This is the beginning of it, and more and more …',
      'm1: All of it.',
    ])
  })

  it('is said anew where its message is gone', async () => {
    await receive(filed(message('a')))
    await grow('This is the beginning of it')
    world.failures = [{ kind: 'refused', reason: 'message to edit not found' }]
    await answer('All of it.')
    expect(world.sent.at(-1)).toBe('All of it.')
  })

  it('grows no further when its channel is switched off', async () => {
    await receive(filed(message('a')))
    await grow('This is the beginning of it')
    world.state = 'closed'
    world.nowMs += 1_000
    await grow(', and what nobody is to see')
    expect([world.sent, world.edited]).toEqual([['This is the beginning of it …'], []])
  })

  it('grows no further when whoever asked is let out', async () => {
    await receive(filed(message('a')))
    await grow('This is the beginning of it')
    world.recipient = () => ({ kind: 'refused', reason: 'let out' })
    world.nowMs += 1_000
    await grow(', and what they are not to see')
    expect([world.sent, world.edited]).toEqual([['This is the beginning of it …'], []])
  })

  it('loses nothing when the platform takes no preview', async () => {
    await receive(filed(message('a')))
    world.failures = [{ kind: 'unknown', reason: 'broke off' }]
    await grow('This is the beginning of it')
    await answer('All of it.')
    expect([world.sent, world.edited, world.troubles]).toEqual([['All of it.'], [], []])
  })
})

describe('a group', () => {
  it('is overheard until the agent is asked', async () => {
    world.verdict = ({ text }) => ({ kind: 'overhear', line: text })
    for (let i = 0; i < 60; i++) await receive(filed(message(`m${i}`)))
    world.verdict = () => ({ kind: 'answer', text: 'hm', reason: 'test' })
    const elsewhere = { kind: 'group', id: '2', threadId: null } as const
    await receive(
      filed(message('asked')),
      filed(message('elsewhere', '', { conversation: elsewhere }), 'two'),
    )
    const heard = world.judgedWith.slice(-2).map(({ lines }) => lines)
    expect(heard).toContainEqual(Array.from({ length: 50 }, (_, i) => `m${i + 10}`))
    expect(heard).toContainEqual([])
  })

  it('sends the pictures of an album as one message', async () => {
    const picture = (id: string) => filed(message(id, id, { albumId: 'album' }))
    await receive(picture('a'))
    await receive(picture('b'), picture('c'))
    expect(world.talks).toEqual([])
    await world.advance(2_000)
    expect(world.judgedWith.at(-1)?.album.map(({ deliveryId }) => deliveryId)).toEqual(['b', 'c'])
    await answer('three pictures')
    await world.advance(60_000)
    expect([world.talks.length, world.sent]).toEqual([1, ['three pictures']])
  })
})

describe('what was overheard', () => {
  const at = (threadId: string | null) => ({
    conversation: { kind: 'group', id: 'g', threadId } as const,
  })
  const overhear = async (id: string, threadId: string | null) => {
    world.verdict = ({ text }) => ({ kind: 'overhear', line: text })
    await receive(filed(message(id, id, at(threadId)), `lane of ${threadId}`))
  }
  const ask = async (id: string, fields: ReturnType<typeof at> & { beginsThread?: true }) => {
    world.verdict = () => ({ kind: 'run', run: runOf(message(id)) })
    await receive(filed(message(id, id, fields), `lane of ${fields.conversation.threadId}`))
    return world.judgedWith.at(-1)?.lines
  }

  it('is what a mention sees that begins a thread: of the channel, and of no thread', async () => {
    await overhear('lunch?', null)
    await overhear('in another thread', 't1')
    expect(await ask('sum up', { ...at('t2'), beginsThread: true })).toEqual(['lunch?'])
    // It was told of, to the conversation of that thread.
    expect(await ask('once more', { ...at('t3'), beginsThread: true })).toEqual([])
  })

  it('is what a mention in a thread sees of that thread, and nothing of the channel', async () => {
    await overhear('lunch?', null)
    await overhear('in the thread', 't1')
    expect(await ask('sum up', at('t1'))).toEqual(['in the thread'])
    expect(await ask('and here', at(null))).toEqual(['lunch?'])
  })

  it('is gone after a week, in a group that nobody writes to any more as well', async () => {
    await overhear('private words', null)
    const day = 24 * 3_600_000
    for (let i = 0; i < 6; i++) await world.advance(day)
    const rows = () => world.storage.sql.exec('SELECT * FROM overheard').toArray().length
    expect(rows()).toBe(1)
    for (let i = 0; i < 3; i++) await world.advance(day)
    expect([rows(), world.timers.get('sweep')]).toEqual([0, null])
  })
})

describe('a conversation that was held', () => {
  it('is known for half a year after its last word, and swept then', async () => {
    await receive(filed(message('a')))
    await answer('hello')
    const known = () => world.storage.sql.exec('SELECT * FROM conversations').toArray().length
    const day = 24 * 3_600_000
    for (let i = 0; i < 179; i++) await world.advance(day)
    expect(known()).toBe(1)
    for (let i = 0; i < 4; i++) await world.advance(day)
    expect([known(), world.timers.get('sweep')]).toEqual([0, null])
  })

  it('delays no sweep of what comes later', async () => {
    await receive(filed(message('a')))
    await answer('hello')
    for (let i = 0; i < 3; i++) await world.advance(24 * 3_600_000)
    await receive(filed(message('b')))
    expect(world.timers.get('sweep')).toBeLessThanOrEqual(world.nowMs + 3_600_000)
  })
})

describe('something nobody asked for', () => {
  it('is said once, in its turn', async () => {
    await receive(filed(message('a')))
    const note = { key: 'cron:1', lane: 'one', address: { chat: '1' }, content: 'Good morning.' }
    await world.inbox.say(note)
    await world.inbox.say(note)
    await world.settle()
    expect(world.sent).toEqual([])
    await answer('first')
    expect(world.sent).toEqual(['first', 'Good morning.'])
  })
})

describe('an inbox of the former form', () => {
  it('is worked on as it is found: nobody is written to of whom nobody knows who they are', async () => {
    const storage = new SqliteStorage()
    migrate(storage, INBOX_MIGRATIONS.slice(0, 1))
    storage.sql.exec(
      `INSERT INTO deliveries (delivery_id, lane, event, state, due_at, received_at)
       VALUES ('old', 'one', ?, 'waiting', 0, 0)`,
      JSON.stringify(message('old')),
    )
    storage.sql.exec(
      `INSERT INTO conversations (conversation, lane, address, at) VALUES ('2', 'two', '{}', ?)`,
      world.nowMs,
    )
    storage.sql.exec(`INSERT INTO overheard (lane, line) VALUES ('x', 'private words')`)
    world = new World(storage)
    await world.inbox.tick()
    await world.settle()
    await answer('hello')
    expect(world.sent).toEqual(['hello'])
    expect(await world.inbox.sayIn('2', { key: 'k', content: 'numbers' })).toBe(false)
    await world.inbox.sweep()
    expect(storage.sql.exec('SELECT * FROM overheard').toArray()).toEqual([])
  })
})

describe('an answer that an inbox of the former form has put aside', () => {
  const openOld = (event: string | null) => {
    const storage = new SqliteStorage()
    migrate(storage, INBOX_MIGRATIONS.slice(0, 1))
    storage.sql.exec(
      `INSERT INTO deliveries (id, delivery_id, lane, event, state, error, due_at, received_at)
       VALUES (1, 'old', 'one', ?, 'dead', 'the token is void', 0, 0)`,
      event,
    )
    storage.sql.exec(
      `INSERT INTO pieces (delivery, position, address, content, state)
       VALUES (1, 0, '{}', 'the secret plan', 'waiting')`,
    )
    world = new World(storage)
  }
  const replay = async () => {
    expect(await world.inbox.replay(null)).toBe(1)
    await world.settle()
    return world.inbox.deadLetters(9).map(({ error }) => error)
  }
  const letOut = () => {
    world.recipient = (address, to) =>
      to === 'anyone' ? { kind: 'open', address } : { kind: 'refused', reason: 'let out' }
  }

  it('is for whoever asked, and asked about when it is replayed', async () => {
    openOld(JSON.stringify(message('old')))
    letOut()
    expect([await replay(), world.sent]).toEqual([['let out'], []])
    world.recipient = (address) => ({ kind: 'open', address })
    expect([await replay(), world.sent]).toEqual([[], ['the secret plan']])
  })

  it('is put aside again with a reason where nobody knows for whom it was', async () => {
    openOld(null)
    const reason = 'it was not kept for whom it is: nobody is told it'
    expect([await replay(), world.sent]).toEqual([[reason], []])
    expect(world.reports).toEqual([`delivery_dead: ${reason}`])
  })
})

describe('the end of an inbox', () => {
  it('begins nothing more, and does not wait for a run', { timeout: 10_000 }, async () => {
    await receive(filed(message('a')))
    await world.inbox.close()
    await receive(filed(message('b'), 'two'))
    expect(world.talks.map(({ key }) => key)).toEqual(['a'])
  })
})

describe('the memory of what came', () => {
  it('outlasts what platforms repeat, and no longer', async () => {
    await receive(filed(message('a')))
    await answer('hello')
    await world.advance(23 * 3_600_000)
    expect(await receive(filed(message('a')))).toEqual({ stored: 0, repeated: 1 })
    await world.advance(2 * 3_600_000)
    await world.advance(2 * 3_600_000)
    expect(world.storage.sql.exec('SELECT * FROM pieces').toArray()).toEqual([])
    expect(await receive(filed(message('a')))).toEqual({ stored: 1, repeated: 0 })
  })

  it('outlasts a quarter of a year where nothing signed says how old it is', async () => {
    const replayed = { ...filed(message('a', 'pay Bob')), isAgeless: true as const }
    expect(await receive(replayed)).toEqual({ stored: 1, repeated: 0 })
    await answer('paid')
    const day = 24 * 3_600_000
    for (let i = 0; i < 89; i++) await world.advance(day)
    expect(await receive(replayed)).toEqual({ stored: 0, repeated: 1 })
    expect(world.talks).toHaveLength(1)
    const rows = world.storage.sql.exec('SELECT * FROM seen').toArray()
    expect(JSON.stringify(rows)).not.toContain('"a"')
    for (let i = 0; i < 3; i++) await world.advance(day)
    expect(world.storage.sql.exec('SELECT * FROM seen').toArray()).toEqual([])
  })

  it('has nothing of what found no room: it is stored when it comes again', async () => {
    world.state = 'paused'
    const ageless = (id: string) => ({ ...filed(message(id)), isAgeless: true as const })
    await receive(...Array.from({ length: 1_000 }, (_, i) => ageless(`m${i}`)))
    expect(await receive(ageless('more'))).toBeNull()
    world.verdict = () => ({ kind: 'drop', reason: 'test' })
    world.state = 'open'
    await world.advance(60_000)
    await world.settle()
    expect(await receive(ageless('more'))).toEqual({ stored: 1, repeated: 0 })
  })
})
