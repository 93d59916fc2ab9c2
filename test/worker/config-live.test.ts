/** A change of the configuration in the middle of many runs: whatever they call next is under it. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { CallingVendor } from './support/calling-vendor.ts'
import { connected, createKey, createTenant, migrate, operator, TOKEN } from './support/gateway.ts'
import type { EventFrame, TestSocket } from './support/socket.ts'
import { addSlowAgent } from './support/vendor.ts'

const SESSIONS = 200
/** A socket takes a hundred requests at once. */
const SESSIONS_PER_SOCKET = 50

let owner: TestSocket
let vendor: CallingVendor
let key: string

beforeAll(async () => {
  await migrate()
  const platform = await operator()
  const tenantId = await createTenant(platform, 'lively')
  owner = await connected({ token: TOKEN, tenant_id: tenantId })
  await owner.ask('config.patch', {
    raw: {
      gateway: { rate_limit_rpm: 0, rate_limit_session_rpm: 0 },
      tools: { shellDenyGroups: { package_install: false } },
    },
  })
  await addSlowAgent(owner)
  ;({ key } = await createKey(platform, tenantId, { scopes: ['operator.write'], owner: 'alice' }))
  vendor = new CallingVendor('pip install requests')
}, 60_000)
afterAll(() => {
  vi.unstubAllGlobals()
})

/** Sends, and answers once the model has begun to speak: its call is still to come. */
async function begin(socket: TestSocket, name: string): Promise<() => Promise<unknown>> {
  const sessionKey = `agent:slow:ws:direct:${name}`
  const params = { sessionKey, message: name }
  socket.sendRaw(JSON.stringify({ type: 'req', id: name, method: 'chat.send', params }))
  await socket.find(
    (frame) =>
      frame.type === 'event' &&
      (frame as EventFrame).payload['type'] === 'chunk' &&
      (frame as EventFrame).payload['sessionKey'] === sessionKey,
    `the first word of ${name}`,
  )
  return () => socket.answer(name)
}

const beginMany = async (prefix: string, count: number): Promise<(() => Promise<unknown>)[]> => {
  const sockets = await Promise.all(
    Array.from({ length: Math.ceil(count / SESSIONS_PER_SOCKET) }, () => connected({ token: key })),
  )
  return Promise.all(
    Array.from({ length: count }, (_, i) => {
      const socket = sockets[Math.floor(i / SESSIONS_PER_SOCKET)]
      if (!socket) throw new Error('no socket')
      return begin(socket, `${prefix}-${i}`)
    }),
  )
}

const resultsOf = (prefix: string): readonly string[] =>
  [...vendor.results].flatMap(([said, result]) => (said.startsWith(`${prefix}-`) ? [result] : []))

const DENIED = 'it would install or remove packages'
/** There is no runner here: what was allowed gets this far, and no further. */
const ALLOWED = /sandbox/i

describe('a change while runs are in progress', () => {
  it('is not in force before it is made', async () => {
    const runs = await beginMany('before', 2)
    vendor.letGo()
    await Promise.all(runs.map((answer) => answer()))
    const results = resultsOf('before')
    expect(results).toHaveLength(2)
    for (const result of results) {
      expect(result).toMatch(ALLOWED)
      expect(result).not.toContain(DENIED)
    }
    vendor.hold()
  })

  it(`reaches all of ${SESSIONS} before their next tool call`, async () => {
    const runs = await beginMany('during', SESSIONS)
    expect(resultsOf('during')).toEqual([])
    await owner.ask('config.patch', {
      raw: { tools: { shellDenyGroups: { package_install: true } } },
    })
    vendor.letGo()
    await Promise.all(runs.map((answer) => answer()))
    const results = resultsOf('during')
    expect(results).toHaveLength(SESSIONS)
    expect(results.filter((result) => !result.includes(DENIED))).toEqual([])
    vendor.hold()
  })
})
