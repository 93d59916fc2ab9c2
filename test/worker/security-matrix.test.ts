/**
 * The security matrix: every operation of the registry, at both doors, for everybody who must not
 * have it. Generated: an operation that is added without a row here fails, and so does one that lets
 * anybody in, tells a foreign tenant's secrets or changes anything before it refuses.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import type { AnyOperation } from '../../src/api/operation.ts'
import { OPERATIONS } from '../../src/api/registry.ts'
import {
  createKey,
  forgetFailures,
  type HttpRequest,
  http,
  sessionPath,
} from './support/gateway.ts'
import { type Params, ROWS, type Row } from './support/operation-rows.ts'
import { TestSocket, upgrade } from './support/socket.ts'
import {
  ALICE_CANARY,
  type Caller,
  contentsOf,
  createWorld,
  NORTH_CANARY,
  SOUTH_CANARY,
  type World,
} from './support/world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
}, 60_000)

/** `ok`, or the code of the refusal. */
type Outcome = string
type Outcomes = Readonly<Record<string, Outcome>>

type Least = 'viewer' | 'operator' | 'admin'
const leastOf = ({ access }: AnyOperation): Least | null =>
  access.role === 'owner' || access.role === 'platform' ? null : access.role

const opensForApprovers = ({ access }: AnyOperation): boolean =>
  [access.scope, ...(access.orScopes ?? [])].includes('operator.approvals')

const opensForPairers = ({ access }: AnyOperation): boolean => access.scope === 'operator.pairing'

function rightful(operation: AnyOperation): Caller {
  if (operation.access.scope === 'operator.approvals') return world.approver
  if (operation.access.scope === 'operator.pairing') return world.pairer
  const least = leastOf(operation)
  if (least) return world.alice[least]
  return operation.access.role === 'owner' ? world.northOwner : world.platform
}

const opensForNobodyElse = (operation: AnyOperation): boolean =>
  opensForApprovers(operation) || opensForPairers(operation)

/** Everybody of the north whose role or scope is short of the operation's. */
function lesser(operation: AnyOperation): Readonly<Record<string, Caller>> {
  const { alice, approver, pairer, demoted, northOwner } = world
  const unscoped = opensForApprovers(operation) ? pairer : approver
  switch (operation.access.role) {
    case 'viewer':
      return { 'missing scope': unscoped }
    case 'operator':
      return { 'lower role': alice.viewer, 'missing scope': unscoped, demoted }
    case 'admin':
      return { 'lower role': alice.operator, 'missing scope': unscoped, demoted }
    case 'owner':
      return { 'lower role': alice.admin, 'missing scope': alice.operator, demoted }
    case 'platform':
      return { 'lower role': northOwner, 'missing scope': alice.admin, demoted }
  }
}

/** What the registry's names lead to for a colleague who may call, but owns nothing of it. */
const forColleague = ({ names, otherUser }: Row): Outcome =>
  otherUser ?? (names === 'session' ? 'UNAUTHORIZED' : 'ok')

const forForeigner = ({ names, otherTenant }: Row): Outcome =>
  otherTenant ?? (names === 'nothing' ? 'ok' : 'NOT_FOUND')

async function overSocket(method: string, caller: Caller, params: Params): Promise<Outcome> {
  const socket = await world.socketOf(caller)
  const { ok, error } = await socket.request(method, params)
  return ok ? 'ok' : String(error?.code)
}

/** The HTTP twin's request: what the path names goes there, the rest into query or body. */
function twin({ http: binding }: AnyOperation, params: Params): HttpRequest & { path: string } {
  if (!binding) throw new Error('the operation has no HTTP twin')
  const inPath = new Set<string>()
  const path = binding.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    inPath.add(name)
    return encodeURIComponent(String(params[name]))
  })
  const rest = Object.fromEntries(Object.entries(params).filter(([name]) => !inPath.has(name)))
  const { method } = binding
  if (method !== 'GET' && method !== 'DELETE') return { path, method, body: rest }
  const query = new URLSearchParams(Object.entries(rest).map(([name, value]) => [name, `${value}`]))
  return { path: query.size > 0 ? `${path}?${query}` : path, method }
}

async function overHttp(
  operation: AnyOperation,
  headers: Caller['headers'],
  params: Params,
  heard: string[] = world.heard.north,
): Promise<Outcome> {
  const { path, ...request } = twin(operation, params)
  const answer = await http(path, { ...request, headers })
  heard.push(answer.text)
  return answer.status < 300 ? 'ok' : `${answer.status} ${answer.code}`
}

/** How HTTP tells a code to somebody whose credential was found valid. */
const STATUS: Readonly<Record<Outcome, string>> = {
  UNAUTHORIZED: '403 UNAUTHORIZED',
  NOT_FOUND: '404 NOT_FOUND',
  FAILED_PRECONDITION: '412 FAILED_PRECONDITION',
  UNAVAILABLE: '503 UNAVAILABLE',
}
const told = (outcome: Outcome): Outcome => STATUS[outcome] ?? outcome

/** The operation's frame right behind a `connect` that fails, and as the very first one. */
async function uninvited(method: string, params: Params, connect?: Params): Promise<Outcome> {
  const socket = await TestSocket.open('/ws', { onText: (text) => world.heard.north.push(text) })
  if (connect) {
    socket.sendRaw(JSON.stringify({ type: 'req', id: 'c', method: 'connect', params: connect }))
  }
  socket.sendRaw(JSON.stringify({ type: 'req', id: 'o', method, params }))
  const { code } = await socket.closed
  const answers = socket.frames.map((frame) =>
    frame.type === 'res' && !frame.ok ? frame.error?.code : 'let in',
  )
  return [code, ...new Set(answers)].join(' ')
}

async function strangersAt(operation: AnyOperation, params: Params): Promise<Outcomes> {
  const outcomes: Record<string, Outcome> = {}
  outcomes['socket: no credential'] = await uninvited(operation.name, params)
  if (operation.http) outcomes['http: no credential'] = await overHttp(operation, {}, params)
  for (const [i, [who, { connect, headers }]] of Object.entries(world.strangers).entries()) {
    // Two attempts each: the fifth would lock the address out.
    if (i % 2 === 0) await forgetFailures()
    outcomes[`socket: ${who}`] = await uninvited(operation.name, params, connect)
    if (operation.http) outcomes[`http: ${who}`] = await overHttp(operation, headers, params)
  }
  return outcomes
}

function strangersShouldGet(operation: AnyOperation): Outcomes {
  const everybody = ['no credential', ...Object.keys(world.strangers)]
  return Object.fromEntries(
    everybody.flatMap((who) => [
      [`socket: ${who}`, '1008 UNAUTHORIZED'],
      ...(operation.http ? [[`http: ${who}`, '401 UNAUTHORIZED']] : []),
    ]),
  )
}

interface Attempt {
  readonly who: string
  readonly caller: Caller
  readonly params: () => Params
  readonly expected: Outcome
  readonly heard: string[]
}

function membersFor(operation: AnyOperation, row: Row): readonly Attempt[] {
  const { heard } = world
  const params = () => row.params(world)
  const attempts: Attempt[] = Object.entries(lesser(operation)).map(([who, caller]) => ({
    who,
    caller,
    params,
    expected: 'UNAUTHORIZED',
    heard: heard.north,
  }))
  const least = leastOf(operation)
  // An admin may act on every session of its tenant: there a colleague is no stranger.
  if (least === 'viewer' || least === 'operator') {
    const expected = forColleague(row)
    attempts.push({ who: 'other user', caller: world.bob[least], params, expected, heard: bobs })
  }
  attempts.push({
    who: 'other tenant',
    // Of the scopes only the admin's has to do with approvals and pairing: there the tenant alone
    // is wrong.
    caller: least ? world.eve[opensForNobodyElse(operation) ? 'admin' : least] : world.southOwner,
    params: () => (row.foreign ?? row.params)(world),
    expected: operation.access.role === 'platform' ? 'UNAUTHORIZED' : forForeigner(row),
    heard: heard.south,
  })
  return attempts
}

/** What bob heard over HTTP; his frames are the north's like everybody's. */
const bobs: string[] = []

async function membersAt(operation: AnyOperation, row: Row): Promise<[Outcomes, Outcomes]> {
  const outcomes: Record<string, Outcome> = {}
  const expected: Record<string, Outcome> = {}
  for (const attempt of membersFor(operation, row)) {
    const { who, caller, params, heard } = attempt
    outcomes[`socket: ${who}`] = await overSocket(operation.name, caller, params())
    expected[`socket: ${who}`] = attempt.expected
    if (!operation.http) continue
    outcomes[`http: ${who}`] = await overHttp(operation, caller.headers, params(), heard)
    expected[`http: ${who}`] = told(attempt.expected)
  }
  return [outcomes, expected]
}

it('has a row for every operation, and no row without one', () => {
  expect(Object.keys(ROWS).toSorted()).toEqual(OPERATIONS.map(({ name }) => name).toSorted())
})

describe.each(OPERATIONS.map((operation) => [operation.name, operation] as const))(
  '%s',
  (name, operation) => {
    const row: Row = ROWS[name] ?? { names: 'nothing', params: () => ({}) }

    it('refuses everybody it is not for, and changes nothing', async () => {
      const before = await contentsOf(world)
      expect(await strangersAt(operation, row.params(world))).toEqual(strangersShouldGet(operation))
      const [outcomes, expected] = await membersAt(operation, row)
      expect(outcomes).toEqual(expected)
      expect(await contentsOf(world)).toEqual(before)
    })

    it('answers those it is for, at both doors', async () => {
      const caller = row.by?.(world) ?? rightful(operation)
      const params = async (): Promise<Params> => (row.own ?? row.params)(world)
      const { allowed = 'ok' } = row
      expect(await overSocket(name, caller, await params())).toBe(allowed)
      if (operation.http)
        expect(await overHttp(operation, caller.headers, await params())).toBe(told(allowed))
    })
  },
)

describe('the doors beside the registry', () => {
  const message = { role: 'user', content: 'hello' }
  const completion = (): Params => ({ model: world.north.agentKey, messages: [message] })
  const doors: readonly { path: string; body?: () => Params; least: Least }[] = [
    { path: '/v1/models', least: 'viewer' },
    { path: '/v1/chat/completions', body: completion, least: 'operator' },
    { path: '/v1/openapi.json', least: 'viewer' },
    { path: '/v1/no-such-path', least: 'viewer' },
  ]
  const knock = async (
    { path, body }: (typeof doors)[number],
    headers: Caller['headers'],
    heard = world.heard.north,
  ): Promise<number> => {
    const request = body ? { method: 'POST', body: body() } : {}
    const answer = await http(path, { ...request, headers })
    heard.push(answer.text)
    return answer.status
  }

  it.each(doors)('$path is 401 without a valid credential', async (door) => {
    expect(await knock(door, {})).toBe(401)
    for (const { headers } of Object.values(world.strangers)) {
      await forgetFailures()
      expect(await knock(door, headers)).toBe(401)
    }
  })

  it('asks for the role and scope that the operations behind ask for', async () => {
    const [models, completions] = doors
    if (!models || !completions) throw new Error('no doors')
    expect(await knock(models, world.approver.headers)).toBe(403)
    expect(await knock(models, world.alice.viewer.headers)).toBe(200)
    expect(await knock(completions, world.alice.viewer.headers)).toBe(403)
    expect(await knock(completions, world.approver.headers)).toBe(403)
    expect(await knock(completions, world.alice.operator.headers)).toBe(200)
  })

  it("refuses a completion in a colleague's session, however its key is spelled", async () => {
    const before = await contentsOf(world)
    const { session } = world.north
    const shouted = session.replace('agent:', 'AGENT:').replace(':ws:', ':WS:')
    for (const key of [session, shouted]) {
      const headers = { ...world.bob.operator.headers, 'x-edgeclaw-session-key': key }
      const answer = await http('/v1/chat/completions', {
        method: 'POST',
        headers,
        body: completion(),
      })
      bobs.push(answer.text)
      expect(answer.status).toBe(403)
    }
    expect(await contentsOf(world)).toEqual(before)
  })

  it("does not know another tenant's agent", async () => {
    const [, completions] = doors
    if (!completions) throw new Error('no doors')
    expect(await knock(completions, world.eve.operator.headers, world.heard.south)).toBe(404)
  })

  it("opens a session's socket for its owner and the tenant's admins alone", async () => {
    const path = sessionPath(world.north.session)
    const status = async (headers: Caller['headers']): Promise<number> => {
      const response = await upgrade(path, headers)
      response.webSocket?.accept()
      response.webSocket?.close()
      return response.status
    }
    expect(await status({})).toBe(401)
    for (const { headers } of Object.values(world.strangers)) {
      await forgetFailures()
      expect(await status(headers)).toBe(401)
    }
    expect(await status(world.bob.operator.headers)).toBe(403)
    expect(await status(world.alice.operator.headers)).toBe(101)
    expect(await status(world.bob.admin.headers)).toBe(101)
  })

  it('leads another tenant to an absent session of its own, never to the one it named', async () => {
    const socket = await TestSocket.open(sessionPath(world.north.session), {
      headers: world.eve.admin.headers,
      onText: (text) => world.heard.south.push(text),
    })
    for (const method of ['chat.history', 'sessions.preview', 'sessions.delete', 'chat.reset']) {
      expect((await socket.refused(method)).code).toBe('NOT_FOUND')
    }
    socket.close()
  })

  it('keeps a suspended tenant closed for its own members, whatever token speaks for them', async () => {
    const { operator } = world
    const { id } = await operator.ask('tenants.create', { name: 'dusk', slug: 'dusk' })
    const member = { tenant_id: String(id), user_id: 'dora' }
    await operator.ask('tenants.users.add', { ...member, role: 'admin' })
    const token = String(world.platform.connect['token'])
    const headers = {
      authorization: `Bearer ${token}`,
      'x-edgeclaw-tenant-id': member.tenant_id,
      'x-edgeclaw-user-id': member.user_id,
    }
    expect((await http('/v1/agents', { headers })).status).toBe(200)
    const open = await TestSocket.open('/ws')
    await open.ask('connect', { token, ...member })
    await operator.ask('tenants.update', { id, status: 'suspended' })
    expect((await open.closed).code).toBe(1008)
    for (const path of ['/v1/agents', '/v1/models', '/v1/nothing']) {
      expect((await http(path, { headers })).status).toBe(404)
    }
    const late = await TestSocket.open('/ws')
    expect((await late.refused('connect', { token, ...member })).code).toBe('NOT_FOUND')
    await operator.ask('tenants.update', { id, status: 'active' })
    expect((await http('/v1/agents', { headers })).status).toBe(200)
  })

  it('spends no tokens of an owner whose key was revoked, or may start no run', async () => {
    const { operator, north } = world
    const owner = 'carol'
    const create = async (scope: string) =>
      createKey(operator, north.tenantId, { scopes: [scope], owner })
    const [writer, reader, gone] = [
      await create('operator.write'),
      await create('operator.read'),
      await create('operator.write'),
    ]
    const raw = { gateway: { rate_limit_rpm: 1, rate_limit_burst: 3 } }
    const admin = await world.socketOf(world.alice.admin)
    await admin.ask('config.patch', { raw })
    const complete = async ({ key }: { key: string }): Promise<number> => {
      const headers = { authorization: `Bearer ${key}` }
      const body = completion()
      return (await http('/v1/chat/completions', { method: 'POST', headers, body })).status
    }
    expect(await complete(gone)).toBe(200)
    await operator.ask('api_keys.revoke', { id: gone.id, tenant_id: north.tenantId })
    for (let i = 0; i < 4; i++) {
      await forgetFailures()
      expect(await complete(gone)).toBe(401)
      expect(await complete(reader)).toBe(403)
    }
    expect(await complete(writer)).toBe(200)
    await admin.ask('config.apply', { raw: world.document })
    await forgetFailures()
  })

  it('locks an address out after five wrong keys, but not for a right one', async () => {
    await forgetFailures()
    const wrong = world.strangers['wrong key'].headers
    const statuses: number[] = []
    for (let i = 0; i < 6; i++) {
      statuses.push((await http('/v1/agents', { headers: wrong })).status)
    }
    expect(statuses).toEqual([401, 401, 401, 401, 429, 429])
    const right = await http('/v1/agents', { headers: world.alice.viewer.headers })
    expect(right.status).toBe(200)
    await forgetFailures()
  })
})

describe('what callers were told, in all of the above', () => {
  it('is enough to judge by', () => {
    expect(world.heard.north.join('\n')).toContain(NORTH_CANARY)
    expect(world.heard.south.join('\n')).toContain(SOUTH_CANARY)
  })

  it("never holds another tenant's secrets", () => {
    expect(world.heard.north.filter((text) => text.includes(SOUTH_CANARY))).toEqual([])
    expect(world.heard.south.filter((text) => text.includes(NORTH_CANARY))).toEqual([])
  })

  it("never shows a colleague's conversation", async () => {
    expect(bobs.filter((text) => text.includes(ALICE_CANARY))).toEqual([])
    for (const least of ['viewer', 'operator'] as const) {
      const { frames } = await world.socketOf(world.bob[least])
      expect(frames.filter((frame) => JSON.stringify(frame).includes(ALICE_CANARY))).toEqual([])
    }
  })
})
