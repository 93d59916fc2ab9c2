/** What a dashboard reads beside the lists, over real objects: figures, workspaces, live events. */
import { beforeAll, describe, expect, it } from 'vitest'
import {
  bearer,
  connected,
  createKey,
  createTenant,
  http,
  type Key,
  migrate,
  operator,
} from './support/gateway.ts'
import type { EventFrame, TestSocket } from './support/socket.ts'

let alice: Key
let bob: Key
let ada: Key
let eve: Key
let admin: TestSocket

beforeAll(async () => {
  await migrate()
  const platform = await operator()
  const north = await createTenant(platform, 'dash-north')
  const south = await createTenant(platform, 'dash-south')
  const write = ['operator.write']
  alice = await createKey(platform, north, { scopes: write, owner: 'alice' })
  bob = await createKey(platform, north, { scopes: write, owner: 'bob' })
  ada = await createKey(platform, north, { scopes: ['operator.admin'], owner: 'ada' })
  eve = await createKey(platform, south, { scopes: ['operator.admin'], owner: 'eve' })
  admin = await connected({ token: ada.key })
}, 60_000)

const put = (path: string, key: Key) =>
  http(`/v1/files/${path}`, { method: 'PUT', headers: bearer(key.key), body: 'hello' })
const get = async (path: string, key: Key) =>
  (await http(path, { headers: bearer(key.key) })).json() as Record<string, unknown>

describe('workspaces', () => {
  it('are listed with what they hold: one’s own, for admins the tenant’s', async () => {
    for (const path of ['a.txt', 'docs/b.txt']) expect((await put(path, alice)).status).toBe(200)
    expect((await put('c.txt', bob)).status).toBe(200)
    const usersOf = async (key: Key) => {
      const { workspaces } = await get('/v1/workspaces', key)
      return (workspaces as { userId: string }[]).map(({ userId }) => userId).toSorted()
    }
    expect(await usersOf(alice)).toEqual(['alice'])
    expect(await usersOf(ada)).toEqual(['alice', 'bob'])
    expect(await usersOf(eve)).toEqual([])
    const { workspaces } = await get('/v1/workspaces?user_id=alice', ada)
    expect(workspaces).toEqual([
      {
        agentId: 'default',
        userId: 'alice',
        scope: 'member',
        files: 2,
        bytes: 10,
        changedAt: expect.stringMatching(/^\d{4}-/),
      },
    ])
  })

  it('tell their files page by page', async () => {
    const path = '/v1/workspaces/default/files'
    const first = await get(`${path}?limit=1`, alice)
    expect(first['files']).toEqual([
      {
        path: 'a.txt',
        size: 5,
        mode: 0o644,
        untrusted: true,
        changedAt: expect.stringMatching(/^\d{4}-/),
      },
    ])
    const rest = await get(`${path}?limit=5&cursor=${first['next']}`, alice)
    expect(rest).toMatchObject({ files: [{ path: 'docs/b.txt' }], next: null })
    expect(await get(`${path}?prefix=docs/&user_id=alice`, ada)).toMatchObject({
      files: [{ path: 'docs/b.txt' }],
    })
    const refused = await http(`${path}?user_id=alice`, { headers: bearer(bob.key) })
    expect(refused.status).toBe(403)
  })
})

describe('what goes on', () => {
  it('is told to admins live, run by run, and to nobody else', async () => {
    const others = [await connected({ token: bob.key }), await connected({ token: eve.key })]
    const socket = await connected({ token: alice.key })
    const sessionKey = 'agent:default:ws:direct:watched'
    await socket.ask('chat.send', { sessionKey, message: 'hello' })
    for (const event of ['run.started', 'run.ended']) {
      const isIt = (frame: unknown): boolean =>
        (frame as EventFrame).event === event &&
        (frame as EventFrame).payload['sessionKey'] === sessionKey
      const { payload } = (await admin.find(isIt, event)) as EventFrame
      expect(payload).toMatchObject({ agentId: 'default', userId: 'alice' })
    }
    // Whatever was sent to them by now is here behind this answer.
    for (const each of [...others, socket]) await each.ask('health')
    const heard = [...others, socket].map(({ frames }) => JSON.stringify(frames))
    for (const frames of heard) expect(frames).not.toContain('"event":"run.')
    for (const each of [...others, socket]) each.close()
  })

  it('is counted, for its user and for the tenant', async () => {
    const runsOf = async (key: Key): Promise<number> => {
      const { series } = await get('/v1/overview?hours=1', key)
      return (series as { runs: number }[]).reduce((sum, { runs }) => sum + runs, 0)
    }
    await expect.poll(() => runsOf(ada), { timeout: 15_000 }).toBe(1)
    expect([await runsOf(alice), await runsOf(bob), await runsOf(eve)]).toEqual([1, 0, 0])
    const { series } = await get('/v1/overview?hours=1', ada)
    const tokens = (series as { inputTokens: number }[]).reduce((n, p) => n + p.inputTokens, 0)
    expect(tokens).toBeGreaterThan(0)
  })

  it('of the gates is told as the list shows it', async () => {
    const sessionKey = 'agent:default:ws:direct:watched'
    const socket = await connected({ token: bob.key })
    expect((await socket.refused('sessions.preview', { sessionKey })).code).toBe('UNAUTHORIZED')
    const isIt = ({ event, payload }: EventFrame): boolean =>
      event === 'security.event' && payload['name'] === 'security.session_owner_denied'
    const told = (await admin.find((frame) => isIt(frame as EventFrame), 'the event')) as EventFrame
    const listed = async () => {
      const { events } = await admin.ask('security.events.list', { name: 'session_owner_denied' })
      return (events as { id: string }[])[0]
    }
    await expect.poll(listed, { timeout: 15_000 }).toEqual(told.payload)
    socket.close()
  })
})
