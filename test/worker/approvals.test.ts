/** A call that needs a human: asked, answered, bound to what it was asked about, across crashes. */
import { runInDurableObject } from 'cloudflare:test'
import { beforeAll, describe, expect, it } from 'vitest'
import type { TenantId } from '../../src/domain/ids.ts'
import { sessionObjectName } from '../../src/domain/object-name.ts'
import {
  bearer,
  bindings,
  connected,
  createKey,
  createTenant,
  http,
  type Key,
  migrate,
  operator,
  TOKEN,
} from './support/gateway.ts'
import type { EventFrame, TestSocket } from './support/socket.ts'

let tenantId: string
let admin: TestSocket
let alice: TestSocket
let bob: TestSocket
let aliceKey: Key
let approverKey: Key

beforeAll(async () => {
  await migrate()
  const platform = await operator()
  tenantId = await createTenant(platform, 'asking')
  await platform.ask('tenants.users.add', { tenant_id: tenantId, user_id: 'olga', role: 'owner' })
  admin = await connected({ token: TOKEN, tenant_id: tenantId, user_id: 'olga' })
  await admin.ask('config.patch', {
    raw: { gateway: { rate_limit_rpm: 0, rate_limit_session_rpm: 0 } },
  })
  await admin.ask('agents.create', {
    agent_key: 'careful',
    settings: { autonomy: { level: 'supervised' } },
  })
  const scopes = ['operator.write', 'operator.approvals']
  aliceKey = await createKey(platform, tenantId, { scopes, owner: 'alice' })
  const bobKey = await createKey(platform, tenantId, { scopes: ['operator.write'], owner: 'bob' })
  approverKey = await createKey(platform, tenantId, {
    scopes: ['operator.approvals'],
    owner: 'petra',
  })
  alice = await connected({ token: aliceKey.key })
  bob = await connected({ token: bobKey.key })
}, 60_000)

let talks = 0
const newTalk = (): string => `agent:careful:ws:direct:talk-${++talks}`

interface Asked {
  readonly sessionKey: string
  readonly answer: () => Promise<string>
  readonly pending: EventFrame['payload']
}

const requested =
  (sessionKey: string, known: ReadonlySet<unknown> = new Set()) =>
  (frame: unknown): boolean => {
    const { type, event, payload } = frame as EventFrame
    return (
      type === 'event' &&
      event === 'exec.approval.requested' &&
      payload['sessionKey'] === sessionKey &&
      !known.has(payload['id'])
    )
  }

/** Sends, and comes back once the admin was asked. */
async function asks(message: string, sessionKey = newTalk()): Promise<Asked> {
  const known = new Set(
    admin.events.filter(requested(sessionKey)).map(({ payload }) => payload['id']),
  )
  const id = `send-${sessionKey}-${known.size}`
  const params = { sessionKey, message }
  alice.sendRaw(JSON.stringify({ type: 'req', id, method: 'chat.send', params }))
  const { payload } = (await admin.find(requested(sessionKey, known), 'the question')) as EventFrame
  const answer = async (): Promise<string> => String((await alice.answer(id)).payload?.['content'])
  return { sessionKey, pending: payload, answer }
}

const isPending = async (id: unknown): Promise<boolean> => {
  const { pending } = await admin.ask('exec.approval.list')
  return (pending as { id: string }[]).some((each) => each.id === id)
}

describe('a call that needs a human', () => {
  it('is shown whole to whoever may answer, and runs once it was approved', async () => {
    const { pending, answer, sessionKey } = await asks('write: plan.txt: go')
    expect(pending).toMatchObject({
      tool: 'write_file',
      arguments: '{"content":"go","path":"plan.txt"}',
      agentId: 'careful',
      sessionKey,
      reason: 'autonomy',
      requestedBy: 'alice',
    })
    // The session's own user is told as well.
    await alice.find(requested(sessionKey), 'the question at the requester')
    expect(await isPending(pending['id'])).toBe(true)
    expect(await admin.ask('exec.approval.approve', { id: pending['id'] })).toMatchObject({
      ok: true,
    })
    expect(await answer()).toContain('Created plan.txt')
    expect(await isPending(pending['id'])).toBe(false)
    const { events } = await admin.ask('security.events.list', { name: 'approval_requested' })
    expect(JSON.stringify(events)).not.toContain('plan.txt')
  })

  it('does not run when it is denied, and the model is told', async () => {
    const { pending, answer } = await asks('write: denied.txt: no')
    await admin.ask('exec.approval.deny', { id: pending['id'] })
    expect(await answer()).toContain('denied it')
    const { pending: reading } = await asks('write: again.txt: x')
    await admin.ask('exec.approval.deny', { id: reading['id'] })
  })

  it('is not approved by whoever asked, who may take it back, unless the tenant says so', async () => {
    const { pending, answer } = await asks('write: own.txt: mine')
    const refused = await alice.refused('exec.approval.approve', { id: pending['id'] })
    expect(refused.code).toBe('UNAUTHORIZED')
    await alice.ask('exec.approval.deny', { id: pending['id'] })
    expect(await answer()).toContain('denied it')
    await admin.ask('config.patch', {
      raw: { tools: { approvals: { requester_may_approve: true } } },
    })
    const second = await asks('write: own.txt: mine')
    await alice.ask('exec.approval.approve', { id: second.pending['id'] })
    expect(await second.answer()).toContain('Created own.txt')
    await admin.ask('config.patch', { raw: { tools: { approvals: null } } })
  })

  it('is hidden from a colleague, and open to a key that is for answering', async () => {
    const { pending, answer, sessionKey } = await asks('write: hidden.txt: x')
    expect(await bob.ask('exec.approval.list')).toEqual({ pending: [], total: 0, next: null })
    const answering = { id: pending['id'] }
    expect((await bob.refused('exec.approval.get', answering)).code).toBe('NOT_FOUND')
    expect((await bob.refused('exec.approval.approve', answering)).code).toBe('UNAUTHORIZED')
    const headers = bearer(approverKey.key)
    const listed = await http('/v1/approvals', { headers })
    expect(listed.text).toContain(String(pending['id']))
    const path = `/v1/approvals/${pending['id']}/approve`
    const approved = await http(path, { method: 'POST', headers, body: {} })
    expect(approved.status).toBe(200)
    expect(await answer()).toContain('Created hidden.txt')
    // Nor did they hear of it on their own socket, while it was asked and answered.
    await bob.ask('exec.approval.list')
    expect(bob.events.filter(requested(sessionKey))).toEqual([])
    const late = await http(path, { method: 'POST', headers, body: {} })
    expect([late.status, late.code]).toEqual([412, 'FAILED_PRECONDITION'])
  })

  it('takes no words in from a credential that may do less than the one that asked', async () => {
    const platform = await operator()
    const key = { scopes: ['operator.write'], owner: 'alice' }
    const narrow = await createKey(platform, tenantId, key)
    const raw = { tools: { by_credential: { [narrow.id]: { profile: 'minimal' } } } }
    await admin.ask('config.patch', { raw })
    const { pending, answer, sessionKey } = await asks('write: asked.txt: x')
    const thief = await connected({ token: narrow.key })
    const message = 'write: sneaked.txt: x'
    for (const method of ['chat.send', 'chat.inject']) {
      const refused = await thief.refused(method, { sessionKey, message })
      expect([method, refused.code]).toEqual([method, 'FAILED_PRECONDITION'])
    }
    await admin.ask('exec.approval.deny', { id: pending['id'] })
    await answer()
    const alone = await thief.ask('chat.send', { sessionKey: newTalk(), message })
    expect(alone['content']).not.toContain('Created')
    await admin.ask('config.patch', { raw: { tools: { by_credential: null } } })
  })

  it('asks again when the files changed while it waited', async () => {
    const first = await asks('write: report.txt: one')
    const other = await asks('write: script.sh: echo two')
    await admin.ask('exec.approval.approve', { id: other.pending['id'] })
    expect(await other.answer()).toContain('Created script.sh')
    await admin.ask('exec.approval.approve', { id: first.pending['id'] })
    const known = new Set([first.pending['id']])
    const again = (await admin.find(
      requested(first.sessionKey, known),
      'the second question',
    )) as EventFrame
    await admin.ask('exec.approval.approve', { id: again.payload['id'] })
    expect(await first.answer()).toContain('Created report.txt')
  })

  it('asks again when the policy changed while it waited', async () => {
    const { pending, answer, sessionKey } = await asks('write: policy.txt: x')
    await admin.ask('config.patch', { raw: { tools: { rate_limit_per_hour: 149 } } })
    await admin.ask('exec.approval.approve', { id: pending['id'] })
    const again = (await admin.find(
      requested(sessionKey, new Set([pending['id']])),
      'the second question',
    )) as EventFrame
    await admin.ask('exec.approval.deny', { id: again.payload['id'] })
    expect(await answer()).toContain('denied it')
  })

  it('waits through the loss of its object, and then runs once', async () => {
    const { pending, answer, sessionKey } = await asks('write: durable.txt: still here')
    const name = sessionObjectName(tenantId as TenantId, sessionKey)
    // As a crash takes it: nothing of what it had in memory is left.
    const stub = bindings.SESSIONS.getByName(name)
    await runInDurableObject(stub, (_, state) => state.abort('crash')).catch(() => undefined)
    await admin.ask('exec.approval.approve', { id: pending['id'] })
    const talk = await connected({ token: aliceKey.key })
    await talk.ask('chat.session.status', { sessionKey })
    expect(await answer()).toContain('Created durable.txt')
    const { messages } = await talk.ask('chat.history', { sessionKey })
    const roles = (messages as { role: string }[]).map(({ role }) => role)
    expect(roles).toEqual(['user', 'assistant', 'tool', 'assistant'])
    talk.close()
  })

  it('ends with the run when that is stopped', async () => {
    const { pending, sessionKey } = await asks('write: stopped.txt: x')
    await alice.ask('chat.abort', { sessionKey })
    await alice.find(
      (frame) =>
        frame.type === 'event' &&
        frame.payload['type'] === 'run.cancelled' &&
        frame.payload['sessionKey'] === sessionKey,
      'the end of the run',
    )
    expect((await admin.refused('exec.approval.approve', { id: pending['id'] })).code).toBe(
      'FAILED_PRECONDITION',
    )
  })

  it.each([
    ['a value behind a name', 'PASSWORD="a1B2c3D4e5F6; cp a b" sh -c "$PASSWORD"'],
    ['a key', 'cp customers.csv sk-proj-a1B2c3D4e5F6a1B2c3D4e5F6a1B2c3D4e5F6'],
  ])('shows what looks like %s, which may be what matters', async (_, command) => {
    const { pending } = await asks(`run: ${command}`)
    expect(pending['command']).toBe(command)
    await admin.ask('exec.approval.deny', { id: pending['id'] })
  })

  it('costs a call of the session’s budget, whatever the answer', async () => {
    await admin.ask('config.patch', { raw: { tools: { rate_limit_per_hour: 1 } } })
    const sessionKey = newTalk()
    const first = await asks('write: one.txt: x', sessionKey)
    await admin.ask('exec.approval.deny', { id: first.pending['id'] })
    expect(await first.answer()).toContain('denied it')
    const second = await alice.ask('chat.send', { sessionKey, message: 'write: two.txt: x' })
    expect(second['content']).toContain('tool calls per hour')
    // And once only: asked about and approved is one call.
    const other = await asks('write: three.txt: x')
    await admin.ask('exec.approval.approve', { id: other.pending['id'] })
    expect(await other.answer()).toContain('Created three.txt')
    await admin.ask('config.patch', { raw: { tools: { rate_limit_per_hour: null } } })
  })

  it('is the conversation’s owner’s own, also when an admin started the run in it', async () => {
    const sessionKey = newTalk()
    await alice.ask('chat.send', { sessionKey, message: 'hello' })
    const params = { sessionKey, message: 'write: by-admin.txt: x' }
    admin.sendRaw(JSON.stringify({ type: 'req', id: 'admins', method: 'chat.send', params }))
    const { payload } = (await admin.find(requested(sessionKey), 'the question')) as EventFrame
    const id = payload['id']
    const { pending } = await alice.ask('exec.approval.list')
    expect(pending).toContainEqual(expect.objectContaining({ id }))
    expect((await alice.refused('exec.approval.approve', { id })).code).toBe('UNAUTHORIZED')
    await alice.ask('exec.approval.deny', { id })
    expect((await admin.answer('admins')).payload?.['content']).toContain('denied it')
  })

  it('spells out what could make a command look like another', async () => {
    const { pending } = await asks('run: touch \u202e txt.exe \u0430')
    expect(pending['command']).toBe('touch \\u{202e} txt.exe \\u{430}')
    await admin.ask('exec.approval.deny', { id: pending['id'] })
  })
})

describe('allow-always', () => {
  it('is an admin’s, stands for the same words alone, is listed and can be taken back', async () => {
    const first = await asks('run: touch a.txt')
    await admin.ask('exec.approval.approve', { id: first.pending['id'], always: true })
    // Without a runner nothing runs; that it was not asked is what counts here.
    expect(await first.answer()).toContain('sandbox unavailable')
    const sessionKey = newTalk()
    const same = await alice.ask('chat.send', { sessionKey, message: 'run: touch a.txt' })
    expect(same['content']).toContain('sandbox unavailable')
    const { standing } = await admin.ask('exec.approval.standing.list')
    expect(standing).toMatchObject([{ command: ['touch', 'a.txt'], createdBy: 'olga' }])
    const other = await asks('run: touch b.txt')
    await admin.ask('exec.approval.deny', { id: other.pending['id'] })
    const [{ id }] = standing as [{ id: string }]
    await admin.ask('exec.approval.standing.revoke', { id })
    const third = await asks('run: touch a.txt')
    await admin.ask('exec.approval.deny', { id: third.pending['id'] })
  })

  it('is not given by others, nor for programs that run files of the workspace', async () => {
    const touch = await asks('run: touch c.txt')
    const headers = bearer(approverKey.key)
    const path = `/v1/approvals/${touch.pending['id']}/approve`
    const refused = await http(path, { method: 'POST', headers, body: { always: true } })
    expect([refused.status, refused.code]).toEqual([403, 'UNAUTHORIZED'])
    await admin.ask('exec.approval.deny', { id: touch.pending['id'] })
    for (const command of ['python3 script.py', './touch c.txt', 'touch c.txt; ls', 'make']) {
      const { pending } = await asks(`run: ${command}`)
      const always = { id: pending['id'], always: true }
      const { code } = await admin.refused('exec.approval.approve', always)
      expect([command, code]).toEqual([command, 'FAILED_PRECONDITION'])
      await admin.ask('exec.approval.deny', { id: pending['id'] })
    }
  })
})
