/** A gateway's services over a database in this process and objects that do what they are told. */
import { afterEach, beforeEach, vi } from 'vitest'
import type { Services } from '../../../src/api/context.ts'
import { createApiKey } from '../../../src/crypto/api-key.ts'
import { parseKeyRing } from '../../../src/crypto/keys.ts'
import { newTenantId } from '../../../src/crypto/random.ts'
import { createApiKeyRow } from '../../../src/db/api-keys.ts'
import { type Database, openDatabase } from '../../../src/db/database.ts'
import { setMembership } from '../../../src/db/memberships.ts'
import { createTenant, loadSnapshot } from '../../../src/db/tenants.ts'
import {
  type AgentId,
  agentIdSchema,
  providerIdSchema,
  type TenantId,
  type UserId,
  userIdSchema,
} from '../../../src/domain/ids.ts'
import type {
  BucketRequest,
  BucketVerdict,
  LimiterPort,
} from '../../../src/domain/ports/limiter.ts'
import type { TenantPort } from '../../../src/domain/ports/tenant.ts'
import type { Role, Scope } from '../../../src/domain/principal.ts'
import type { SecurityEvent } from '../../../src/domain/security-event.ts'
import { epochOf } from '../../../src/domain/tenant-snapshot.ts'
import type { Settings } from '../../../src/gateway/env.ts'
import { OnceStore } from '../../../src/objects/tenant/once-store.ts'
import { type PresentedCredential, parseToken } from '../../../src/transport/credential.ts'
import { IdempotencyTable } from '../../../src/transport/idempotency.ts'
import { LockoutTable } from '../../../src/transport/lockout.ts'
import { SocketSlots } from '../../../src/transport/socket-slots.ts'
import { MemoryKv } from '../../support/memory-kv.ts'
import { openSqliteD1, type SqliteD1 } from '../../support/sqlite-d1.ts'

export const NOW = 1_700_000_000_000
export const TOKEN = 'the-gateway-token-of-this-test'
export const ADDRESS = '203.0.113.7'

export const settings = (fields: Partial<Settings> = {}): Settings => ({
  version: '0.0.0',
  token: TOKEN,
  encryptionKey: 'a1'.repeat(32),
  previousEncryptionKey: null,
  acceptPlaintext: false,
  runners: [],
  runnerKey: null,
  publicOrigin: null,
  platform: 'cloudflare',
  isDevelopmentMode: false,
  ownerIds: ['system'],
  allowedOrigins: [],
  trustedProxies: [],
  rateCeilingRpm: 0,
  ...fields,
})

/** Keeps the log's lines from the terminal, and hands out those of the running test. */
export function useQuietLog(): readonly string[] {
  const lines: string[] = []
  beforeEach(() => {
    lines.length = 0
    for (const stream of ['log', 'warn', 'error'] as const) {
      vi.spyOn(console, stream).mockImplementation((line: string) => void lines.push(line))
    }
  })
  afterEach(() => void vi.restoreAllMocks())
  return lines
}

/** Of a chain that nothing was appended to. */
const NO_POINT = { sequence: 0, mac: '0'.repeat(64) }

const notReached = (name: string) => (): never => {
  throw new Error(`${name} is not part of this test`)
}

export interface World {
  readonly sqlite: SqliteD1
  readonly db: Database
  readonly services: Services
  /** Milliseconds since the epoch, as the gateway sees it. */
  clock: number
  readonly taken: { readonly name: string; readonly requests: readonly BucketRequest[] }[]
  verdict: BucketVerdict
  readonly events: SecurityEvent[]
  /** Hops to the tenant's object, and what each caller knew. */
  readonly asked: (number | null)[]
  settled(): Promise<void>
}

export function openWorld(): World {
  const sqlite = openSqliteD1()
  const db = openDatabase(sqlite.d1)
  const keyRing = parseKeyRing({ current: 'a1'.repeat(32) })
  if (!keyRing.ok) throw new Error(keyRing.error)
  const lockouts = new LockoutTable()
  const slots = new SocketSlots()
  const keys = new IdempotencyTable()
  const background: Promise<unknown>[] = []

  const limiter = (name: string): LimiterPort => ({
    take: async (requests) => {
      world.taken.push({ name, requests })
      return world.verdict
    },
    giveBack: async () => undefined,
    recordFailure: async (key) => lockouts.recordFailure(key, world.clock).state,
    lockout: async (key) => lockouts.state(key, world.clock),
    holdSocket: async (address, id) => slots.hold(address, id, world.clock),
    releaseSocket: async (address, id) => slots.release(address, id),
    claim: async (key, bodyHash) => keys.claim(`${name} ${key}`, bodyHash, world.clock).claim,
    settle: async (key, answer) => void keys.settle(`${name} ${key}`, answer),
    release: async (key) => void keys.release(`${name} ${key}`),
  })
  const tenant = (tenantId: TenantId): TenantPort => ({
    current: async (knownEpoch) => {
      world.asked.push(knownEpoch)
      const snapshot = await loadSnapshot(db, tenantId)
      if (!snapshot) return { found: false }
      const { version, authVersion } = snapshot
      const isKnown = epochOf(snapshot) === knownEpoch
      return { found: true, version, authVersion, snapshot: isKnown ? null : snapshot }
    },
    changing: async () => undefined,
    changed: async () => ({ found: false }),
    subscribe: async () => [],
    unsubscribe: async () => undefined,
    connectionCount: async () => 0,
    socketOpened: async () => null,
    socketClosed: async () => undefined,
    runStarted: async () => [],
    runEnded: async () => undefined,
    schedulesChanging: async () => undefined,
    schedulesChanged: async () => undefined,
    releaseRun: async () => undefined,
    exportTraces: async () => undefined,
    spentBy: async () => [],
    flushUsage: async () => undefined,
    runningRuns: async () => [],
    takeAgentRun: async () => 'taken' as const,
    endAgentRun: async () => undefined,
    registerName: async () => true,
    tailLog: async () => ({ lines: [], next: 0, isFollowing: false }),
    record: async (events) => void world.events.push(...events),
    appendAudit: async () => undefined,
    beginChange: async () => undefined,
    endChange: async () => undefined,
    auditState: async () => ({
      head: { ...NO_POINT, link: null },
      checkpoint: NO_POINT,
      eras: [],
    }),
    auditProof: async () => ({
      head: { ...NO_POINT, link: null },
      checkpoint: NO_POINT,
      eras: [],
      anchors: [],
      faults: [],
    }),
    publish: async () => undefined,
    keepOnce: async (hash, entry, ttlMs) => onceOf(tenantId).keep(hash, entry, ttlMs) !== null,
    takeOnce: async (hash) => onceOf(tenantId).take(hash),
    setPairingCode: async () => 0,
    tryPairingCode: async () => ({ kind: 'absent' }),
  })
  const once = new Map<TenantId, OnceStore>()
  const onceOf = (tenantId: TenantId): OnceStore => {
    const known = once.get(tenantId) ?? new OnceStore(new MemoryKv(), () => world.clock)
    once.set(tenantId, known)
    return known
  }
  const world: World = {
    sqlite,
    db,
    clock: NOW,
    taken: [],
    verdict: { isAllowed: true },
    events: [],
    asked: [],
    settled: async () => void (await Promise.all(background.splice(0))),
    services: {
      database: () => db,
      directory: () => db,
      tenant,
      session: notReached('session'),
      workspace: notReached('workspace'),
      workspaceListing: notReached('workspaceListing'),
      userLimiter: (tenantId, userId) => limiter(`${tenantId}/${userId}`),
      addressLimiter: (address) => limiter(address),
      connection: notReached('connection'),
      inbox: notReached('inbox'),
      inboxEnd: notReached('inboxEnd'),
      tenantEnd: notReached('tenantEnd'),
      exportableSession: notReached('exportableSession'),
      platform: notReached('platform'),
      keyRing: keyRing.value,
      now: () => world.clock,
      inBackground: (work) => void background.push(work),
    },
  }
  return world
}

export const user = (id: string): UserId => userIdSchema.parse(id)

/** A tenant of its own: what an isolate remembers of another test cannot be meant. */
export async function newTenant(
  { db }: World,
  members: Readonly<Record<string, Role>> = {},
): Promise<TenantId> {
  const tenantId = newTenantId()
  const created = await createTenant(
    db,
    tenantId,
    {
      name: 'Acme',
      slug: `acme-${tenantId.slice(4)}`,
      agentId: agentIdSchema.parse(`agt_${tenantId.slice(4)}`),
      providerId: providerIdSchema.parse(`prv_${tenantId.slice(4)}`),
      createdBy: user('olga'),
      ownerId: user('olga'),
    },
    NOW,
  )
  if (!created.ok) throw new Error(created.error)
  for (const [userId, role] of Object.entries(members)) {
    await setMembership(db, tenantId, { userId: user(userId), role }, NOW)
  }
  return tenantId
}

export interface NewKey {
  readonly id: string
  readonly credential: PresentedCredential
  readonly token: string
}

let keyCount = 0

export async function newKey(
  { db }: World,
  tenantId: TenantId,
  fields: {
    ownerId?: string
    createdBy?: string
    scopes?: readonly Scope[]
    expiresAt?: number
    allowedNetworks?: readonly string[]
    allowedAgents?: readonly AgentId[]
  } = {},
): Promise<NewKey> {
  const made = await createApiKey(tenantId)
  const id = `key_${++keyCount}`
  const row = {
    id,
    hash: made.hash,
    prefix: made.prefix,
    name: 'test',
    scopes: fields.scopes ?? (['operator.write'] as const),
    ownerId: user(fields.ownerId ?? 'olga'),
    createdBy: user(fields.createdBy ?? 'olga'),
    allowedNetworks: fields.allowedNetworks ?? null,
    allowedAgents: fields.allowedAgents ?? null,
    expiresAt: fields.expiresAt ?? null,
  }
  await createApiKeyRow(db, tenantId, row, NOW)
  return { id, token: made.key, credential: bearer(made.key) }
}

export function bearer(token: string): PresentedCredential {
  const parsed = parseToken(token)
  if (!parsed.ok) throw new Error('malformed token')
  return parsed.value
}
