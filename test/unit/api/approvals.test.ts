/** Who sees the questions that wait for a human, and who may answer them. */
import { describe, expect, it } from 'vitest'
import { newId } from '../../../src/crypto/random.ts'
import { createApproval, type NewApproval } from '../../../src/db/approvals.ts'
import { loadConfig, writeConfig } from '../../../src/db/tenant-config.ts'
import { agentIdSchema, runIdSchema } from '../../../src/domain/ids.ts'
import { bearer, NOW, newKey, newTenant, openWorld, TOKEN, user } from '../gateway/world.ts'
import { asked, type Caller, call } from './control.ts'

interface Listed {
  readonly pending: readonly Readonly<Record<string, unknown>>[]
  readonly total: number
  readonly next: string | null
}

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
  const list = async (who: Caller, params = {}): Promise<Listed> =>
    (await asked(world, who, 'exec.approval.list', params)) as unknown as Listed
  const get = (who: Caller, id: string) => call(world, who, 'exec.approval.get', { id })
  return { world, person, approver: { credential } as Caller, ask, seenBy, code, list, get }
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

const argumentsOf = (command: string): Partial<NewApproval> => ({
  arguments: JSON.stringify({ command }),
})

describe('the list of what waits', () => {
  it('goes page by page, each question once, and counts them all', async () => {
    const { person, ask, list } = await open()
    const ids: string[] = []
    // Some of one moment: a page ends between them.
    for (let i = 0; i < 5; i++) {
      ids.push(await ask('anna', { createdAt: NOW + Math.floor(i / 3) }))
    }
    const seen: unknown[] = []
    let cursor: string | null = null
    do {
      const page: Listed = await list(person('ada'), { limit: 2, ...(cursor ? { cursor } : {}) })
      expect(page.total).toBe(5)
      expect(page.pending.length).toBeLessThanOrEqual(2)
      seen.push(...page.pending.map(({ id }) => id))
      cursor = page.next
    } while (cursor !== null)
    expect(seen.toSorted()).toEqual(ids.toSorted())
  })

  it('gives the total alone, of what the caller may see', async () => {
    const { person, ask, list } = await open()
    await ask('anna')
    await ask('otto')
    expect(await list(person('ada'), { limit: 0 })).toEqual({ pending: [], total: 2, next: null })
    expect(await list(person('anna'), { limit: 0 })).toMatchObject({ total: 1 })
    expect(await list(person('vera'), { limit: 0 })).toMatchObject({ total: 0 })
  })

  it('keeps to one conversation', async () => {
    const { person, ask, list } = await open()
    const sessionKey = 'agent:default:ws:direct:c2'
    const id = await ask('anna', { sessionKey })
    await ask('anna')
    const { pending, total } = await list(person('ada'), { sessionKey })
    expect([pending.map((each) => each['id']), total]).toEqual([[id], 1])
  })

  it('is small however long the calls are, and says of each that it is cut', async () => {
    const { person, ask, list } = await open()
    const short = await ask('anna')
    for (let i = 0; i < 9; i++) await ask('anna', argumentsOf('\u202e;ls '.repeat(1_600)))
    const answer = await list(person('ada'))
    expect(answer.pending).toHaveLength(10)
    expect(JSON.stringify(answer).length).toBeLessThan(10 * 4_096)
    for (const row of answer.pending) {
      const isShort = row['id'] === short
      expect([row['isCut'], row['line'] === null]).toEqual([!isShort, !isShort])
    }
  })

  it('takes no cursor that is none, and shows nobody more by one', async () => {
    const { world, person, ask, list } = await open()
    await ask('anna')
    expect(await call(world, person('ada'), 'exec.approval.list', { cursor: 'x' })).toMatchObject({
      error: { code: 'INVALID_REQUEST' },
    })
    expect((await list(person('vera'), { cursor: `${NOW + 99}:x` })).pending).toEqual([])
  })
})

describe('the whole of a question', () => {
  it('is had by whoever may see it, with how the line is read', async () => {
    const { person, approver, ask, get } = await open()
    const command = `echo ${'x'.repeat(9_000)}; rm b`
    const id = await ask('anna', argumentsOf(command))
    for (const who of [person('ada'), approver, person('anna')]) {
      expect(await get(who, id)).toMatchObject({
        value: { approval: { id, command, isCut: false, line: { commands: [{}, {}] } } },
      })
    }
    for (const who of [person('otto'), person('vera')]) {
      expect(await get(who, id)).toMatchObject({ error: { code: 'NOT_FOUND' } })
    }
  })

  it('is there while it waits, as the list is', async () => {
    const { world, person, ask, code, get } = await open()
    const answered = await ask('anna')
    await code(person('ada'), 'deny', answered)
    const late = await ask('anna')
    expect(await get(person('ada'), answered)).toMatchObject({ error: { code: 'NOT_FOUND' } })
    world.clock += 120_000
    expect(await get(person('ada'), late)).toMatchObject({ error: { code: 'NOT_FOUND' } })
  })
})
