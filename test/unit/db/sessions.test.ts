import { describe, expect, it } from 'vitest'
import {
  deleteSession,
  labelSession,
  listSessions,
  MAX_SESSION_PAGE,
  type SessionUpsert,
  upsertSession,
} from '../../../src/db/sessions.ts'
import type { UserId } from '../../../src/domain/ids.ts'
import { NOW, OWNER, risen, TENANT, useDatabase } from './fixture.ts'

const fixture = useDatabase()
const ANNA = 'anna' as UserId
const keyOf = (n: number) => `agent:default:ws:direct:${n}`
const session = (n: number, changes: Partial<SessionUpsert> = {}): SessionUpsert => ({
  sessionKey: keyOf(n),
  agentKey: 'default',
  channel: 'ws',
  userId: OWNER,
  model: 'demo',
  provider: 'demo',
  messageCount: n,
  inputTokens: 10 * n,
  outputTokens: 20 * n,
  updatedAt: NOW + n,
  ...changes,
})
const upsert = (row: SessionUpsert) => upsertSession(fixture.db, TENANT, row)
const listed = async (key: string) =>
  (await listSessions(fixture.db, TENANT, { limit: 10, offset: 0 })).sessions.find(
    ({ sessionKey }) => sessionKey === key,
  )
const keysOf = async (filter: Partial<Parameters<typeof listSessions>[2]>) =>
  (await listSessions(fixture.db, TENANT, { limit: 10, offset: 0, ...filter })).sessions.map(
    ({ sessionKey }) => sessionKey,
  )

describe('listSessions', () => {
  it('pages from the newest, and tells how many there are', async () => {
    for (const n of [1, 2, 3]) await upsert(session(n))
    const page = await listSessions(fixture.db, TENANT, { limit: 2, offset: 1 })
    expect(page.total).toBe(3)
    expect(page.sessions.map(({ sessionKey }) => sessionKey)).toEqual([keyOf(2), keyOf(1)])
  })

  it('lists by user, agent and channel', async () => {
    await upsert(session(1))
    await upsert(session(2, { userId: ANNA }))
    await upsert(session(3, { agentKey: 'coder' }))
    await upsert(session(4, { channel: 'slack' }))
    expect(await keysOf({ userId: ANNA })).toEqual([keyOf(2)])
    expect(await keysOf({ agentKey: 'coder' })).toEqual([keyOf(3)])
    expect(await keysOf({ channel: 'slack' })).toEqual([keyOf(4)])
    expect(await keysOf({ userId: ANNA, channel: 'slack' })).toEqual([])
  })

  it('searches labels literally, in any case', async () => {
    for (const n of [1, 2]) await upsert(session(n))
    await labelSession(fixture.db, TENANT, keyOf(1), '100% of_it \\d')
    await labelSession(fixture.db, TENANT, keyOf(2), 'Invoices')
    expect(await keysOf({ search: 'invo' })).toEqual([keyOf(2)])
    expect(await keysOf({ search: '0% OF_' })).toEqual([keyOf(1)])
    expect(await keysOf({ search: '%' })).toEqual([keyOf(1)])
    expect(await keysOf({ search: 'o_i' })).toEqual([])
    expect(await keysOf({ search: 'it \\' })).toEqual([keyOf(1)])
    for (const search of ['\\%', '\\_', "' OR 1=1 --"]) {
      expect(await keysOf({ search })).toEqual([])
    }
    expect(await keysOf({ search: '%'.repeat(200) })).toEqual([])
  })

  it('caps the page', async () => {
    const page = await listSessions(fixture.db, TENANT, {
      limit: MAX_SESSION_PAGE * 1_000,
      offset: 0,
    })
    expect(page).toEqual({ sessions: [], total: 0 })
  })
})

describe('upsertSession', () => {
  it('brings counters up to date and keeps owner, label and beginning', async () => {
    await upsert(session(1))
    await labelSession(fixture.db, TENANT, keyOf(1), 'mine')
    await upsert(session(1, { userId: ANNA, messageCount: 9, updatedAt: NOW + 100 }))
    expect(await listed(keyOf(1))).toMatchObject({
      userId: OWNER,
      label: 'mine',
      messageCount: 9,
      createdAt: NOW + 1,
      updatedAt: NOW + 100,
    })
  })

  it('leaves a row alone that is newer than the report', async () => {
    await upsert(session(1, { messageCount: 5, updatedAt: NOW + 100 }))
    await upsert(session(1, { messageCount: 2, updatedAt: NOW + 50 }))
    expect(await listed(keyOf(1))).toMatchObject({ messageCount: 5 })
  })

  it('raises no version: the snapshot holds no sessions', async () => {
    const write = () => upsert(session(1))
    expect(await risen(fixture.db, write)).toEqual({ version: 0, authVersion: 0 })
  })
})

describe('labelSession and deleteSession', () => {
  it('change a session that exists', async () => {
    await upsert(session(1))
    const labelled = await labelSession(fixture.db, TENANT, keyOf(1), 'x')
    expect(labelled).toMatchObject({ ok: true, value: { label: 'x' } })
    expect(await labelSession(fixture.db, TENANT, keyOf(1), null)).toMatchObject({
      value: { label: null },
    })
    expect(await deleteSession(fixture.db, TENANT, keyOf(1))).toEqual({ ok: true, value: null })
  })

  it('reject a session that does not', async () => {
    const refused = { ok: false, error: 'not_found' }
    expect(await labelSession(fixture.db, TENANT, keyOf(1), 'x')).toEqual(refused)
    expect(await deleteSession(fixture.db, TENANT, keyOf(1))).toEqual(refused)
    expect(await listed(keyOf(1))).toBeUndefined()
  })
})
