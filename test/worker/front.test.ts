/** The door before anybody is known: a gateway that is not set up, floods, and silent sockets. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sealKeyCheck } from '../../src/crypto/key-check.ts'
import { parseKeyRing } from '../../src/crypto/keys.ts'
import { DEFAULT_TENANT } from '../../src/domain/ids.ts'
import { app } from '../../src/gateway/app.ts'
import type { Env } from '../../src/gateway/env.ts'
import { SocketSlots } from '../../src/transport/socket-slots.ts'

const NOW = 1_700_000_000_000
const TOKEN = 'the-gateway-token-of-this-test'
const KEY = 'a1'.repeat(32)
const lines: string[] = []

async function keyCheckUnder(key: string): Promise<string> {
  const ring = parseKeyRing({ current: key })
  if (!ring.ok) throw new Error(ring.error)
  return sealKeyCheck(ring.value, DEFAULT_TENANT)
}

beforeEach(() => {
  lines.length = 0
  vi.spyOn(console, 'warn').mockImplementation((line: string) => void lines.push(line))
})
afterEach(() => void vi.restoreAllMocks())

function deployment(vars: Readonly<Record<string, unknown>> = {}) {
  const slots = new SocketSlots()
  const seen = { upgrades: 0, shielded: [] as string[], isShieldOpen: true }
  const limiter = {
    holdSocket: async (address: string, id: string) => slots.hold(address, id, NOW),
  }
  let ids = 0
  const env = {
    ...Object.fromEntries(['DB', 'BLOBS', 'SESSIONS', 'WORKSPACES'].map((name) => [name, {}])),
    LIMITERS: { getByName: () => limiter },
    // Knows its key; nothing else is asked of it before anybody is known.
    INBOXES: {},
    TENANTS: { getByName: () => ({ keyChecks: async () => [await keyCheckUnder(KEY)] }) },
    CONNECTIONS: {
      newUniqueId: () => ({ toString: () => `${++ids}` }),
      get: () => ({
        fetch: async () => {
          seen.upgrades++
          return new Response('upgraded')
        },
      }),
    },
    SHIELD: {
      limit: async ({ key }: { key: string }) => {
        seen.shielded.push(key)
        return { success: seen.isShieldOpen }
      },
    },
    EDGECLAW_TOKEN: TOKEN,
    EDGECLAW_ENCRYPTION_KEY: KEY,
    ...vars,
  } as unknown as Env
  const context = { waitUntil: () => undefined } as unknown as ExecutionContext
  const ask = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    app.fetch(
      new Request(`https://gateway.example${path}`, {
        headers: { 'cf-connecting-ip': '203.0.113.7', ...headers },
      }),
      env,
      context,
    )
  return { ask, seen }
}

const UPGRADE = { upgrade: 'websocket' }

describe('a deployment that is not set up', () => {
  it('answers 503 to everything, and says what to set', async () => {
    for (const missing of ['EDGECLAW_TOKEN', 'EDGECLAW_ENCRYPTION_KEY']) {
      const { ask } = deployment({ [missing]: '' })
      for (const path of ['/', '/v1/agents', '/health', '/ws']) {
        const answer = await ask(path, path === '/ws' ? UPGRADE : {})
        expect([path, answer.status]).toEqual([path, 503])
        expect(await answer.json()).toMatchObject({
          error: { code: 'UNAVAILABLE', message: expect.stringContaining(missing) },
        })
      }
    }
    expect((await deployment().ask('/health')).status).toBe(200)
  })

  it('answers 503 as well when its key is another than that of what is stored', async () => {
    const { ask, seen } = deployment({ EDGECLAW_ENCRYPTION_KEY: 'b2'.repeat(32) })
    for (const path of ['/', '/v1/agents', '/health', '/ws']) {
      const answer = await ask(path, path === '/ws' ? UPGRADE : {})
      expect([path, answer.status]).toEqual([path, 503])
      expect(await answer.json()).toMatchObject({
        error: { message: expect.stringContaining('EDGECLAW_ENCRYPTION_KEY_PREVIOUS') },
      })
    }
    expect(seen.upgrades).toBe(0)
  })

  it('is not opened by the switch of a local run', async () => {
    const { ask } = deployment({ EDGECLAW_TOKEN: '', EDGECLAW_DEVELOPMENT_MODE: '1' })
    expect((await ask('/health', { host: 'localhost' })).status).toBe(503)
  })
})

describe('the shield', () => {
  it('stands in front of every request, by address', async () => {
    const { ask, seen } = deployment()
    await ask('/health', { 'x-forwarded-for': '198.51.100.1' })
    expect(seen.shielded).toEqual(['203.0.113.7'])
    seen.isShieldOpen = false
    const refused = await ask('/health')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60'])
  })
})

describe('sockets that have not authenticated', () => {
  it('are twenty an address, beyond which no object is made for them', async () => {
    const { ask, seen } = deployment()
    const statuses: number[] = []
    for (let i = 0; i < 25; i++) statuses.push((await ask('/ws', UPGRADE)).status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(20)
    expect(statuses.slice(20)).toEqual(Array.from({ length: 5 }, () => 429))
    expect(seen.upgrades).toBe(20)
    const neighbour = { ...UPGRADE, 'cf-connecting-ip': '198.51.100.1' }
    expect((await ask('/ws', neighbour)).status).toBe(200)
    expect(lines.filter((line) => line.includes('security.rate_limited'))).toHaveLength(5)
  })

  it('are not counted where addresses cannot be told apart', async () => {
    const { ask, seen } = deployment({ EDGECLAW_PLATFORM: 'local' })
    for (let i = 0; i < 25; i++) await ask('/ws', UPGRADE)
    expect(seen.upgrades).toBe(25)
  })
})
