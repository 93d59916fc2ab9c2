/** Files that an agent puts to its answer: pieces of it, kept as bytes until they have arrived. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Attachment } from '../../../../src/domain/ports/inbox.ts'
import { INBOX_MIGRATIONS } from '../../../../src/objects/schema/inbox.ts'
import { migrate } from '../../../../src/objects/schema/migrate.ts'
import { SqliteStorage } from '../sqlite-storage.ts'
import { filed, message, World } from './world.ts'

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
const bytesOf = (length: number, last = 7): Uint8Array => {
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

  it('is kept no further than there is room', async () => {
    await asked()
    for (let n = 0; n < 10; n++) expect(await attach({ key: `call-${n}` })).toBe('attached')
    expect(await attach({ key: 'call-10' })).toBe('too_many')
    // Words are no file.
    expect(await attach({ key: 'line', content: 'a line', file: null })).toBe('attached')
    const huge = { ...file(), bytes: bytesOf(256 * MB) }
    await answer('')
    await asked('b')
    await attach()
    expect(await attach({ key: 'call-2', file: huge })).toBe('full')
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

  it('that is refused is put aside with the reason, and sent when told to', async () => {
    await asked()
    await attach()
    world.talk().push({ type: 'chunk', content: 'x' })
    world.talk().complete('Here it is.')
    await world.settle()
    expect(world.sent).toHaveLength(2)
    await asked('b')
    await attach()
    world.failures = [{ kind: 'refused', reason: 'the file is larger than the workspace allows' }]
    await answer('')
    expect(world.inbox.deadLetters(9)).toMatchObject([
      { error: 'the file is larger than the workspace allows' },
    ])
    await world.inbox.replay(null)
    await world.settle()
    // What answers it is asked for anew, and is the same run.
    await answer('')
    expect(world.sent.slice(2)).toEqual(['report.pdf (application/pdf, 3, 7)'])
  })

  it('is put aside where the platform takes none', async () => {
    world.takesFiles = false
    await asked()
    await attach()
    await answer('')
    expect(world.inbox.deadLetters(9)).toMatchObject([{ error: 'this channel takes no files' }])
  })

  it('leaves nothing once its delivery is given up', async () => {
    await asked()
    await attach()
    world.failures = [{ kind: 'refused', reason: 'no' }]
    await answer('')
    const [letter] = world.inbox.deadLetters(1)
    world.inbox.discard([letter?.id ?? 0])
    await world.inbox.sweep()
    expect(rows('file_parts')).toEqual([])
  })
})

describe('an inbox of the version before', () => {
  it('goes on with what it had, and takes files', async () => {
    const storage = new SqliteStorage()
    migrate(storage, INBOX_MIGRATIONS.slice(0, 1))
    storage.sql.exec(
      `INSERT INTO deliveries (delivery_id, lane, event, request, state, due_at, received_at)
       VALUES ('old', 'one', NULL, NULL, 'answering', 0, 0)`,
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
})
