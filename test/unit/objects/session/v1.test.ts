/** A session that was written by the first schema, under this code. */
import { beforeEach, describe, expect, it } from 'vitest'
import { runIdSchema } from '../../../../src/domain/ids.ts'
import { NO_USAGE } from '../../../../src/domain/message.ts'
import { SchemaGate, storedVersion } from '../../../../src/objects/schema/migrate.ts'
import { SESSION_MIGRATIONS } from '../../../../src/objects/schema/session.ts'
import { SqlRunJournal } from '../../../../src/objects/session/journal.ts'
import { storesOver } from '../../../support/session-stores.ts'
import { SESSION_V1, V1_MESSAGES, V1_RUN } from '../../../support/session-v1.ts'
import { SqliteStorage } from '../sqlite-storage.ts'
import { NOW } from './world.ts'

const RUN = runIdSchema.parse(V1_RUN)

let sqlite: SqliteStorage
let gate: SchemaGate

beforeEach(() => {
  sqlite = new SqliteStorage()
  for (const statement of SESSION_V1) sqlite.sql.exec(statement)
  gate = new SchemaGate(sqlite.host(), SESSION_MIGRATIONS)
})

const schemaOf = (storage: SqliteStorage) =>
  storage.sql
    .exec("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name")
    .toArray()

describe('a session of the first schema', () => {
  it('is read as it is, and nothing is rewritten by looking', async () => {
    const before = schemaOf(sqlite)
    const { transcript, runs } = storesOver(sqlite.database)
    expect(await gate.forReading()).toBe(1)
    const { messages } = transcript.page(50, null)
    expect(messages.map(({ message }) => message.content)).toEqual(V1_MESSAGES)
    expect(runs.running()).toMatchObject({ id: V1_RUN, usage: { promptTokens: 3 } })
    expect(runs.totalUsage()).toMatchObject({ promptTokens: 6 })
    expect(storedVersion(sqlite)).toBe(1)
    expect(schemaOf(sqlite)).toEqual(before)
  })

  it('goes on with its run once it is migrated, with nothing summarised', async () => {
    expect(await gate.forWriting()).toBe(SESSION_MIGRATIONS.length)
    const stores = storesOver(sqlite.database)
    const generation = stores.runs.nextGeneration(RUN)
    const owner = { runId: RUN, generation, firstMessageId: 3 }
    const journal = new SqlRunJournal(owner, stores, () => NOW)
    expect(journal.transcript().messages.map(({ content }) => content)).toEqual(V1_MESSAGES)
    expect(journal.condensed()).toMatchObject({ summary: null, from: 0, shortTo: 0 })
    expect(journal.models()).toEqual([])
    const model = { provider: 'demo', name: 'demo' }
    const usage = { ...NO_USAGE, promptTokens: 4 }
    journal.condense({ summary: 's', isUntrusted: false, from: 2, shortTo: 2 }, { usage, model })
    expect(journal.usage()).toMatchObject({ promptTokens: 7 })
    expect(journal.models()).toEqual([{ ...model, usage }])
  })

  it('comes to the schema of one that is new', async () => {
    await gate.forWriting()
    const fresh = new SqliteStorage()
    await new SchemaGate(fresh.host(), SESSION_MIGRATIONS).forWriting()
    const tables = (storage: SqliteStorage) =>
      schemaOf(storage).map((row) => ({ ...row, sql: String(row['sql']).replaceAll(/\s+/g, ' ') }))
    expect(tables(sqlite)).toEqual(tables(fresh))
  })
})
