import { beforeEach, expect, it } from 'vitest'
import { FileStore } from '../../../../src/objects/inbox/file-store.ts'
import { filed, message, World } from './world.ts'

let world: World
let files: FileStore
beforeEach(async () => {
  world = new World()
  world.state = 'paused'
  await world.inbox.receive(['one', 'two', 'three'].map((id) => filed(message(id), id)))
  files = new FileStore(world.storage.sql, { all: 20, lane: 10, sender: 1_000 })
})
const of = (id: number, lane: string) => ({ id, lane, sender: '1' })

it('files of all conversations find no more room than there is', () => {
  files.keep(1, 0, new Uint8Array(10))
  files.keep(2, 0, new Uint8Array(6))
  expect(files.hasRoom(of(3, 'three'), 4)).toBe(true)
  expect(files.hasRoom(of(3, 'three'), 5)).toBe(false)
  files.dropOf(1)
  expect(files.hasRoom(of(3, 'three'), 5)).toBe(true)
})

it('files of an answer that is set aside count where the conversation goes on, and the other way', () => {
  files.keep(1, 0, new Uint8Array(6))
  world.storage.sql.exec(`UPDATE deliveries SET lane = 'one~1' WHERE id = 1`)
  world.storage.sql.exec(`UPDATE deliveries SET lane = 'one' WHERE id = 2`)
  expect(files.hasRoom(of(2, 'one'), 5)).toBe(false)
  expect(files.hasRoom(of(1, 'one~1'), 5)).toBe(false)
  files.keep(2, 0, new Uint8Array(4))
  expect(files.hasRoom(of(1, 'one~1'), 1)).toBe(false)
  expect(files.hasRoom(of(3, 'three'), 10)).toBe(true)
})
