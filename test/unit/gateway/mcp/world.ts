/** A tenant with MCP servers on loopback: its admin, its platform's operator, and its runs. */
import { findOperation } from '../../../../src/api/registry.ts'
import { loadSnapshot } from '../../../../src/db/tenants.ts'
import type { ToolOutcome } from '../../../../src/domain/tool.ts'
import { authenticate } from '../../../../src/gateway/authenticate.ts'
import { contextOf } from '../../../../src/gateway/dispatch.ts'
import { createMcpConnections } from '../../../../src/gateway/mcp/connections.ts'
import { RATE_TAKEN } from '../../../../src/gateway/operation-rate.ts'
import { createRunRelease } from '../../../../src/gateway/release.ts'
import { presentResult } from '../../../../src/gateway/tool-result.ts'
import { toolsOf } from '../../../../src/gateway/tool-settings.ts'
import { createSecretDictionary } from '../../../../src/output/secret-dictionary.ts'
import { createMemoryWorkspace } from '../../../support/memory-workspace.ts'
import { toolContext } from '../../../support/tool-context.ts'
import { bearer, newKey, newTenant, openWorld, settings, TOKEN } from '../world.ts'

export type Answer = Awaited<ReturnType<Awaited<ReturnType<typeof openMcpWorld>>['call']>>

export async function openMcpWorld() {
  const world = openWorld()
  const tenantId = await newTenant(world, { anna: 'admin', bert: 'admin', vera: 'viewer' })
  const keys = {
    admin: await newKey(world, tenantId, { scopes: ['operator.admin'], ownerId: 'anna' }),
    other: await newKey(world, tenantId, { scopes: ['operator.admin'], ownerId: 'bert' }),
    viewer: await newKey(world, tenantId, { scopes: ['operator.read'], ownerId: 'vera' }),
  }
  const facts = { clientAddress: '203.0.113.7', isDevelopment: false }

  const contextFor = async (who: keyof typeof keys | 'operator') => {
    const proven =
      who === 'operator'
        ? await authenticate(bearer(TOKEN), { tenant: tenantId }, facts, world.services, settings())
        : await authenticate(keys[who].credential, {}, facts, world.services, settings())
    if (!proven.ok) throw new Error(proven.error.kind)
    return contextOf({
      ...proven.value,
      services: world.services,
      settings: settings(),
      replyTo: { kind: 'none' },
      defaultSessionKey: null,
      operations: RATE_TAKEN,
      origin: 'https://gateway.example',
    })
  }

  /** What an operation answers; `meanwhile` happens once the caller's view of the tenant is taken. */
  const call = async (
    who: keyof typeof keys | 'operator',
    name: string,
    params: unknown = {},
    meanwhile: () => Promise<unknown> = async () => undefined,
  ) => {
    const context = await contextFor(who)
    const operation = findOperation(`mcp.servers.${name}`)
    if (!operation) throw new Error(`no operation ${name}`)
    const parsed = operation.params.safeParse(params)
    if (!parsed.success) return { ok: false as const, error: { code: 'PARAMS' } }
    await meanwhile()
    return operation.run(context, parsed.data)
  }

  /** Of an operation that must succeed. */
  const ask = async (
    name: string,
    params: unknown = {},
    who: 'admin' | 'operator' = 'operator',
  ) => {
    const answer = await call(who, name, params)
    if (!answer.ok) throw new Error(`${name}: ${JSON.stringify(answer.error)}`)
    return answer.value as Record<string, unknown> & {
      readonly tools: readonly Readonly<Record<string, string>>[]
    }
  }

  /** A server that every agent may use, looked at once. */
  const add = async (name: string, url: string, fields: object = {}) => {
    await ask('create', { name, url, agents: ['*'], allow_private_network: true, ...fields })
    return ask('reconnect', { id: name })
  }

  const snapshot = async () => {
    const loaded = await loadSnapshot(world.db, tenantId)
    if (!loaded) throw new Error('no tenant')
    return loaded
  }

  /** One run: every call under the tenant as it is then, as the gateway's own port does it. */
  const beginRun = () => {
    const dictionary = createSecretDictionary()
    const report = (event: (typeof world.events)[number]) => void world.events.push(event)
    const { services } = world
    const { signal } = new AbortController()
    const parts = { settings: settings(), tenantId, services, dictionary, report, signal }
    const connections = createMcpConnections(parts)
    const live = async () => {
      const now = await snapshot()
      const [agent] = now.agents
      if (!agent) throw new Error('no agent')
      return { snapshot: now, agent }
    }
    const release = async () => createRunRelease((await live()).snapshot.config, dictionary, report)
    return {
      dictionary,
      close: connections.close,
      offered: async () => {
        const { snapshot: now, agent } = await live()
        return toolsOf(now, agent)
          .all.filter(({ group }) => group === 'mcp')
          .map(({ name }) => name)
      },
      call: async (name: string, args: unknown = {}): Promise<ToolOutcome> => {
        const now = await live()
        const bound = toolsOf(now.snapshot, now.agent).find(name)?.bind(args)
        if (bound === undefined) return { content: 'unknown tool', isError: true }
        if (!bound.ok) return { content: bound.error, isError: true }
        const context = toolContext(createMemoryWorkspace(), { mcp: connections.port(now) })
        const outcome = await bound.value.run(context)
        return presentResult(outcome, {
          callKey: 'run_1.1.0',
          hasSeenUntrusted: false,
          config: now.snapshot.config,
          release: await release(),
          report,
          workspace: null,
        })
      },
    }
  }

  const eventNames = () => world.events.map(({ name }) => name)
  return { world, tenantId, call, ask, add, snapshot, beginRun, eventNames }
}
