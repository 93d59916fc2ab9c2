/** Is it alive, and how much is going on in the caller's tenant. */
import { z } from 'zod'
import { listSessions } from '../db/sessions.ts'
import { ok } from '../domain/result.ts'
import { reachedAgentKeys } from '../domain/tenant-snapshot.ts'
import { VIEWER } from './access.ts'
import { operation } from './operation.ts'

const none = z.object({})

export const health = operation({
  name: 'health',
  summary: 'Tells that the gateway answers',
  access: VIEWER,
  params: none,
  result: z.object({ status: z.literal('ok'), protocol: z.literal(3), version: z.string() }),
  run: async ({ catalog }) =>
    ok({ status: 'ok' as const, protocol: 3 as const, version: catalog.version }),
})

export const status = operation({
  name: 'status',
  summary: 'Counts agents, connected clients and sessions of the tenant',
  access: VIEWER,
  params: none,
  result: z.object({
    agents: z.array(z.object({ id: z.string(), model: z.string(), isRunning: z.boolean() })),
    agentTotal: z.number(),
    clients: z.number(),
    sessions: z.number(),
  }),
  http: { method: 'GET', path: '/v1/status' },
  run: async ({ services, principal, snapshot }) => {
    const tenant = services.tenant(snapshot.tenantId)
    const [clients, runs, page] = await Promise.all([
      tenant.connectionCount(),
      tenant.runningRuns(),
      listSessions(services.database(snapshot.tenantId), snapshot.tenantId, {
        limit: 1,
        offset: 0,
        ...reachedAgentKeys(principal, snapshot),
      }),
    ])
    const busy = new Set(runs.map(({ agentKey }) => agentKey))
    const agents = snapshot.agents.map(({ key, model }) => ({
      id: key,
      model,
      isRunning: busy.has(key),
    }))
    return ok({ agents, agentTotal: agents.length, clients, sessions: page.total })
  },
})
