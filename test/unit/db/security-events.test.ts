import { describe, expect, it } from 'vitest'
import {
  insertSecurityEvents,
  listSecurityEvents,
  type NewSecurityEvent,
} from '../../../src/db/security-events.ts'
import { NOW, TENANT, useDatabase } from './fixture.ts'

const fixture = useDatabase()
const event = (n: number, changes: Partial<NewSecurityEvent> = {}): NewSecurityEvent => ({
  id: `sev_${n}`,
  name: 'auth_failed',
  severity: 'warn',
  fields: { count: n, kind: 'api_key', is_known: false },
  context: { userId: 'olga' },
  createdAt: NOW + n,
  ...changes,
})
const insert = (events: readonly NewSecurityEvent[]) =>
  insertSecurityEvents(fixture.db, TENANT, events)
const list = (page: Partial<Parameters<typeof listSecurityEvents>[2]> = {}) =>
  listSecurityEvents(fixture.db, TENANT, { limit: 10, ...page })

describe('insertSecurityEvents', () => {
  it('stores an event as it is listed', async () => {
    await insert([event(1)])
    expect(await list()).toEqual([event(1)])
  })

  it('stores more than fit one statement', async () => {
    await insert(Array.from({ length: 40 }, (_, n) => event(n)))
    expect(await list({ limit: 100 })).toHaveLength(40)
  })

  it('takes the same event twice for one', async () => {
    await insert([event(1)])
    await insert([event(1), event(2)])
    expect(await list()).toHaveLength(2)
  })

  it('stores nothing of nothing', async () => {
    await insert([])
    expect(await list()).toEqual([])
  })
})

describe('listSecurityEvents', () => {
  it('pages from the newest without losing events of the same time', async () => {
    await insert([1, 2, 3].map((n) => event(n, { createdAt: NOW })))
    const [first, second] = await list({ limit: 2 })
    expect([first?.id, second?.id]).toEqual(['sev_3', 'sev_2'])
    const rest = await list({ before: { createdAt: NOW, id: 'sev_2' } })
    expect(rest.map(({ id }) => id)).toEqual(['sev_1'])
  })

  it('lists by name', async () => {
    await insert([event(1), event(2, { name: 'tool_denied' })])
    expect(await list({ name: 'tool_denied' })).toEqual([event(2, { name: 'tool_denied' })])
  })
})
