/** Who sees the questions that wait for a human, and who may answer them. */
import { describe, expect, it } from 'vitest'
import { newId } from '../../../src/crypto/random.ts'
import { createApproval, type NewApproval } from '../../../src/db/approvals.ts'
import { loadConfig, writeConfig } from '../../../src/db/tenant-config.ts'
import { agentIdSchema, runIdSchema } from '../../../src/domain/ids.ts'
import { bearer, NOW, newKey, newTenant, openWorld, TOKEN, user } from '../gateway/world.ts'
import { asked, type Caller, call } from './control.ts'

async function open(tools: Readonly<Record<string, unknown>> = {}) {
  const world = openWorld()
  const members = { ada: 'admin', otto: 'operator', anna: 'operator', vera: 'viewer' } as const
  const tenant = await newTenant(world, members)
  const baseHash = (await loadConfig(world.db, tenant))?.hash ?? ''
  const change = { document: { tools }, baseHash, userId: user('olga') }
  if (!(await writeConfig(world.db, tenant, change, NOW)).ok) throw new Error('not written')
  const person = (userId: string): Caller => ({
    credential: bearer(TOKEN),
    claims: { tenant, userId },
  })
  const { credential } = await newKey(world, tenant, {
    ownerId: 'otto',
    scopes: ['operator.approvals'],
  })
  const ask = async (by: string, change: Partial<NewApproval> = {}): Promise<string> => {
    const id = newId('apr')
    const approval: NewApproval = {
      id,
      agentId: agentIdSchema.parse(`agt_${tenant.slice(4)}`),
      agentKey: 'default',
      sessionKey: 'agent:default:ws:direct:c1',
      runId: runIdSchema.parse('run_1'),
      callId: id,
      tool: 'exec',
      arguments: '{"command":"touch a"}',
      cwd: '',
      envNames: [],
      access: 'rw',
      network: 'none',
      policyVersion: '1',
      manifestRoot: '',
      standing: { argv: ['touch', 'a'], cwd: '', matchHash: 'h' },
      reason: 'autonomy',
      bindingHash: id,
      requestedBy: user(by),
      sessionOwner: user(by),
      createdAt: NOW,
      expiresAt: NOW + 120_000,
      ...change,
    }
    await createApproval(world.db, tenant, approval, { perSession: 10, perRequester: 10 })
    return id
  }
  world.services.session = (() => ({ approvalAnswered: async () => undefined })) as never
  const seenBy = async (who: Caller): Promise<readonly string[]> => {
    const { pending } = await asked(world, who, 'exec.approval.list')
    return (pending as { id: string }[]).map(({ id }) => id)
  }
  const code = async (who: Caller, operation: 'approve' | 'deny', id: string, always = false) => {
    const params = always ? { id, always } : { id }
    const answer = await call(world, who, `exec.approval.${operation}`, params)
    return answer.ok ? 'ok' : answer.error.code
  }
  return { person, approver: { credential } as Caller, ask, seenBy, code }
}

describe('a waiting question', () => {
  it('is shown to whoever may answer it, and to whom it concerns', async () => {
    const { person, approver, ask, seenBy } = await open()
    const id = await ask('anna')
    for (const who of [person('ada'), approver, person('anna')]) {
      expect(await seenBy(who)).toEqual([id])
    }
    for (const who of [person('otto'), person('vera')]) expect(await seenBy(who)).toEqual([])
  })

  it('is not there for others: to answer it tells them no more than that', async () => {
    const { person, ask, code } = await open()
    const id = await ask('anna')
    expect(await code(person('otto'), 'approve', id)).toBe('NOT_FOUND')
    expect(await code(person('otto'), 'deny', id)).toBe('NOT_FOUND')
  })

  it('is approved by an admin, or by a key that an admin made for just that', async () => {
    const { person, approver, ask, code } = await open()
    expect(await code(person('ada'), 'approve', await ask('anna'))).toBe('ok')
    expect(await code(approver, 'approve', await ask('anna'))).toBe('ok')
  })

  it('is approved by who asked it only where they are an admin, or it is configured so', async () => {
    const closed = await open()
    expect(await closed.code(closed.person('anna'), 'approve', await closed.ask('anna'))).toBe(
      'UNAUTHORIZED',
    )
    expect(await closed.code(closed.person('ada'), 'approve', await closed.ask('ada'))).toBe('ok')
    expect(await closed.code(closed.approver, 'approve', await closed.ask('otto'))).toBe(
      'UNAUTHORIZED',
    )
    const opened = await open({ approvals: { requester_may_approve: true } })
    expect(await opened.code(opened.person('anna'), 'approve', await opened.ask('anna'))).toBe('ok')
    expect(await opened.code(opened.person('otto'), 'approve', await opened.ask('anna'))).toBe(
      'NOT_FOUND',
    )
  })

  it('is allowed for always by an admin alone', async () => {
    const { person, approver, ask, code } = await open()
    expect(await code(approver, 'approve', await ask('anna'), true)).toBe('UNAUTHORIZED')
    expect(await code(person('ada'), 'approve', await ask('anna'), true)).toBe('ok')
  })
})
