/** A session's stores with somebody to own them, and connections that note what they are sent. */
import type { AgentRecord } from '../../../../src/domain/agent-record.ts'
import {
  agentIdSchema,
  runIdSchema,
  tenantIdSchema,
  userIdSchema,
} from '../../../../src/domain/ids.ts'
import type { ConnectionPort } from '../../../../src/domain/ports/connection.ts'
import type { ReplyTo, SendRequest } from '../../../../src/domain/ports/session.ts'
import type { Principal } from '../../../../src/domain/principal.ts'
import type { SecurityEvent } from '../../../../src/domain/security-event.ts'
import { parseSessionKey } from '../../../../src/domain/session-key.ts'
import type { AdmittedMessage } from '../../../../src/gateway/inbound.ts'
import { FanOut } from '../../../../src/objects/session/fan-out.ts'
import { StoredProvenance } from '../../../../src/objects/session/provenance.ts'
import { Relay } from '../../../../src/objects/session/relay.ts'
import { StoredRunRate } from '../../../../src/objects/session/run-rate.ts'
import type { SendStores } from '../../../../src/objects/session/send.ts'
import { openSessionStores, type SessionStores } from '../../../support/session-stores.ts'

export const NOW = 1_700_000_000_000
export const KEY = 'agent:main:ws:direct:c1'
export const TENANT = tenantIdSchema.parse('ten_acme')

export const principal = (userId: string, fields: Partial<Principal> = {}): Principal => ({
  tenantId: TENANT,
  userId: userIdSchema.parse(userId),
  role: 'operator',
  scopes: ['operator.write'],
  isMasterScope: false,
  credential: { kind: 'api_key', id: 'key_1', expiresAt: null },
  authVersion: 1,
  clientAddress: '203.0.113.7',
  allowedAgents: null,
  channel: null,
  ...fields,
})

export const AGENT: AgentRecord = {
  id: agentIdSchema.parse('agt_main'),
  key: 'main',
  displayName: 'Main',
  provider: 'demo',
  model: 'demo',
  agentType: 'open',
  status: 'active',
  isDefault: true,
  systemPrompt: '',
  settings: {},
  packages: [],
}

export const sendRequest = (message: string, fields: Partial<SendRequest> = {}): SendRequest => ({
  principal: principal('ada'),
  sessionKey: KEY,
  message,
  replyTo: { kind: 'none' } satisfies ReplyTo,
  ...fields,
})

export function admitted(content: string, fields: Partial<AdmittedMessage> = {}): AdmittedMessage {
  const key = parseSessionKey(KEY)
  if (!key.ok) throw new Error(key.error)
  return {
    key: key.value,
    isNew: true,
    agent: AGENT,
    content,
    hasOutsideText: false,
    preamble: [],
    callerInstructions: '',
    bodyHash: `hash of ${content}`,
    sessionRate: { bucket: 'session', ratePerMinute: 0, burst: 1 },
    isNarrowed: false,
    authVersion: 1,
    budgetEpoch: null,
    ...fields,
  }
}

export interface Frame {
  readonly type: string
  readonly seq?: number
  readonly payload: { readonly type: string; readonly payload: Record<string, unknown> }
}

/** A connection whose deliveries end when the test says so. */
export class FakeConnection implements ConnectionPort {
  readonly batches: (readonly string[])[] = []
  readonly #pending: { settle(isThere: boolean): void; fail(): void }[] = []
  readonly #isHeld: boolean

  constructor(isHeld = false) {
    this.#isHeld = isHeld
  }

  deliver(frames: readonly string[]): Promise<boolean> {
    this.batches.push(frames)
    if (!this.#isHeld) return Promise.resolve(true)
    return new Promise((resolve, reject) => {
      this.#pending.push({ settle: resolve, fail: () => reject(new Error('the object is gone')) })
    })
  }

  get inFlight(): number {
    return this.#pending.length
  }

  settle(isThere = true): void {
    this.#pending.shift()?.settle(isThere)
  }

  fail(): void {
    this.#pending.shift()?.fail()
  }

  get frames(): readonly Frame[] {
    return this.batches.flat().map((frame) => JSON.parse(frame) as Frame)
  }

  drops = 0
  drop = async () => {
    this.drops++
  }
  recheck = async () => true
  fetch = () => Promise.reject(new Error('not reached'))
}

export interface World {
  readonly stores: SessionStores
  readonly connections: Map<string, FakeConnection>
  readonly lost: string[]
  readonly fanOut: FanOut
  /** What the session's own sockets were sent. */
  readonly broadcast: { readonly frame: string }[]
  readonly reported: readonly SecurityEvent[]
  readonly sendStores: SendStores
}

export function openWorld(stores = openSessionStores()): World {
  const connections = new Map<string, FakeConnection>()
  const lost: string[] = []
  const broadcast: World['broadcast'] = []
  const connection = (id: string): ConnectionPort => {
    const known = connections.get(id) ?? new FakeConnection()
    connections.set(id, known)
    return known
  }
  const relay = new Relay(connection, {
    onGone: (id) => lost.push(`gone ${id}`),
    onFailed: (id) => lost.push(`failed ${id}`),
  })
  const sockets = {
    broadcast: (frame: string) => void broadcast.push({ frame }),
  }
  const fanOut = new FanOut(stores.events, sockets, relay, () => NOW)
  let runs = 0
  const reported: SecurityEvent[] = []
  const sendStores: SendStores = {
    meta: stores.meta,
    runs: stores.runs,
    transcript: stores.transcript,
    fanOut,
    rate: new StoredRunRate(stores.kv, () => (event) => void reported.push(event)),
    provenance: new StoredProvenance(stores.kv),
    newRunId: () => runIdSchema.parse(`run_${++runs}`),
    now: NOW,
  }
  return { stores, connections, lost, fanOut, broadcast, reported, sendStores }
}
