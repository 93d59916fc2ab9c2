import { describe, expect, it } from 'vitest'
import {
  migrate,
  NewerSchemaError,
  type ObjectMigration,
  SchemaGate,
  storedVersion,
} from '../../../src/objects/schema/migrate.ts'
import { SqliteStorage } from './sqlite-storage.ts'

const V1: ObjectMigration = { version: 1, statements: ['CREATE TABLE note (text TEXT)'] }
const V2: ObjectMigration = {
  version: 2,
  statements: ['ALTER TABLE note ADD COLUMN author TEXT', "UPDATE note SET author = 'nobody'"],
}
const V3: ObjectMigration = { version: 3, statements: ['CREATE TABLE extra (id INTEGER)'] }

describe('migrate', () => {
  it('brings a new object to the newest version with the tables that every class has', () => {
    const storage = new SqliteStorage()
    expect(migrate(storage, [V1, V2])).toBe(2)
    expect(storage.tables()).toEqual(['note', 'schema_version', 'timers'])
  })

  it('applies only what an older object lacks, and keeps its rows', () => {
    const storage = new SqliteStorage()
    migrate(storage, [V1])
    storage.sql.exec("INSERT INTO note (text) VALUES ('kept')")
    expect(migrate(storage, [V1, V2])).toBe(2)
    const rows = storage.sql.exec('SELECT text, author FROM note').toArray()
    expect(rows.map((row) => ({ ...row }))).toEqual([{ text: 'kept', author: 'nobody' }])
  })

  it('does nothing to an object of this version', () => {
    const storage = new SqliteStorage()
    migrate(storage, [V1])
    storage.statements = []
    migrate(storage, [V1])
    expect(storage.statements.every((statement) => statement.startsWith('SELECT'))).toBe(true)
  })

  it('leaves an object as it was when a statement fails', () => {
    const storage = new SqliteStorage()
    migrate(storage, [V1])
    const broken = {
      version: 2,
      statements: ['CREATE TABLE half (id INTEGER)', 'CREATE TABLE note (x)'],
    }
    expect(() => migrate(storage, [V1, broken])).toThrow()
    expect(storedVersion(storage)).toBe(1)
    expect(storage.tables()).not.toContain('half')
  })

  it('rejects an object written by newer code', () => {
    const storage = new SqliteStorage()
    migrate(storage, [V1, V2])
    expect(() => migrate(storage, [V1])).toThrow(NewerSchemaError)
  })

  it('rejects migrations with a gap in their numbers', () => {
    expect(() => migrate(new SqliteStorage(), [V1, V3])).toThrow(/numbered/)
  })
})

describe('SchemaGate', () => {
  it('creates nothing when constructed or read', async () => {
    const storage = new SqliteStorage()
    const gate = new SchemaGate(storage.host(), [V1])
    expect(await gate.forReading()).toBe(0)
    expect(storage.tables()).toEqual([])
  })

  it('migrates at the first write, with other events held off, and once only', async () => {
    const storage = new SqliteStorage()
    const gate = new SchemaGate(storage.host(), [V1, V2])
    expect(await gate.forWriting()).toBe(2)
    expect(await gate.forWriting()).toBe(2)
    expect(storage.blocked).toBe(1)
    expect(await gate.forReading()).toBe(2)
  })

  it('migrates once when two writes come at the same time', async () => {
    const storage = new SqliteStorage()
    const gate = new SchemaGate(storage.host(), [V1, V2])
    expect(await Promise.all([gate.forWriting(), gate.forWriting()])).toEqual([2, 2])
  })

  it('reads an object of the version before without rewriting it', async () => {
    const storage = new SqliteStorage()
    migrate(storage, [V1, V2])
    expect(await new SchemaGate(storage.host(), [V1, V2, V3]).forReading()).toBe(2)
    expect(storedVersion(storage)).toBe(2)
  })

  it('migrates an object that is older than readers understand', async () => {
    const storage = new SqliteStorage()
    migrate(storage, [V1])
    expect(await new SchemaGate(storage.host(), [V1, V2, V3]).forReading()).toBe(3)
    expect(storedVersion(storage)).toBe(3)
  })

  it('rejects reading an object written by newer code', async () => {
    const storage = new SqliteStorage()
    migrate(storage, [V1, V2])
    await expect(new SchemaGate(storage.host(), [V1]).forReading()).rejects.toThrow(
      NewerSchemaError,
    )
  })
})
