/** Runs that another run began, in the session's stores: whose they are, what joins them, who hears. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Services } from '../../../../src/api/context.ts'
import { runIdSchema } from '../../../../src/domain/ids.ts'
import type { SendRequest } from '../../../../src/domain/ports/session.ts'
import type { RunResult } from '../../../../src/domain/run-event.ts'
import type { RelayedOrigin, SubAgentOrigin } from '../../../../src/domain/run-origin.ts'
import { tellEnd } from '../../../../src/objects/session/children.ts'
import { StoredProvenance } from '../../../../src/objects/session/provenance.ts'
import { RunBudget } from '../../../../src/objects/session/run-budget.ts'
import { startLeftOver, startOrJoin } from '../../../../src/objects/session/send.ts'
import { admitted, openWorld, principal, sendRequest, type World } from './world.ts'

const PARENT = 'agent:boss:ws:direct:c9'
const origin: SubAgentOrigin = {
  kind: 'subagent',
  parentSessionKey: PARENT,
  parentRunId: runIdSchema.parse('run_9'),
  lineage: [PARENT],
  owner: principal('ada').userId,
  preset: null,
  hasSeenUntrusted: true,
}
const { owner: _, preset: __, ...actsFor } = origin
const relayed: RelayedOrigin = { ...actsFor, kind: 'relayed' }
const COMPLETED: RunResult = {
  kind: 'completed',
  content: 'done',
  usage: { promptTokens: 0, completionTokens: 0, cacheCreationTokens: 0, cacheReadTokens: 0 },
}

let world: World
const send = (fields: Partial<SendRequest> = {}, isNew = false) =>
  startOrJoin(sendRequest('go', fields), admitted('go', { isNew }), world.sendStores)
const codeOf = (sent: ReturnType<typeof send>): string =>
  sent.ok ? sent.value.kind : sent.error.code

beforeEach(() => {
  world = openWorld()
})

describe('a run that another one began', () => {
  it('is the parent’s person’s, in a conversation that knows what its parent had read', () => {
    send({ origin, principal: principal('admin', { role: 'admin' }) }, true)
    expect(world.stores.meta.read()?.owner).toBe('ada')
    expect(new StoredProvenance(world.stores.kv).hasSeenUntrusted()).toBe(true)
    const { payload } = JSON.parse(world.broadcast[0]?.frame ?? '{}')
    expect(payload).toMatchObject({ runKind: 'subagent', parentAgentId: 'boss' })
  })

  it('takes in its parent’s notes and its person’s words, and no other agent’s', () => {
    send({ origin }, true)
    expect(codeOf(send({ origin, joinOnly: true }))).toBe('injected')
    expect(codeOf(send())).toBe('injected')
    expect(codeOf(send({ origin: { ...origin, parentSessionKey: 'agent:x:main' } }))).toBe(
      'FAILED_PRECONDITION',
    )
    expect(codeOf(send({ origin: relayed, hops: 1 }))).toBe('FAILED_PRECONDITION')
  })

  it('is no run of a person’s to write into, nor one that a note begins', () => {
    send({}, true)
    expect(codeOf(send({ origin, joinOnly: true }))).toBe('FAILED_PRECONDITION')
    expect(codeOf(send({ origin: relayed, hops: 1 }))).toBe('FAILED_PRECONDITION')
    const { runs } = world.stores
    const [running] = [runs.running()]
    if (running) runs.finish(running.id, COMPLETED, 1)
    expect(codeOf(send({ origin, joinOnly: true }))).toBe('FAILED_PRECONDITION')
    expect(runs.takeInjections()).toEqual([])
  })

  it('goes on narrowed with what came too late, one step further from a person', () => {
    send({ origin: relayed, hops: 2 }, true)
    const { runs } = world.stores
    const ended = runs.running()
    if (!ended) throw new Error('there is a run')
    runs.inject('late', 1)
    runs.finish(ended.id, COMPLETED, 1)
    const next = startLeftOver(ended, COMPLETED, world.sendStores)
    expect(next && runs.find(next)?.options).toMatchObject({ origin: relayed, hops: 3 })
  })

  it('draws on the budgets of whom it acts for, at the price of its own model', () => {
    send({ origin }, true)
    const { meta, runs } = world.stores
    const run = runs.running()
    if (!run) throw new Error('there is a run')
    const budget = new RunBudget({ services: {} as Services, meta, runs })
    expect(budget.spentBy(run)).toMatchObject({
      agentKey: 'boss',
      userId: 'ada',
      model: { provider: 'demo', name: 'demo' },
    })
  })

  it('gives its place back and tells its parent, and a relayed one nobody', async () => {
    const said: unknown[] = []
    const services = {
      tenant: () => ({ endAgentRun: async (...place: unknown[]) => void said.push(place) }),
      session: (_tenant: string, key: string) => ({
        subAgent: async (report: unknown) => void said.push([key, report]),
      }),
    } as unknown as Services
    send({ origin }, true)
    const { meta, runs, kv } = world.stores
    const run = runs.running()
    const session = meta.read()
    if (!run || !session) throw new Error('there is a run')
    const parts = { services, meta, provenance: new StoredProvenance(kv) }
    await tellEnd(parts, run, COMPLETED)
    const { sessionKey } = session
    const report = { sessionKey, result: COMPLETED, hasSeenUntrusted: true }
    expect(said).toEqual([
      ['ada', sessionKey],
      [PARENT, report],
    ])
    await tellEnd(parts, { ...run, options: { ...run.options, origin: relayed } }, COMPLETED)
    expect(said).toHaveLength(3)
  })
})
