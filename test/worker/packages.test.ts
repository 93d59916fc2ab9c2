/** An agent's packages from the admin's request to a command that runs in their image, in workerd. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { generateRunnerKey } from '../../src/crypto/job-token.ts'
import { createScriptedRunner, type ScriptedRunner } from '../support/scripted-runner.ts'
import {
  bearer,
  bindings,
  connected,
  createKey,
  createTenant,
  http,
  migrate,
  operator,
  TOKEN,
} from './support/gateway.ts'
import type { EventFrame, TestSocket } from './support/socket.ts'

const INDEX = { 'apt:jq': '1.6-2', 'pip:jinja2': '3.1.4' }
const JQ = { manager: 'apt', name: 'jq' }
const JINJA = { manager: 'pip', name: 'Jinja2' }

let runner: ScriptedRunner
let platform: TestSocket
let admin: TestSocket
let tenantId: string
let last = 0

beforeAll(async () => {
  // Before the first request: settings are read once.
  const { privateJwk } = await generateRunnerKey()
  Object.assign(bindings, {
    EDGECLAW_RUNNERS: JSON.stringify([{ url: 'https://runner.example', keyId: 'scripted' }]),
    EDGECLAW_RUNNER_KEY: JSON.stringify(privateJwk),
  })
  await migrate()
  platform = await operator()
  tenantId = await createTenant(platform, 'packed')
  const userId = 'olga'
  await platform.ask('tenants.users.add', { tenant_id: tenantId, user_id: userId, role: 'owner' })
  admin = await connected({ token: TOKEN, tenant_id: tenantId, user_id: userId })
}, 60_000)
beforeEach(() => {
  runner = createScriptedRunner(INDEX)
  vi.stubGlobal('fetch', runner.fetch)
})
afterAll(async () => {
  // Objects that still have somebody to tell would outlive the tests.
  for (const socket of [platform, admin]) {
    socket?.close()
    await socket?.closed
  }
  vi.unstubAllGlobals()
})

async function newAgent(): Promise<string> {
  const agent_key = `packed-${++last}`
  await admin.ask('agents.create', { agent_key, settings: { autonomy: { level: 'full' } } })
  return agent_key
}

const add = (agentId: string, ...packages: readonly object[]) =>
  admin.ask('agents.packages.add', { agentId, packages })

/** One command, by hand: what its tool says. */
async function exec(agentId: string): Promise<string> {
  const headers = {
    ...bearer(TOKEN),
    'x-edgeclaw-tenant-id': tenantId,
    'x-edgeclaw-user-id': 'olga',
  }
  const body = { agentId, tool: 'exec', args: { command: 'ls' } }
  return (await http('/v1/tools/invoke', { method: 'POST', headers, body })).text
}

/** Objects share no promises: whoever waits for another looks again. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** The next build waits to be let go. */
function holdBuild() {
  let isHeld = true
  const builds = runner.builds.length
  runner.onBuild = async () => {
    runner.onBuild = () => null
    await until(() => !isHeld)
    return null
  }
  return {
    letGo: () => {
      isHeld = false
    },
    isAsked: () => until(() => runner.builds.length > builds),
  }
}

describe('an agent with packages', () => {
  it('is built as an admin asks, in sight of the admin, and runs in its image', async () => {
    const agent = await newAgent()
    const added = await add(agent, JQ, JINJA)
    expect(added['packages']).toMatchObject([
      { ...JQ, version: '1.6-2', added_by: 'olga' },
      { manager: 'pip', name: 'jinja2', version: '3.1.4' },
    ])
    const { payload } = (await admin.find(
      (frame) => frame.type === 'event' && frame.event === 'agents.packages.progress',
      'the progress of the build',
    )) as EventFrame
    expect(payload).toMatchObject({ agentId: agent, lines: ['Setting up jq'] })
    expect(await exec(agent)).toContain('scripted output')
    expect(runner.ran).toMatchObject([
      {
        packages: [
          { ...JQ, version: '1.6-2' },
          { name: 'jinja2', version: '3.1.4' },
        ],
      },
    ])
    expect(runner.builds.length).toBe(1)
    expect(runner.builds[0]?.tenant).toBe(tenantId)
  })

  it('is built anew where its image is gone, in the versions that were recorded', async () => {
    const agent = await newAgent()
    await add(agent, JQ)
    runner.forget()
    runner.index = { 'apt:jq': '2.0-1' }
    expect(await exec(agent)).toContain('scripted output')
    expect(runner.builds[1]?.packages).toEqual([{ ...JQ, version: '1.6-2' }])
    expect(runner.missed.length).toBe(1)
  })

  it('says at once that its image cannot be built', async () => {
    const agent = await newAgent()
    await add(agent, JQ)
    runner.forget()
    runner.index = {}
    const said = await exec(agent)
    expect(said).toContain('could not be built')
    expect(runner.ran).toEqual([])
  })

  it('runs in the runner’s own image once it has none', async () => {
    const agent = await newAgent()
    await add(agent, JQ)
    await admin.ask('agents.packages.remove', { agentId: agent, packages: [JQ] })
    expect(await exec(agent)).toContain('scripted output')
    expect(runner.ran[0]).not.toHaveProperty('packages')
  })

  it('runs nothing once its sandbox policy names another image', async () => {
    const agent = await newAgent()
    await add(agent, JQ)
    await admin.ask('agents.update', { id: agent, sandbox: { image: 'own:1' } })
    expect(await exec(agent)).toContain('packages go on top of the runner’s own image only')
    expect([...runner.ran, ...runner.missed]).toEqual([])
  })
})

describe('two admins at once', () => {
  it('lose nothing: one is told to repeat', async () => {
    const agent = await newAgent()
    const build = holdBuild()
    const first = admin.request('agents.packages.add', { agentId: agent, packages: [JQ] })
    await build.isAsked()
    // On the same socket: a build holds up nothing else.
    await add(agent, JINJA)
    build.letGo()
    expect((await first).error).toMatchObject({ code: 'FAILED_PRECONDITION' })
    const { packages } = await admin.ask('agents.packages.list', { agentId: agent })
    expect(packages).toMatchObject([{ name: 'jinja2' }])
  })
})

describe('whoever loses the right to during a build', () => {
  it('loses the socket without waiting for the build', async () => {
    const agent = await newAgent()
    const { id, key } = await createKey(platform, tenantId, {
      scopes: ['operator.admin'],
      owner: 'olga',
    })
    const socket = await connected({ token: key })
    const build = holdBuild()
    socket.sendRaw(
      JSON.stringify({
        type: 'req',
        id: 'a',
        method: 'agents.packages.add',
        params: { agentId: agent, packages: [JQ] },
      }),
    )
    await build.isAsked()
    await admin.ask('api_keys.revoke', { id })
    expect((await socket.closed).code).toBe(1008)
    build.letGo()
  })
})
