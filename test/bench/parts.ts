/**
 * What each part of an agent adds to a warm turn that does not use it: the same short conversation with
 * an agent of words alone, and with agents that have one part each. All take turns in one run.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GatewayClient } from '../../src/cli/client.ts'
import { startFakeMcp } from '../support/mcp/server.ts'
import { type Latency, measureLatency, type Rounds, sessionHeader } from './latency.ts'
import type { BenchTenant } from './tenant.ts'

const MCP_TOOLS = 20
const FILE_BYTES = 4_096
const SKILLS = 10

type Ask = (operation: string, params: Readonly<Record<string, unknown>>) => Promise<unknown>

interface Part {
  readonly name: string
  /** Beside `profile: full`; without it no tools at all. */
  readonly allow: readonly string[]
  readonly give: (ask: Ask, agent: string) => Promise<unknown>
}

const keyOf = (index: number): string => `bench-part-${index}`

const skillMd = (name: string): string =>
  `---\nname: ${name}\ndescription: How ${name} is done here, and when.\n---\nDo it step by step.\n`

/** A hook that lets everything pass, as quickly as it can. */
async function startHook() {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end('{"decision":"allow"}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/hook`, close: () => server.close() }
}

const partsOf = (mcpUrl: string, hookUrl: string): readonly Part[] => [
  { name: 'words alone', allow: [], give: async () => undefined },
  {
    name: 'prompt file of 4 KB',
    allow: [],
    give: (ask, agentId) =>
      ask('agents.files.set', {
        agentId,
        name: 'AGENTS.md',
        content: 'Be brief. '.repeat(FILE_BYTES / 10),
      }),
  },
  { name: 'memory', allow: ['group:memory'], give: async () => undefined },
  {
    name: `${SKILLS} skills`,
    allow: ['group:memory'],
    give: async (ask, agent_id) => {
      for (let i = 0; i < SKILLS; i++) {
        const name = `bench-skill-${i}`
        await ask('skills.create', { skill_md: skillMd(name) })
        await ask('skills.grant', { name, agent_id })
      }
    },
  },
  {
    name: `MCP server of ${MCP_TOOLS} tools`,
    allow: ['group:mcp'],
    give: async (ask, agent) => {
      const params = { name: 'bench', url: mcpUrl, agents: [agent], allow_private_network: true }
      await ask('mcp.servers.create', params)
      await ask('mcp.servers.reconnect', { id: 'bench' })
    },
  },
  {
    name: 'run hook, asked twice',
    allow: [],
    give: (ask, agent) =>
      ask('hooks.create', {
        name: 'bench',
        url: hookUrl,
        events: ['user_prompt_submit', 'stop'],
        agents: [agent],
        allow_private_network: true,
      }),
  },
  { name: 'sub-agents and sessions', allow: ['group:sessions'], give: async () => undefined },
  { name: 'every tool', allow: ['*'], give: async () => undefined },
]

/** The first is what the others are to be read against. */
export async function measureParts(
  { url, token, apiKey }: BenchTenant,
  rounds: Rounds,
): Promise<readonly Latency[]> {
  const [mcp, hook] = await Promise.all([
    startFakeMcp(
      Array.from({ length: MCP_TOOLS }, (_, i) => ({ name: `tool_${i}`, description: 'Does it.' })),
    ),
    startHook(),
  ])
  try {
    const parts = partsOf(mcp.url, hook.url)
    const { client } = await GatewayClient.connect({ url, token })
    const ask: Ask = (operation, params) => client.request(operation, params)
    try {
      for (const [i, { allow, give }] of parts.entries()) {
        const tools = allow.length === 0 ? { profile: 'minimal' } : { profile: 'full', allow }
        await ask('agents.create', {
          agent_key: keyOf(i),
          provider: 'bench',
          model: 'local',
          tools,
        })
        await give(ask, keyOf(i))
      }
    } finally {
      client.close()
    }
    const subjects = parts.map(({ name }, i) => ({
      name,
      url: `${url}/v1/chat/completions`,
      model: keyOf(i),
      headers: { authorization: `Bearer ${apiKey}` },
      varying: sessionHeader(keyOf(i), 'part'),
    }))
    return await measureLatency(subjects, rounds)
  } finally {
    hook.close()
    await mcp.close()
  }
}
