/**
 * The encryption key of a gateway that is in use: a wrong one is refused at the start, ten thousand
 * secrets are brought under a new one while it serves and is killed once, and then the new one is
 * enough.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../src/cli/client.ts'
import { open, seal } from '../../src/crypto/envelope.ts'
import { type KeyRing, parseKeyRing } from '../../src/crypto/keys.ts'
import { SEALED_COLUMNS } from '../../src/db/schema-walk.ts'
import { placeOf } from '../../src/db/sealed-values.ts'
import { tenantIdSchema } from '../../src/domain/ids.ts'
import { type GatewayProcess, startGatewayProcess, until } from '../support/gateway-process.ts'
import { startVendor, type Vendor } from '../support/vendors/vendor.ts'

const OLD = 'a1'.repeat(32)
const NEW = 'b2'.repeat(32)
const OTHER = 'c3'.repeat(32)
const VENDOR_KEY = 'the-vendors-own-key'
/** Each holds two secrets. */
const HOOKS = 5_000
const TENANTS = 20

function ringOf(current: string): KeyRing {
  const ring = parseKeyRing({ current })
  if (!ring.ok) throw new Error(ring.error)
  return ring.value
}

const state = mkdtempSync(join(tmpdir(), 'edgeclaw-rotation-'))
let vendor: Vendor

const start = (env: Readonly<Record<string, string>>): Promise<GatewayProcess> =>
  startGatewayProcess({ state, env, args: ['--no-runner', '--quiet'] })

/** The gateway's own database, while nobody has it open. */
function database(): DatabaseSync {
  const files = readdirSync(join(state, 'data'), { recursive: true, encoding: 'utf8' })
  for (const file of files.filter((name) => name.endsWith('.sqlite'))) {
    const opened = new DatabaseSync(join(state, 'data', file))
    const found = opened.prepare("select 1 from sqlite_master where name = 'key_rotations'").get()
    if (found) return opened
    opened.close()
  }
  throw new Error('the gateway has no database')
}

async function plantHooks(): Promise<void> {
  const ring = ringOf(OLD)
  const db = database()
  const insert = db.prepare(
    `insert into hooks (id, tenant_id, instance_id, name, agent_id, session_key_prefixes,
       sealed_hmac_secret, sealed_callback_secret, created_at, updated_at)
     values (?, ?, 'i', ?, 'agt_x', '[]', ?, ?, 1, 1)`,
  )
  const sealed = (tenantId: string, column: string, row: string) =>
    seal(
      ring,
      { tenantId: tenantIdSchema.parse(tenantId), table: 'hooks', column, row },
      `secret of ${row} in ${column}`,
    )
  const rows = await Promise.all(
    Array.from({ length: HOOKS }, async (_, i) => {
      const tenantId = `ten_bulk${i % TENANTS}`
      const row = `hok_${i}`
      return [
        row,
        tenantId,
        row,
        await sealed(tenantId, 'sealed_hmac_secret', row),
        await sealed(tenantId, 'sealed_callback_secret', row),
      ] as const
    }),
  )
  db.exec('begin')
  for (const row of rows) insert.run(...row)
  db.exec('commit')
  db.close()
}

/** The vendor answers only who brings the key: so an answer tells that the secret was opened. */
async function say(client: GatewayClient, at: string): Promise<string> {
  const sessionKey = `agent:talker:ws:direct:${at}`
  const answer = (await client.request('chat.send', { sessionKey, message: 'hello' })) as {
    readonly content?: string
  }
  return answer.content ?? ''
}

interface Rotation {
  readonly rewritten: number
  readonly failed: number
  readonly finished_at: string | null
}

async function rotationOf(client: GatewayClient): Promise<Rotation | null> {
  const { rotation } = (await client.request('keys.rotation', {})) as { rotation: Rotation | null }
  return rotation
}

beforeAll(async () => {
  vendor = await startVendor({
    kind: 'openai',
    script: ({ headers }) =>
      headers['authorization'] === `Bearer ${VENDOR_KEY}`
        ? { type: 'answer', text: 'opened' }
        : { type: 'status', status: 401, message: 'no key' },
  })
  const gateway = await start({ EDGECLAW_ENCRYPTION_KEY: OLD })
  const client = await gateway.connect()
  await client.request('config.patch', {
    raw: { gateway: { rate_limit_rpm: 0, rate_limit_session_rpm: 0 } },
  })
  await client.request('providers.create', {
    name: 'local',
    provider_type: 'openai_compat',
    api_base: vendor.url,
    api_key: VENDOR_KEY,
    allow_private_network: true,
  })
  await client.request('agents.create', {
    agent_key: 'talker',
    provider: 'local',
    model: 'local-model',
    settings: { tools: { profile: 'minimal' } },
  })
  expect(await say(client, 'before')).toBe('opened')
  client.close()
  await gateway.stop()
  await plantHooks()
})
afterAll(async () => {
  await vendor?.close()
  rmSync(state, { recursive: true, force: true })
})

describe('a gateway whose secrets are under another key', () => {
  it('answers every request that its key is wrong, and says what to set', async () => {
    const gateway = await start({ EDGECLAW_ENCRYPTION_KEY: OTHER })
    try {
      for (const path of ['/health', '/v1/agents', '/']) {
        const answer = await fetch(`${gateway.url}${path}`)
        expect([path, answer.status]).toEqual([path, 503])
        expect(await answer.text()).toContain('EDGECLAW_ENCRYPTION_KEY is not the key')
      }
    } finally {
      await gateway.stop()
    }
  })

  it('brings ten thousand of them under the new one while it serves and is killed, and loses none', async () => {
    const gateway = await start({
      EDGECLAW_ENCRYPTION_KEY: NEW,
      EDGECLAW_ENCRYPTION_KEY_PREVIOUS: OLD,
    })
    let client = await gateway.connect()
    let asked = 0
    const serve = async (): Promise<void> => {
      expect(await say(client, `during-${asked++ % 5}`)).toBe('opened')
    }
    try {
      await client.request('keys.rotate', {})
      await until('some are done', async () => (await rotationOf(client))?.rewritten !== 0, 30_000)
      await serve()
      const early = await rotationOf(client)
      const old = gateway.killWorkerd()
      client.close()
      await gateway.restarted(old)
      client = await gateway.connect()
      for (;;) {
        await serve()
        if ((await rotationOf(client))?.finished_at) break
      }
      const done = await rotationOf(client)
      console.log(
        `killed after ${early?.rewritten} secrets; ${done?.rewritten} counted as rewritten, ${asked} requests served meanwhile`,
      )
      expect(early?.finished_at).toBeNull()
      expect(done?.failed).toBe(0)
      expect(asked).toBeGreaterThan(2)
    } finally {
      client.close()
      await gateway.stop()
    }
  })

  it('opens every one of them with the new key alone, and serves under it', async () => {
    const ring = ringOf(NEW)
    const db = database()
    let opened = 0
    for (const column of SEALED_COLUMNS) {
      const rows = db
        .prepare(
          `select id, tenant_id, "${column.column}" as sealed from "${column.table}" where "${column.column}" is not null`,
        )
        .all()
      for (const row of rows) {
        const at = { tenantId: tenantIdSchema.parse(row['tenant_id']), row: String(row['id']) }
        const value = await open(ring, placeOf(column, at), String(row['sealed']))
        if (!value.ok) throw new Error(`${column.table}.${column.column} of ${at.row} is lost`)
        if (column.table === 'hooks')
          expect(value.value.text).toBe(`secret of ${at.row} in ${column.column}`)
        opened++
      }
    }
    db.close()
    expect(opened).toBe(2 * HOOKS + 1)
    const gateway = await start({ EDGECLAW_ENCRYPTION_KEY: NEW })
    const client = await gateway.connect()
    try {
      expect(await say(client, 'after')).toBe('opened')
    } finally {
      client.close()
      await gateway.stop()
    }
  })

  it('is refused the key that it had before', async () => {
    const gateway = await start({ EDGECLAW_ENCRYPTION_KEY: OLD })
    try {
      expect((await fetch(`${gateway.url}/health`)).status).toBe(503)
    } finally {
      await gateway.stop()
    }
  })
})
