/** Files that an agent puts to its answer: pieces of it, kept as bytes until they have arrived. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Attachment } from '../../../../src/domain/ports/inbox.ts'
import { FILES_GONE_TEXT } from '../../../../src/gateway/channels/shown-text.ts'
import { COUNT_UNKNOWN } from '../../../../src/objects/inbox/piece-store.ts'
import { INBOX_MIGRATIONS } from '../../../../src/objects/schema/inbox.ts'
import { migrate } from '../../../../src/objects/schema/migrate.ts'
import { SqliteStorage } from '../sqlite-storage.ts'
import { filed, message, principal, runOf, World } from './world.ts'

const SESSION = 'agent:main:telegram:direct:1'
const MB = 1024 * 1024

let world: World
beforeEach(() => {
  world = new World()
})

const asked = async (deliveryId = 'a') => {
  await world.inbox.receive([filed(message(deliveryId))])
  await world.settle()
}
const answer = async (content: string) => {
  world.talk().complete(content)
  await world.settle()
}
const bytesOf = (length: number, last = 7): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(length)
  bytes[length - 1] = last
  return bytes
}
const file = (name = 'report.pdf', bytes = bytesOf(3)) => ({
  name,
  mimeType: 'application/pdf',
  bytes,
})
const attach = (fields: Partial<Attachment> = {}) =>
  world.inbox.attach({
    key: 'call-1',
    sessionKey: SESSION,
    senderId: '1',
    content: null,
    file: file(),
    ...fields,
  })
const rows = (table: string) => world.storage.sql.exec(`SELECT * FROM ${table}`).toArray()

describe('a file of an answer', () => {
  it('goes out behind the words, with its caption, once for each call', async () => {
    await asked()
    expect(await attach({ content: 'The figures:' })).toBe('attached')
    expect(await attach({ content: 'The figures:' })).toBe('attached')
    expect(await attach({ key: 'call-2', file: file('b.pdf') })).toBe('attached')
    await answer('Here it is.\n\nAnd more.')
    expect(world.sent).toEqual([
      'Here it is.',
      'And more.',
      'The figures:',
      'report.pdf (application/pdf, 3, 7)',
      'b.pdf (application/pdf, 3, 7)',
    ])
    expect([rows('file_parts'), JSON.stringify(rows('pieces')).includes('report.pdf')]).toEqual([
      [],
      false,
    ])
  })

  it('goes out without any words', async () => {
    await asked()
    await attach()
    await answer('')
    expect(world.sent).toEqual(['report.pdf (application/pdf, 3, 7)'])
  })

  it('is whole however many rows it takes', async () => {
    await asked()
    await attach({ file: file('big.pdf', bytesOf(2 * MB + 5, 9)) })
    expect(rows('file_parts')).toHaveLength(3)
    await answer('')
    expect(world.sent).toEqual([`big.pdf (application/pdf, ${2 * MB + 5}, 9)`])
  })

  it('is taken for no other conversation, for nobody else, and not unasked', async () => {
    expect(await attach()).toBe('unasked')
    await asked()
    expect(await attach({ sessionKey: `${SESSION}0` })).toBe('unasked')
    expect(await attach({ senderId: '2' })).toBe('unasked')
    await answer('done')
    expect(await attach()).toBe('unasked')
    expect(world.sent).toEqual(['done'])
  })

  it('is one of ten at most; words are none', async () => {
    await asked()
    for (let n = 0; n < 10; n++) expect(await attach({ key: `call-${n}` })).toBe('attached')
    expect(await attach({ key: 'call-10' })).toBe('too_many')
    // Words are no file.
    expect(await attach({ key: 'line', content: 'a line', file: null })).toBe('attached')
  })

  it('is not sent where no answer came', async () => {
    await asked()
    await attach({ content: 'The figures:' })
    world.talk().push({ type: 'run.failed', error: 'no', code: 'ACCESS_REVOKED' })
    await world.settle()
    expect([world.sent, rows('file_parts')]).toEqual([['failed'], []])
    expect(world.inbox.health()).toMatchObject({ waiting: 0, dead: 0 })
  })

  it('outlives the object, and is sent again where that repeats nothing', async () => {
    await asked()
    await attach()
    world.open()
    await world.advance(15_000)
    world.failures = [{ kind: 'unavailable', reason: 'the platform answered 503' }]
    await answer('')
    expect(world.sent).toEqual([])
    await world.advance(60_000)
    expect(world.sent).toEqual(['report.pdf (application/pdf, 3, 7)'])
  })

  it('that was on its way when the object ended is of unknown outcome', async () => {
    await asked()
    await attach()
    world.hold = new Promise(() => undefined)
    await answer('')
    world.hold = null
    world.open()
    await world.advance(15_000)
    expect([world.sent, rows('file_parts')]).toEqual([[], []])
    expect(world.reports).toEqual(['delivery_unknown: it was being sent when the gateway stopped'])
  })

  it('is not kept once its answer is put aside, which says so, and so does the replay', async () => {
    await asked()
    await attach({ content: 'The figures:' })
    await attach({ key: 'call-2', file: file('b.pdf') })
    world.failures = [{ kind: 'refused', reason: 'the bot was blocked' }]
    await answer('Here it is.')
    expect([world.sent, rows('file_parts')]).toEqual([[], []])
    expect(world.inbox.deadLetters(9)).toMatchObject([
      { error: 'the bot was blocked (its files are not kept)' },
    ])
    await world.inbox.replay(null)
    await world.settle()
    expect(world.sent).toEqual(['Here it is.', 'The figures:', FILES_GONE_TEXT])
    expect(world.inbox.health()).toMatchObject({ waiting: 0, dead: 0, unknown: 0 })
  })

  it('that is gone is told of once, however often the answer is put aside', async () => {
    await asked()
    for (const key of ['one', 'two', 'three']) await attach({ key })
    const refused = { kind: 'refused', reason: 'no' } as const
    world.failures = [refused]
    await answer('Here it is.')
    world.failures = [refused]
    for (let n = 0; n < 2; n++) {
      await world.inbox.replay(null)
      await world.settle()
    }
    expect(world.sent).toEqual(['Here it is.', FILES_GONE_TEXT])
  })

  it('that is gone is told of behind an answer without words', async () => {
    await asked()
    await attach()
    world.failures = [{ kind: 'refused', reason: 'no' }]
    await answer('')
    await world.inbox.replay(null)
    await world.settle()
    // What answers it is asked for anew, and is the same run.
    await answer('')
    expect(world.sent).toEqual([FILES_GONE_TEXT])
  })

  it('leaves no word of itself with an answer that had none', async () => {
    await asked()
    world.failures = [{ kind: 'refused', reason: 'no' }]
    await answer('words')
    expect(world.inbox.deadLetters(9)).toMatchObject([{ error: 'no' }])
    await world.inbox.replay(null)
    await world.settle()
    expect(world.sent).toEqual(['words'])
  })

  it('is put aside where the platform takes none', async () => {
    world.takesFiles = false
    await asked()
    await attach()
    await answer('')
    expect(world.inbox.deadLetters(9)).toMatchObject([
      { error: 'this channel takes no files (its files are not kept)' },
    ])
  })

  it('leaves nothing where there is nowhere to deliver it to', async () => {
    await asked()
    await attach()
    world.recipient = (address) => ({ kind: 'nowhere', address })
    await answer('words')
    expect([world.sent, rows('file_parts')]).toEqual([[], []])
  })
})

describe('the room for files', () => {
  const own = (sender: string) => `agent:main:telegram:direct:${sender}`
  const askedBy = async (sender: string, deliveryId: string, lane = `lane ${deliveryId}`) => {
    const person = { id: sender, username: null, displayName: sender, kind: 'person' } as const
    await world.inbox.receive([filed(message(deliveryId, deliveryId, { sender: person }), lane)])
    await world.settle()
  }
  const attachFor = (senderId: string, key: string, mb = 10) =>
    attach({
      key,
      senderId,
      sessionKey: own(senderId),
      file: file('big.bin', bytesOf(mb * MB)),
    })

  beforeEach(() => {
    world.verdict = (event) => {
      if (event.kind !== 'message') throw new Error('no message')
      const channel = { name: 'telegram', instanceId: 'chn_1', senderId: event.sender.id }
      const sessionKey = own(event.sender.id)
      return {
        kind: 'run',
        run: { ...runOf(event), sessionKey, principal: { ...principal, channel } },
      }
    }
  })

  it('is of no sender more than a part: they are refused alone, and another goes on', async () => {
    await askedBy('mallory', 'm')
    for (let n = 0; n < 6; n++) expect(await attachFor('mallory', `m${n}`)).toBe('attached')
    expect(await attachFor('mallory', 'more')).toBe('full')
    expect(await attachFor('mallory', 'small', 1)).toBe('attached')
    await askedBy('ada', 'a')
    expect(await attachFor('ada', 'a')).toBe('attached')
    world.talk().complete('Here it is.')
    await world.settle()
    expect(world.sent).toEqual(['Here it is.', `big.bin (application/pdf, ${10 * MB}, 7)`])
  })

  it('is a sender’s part in however many conversations, and theirs anew once sent', async () => {
    for (const id of ['one', 'two']) {
      await askedBy('mallory', id)
      for (let n = 0; n < 3; n++) expect(await attachFor('mallory', `${id}${n}`)).toBe('attached')
      // The answer is held up by the platform, and its files with it.
      world.failures = [{ kind: 'rate_limited', retryAfterMs: 60_000 }]
      world.talk().complete(id)
      await world.settle()
    }
    await askedBy('mallory', 'three')
    expect(await attachFor('mallory', 'three')).toBe('full')
    await world.advance(61_000)
    expect(await attachFor('mallory', 'three')).toBe('attached')
  })

  it('is of no conversation more than a part, what was set aside from it among it', async () => {
    world.retryMs = [3_600_000]
    for (let person = 0; person < 4; person++) {
      await askedBy(`p${person}`, `p${person}`, 'group')
      for (let n = 0; n < 6; n++)
        expect(await attachFor(`p${person}`, `${person}-${n}`)).toBe('attached')
      world.failures = [{ kind: 'unavailable', reason: 'down' }]
      world.talk().complete('words')
      await world.settle()
    }
    await askedBy('ada', 'a', 'group')
    expect(await attachFor('ada', 'one')).toBe('attached')
    expect(await attachFor('ada', 'two')).toBe('full')
    await askedBy('bob', 'b', 'groups')
    expect(await attachFor('bob', 'one')).toBe('attached')
  })

  it('is nobody’s who is only put aside', async () => {
    for (let round = 0; round < 3; round++) {
      await askedBy('mallory', `m${round}`)
      for (let n = 0; n < 6; n++)
        expect(await attachFor('mallory', `${round}-${n}`)).toBe('attached')
      world.failures = [{ kind: 'refused', reason: 'the bot was blocked' }]
      world.talk().complete('here')
      await world.settle()
    }
    expect(world.inbox.health()).toMatchObject({ dead: 3 })
    expect(rows('file_parts')).toEqual([])
  })
})

describe('an inbox of the version before', () => {
  it('goes on with what it had, and takes files', async () => {
    const storage = new SqliteStorage()
    migrate(storage, INBOX_MIGRATIONS.slice(0, 1))
    storage.sql.exec(
      `INSERT INTO deliveries (delivery_id, lane, event, request, state, due_at, received_at)
       VALUES ('old', 'one', ?, NULL, 'answering', 0, 0)`,
      JSON.stringify(message('old')),
    )
    storage.sql.exec(
      `INSERT INTO pieces (delivery, position, address, content, state)
       VALUES (1, 0, '{}', 'from before', 'waiting')`,
    )
    world = new World(storage)
    await world.inbox.tick()
    await world.settle()
    expect(world.sent).toEqual(['from before'])
    await asked()
    await attach()
    await answer('')
    expect(world.sent).toHaveLength(2)
  })

  it('drops the files of what was put aside, and finds what is unknown by an index', async () => {
    const storage = new SqliteStorage()
    migrate(storage, INBOX_MIGRATIONS.slice(0, 3))
    for (const [id, state] of [
      [1, 'dead'],
      [2, 'answering'],
      [3, 'done'],
    ] as const) {
      storage.sql.exec(
        `INSERT INTO deliveries (id, delivery_id, lane, event, state, due_at, received_at)
         VALUES (?, ?, ?, ?, ?, 0, ?)`,
        id,
        `old ${id}`,
        `lane ${id}`,
        JSON.stringify(message(`old ${id}`)),
        state,
        world.nowMs,
      )
      storage.sql.exec(
        `INSERT INTO pieces (delivery, position, address, content, state, file)
         VALUES (?, 1000000, '{}', '', 'waiting', '{"name":"a.pdf","mimeType":"application/pdf"}'),
                (?, 0, '{}', 'words', 'unknown', NULL)`,
        id,
        id,
      )
      storage.sql.exec('INSERT INTO file_parts VALUES (?, 1000000, 0, ?)', id, bytesOf(3).buffer)
    }
    world = new World(storage)
    expect(rows('file_parts')).toMatchObject([{ delivery: 2 }])
    expect(world.inbox.deadLetters(1)).toMatchObject([{ error: ' (its files are not kept)' }])
    expect(world.inbox.health()).toMatchObject({ unknown: 3 })
    const plan = storage.sql.exec(`EXPLAIN QUERY PLAN ${COUNT_UNKNOWN}`).toArray()
    expect(plan.map(({ detail }) => detail)).toEqual([
      'SCAN pieces USING COVERING INDEX pieces_unknown',
    ])
    await world.inbox.tick()
    await world.settle()
    expect(world.sent).toEqual(['a.pdf (application/pdf, 3, 7)'])
    await world.inbox.replay(null)
    await world.settle()
    expect(world.sent.slice(1)).toEqual([FILES_GONE_TEXT])
  })
})
