/** What a run has spent whose session took it away in the middle of a model call: its loop learns of it late. */
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { connected, createTenant, migrate, operator, TOKEN } from './support/gateway.ts'
import type { TestSocket } from './support/socket.ts'
import { addSlowAgent, chunk } from './support/vendor.ts'

/** Behind it a busy machine has given up. */
const PATIENCE = { timeout: 10_000 }
const LOOK_AGAIN_MS = 5

/** Holds each answer ahead of its first word, or behind it, until it is let go. */
class Vendor {
  calls = 0
  isHeld = true
  speaksFirst = false

  constructor() {
    vi.stubGlobal('fetch', async (): Promise<Response> => {
      this.calls++
      if (!this.speaksFirst) await this.#free()
      return new Response(this.#answer(), { headers: { 'content-type': 'text/event-stream' } })
    })
  }

  /** Asks again: a promise of the test's would not wake what runs in an object. */
  async #free(): Promise<void> {
    while (this.isHeld) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
  }

  #answer(): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder()
    let isBegun = false
    return new ReadableStream({
      pull: async (controller) => {
        if (!isBegun) {
          isBegun = true
          controller.enqueue(encoder.encode(chunk({ content: 'So ' })))
          return
        }
        await this.#free()
        controller.enqueue(encoder.encode(`${chunk({}, 'stop')}data: [DONE]\n\n`))
        controller.close()
      },
    })
  }
}

let platform: TestSocket
let vendor: Vendor
let tenants = 0

beforeAll(async () => {
  await migrate()
  platform = await operator()
}, 60_000)
beforeEach(() => {
  vendor = new Vendor()
})
afterAll(() => void vi.unstubAllGlobals())

const sessionKey = 'agent:slow:ws:direct:late'

/** A run whose model is at work. */
async function begun(speaksFirst: boolean) {
  const tenantId = await createTenant(platform, `late-${++tenants}`)
  await platform.ask('tenants.users.add', { tenant_id: tenantId, user_id: 'olga', role: 'owner' })
  const owner = await connected({ token: TOKEN, tenant_id: tenantId, user_id: 'olga' })
  await addSlowAgent(owner)
  vendor.speaksFirst = speaksFirst
  const answer = owner.request('chat.send', { sessionKey, message: 'hello' })
  await expect.poll(() => vendor.calls, PATIENCE).toBe(1)
  if (speaksFirst) await owner.agentEvent('chunk')
  const spent = async (): Promise<number> => {
    const { total } = await owner.ask('usage.get', { group_by: 'day' })
    return (total as Readonly<Record<string, number>>)['input_tokens'] ?? 0
  }
  return { owner, answer, spent }
}

it.each([
  ['has not spoken yet', false],
  ['has said a word', true],
])(
  'is counted once its loop is over, when the session begins anew while the model %s',
  async (_, speaksFirst) => {
    const { owner, answer, spent } = await begun(speaksFirst)
    await owner.ask('sessions.reset', { sessionKey })
    expect((await answer).payload).toMatchObject({ cancelled: true })
    vendor.isHeld = false
    await expect.poll(spent, PATIENCE).toBeGreaterThan(100)
  },
)

it('is counted of a session that is deleted, ahead of its books', async () => {
  const { owner, answer, spent } = await begun(false)
  const deleted = owner.ask('sessions.delete', { sessionKey })
  expect((await answer).payload).toMatchObject({ cancelled: true })
  vendor.isHeld = false
  await deleted
  await expect.poll(spent, PATIENCE).toBeGreaterThan(100)
})
