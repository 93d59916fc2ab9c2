/** A tenant's stream of security events: each in the trail, and a flood of them as a number. */
import { describe, expect, it } from 'vitest'
import type { NewSecurityEvent } from '../../../../src/db/security-events.ts'
import type { AuditEntry } from '../../../../src/domain/audit-record.ts'
import { securityEvent } from '../../../../src/domain/security-event.ts'
import { Timers } from '../../../../src/objects/alarms.ts'
import { SchemaGate } from '../../../../src/objects/schema/migrate.ts'
import { TENANT_MIGRATIONS } from '../../../../src/objects/schema/tenant.ts'
import { SecurityStream } from '../../../../src/objects/tenant/security-stream.ts'
import { SqliteStorage } from '../sqlite-storage.ts'

async function openWorld() {
  const storage = new SqliteStorage()
  const timers = new Timers(storage)
  const entries: AuditEntry[] = []
  const rows: NewSecurityEvent[] = []
  const world = { clock: 1_700_000_000_000 }
  const host = { storage, blockConcurrencyWhile: <T>(callback: () => Promise<T>) => callback() }
  await new SchemaGate(host, TENANT_MIGRATIONS).forWriting()
  const stream = new SecurityStream({
    storage,
    timers,
    append: async (told) => void entries.push(...told),
    publish: async () => undefined,
    copy: async (events) => void rows.push(...events),
    now: () => world.clock,
  })
  const deny = (tool: string, userId = 'eve') =>
    stream.record([securityEvent('tool_denied', { tool })], { tenantId: 'ten_a', userId })
  const run = async () => {
    const failures = await timers.run(
      () => world.clock,
      async (name) => void (await stream.onTimer(name)),
    )
    expect(failures).toEqual([])
  }
  return { world, entries, rows, timers, deny, run }
}

describe('a stream of security events', () => {
  it('puts each into the trail, with who it was, and into the list', async () => {
    const { deny, entries, rows, world, run } = await openWorld()
    await deny('exec')
    expect(entries).toEqual([
      {
        kind: 'event',
        name: 'security.tool_denied',
        actor: { userId: 'eve', credential: '' },
        fields: { tool: 'exec' },
      },
    ])
    world.clock += 1_000
    await run()
    expect(rows).toMatchObject([{ name: 'tool_denied', fields: { tool: 'exec' } }])
  })

  it('tells how many more there were within seconds, without another one of them', async () => {
    const { deny, entries, rows, world, run, timers } = await openWorld()
    for (let i = 0; i < 40; i++) await deny('exec')
    expect(entries).toHaveLength(10)
    expect(timers.get('countSecurityEvents')).toBe(world.clock + 5_000)
    world.clock += 5_000
    await run()
    const counted = { name: 'security.tool_denied', fields: { repeated: 30, target: 'exec' } }
    expect(entries.slice(10)).toMatchObject([{ ...counted, actor: { userId: 'eve' } }])
    world.clock += 1_000
    await run()
    expect(rows.at(-1)).toMatchObject({ name: 'tool_denied', fields: counted.fields })
    expect(timers.get('countSecurityEvents')).toBeNull()
  })

  it('hides nothing about one tool behind a flood about another, or by somebody else', async () => {
    const { deny, entries } = await openWorld()
    for (let i = 0; i < 40; i++) await deny('exec')
    await deny('web_fetch')
    await deny('exec', 'ada')
    expect(entries.slice(10)).toMatchObject([
      { fields: { tool: 'web_fetch' } },
      { actor: { userId: 'ada' } },
    ])
  })

  it('keeps the count of what is alike where the bound leaves no room to tell it', async () => {
    const { deny, entries, world, run } = await openWorld()
    for (let i = 0; i < 40; i++) await deny('exec')
    world.clock += 60_000
    for (let i = 0; i < 100; i++) await deny(`tool-${i}`)
    await deny('exec')
    await run()
    expect(entries.slice(110)).toMatchObject([
      { fields: { repeated: 30, target: 'exec' } },
      { fields: { repeated: 1 } },
    ])
  })

  it('keeps no more of a person than a bound, whatever names they invent, and counts the rest', async () => {
    const { deny, entries, world, run } = await openWorld()
    for (let i = 0; i < 150; i++) await deny(`tool-${i}`)
    expect(entries).toHaveLength(100)
    world.clock += 5_000
    await run()
    expect(entries.slice(100)).toMatchObject([
      { name: 'security.tool_denied', actor: { userId: 'eve' }, fields: { repeated: 50 } },
    ])
  })
})
