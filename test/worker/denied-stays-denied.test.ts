/**
 * What an agent is denied it gets by no way around: every way that leads from one run to another call
 * is a row of ROUTES, every kind of denial a row of DENIALS, and each is tried against each. A new way
 * is one row more.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { connected, createKey, createTenant, migrate, operator, TOKEN } from './support/gateway.ts'
import type { TestSocket } from './support/socket.ts'

let tenantId: string
let platform: TestSocket
let admin: TestSocket
let alice: TestSocket

/** Denies its agent what the line asks for, which the agent `able` may. */
interface Denial {
  readonly settings: Readonly<Record<string, unknown>>
  /** Absent: writes a file. */
  readonly line?: string
  /** What the model is told; a question that nobody answers shows as a pending approval instead. */
  readonly told: RegExp
}

const NOT_AVAILABLE = /not available/
const DENIALS: Readonly<Record<string, Denial>> = {
  'a tool by name': { settings: { tools: { deny: ['write_file'] } }, told: NOT_AVAILABLE },
  'a group of tools': { settings: { tools: { deny: ['group:fs'] } }, told: NOT_AVAILABLE },
  'all but a list': {
    settings: { tools: { allow: ['spawn', 'sessions_send'] } },
    told: NOT_AVAILABLE,
  },
  'a workspace to write in': {
    settings: { sandbox: { workspace_access: 'ro' } },
    told: /read-only/,
  },
  'any workspace': {
    settings: { sandbox: { workspace_access: 'none' } },
    told: /no workspace/,
  },
  'any change': { settings: { autonomy: { level: 'readonly' } }, told: /may only read/ },
  commands: {
    settings: { exec_approval: { security: 'deny' } },
    line: 'run: ls',
    told: /Commands cannot be run/,
  },
  'all programs but some': {
    settings: { autonomy: { allowed_commands: ['cat'] } },
    line: 'run: ls',
    told: /not on the list of allowed commands/,
  },
  'a group of commands': {
    settings: {},
    line: 'run: nmap 192.0.2.1',
    told: /The command was not run/,
  },
  'a program with a credential': {
    settings: {},
    line: 'run: gh pr list',
    told: /this agent may not use it/,
  },
}

/** Brings a line of the demo model's to act somewhere else; answers what its agent was told of it. */
type Route = (agent: string, line: string) => Promise<string>

const say = async (sessionKey: string, message: string): Promise<string> => {
  const { content } = await alice.ask('chat.send', { sessionKey, message })
  return String(content)
}

let talks = 0
const talk = (agent: string): string => `agent:${agent}:ws:direct:denied-${++talks}`

const spawning =
  (fields: Readonly<Record<string, unknown>>): Route =>
  (agent, line) =>
    say(talk(agent), `tool: spawn ${JSON.stringify({ task: line, ...fields })}`)

let master: TestSocket
let hooks = 0
/** Asked about every call of the agent, and for all of them. */
async function underYesSayer(agent: string, work: () => Promise<string>): Promise<string> {
  const { id } = await master.ask('hooks.create', {
    name: `yes-${++hooks}`,
    url: 'http://127.0.0.1:9/hook',
    events: ['pre_tool_use', 'post_tool_use'],
    agents: [agent],
    allow_private_network: true,
  })
  return work().finally(() => master.ask('hooks.delete', { id }))
}

const ROUTES: Readonly<Record<string, Route>> = {
  'the tool itself': (agent, line) => say(talk(agent), line),
  'a hook that allows it': (agent, line) => underYesSayer(agent, () => say(talk(agent), line)),
  'spawn of itself': spawning({}),
  'spawn of an agent that may': spawning({ agent: 'able' }),
  'spawn in the background': async (agent, line) => {
    const sessionKey = talk(agent)
    const spawn = { task: line, agent: 'able', mode: 'async' }
    const handle = await say(sessionKey, `tool: spawn ${JSON.stringify(spawn)}`)
    if (!handle.includes('You will be told')) return handle
    const said = async () => JSON.stringify(await alice.ask('chat.history', { sessionKey }))
    await expect.poll(said, { timeout: 10_000 }).toContain('has ended:')
    return said()
  },
  'a message to a conversation of an agent that may': async (agent, line) => {
    const session = talk('able')
    await say(session, 'hello')
    const send = { session, message: line, wait_seconds: 60 }
    return say(talk(agent), `tool: sessions_send ${JSON.stringify(send)}`)
  },
  // The demo model does not follow what it reads: the message does it in its place.
  'a skill that tells to do it and names the tools for it': async (agent, line) => {
    const name = `told-${++talks}`
    const head = `name: ${name}\ndescription: Does it.\nallowed-tools: "*"`
    await admin.ask('skills.create', { skill_md: `---\n${head}\n---\n${line}` })
    await admin.ask('skills.grant', { name, agent_id: agent })
    return say(talk(agent), `tool: skill_load ${JSON.stringify({ name })}\n${line}`)
  },
}

const OWNER = 'olga'
const asOwner = (): Promise<TestSocket> =>
  connected({ token: TOKEN, tenant_id: tenantId, user_id: OWNER })
let people = 0

beforeAll(async () => {
  await migrate()
  vi.stubGlobal('fetch', async () => Response.json({ decision: 'allow' }))
  platform = await operator()
  tenantId = await createTenant(platform, 'denied')
  await platform.ask('tenants.users.add', { tenant_id: tenantId, user_id: OWNER, role: 'owner' })
  admin = await asOwner()
  master = await connected({ token: TOKEN, tenant_id: tenantId })
  await admin.ask('config.patch', {
    raw: {
      gateway: { rate_limit_rpm: 0, rate_limit_session_rpm: 0 },
      tools: { sessions: { visibility: 'all' }, rate_limit_per_hour: 0 },
    },
  })
  await admin.ask('agents.create', {
    agent_key: 'able',
    settings: { shell_deny_groups: { network_recon: false } },
  })
  const { id } = await admin.ask('secure_cli.create', {
    name: 'gh',
    absolute_path: '/usr/bin/gh',
    env: { GH_TOKEN: 'token-of-the-tenant' },
  })
  await admin.ask('secure_cli.grants.grant', { id, agent_id: 'able' })
}, 60_000)

afterAll(() => vi.unstubAllGlobals())

/** What one person and one socket may ask in a minute is bounded: each test has its own. */
beforeEach(async () => {
  admin.close()
  admin = await asOwner()
  const owner = `alice-${++people}`
  const { key } = await createKey(platform, tenantId, { scopes: ['operator.write'], owner })
  alice = await connected({ token: key })
})

const writing = (path: string): string =>
  `tool: write_file ${JSON.stringify({ path, content: 'got through' })}`

/** Looked for where it would be: in the workspaces of the agent that was denied, and of the one that may. */
async function isWritten(path: string, agents: readonly string[]): Promise<boolean> {
  for (const agent of agents) {
    const read = await say(talk(agent), `read: ${path}`)
    if (read.includes('got through')) return true
  }
  return false
}

describe('what is allowed', () => {
  it.each(
    Object.entries(DENIALS).flatMap(([name, { line, told }]) =>
      line ? [{ name, line, told }] : [],
    ),
  )('is $name for the agent that may', async ({ line, told }) => {
    // There is no sandbox here: that is all that is missing.
    expect(await say(talk('able'), line)).not.toMatch(told)
  })

  it.each(Object.entries(ROUTES))('is done by %s', async (name, route) => {
    const path = `allowed-${name.replaceAll(' ', '-')}.txt`
    const told = await route('able', writing(path))
    expect(told).toContain(`Created ${path}`)
    expect(await isWritten(path, ['able'])).toBe(true)
  })
})

describe.each(Object.entries(DENIALS))('an agent that is denied %s', (denied, denial) => {
  const agent = `denied-${denied.replaceAll(' ', '-')}`

  beforeAll(async () => {
    await admin.ask('agents.create', { agent_key: agent, settings: denial.settings })
  })

  it.each(Object.entries(ROUTES))('does not get it by %s', async (name, route) => {
    const path = `${agent}-${name.replaceAll(' ', '-')}.txt`
    const told = await route(agent, denial.line ?? writing(path))
    expect(told).toMatch(denial.told)
    expect(told).not.toContain('Created')
    expect(await isWritten(path, ['able'])).toBe(false)
  })
})

/** What of these its line would run, a tool of the tenant's own runs; the agent is granted that tool. */
const customTool = async (agent: string, command: string): Promise<string> => {
  const name = `custom_t${++talks}`
  await admin.ask('tools.custom.create', {
    name,
    kind: 'script',
    description: 'runs it',
    command,
    agents: [agent],
  })
  return name
}

const CUSTOM_DENIALS: Readonly<Record<string, Denial>> = {
  ...Object.fromEntries(Object.entries(DENIALS).filter(([, { line }]) => line !== undefined)),
  'custom tools by name': { settings: { tools: { deny: ['custom_*'] } }, told: NOT_AVAILABLE },
  'all that runs': { settings: { tools: { deny: ['group:runtime'] } }, told: NOT_AVAILABLE },
  'all but a tool': { settings: { tools: { allow: ['exec', 'spawn'] } }, told: NOT_AVAILABLE },
  'any change': { settings: { autonomy: { level: 'readonly' } }, told: /may only read/ },
}

describe.each(Object.entries(CUSTOM_DENIALS))('an agent that is denied %s', (denied, denial) => {
  const agent = `custom-denied-${denied.replaceAll(' ', '-')}`
  const command = (denial.line ?? 'run: ls').slice('run: '.length)

  it('does not get it by a custom tool, nor by one and an agent that may', async () => {
    await admin.ask('agents.create', { agent_key: agent, settings: denial.settings })
    const line = `tool: ${await customTool(agent, command)} {}`
    expect(await say(talk(agent), line)).toMatch(denial.told)
    const spawn = `tool: spawn ${JSON.stringify({ task: line, agent: 'able' })}`
    // The other one was not granted it: for whoever it acts it does not have it either.
    expect(await say(talk(agent), spawn)).toMatch(
      /no tool of this name|not available|may only read/,
    )
    const able = `tool: ${await customTool('able', command)} {}`
    expect(await say(talk(agent), able)).toContain('no tool of this name')
    expect(await say(talk('able'), able)).not.toMatch(denial.told)
  })
})

describe('an agent that must ask', () => {
  it.each(Object.entries(ROUTES).filter(([name]) => name.includes('able') || name.includes('may')))(
    'asks as well by %s',
    async (name, route) => {
      const agent = `asking-${name.length}`
      const tools = { tools: { allow: ['write_file', 'spawn', 'sessions_send'] } }
      const settings = { ...tools, autonomy: { level: 'supervised' } }
      await admin.ask('agents.create', { agent_key: agent, settings })
      const path = `${agent}.txt`
      const told = route(agent, writing(path))
      const answered = new Set<unknown>()
      const asked: unknown[] = []
      // The way itself is asked about first, then what was to be got by it.
      await expect
        .poll(
          async () => {
            const { pending } = await admin.ask('exec.approval.list', {})
            for (const question of pending as { id: string; sessionKey: string; tool?: string }[]) {
              if (answered.has(question.id)) continue
              answered.add(question.id)
              asked.push(question)
              const isWay = asked.length === 1
              await admin.ask(isWay ? 'exec.approval.approve' : 'exec.approval.deny', {
                id: question.id,
              })
            }
            return asked.length
          },
          { timeout: 20_000, interval: 250 },
        )
        .toBe(2)
      expect(await told).toContain('denied it')
      expect(await isWritten(path, ['able'])).toBe(false)
    },
  )
})
