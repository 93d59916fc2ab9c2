/** The six digits of the first set-up: who finds them, who guesses, and what they are worth. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sealKeyCheck } from '../../src/crypto/key-check.ts'
import { DEFAULT_TENANT } from '../../src/domain/ids.ts'
import type { PairingAttempt } from '../../src/domain/ports/tenant.ts'
import { app } from '../../src/gateway/app.ts'
import type { Env } from '../../src/gateway/env.ts'
import { requireRuntime } from '../../src/gateway/runtime.ts'
import { LockoutTable } from '../../src/transport/lockout.ts'
import {
  bindings,
  connected,
  createKey,
  createTenant,
  type HttpAnswer,
  http,
  migrate,
  operator,
  TOKEN,
} from './support/gateway.ts'
import { ORIGIN, TestSocket } from './support/socket.ts'

let platform: TestSocket

beforeAll(async () => {
  await migrate()
  platform = await operator()
}, 60_000)

describe('the code of the first set-up', () => {
  const DEFAULT = bindings.TENANTS.getByName('ten_default')
  const pair = (
    code?: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<HttpAnswer> =>
    http('/pair', {
      method: 'POST',
      headers: { ...(code === undefined ? {} : { 'x-pairing-code': code }), ...headers },
    })
  /** The pace of guessing is in memory; what was tried is not. */
  const restart = (): Promise<void> => evictDurableObject(DEFAULT)
  const makeCode = async (): Promise<string> =>
    String((await platform.ask('gateway.pairing_code.create'))['code'])
  const other = (code: string, n: number): string =>
    String((Number(code) + 1 + n) % 1_000_000).padStart(6, '0')

  async function guess(code: string, times: number): Promise<readonly number[]> {
    const statuses: number[] = []
    for (let i = 0; i < times; i++) {
      if (i % 9 === 0) await restart()
      statuses.push((await pair(other(code, i))).status)
    }
    await restart()
    return statuses
  }

  beforeEach(async () => {
    await bindings.DB.prepare("DELETE FROM api_keys WHERE tenant_id = 'ten_default'").run()
    await runInDurableObject(
      DEFAULT,
      async (_, { storage }) => void storage.kv.delete('pairingCode'),
    )
    await restart()
    platform = await operator()
  })

  it('is six digits, works once, and makes an admin of the first tenant', async () => {
    const code = await makeCode()
    expect(code).toMatch(/^\d{6}$/)
    const answer = await pair(code)
    expect(answer.status).toBe(200)
    const token = String(answer.json()['token'])
    expect(token).toMatch(/^ec_default_[A-Za-z0-9_-]{43}$/)
    const socket = await TestSocket.open('/ws')
    expect(await socket.ask('connect', { token })).toMatchObject({
      role: 'admin',
      tenant_id: 'ten_default',
      is_master_scope: false,
    })
    const { keys } = await socket.ask('api_keys.list')
    expect(keys).toEqual([expect.objectContaining({ name: 'paired at first start' })])
    expect((await pair(code)).status).toBe(404)
    // From now on the gateway is set up.
    const again = await platform.refused('gateway.pairing_code.create')
    expect(again.code).toBe('FAILED_PRECONDITION')
    const stored = await bindings.DB.prepare('SELECT * FROM api_keys').all()
    expect(JSON.stringify(stored.results)).not.toContain(token)
  })

  it('is not kept in a form that could be read or guessed back', async () => {
    const code = await makeCode()
    const kept = await runInDurableObject(DEFAULT, async (_, { storage }) =>
      JSON.stringify(storage.kv.get('pairingCode')),
    )
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(code))
    const plainHash = [...new Uint8Array(digest)]
      .map((b) => b.toString(16).padStart(2, '0'))
      .join('')
    expect(kept).toContain('mac')
    expect(kept).not.toContain(code)
    expect(kept).not.toContain(plainHash)
  })

  it('is not there for whoever comes without a live one, whatever they send', async () => {
    const nowhere = await http('/no-such-path', { method: 'POST' })
    const answers = [
      await pair(),
      await pair('123456'),
      await pair('garbage'),
      ...(await Promise.all(
        ['GET', 'PUT', 'PATCH', 'DELETE'].map((method) =>
          http('/pair', { method, headers: { 'x-pairing-code': '123456' } }),
        ),
      )),
    ]
    for (const { status, text } of answers) expect([status, text]).toEqual([404, nowhere.text])
    const code = await makeCode()
    const foreign = await pair(code, { origin: 'https://admin.example' })
    expect([foreign.status, foreign.text]).toEqual([404, nowhere.text])
    expect((await http('/pair', { headers: { 'x-pairing-code': code } })).status).toBe(404)
    expect((await pair(code, { origin: ORIGIN })).status).toBe(200)
  })

  it('counts nothing that could be no code, and paces what could', async () => {
    const code = await makeCode()
    for (const text of [undefined, '', '12345', '1234567', 'abcdef', '12 345']) {
      expect((await pair(text)).status).toBe(401)
    }
    const statuses: number[] = []
    for (let i = 0; i < 11; i++) statuses.push((await pair(other(code, i))).status)
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429])
    await restart()
    expect((await pair(code)).status).toBe(200)
  })

  it('works after nineteen wrong tries', async () => {
    const code = await makeCode()
    expect(await guess(code, 19)).toEqual(Array.from({ length: 19 }, () => 401))
    expect((await pair(code)).status).toBe(200)
  })

  it('is burnt by the twentieth, restarts or not, and a new one is a new start', async () => {
    const first = await makeCode()
    expect(await guess(first, 20)).toEqual(Array.from({ length: 20 }, () => 401))
    expect((await pair(first)).status).toBe(404)
    const code = await makeCode()
    expect((await pair(first)).status).toBe(401)
    expect(await guess(code, 18)).toEqual(Array.from({ length: 18 }, () => 401))
    expect((await pair(code)).status).toBe(200)
  })

  it('is made by the operator of the gateway alone', async () => {
    const tenant_id = await createTenant(platform, 'guests')
    const memberOf = async (user_id: string, role: string): Promise<TestSocket> => {
      await platform.ask('tenants.users.add', { tenant_id, user_id, role })
      return connected({ token: TOKEN, tenant_id, user_id })
    }
    const [anna, otto] = [await memberOf('anna', 'owner'), await memberOf('otto', 'operator')]
    for (const by of [anna, otto]) {
      expect((await by.refused('gateway.pairing_code.create')).code).toBe('UNAUTHORIZED')
    }
    anna.close()
    otto.close()
  })

  it('is refused where somebody was let in meanwhile', async () => {
    const code = await makeCode()
    await createKey(platform, 'ten_default', { scopes: ['operator.read'], owner: 'early' })
    expect((await pair(code)).status).toBe(404)
  })
})

describe('wrong codes where addresses are known', () => {
  /** A deployment whose code nobody guesses, for a moment in which nothing expires. */
  function deployment(attempt: PairingAttempt['kind']) {
    const lockouts = new LockoutTable()
    const now = Date.now()
    const absent = Object.fromEntries(
      ['DB', 'BLOBS', 'SESSIONS', 'WORKSPACES', 'CONNECTIONS'].map((name) => [name, {}]),
    )
    const env = {
      ...absent,
      INBOXES: {},
      TENANTS: {
        getByName: () => ({
          tryPairingCode: async () => ({ kind: attempt }),
          keyChecks: async () => [await sealKeyCheck(requireRuntime(env).keyRing, DEFAULT_TENANT)],
        }),
      },
      LIMITERS: {
        getByName: () => ({
          recordFailure: async (key: string) => lockouts.recordFailure(key, now).state,
        }),
      },
      SHIELD: { limit: async () => ({ success: true }) },
      EDGECLAW_TOKEN: TOKEN,
      EDGECLAW_ENCRYPTION_KEY: 'a1'.repeat(32),
    } as unknown as Env
    const context = { waitUntil: () => undefined } as unknown as ExecutionContext
    return async (address: string): Promise<number> => {
      const headers = { 'cf-connecting-ip': address, 'x-pairing-code': '123456' }
      const request = new Request(`${ORIGIN}/pair`, { method: 'POST', headers })
      return (await app.fetch(request, env, context)).status
    }
  }

  it('lock their address out for a while, and no other', async () => {
    const pairFrom = deployment('wrong')
    const statuses: number[] = []
    for (let i = 0; i < 6; i++) statuses.push(await pairFrom('203.0.113.7'))
    expect(statuses).toEqual([401, 401, 401, 401, 429, 429])
    expect(await pairFrom('198.51.100.1')).toBe(401)
  })

  it('are not counted where there is no code to guess', async () => {
    const pairFrom = deployment('absent')
    for (let i = 0; i < 6; i++) expect(await pairFrom('203.0.113.7')).toBe(404)
  })
})
