import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createStandingApproval,
  decideApproval,
  findApproval,
  listPendingApprovals,
} from '../../../src/db/approvals.ts'
import { loadSnapshot } from '../../../src/db/tenants.ts'
import type { AgentId, RunId, TenantId } from '../../../src/domain/ids.ts'
import { type Approvals, createApprovals, type Question } from '../../../src/gateway/approvals.ts'
import { createVerbatimRelease } from '../../../src/gateway/release.ts'
import { createSecretDictionary } from '../../../src/output/secret-dictionary.ts'
import { newTenant, openWorld, useQuietLog, user, type World } from './world.ts'

useQuietLog()

let world: World
let tenantId: TenantId
let question: Question
let told: { event: string; payload: unknown }[]
/** What happens while somebody waits: time passes, and whatever a test wants beside. */
let meanwhile: (approvalId: string) => Promise<void> | void
const dictionary = createSecretDictionary()
dictionary.register('sk-of-the-provider-1234')

beforeEach(async () => {
  world = openWorld()
  tenantId = await newTenant(world)
  const snapshot = await loadSnapshot(world.db, tenantId)
  const agent = snapshot?.agents[0]
  if (!snapshot || !agent) throw new Error('no agent')
  told = []
  meanwhile = () => undefined
  question = {
    binding: {
      tenantId,
      agentId: agent.id,
      sessionKey: 'agent:default:ws:direct:1',
      runId: 'run_1' as RunId,
      callId: 'run_1.1.0',
      tool: 'exec',
      arguments: '{"command":"touch a"}',
      cwd: '',
      envNames: [],
      access: 'rw',
      network: 'none',
      policyVersion: 1,
      workspaceRoot: 'root-1',
    },
    reason: 'exec_approval',
    standing: { argv: ['touch', 'a'], cwd: '' },
    agent,
    config: snapshot.config,
  }
})
afterEach(() => world.settled())

const approvals = (): Approvals =>
  createApprovals({
    services: world.services,
    signals: {
      wait: async (id, ms, signal) => {
        // As a real one: it begins to wait now, and what happens meanwhile happens later.
        await Promise.resolve()
        await meanwhile(id)
        if (!signal.aborted) world.clock += ms
      },
    },
    requestedBy: user('ann'),
    sessionOwner: user('ann'),
    report: (event) => void world.events.push(event),
    verbatim: createVerbatimRelease(dictionary, () => undefined),
    notify: (event, payload) => void told.push({ event, payload }),
    onWait: () => undefined,
  })

const never = new AbortController().signal
const ask = (asked: Question = question) => approvals().ask(asked, null, never)
const pending = () => listPendingApprovals(world.db, tenantId, {}, world.clock)
const approve = (id: string) =>
  decideApproval(
    world.db,
    tenantId,
    id,
    { status: 'approved', decidedBy: user('olga') },
    world.clock,
  )

describe('a question nobody answers', () => {
  it('is a no after the tenant’s time, and cannot be answered any more', async () => {
    const answer = await ask()
    expect(answer).toMatchObject({ kind: 'refused' })
    expect(world.clock).toBeGreaterThanOrEqual(1_700_000_000_000 + 120_000)
    expect(await pending()).toEqual([])
    expect(told.map(({ event }) => event)).toEqual([
      'exec.approval.requested',
      'exec.approval.resolved',
    ])
    const [id] = told.map(({ payload }) => (payload as { id: string }).id)
    expect(await approve(String(id))).toBe(false)
    expect(world.events.map(({ name }) => name)).toEqual([
      'approval_requested',
      'approval_resolved',
    ])
  })

  it('is closed at once when the run is stopped', async () => {
    const stop = new AbortController()
    meanwhile = () => stop.abort()
    expect(await approvals().ask(question, null, stop.signal)).toMatchObject({ kind: 'refused' })
    expect(await pending()).toEqual([])
  })

  it('is one of three at most in a session', async () => {
    const open: number[] = []
    // Each is asked while the one before still waits.
    meanwhile = async () => {
      open.push((await pending()).length)
      if (open.length < 4) {
        const callId = `run_1.1.${open.length}`
        const answer = await ask({ ...question, binding: { ...question.binding, callId } })
        if (open.length === 3) expect(answer).toMatchObject({ kind: 'refused' })
      }
    }
    await ask()
    expect(Math.max(...open)).toBe(3)
    expect(told.filter(({ event }) => event === 'exec.approval.requested').length).toBe(3)
  })
})

describe('a long question', () => {
  it('is told of in part, and says so', async () => {
    const command = `ls ${'a'.repeat(9_000)}`
    const binding = { ...question.binding, arguments: JSON.stringify({ command }) }
    await ask({ ...question, binding })
    const payload = told[0]?.payload
    expect(payload).toMatchObject({ isCut: true, line: null })
    expect(JSON.stringify(payload).length).toBeLessThan(4_096)
  })
})

describe('an old question', () => {
  it('is forgotten when another is asked, and no younger one with it', async () => {
    const idOf = () => told.map(({ payload }) => (payload as { id: string }).id).at(-1) ?? ''
    await ask()
    const old = idOf()
    world.clock += 20 * 86_400_000
    await ask({ ...question, binding: { ...question.binding, callId: 'run_1.1.1' } })
    const young = idOf()
    world.clock += 11 * 86_400_000
    await ask({ ...question, binding: { ...question.binding, callId: 'run_1.1.2' } })
    expect(await findApproval(world.db, tenantId, old)).toBeNull()
    expect(await findApproval(world.db, tenantId, young)).not.toBeNull()
  })
})

describe('a question that would bury whoever answers', () => {
  it('is not asked about a call that is too long to be read, however it is written', async () => {
    for (const content of ['x'.repeat(33_000), 'é'.repeat(6_000)]) {
      const binding = { ...question.binding, arguments: JSON.stringify({ content }) }
      expect(await ask({ ...question, binding })).toMatchObject({
        kind: 'refused',
        message: expect.stringContaining('too long'),
      })
    }
    expect(told).toEqual([])
  })

  it('is one of twenty at most by one person, in however many conversations', async () => {
    const stop = new AbortController()
    const forever = Promise.withResolvers<void>()
    meanwhile = () => forever.promise
    const asked = Array.from({ length: 20 }, (_, i) => {
      const sessionKey = `agent:default:ws:direct:${i}`
      const binding = { ...question.binding, sessionKey }
      return approvals().ask({ ...question, binding }, null, stop.signal)
    })
    await expect.poll(async () => (await pending()).length).toBe(20)
    const binding = { ...question.binding, sessionKey: 'agent:default:ws:direct:more' }
    expect(await ask({ ...question, binding })).toMatchObject({ kind: 'refused' })
    stop.abort()
    forever.resolve()
    await Promise.all(asked)
  })
})

describe('a standing answer', () => {
  it('is the agent’s it was given for, not of a later one with the same name', async () => {
    meanwhile = async (id) => void (await approve(id))
    const answer = await ask()
    if (answer.kind !== 'approved') throw new Error(answer.kind)
    const given = await findApproval(world.db, tenantId, answer.approvalId)
    if (!given?.standing) throw new Error('no standing match')
    await createStandingApproval(world.db, tenantId, {
      id: 'sta_1',
      agentKey: given.agentKey,
      tool: given.tool,
      ...given.standing,
      createdBy: user('olga'),
      createdAt: world.clock,
      expiresAt: world.clock + 1_000_000,
    })
    expect(await ask()).toEqual({ kind: 'standing' })
    const other = { ...question.agent, id: 'agt_later' as AgentId }
    expect(await ask({ ...question, agent: other })).toMatchObject({ kind: 'approved' })
  })
})

describe('an answer', () => {
  it('is used up by one start of exactly what was asked', async () => {
    meanwhile = async (id) => void (await approve(id))
    const answer = await ask()
    if (answer.kind !== 'approved') throw new Error(answer.kind)
    const { binding } = question
    for (const change of [
      { arguments: '{"command":"touch b"}' },
      { cwd: 'elsewhere' },
      { envNames: ['TOKEN'] },
      { access: 'ro' as const },
      { network: 'egress_allowlist' as const },
      { policyVersion: 2 },
      { workspaceRoot: 'root-2' },
      { sessionKey: 'agent:default:ws:direct:2' },
      { runId: 'run_2' as RunId },
      { callId: 'run_1.1.1' },
      { tool: 'write_file' },
    ]) {
      const other = { ...binding, ...change }
      expect([change, await approvals().consume(answer.approvalId, other)]).toEqual([change, false])
    }
    expect(await approvals().consume(answer.approvalId, binding)).toBe(true)
    expect(await approvals().consume(answer.approvalId, binding)).toBe(false)
  })

  it('is found again by the call it was given for, after a crash', async () => {
    meanwhile = async (id) => void (await approve(id))
    await ask()
    const found = await approvals().earlier(question.binding)
    expect(found?.status).toBe('approved')
    meanwhile = () => undefined
    const before = told.length
    const taken = await approvals().ask(question, found, never)
    expect(taken).toEqual({ kind: 'approved', approvalId: found?.id })
    // Nobody is asked a second time.
    expect(told.slice(before).map(({ event }) => event)).toEqual(['exec.approval.resolved'])
    const other = { ...question.binding, callId: 'run_1.1.9' }
    expect(await approvals().earlier(other)).toBeNull()
  })

  it('is shown a question without the secrets of the run, and bound to the call with them', async () => {
    const command = 'curl -H "x: sk-of-the-provider-1234"'
    const binding = { ...question.binding, arguments: JSON.stringify({ command }) }
    meanwhile = async (id) => void (await approve(id))
    const answer = await ask({ ...question, binding })
    if (answer.kind !== 'approved') throw new Error(answer.kind)
    const kept = JSON.stringify([await findApproval(world.db, tenantId, answer.approvalId), told])
    expect(kept).not.toContain('sk-of-the-provider')
    expect(kept).toContain('[REDACTED]')
    expect(await approvals().consume(answer.approvalId, binding)).toBe(true)
  })
})
