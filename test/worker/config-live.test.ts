/** A change of the configuration in the middle of many runs: whatever they call next is under it. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { CallingVendor } from './support/calling-vendor.ts'
import { connected, createKey, createTenant, migrate, operator, TOKEN } from './support/gateway.ts'
import type { TestSocket } from './support/socket.ts'
import { addSlowAgent } from './support/vendor.ts'

const SESSIONS = 200
/** Together to the vendor and back: a machine under load answers so many in time. */
const WAVE = 50
const PATIENCE_MS = 120_000

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

interface Run {
  readonly name: string
  readonly socket: TestSocket
}

/** Sends, and answers once the model has begun to speak: its call is still to come. */
async function begin(socket: TestSocket, name: string): Promise<Run> {
  const sessionKey = `agent:slow:ws:direct:${name}`
  const params = { sessionKey, message: name }
  socket.sendRaw(JSON.stringify({ type: 'req', id: name, method: 'chat.send', params }))
  await socket.find(
    (frame) =>
      frame.type === 'event' &&
      frame.payload['type'] === 'chunk' &&
      frame.payload['sessionKey'] === sessionKey,
    `the first word of ${name}`,
  )
  return { name, socket }
}

async function beginMany(prefix: string, count: number): Promise<readonly Run[]> {
  const runs: Run[] = []
  while (runs.length < count) {
    const socket = await connected({ token: key })
    const first = runs.length
    const wave = Array.from({ length: Math.min(WAVE, count - first) }, (_, i) =>
      begin(socket, `${prefix}-${first + i}`),
    )
    runs.push(...(await Promise.all(wave)))
  }
  return runs
}

/** Lets them make their calls, and waits until they have ended. */
async function end(runs: readonly Run[]): Promise<void> {
  for (let first = 0; first < runs.length; first += WAVE) {
    const wave = runs.slice(first, first + WAVE)
    for (const { name } of wave) vendor.letGo(name)
    await Promise.all(wave.map(({ name, socket }) => socket.answer(name)))
  }
}

const resultsOf = (prefix: string): readonly string[] =>
  [...vendor.results].flatMap(([said, result]) => (said.startsWith(`${prefix}-`) ? [result] : []))

const DENIED = 'it would install or remove packages'
/** There is no runner here: what was allowed gets this far, and no further. */
const ALLOWED = /sandbox/i

describe('a change while runs are in progress', () => {
  it('is not in force before it is made', async () => {
    await end(await beginMany('before', 2))
    const results = resultsOf('before')
    expect(results).toHaveLength(2)
    for (const result of results) {
      expect(result).toMatch(ALLOWED)
      expect(result).not.toContain(DENIED)
    }
  })

  it(
    `reaches all of ${SESSIONS} before their next tool call`,
    async () => {
      const runs = await beginMany('during', SESSIONS)
      expect(resultsOf('during')).toEqual([])
      const raw = { tools: { shellDenyGroups: { package_install: true } } }
      await owner.ask('config.patch', { raw })
      await end(runs)
      const results = resultsOf('during')
      expect(results).toHaveLength(SESSIONS)
      expect(results.filter((result) => !result.includes(DENIED))).toEqual([])
    },
    PATIENCE_MS,
  )
})
