import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { findOperation, OPERATIONS } from '../../../src/api/registry.ts'
import { ROLES, SCOPES } from '../../../src/domain/principal.ts'

type LeastRole = 'viewer' | 'operator' | 'admin' | 'owner' | 'platform'

/** The protocol's table of methods. What is built must stand here, under the role that it has here. */
const TABLE: Readonly<Record<LeastRole, string>> = {
  viewer: `health status agent agent.wait agents.list agents.files.list agents.files.get
    chat.history chat.session.status sessions.list sessions.preview sessions.resume
    run.timeline.get skills.list skills.get cron.list cron.status cron.runs channels.list
    channels.status usage.get usage.summary quota.usage exec.approval.list exec.approval.get models.list tools.list
    mcp.servers.list tenants.mine config.get config.permissions.check traces.list traces.get`,
  operator: `chat.send chat.abort chat.stop chat.stopall chat.reset chat.inject sessions.delete
    sessions.reset sessions.patch sessions.compact cron.create cron.update cron.delete cron.toggle
    cron.run send agents.files.set exec.approval.approve exec.approval.deny device.pair.request
    config.patch agents.update`,
  // Admins' alone: what a skill says, every agent that has it is told.
  admin: `skills.update config.apply config.schema config.defaults config.permissions.list
    config.permissions.grant config.permissions.revoke agents.create agents.delete channels.toggle providers.list providers.create providers.update
    providers.delete mcp.servers.create mcp.servers.update mcp.servers.delete mcp.servers.test
    device.pair.approve device.pair.deny device.pair.list device.pair.revoke channel.pair.list
    channel.pair.approve channel.pair.deny channel.pair.revoke api_keys.list api_keys.create
    api_keys.revoke logs.tail security.audit security.events.list`,
  owner: 'tenants.users.list tenants.users.add tenants.users.remove estop.release',
  platform: 'tenants.list tenants.get tenants.create tenants.update',
}

/** Ours beside the table: what HTTP and old clients need, for whoever may see the list anyway. */
const BESIDE: Readonly<Record<string, LeastRole>> = {
  'agents.get': 'viewer',
  'agents.packages.list': 'viewer',
  // By who is no member yet: who they are is judged by the operation itself.
  'invitations.accept': 'viewer',
  'invitations.create': 'owner',
  'issuers.create': 'owner',
  'invitations.list': 'owner',
  'invitations.revoke': 'owner',
  'tenants.users.suspend': 'owner',
  'tenants.users.reinstate': 'owner',
  'tools.invoke': 'operator',
  'tools.policy': 'operator',
  'overview.get': 'viewer',
  'workspaces.list': 'viewer',
  'workspaces.files': 'viewer',
  'gateway.pairing_code.create': 'platform',
  'agents.files.delete': 'operator',
  'memory.list': 'viewer',
  'memory.search': 'viewer',
  'memory.delete': 'operator',
  'shell.deny_groups.list': 'viewer',
  'teams.tasks.active-by-session': 'viewer',
  'login.sessions.list': 'viewer',
  'login.sessions.revoke': 'viewer',
  'login.logout': 'viewer',
  'ws_tickets.create': 'viewer',
  'tenants.export': 'owner',
  'tenants.delete': 'owner',
  'tenants.deletion': 'platform',
  'keys.rotate': 'platform',
  'keys.rotation': 'platform',
}

const ROLE_OF = new Map<string, LeastRole>([
  ...Object.entries(TABLE).flatMap(([role, names]) =>
    names.split(/\s+/).map((name) => [name, role as LeastRole] as const),
  ),
  ...Object.entries(BESIDE),
])

/** What the service cannot be used without. */
const NEEDED = `health status agent agents.list agents.create agents.update agents.delete chat.send
  chat.abort chat.stop chat.stopall chat.reset chat.inject chat.history chat.session.status
  sessions.list sessions.preview sessions.patch sessions.delete sessions.reset sessions.resume
  providers.list providers.create providers.update providers.delete models.list tools.list
  tenants.mine tenants.list tenants.get tenants.create tenants.update tenants.users.list
  tenants.users.add tenants.users.remove exec.approval.list exec.approval.approve
  exec.approval.deny api_keys.list api_keys.create api_keys.revoke config.get
  config.defaults config.schema config.apply config.patch security.events.list`.split(/\s+/)

const SCOPE_OF: Readonly<Record<LeastRole, string>> = {
  viewer: 'operator.read',
  operator: 'operator.write',
  admin: 'operator.admin',
  owner: 'operator.admin',
  platform: 'operator.admin',
}

/** Whoever answers for a human needs the scope that is for nothing else. */
const ANSWERS = /^exec\.approval\.(?:approve|deny)$/
/** So does whoever lets devices in: of operators only keys for just that, which the operation judges. */
const PAIRS = /^device\.pair\.(?:approve|deny|list|revoke)$/

/** Reading over HTTP changes nothing: a link that is followed must not act. */
const ACTS =
  /(?:^|\.)(?:create|update|delete|send|apply|patch|reset|abort|stop|stopall|inject|invoke|add|remove|grant|revoke|restore|approve|deny|rotate|accept|suspend|reinstate|test|logout|request|set|release|audit|suppress|unsuppress|toggle|run|compact|reconnect|agree|authorize|authorized|replay|discard|install|installed)$/

describe('the registry', () => {
  it('names every operation once', () => {
    const names = OPERATIONS.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const operation of OPERATIONS) expect(findOperation(operation.name)).toBe(operation)
  })

  it('knows no other name', () => {
    for (const name of ['', 'connect', 'chat', 'CHAT.SEND', '__proto__', 'constructor']) {
      expect(findOperation(name), name).toBeUndefined()
    }
  })

  it('asks of each the least role of the protocol’s table, and denies by default', () => {
    for (const { name, access } of OPERATIONS) {
      const least = PAIRS.test(name) ? 'operator' : (ROLE_OF.get(name) ?? 'admin')
      expect([name, access.role]).toEqual([name, least])
    }
  })

  it('asks of each a role and a scope that there are, and that go together', () => {
    for (const { name, access } of OPERATIONS) {
      expect([...ROLES, 'platform'], name).toContain(access.role)
      expect(SCOPES, name).toContain(access.scope)
      const own = PAIRS.test(name) ? 'operator.pairing' : SCOPE_OF[access.role]
      const scope = ANSWERS.test(name) ? 'operator.approvals' : own
      expect([name, access.scope]).toEqual([name, scope])
    }
  })

  it('has what the service cannot be used without', () => {
    expect(NEEDED.filter((name) => !findOperation(name))).toEqual([])
  })

  it('asks for a token where a model is made to think, and nowhere else', () => {
    const starting = OPERATIONS.filter(({ startsRun }) => startsRun).map(({ name }) => name)
    expect(starting).toEqual([
      'chat.send',
      'chat.inject',
      'send',
      'sessions.compact',
      'tools.invoke',
    ])
  })

  it('says in words what each is for', () => {
    for (const { name, summary } of OPERATIONS) expect(summary.length, name).toBeGreaterThan(9)
  })
})

describe('the routes of the registry', () => {
  const bound = OPERATIONS.flatMap(({ name, http, params }) =>
    http ? [{ name, http, params }] : [],
  )

  it('are each one operation’s, whatever their parameters are called', () => {
    const routes = bound.map(
      ({ http }) => `${http.method} ${http.path.replaceAll(/\{\w+\}/g, '{}')}`,
    )
    expect(new Set(routes).size).toBe(routes.length)
  })

  it('stand below /v1, and beside those that the gateway answers itself', () => {
    const own = ['/v1/chat/completions', '/v1/models', '/v1/openapi.json', '/v1/sessions/{}/ws']
    for (const { name, http } of bound) {
      expect(http.path, name).toMatch(/^\/v1\/[a-z0-9{}_/-]+$/i)
      expect(own, name).not.toContain(http.path.replaceAll(/\{\w+\}/g, '{}'))
    }
  })

  it('have parameters that the operation knows', () => {
    for (const { name, http, params } of bound) {
      const known = Object.keys(
        (z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' })['properties'] ??
          {}) as object,
      )
      const inPath = [...http.path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter)
      expect(known, name).toEqual(expect.arrayContaining(inPath))
    }
  })

  it('change nothing by GET, and create by POST alone', () => {
    for (const { name, http } of bound) {
      expect([name, http.method === 'GET']).toEqual([name, !ACTS.test(name)])
      if (http.status === 201) expect(http.method, name).toBe('POST')
    }
  })
})

describe('params', () => {
  it('take what real clients send beside them', () => {
    for (const { name, params } of OPERATIONS) {
      const schema = z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' })
      expect([name, schema['additionalProperties']]).not.toEqual([name, false])
    }
  })

  it('are objects, so that a route, a query and a body can name them', () => {
    for (const { name, params } of OPERATIONS) {
      expect([
        name,
        z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' })['type'],
      ]).toEqual([name, 'object'])
    }
  })
})

describe('answers that hold a secret', () => {
  /** Members that are named like one, and are none. */
  const HARMLESS = [
    'sessions.patch',
    'providers.create',
    'providers.update',
    'search.providers.create',
    'search.providers.update',
    'issuers.create',
    'issuers.update',
  ]
  const SECRET = /^(?:code|key|token|ticket|secret|password|.+_(?:key|token|secret))$/
  const PUBLIC = /^(?:agent_key|session_key)$/

  it('are marked, so that none is kept for a repeat', () => {
    const answering = OPERATIONS.filter(({ http, result }) => {
      if (!http || http.method === 'GET') return false
      const { properties = {} } = z.toJSONSchema(result, { unrepresentable: 'any' })
      return Object.keys(properties).some((name) => SECRET.test(name) && !PUBLIC.test(name))
    }).map(({ name }) => name)
    const marked = OPERATIONS.filter(({ answersSecret }) => answersSecret).map(({ name }) => name)
    expect(marked).toEqual([
      'hooks.create',
      'hooks.update',
      'invitations.create',
      'api_keys.create',
      'api_keys.rotate',
      'ws_tickets.create',
      'gateway.pairing_code.create',
      'device.pair.request',
    ])
    expect(answering.filter((name) => !HARMLESS.includes(name))).toEqual(marked)
  })
})

describe('the audit trail', () => {
  /**
   * What changes a conversation by talking in it, or one's own label: the transcript tells of those. A
   * ticket is over in a minute.
   */
  const TALKING = `chat.send chat.abort chat.stop chat.stopall chat.inject send sessions.patch
    tools.invoke ws_tickets.create`.split(/\s+/)
  /** A shadow of what is read: `list`, `get`, `search`, `status` and their like. */
  const READING =
    /(?:^|\.)(?:health|status|agent|list|get|mine|history|preview|resume|schema|defaults|events|export|verify|suppressions|active-by-session|check|summary|usage|versions|diff|deletion|rotation|test|policy|files|runs|tools|resources|prompts|search|tail)$/

  it('is told by every operation that changes something', () => {
    const silent = OPERATIONS.filter(({ audit }) => audit === undefined).map(({ name }) => name)
    expect(silent.filter((name) => !READING.test(name) && !TALKING.includes(name))).toEqual([])
  })

  it('is not told of what is only read', () => {
    const telling = OPERATIONS.filter(({ audit }) => audit !== undefined).map(({ name }) => name)
    // What takes everything of a tenant along is told of all the same.
    expect(telling.filter((name) => READING.test(name))).toEqual(['tenants.export'])
  })
})
