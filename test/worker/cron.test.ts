/** Scheduled jobs as they run: the tenant's alarm, the job's own session, and whose rights it has. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { beforeAll, describe, expect, it } from 'vitest'
import type { TenantId } from '../../src/domain/ids.ts'
import { tenantObjectName } from '../../src/domain/object-name.ts'
import {
  bindings,
  connected,
  createKey,
  createTenant,
  migrate,
  operator,
  TOKEN,
} from './support/gateway.ts'
import type { TestSocket } from './support/socket.ts'

let platform: TestSocket
let tenants = 0

beforeAll(async () => {
  await migrate()
  platform = await operator()
}, 60_000)

interface Job {
  readonly id: string
  readonly sessionKey: string
  readonly nextRunAt: string | null
  readonly enabled: boolean
  readonly lastStatus: string | null
  readonly lastError: string | null
}

async function newTenant() {
  const id = (await createTenant(platform, `cron-${++tenants}`)) as TenantId
  await platform.ask('tenants.users.add', { tenant_id: id, user_id: 'ann', role: 'operator' })
  await platform.ask('tenants.users.add', { tenant_id: id, user_id: 'bea', role: 'operator' })
  const scopes = ['operator.write']
  const ann = await createKey(platform, id, { scopes, owner: 'ann' })
  const bea = await createKey(platform, id, { scopes, owner: 'bea' })
  const stub = bindings.TENANTS.getByName(tenantObjectName(id))
  const told: string[] = []
  const socket = await connected({ token: ann.key }, { onText: (text) => told.push(text) })
  return { id, ann, bea, stub, socket, told }
}

/** The alarm comes, as it would at the time that its timer stands for. */
async function wake(stub: DurableObjectStub): Promise<void> {
  await runInDurableObject(stub, async (_, { storage }) => {
    storage.sql.exec("UPDATE timers SET at = 1 WHERE name = 'schedules'")
    if ((await storage.getAlarm()) === null) await storage.setAlarm(Date.now() + 3_600_000)
  })
  await runDurableObjectAlarm(stub)
}

/** Overdue, as after an outage. */
async function makeDue(tenantId: string, jobId: string, at = 1): Promise<void> {
  await bindings.DB.prepare('UPDATE cron_jobs SET next_run_at = ? WHERE tenant_id = ? AND id = ?')
    .bind(at, tenantId, jobId)
    .run()
}

async function jobOf(
  socket: TestSocket,
  params: Readonly<Record<string, unknown>> = {},
): Promise<Job> {
  const { job } = await socket.ask('cron.create', {
    name: 'hourly',
    when: 'every 1h',
    message: 'hello from the clock',
    ...params,
  })
  return job as unknown as Job
}

const runsOf = async (socket: TestSocket, jobId: string) =>
  (await socket.ask('cron.runs', { jobId }))['runs'] as readonly Record<string, unknown>[]

async function over(
  socket: TestSocket,
  jobId: string,
): Promise<readonly Record<string, unknown>[]> {
  for (let i = 0; i < 200; i++) {
    const runs = await runsOf(socket, jobId)
    if (runs.length > 0 && runs.every(({ endedAt }) => endedAt !== null)) return runs
  }
  throw new Error('the run never ended')
}

const usersIn = async (socket: TestSocket, sessionKey: string): Promise<readonly unknown[]> => {
  const { messages } = await socket.ask('chat.history', { sessionKey })
  return (messages as { role: string; content: string }[])
    .filter(({ role }) => role === 'user')
    .map(({ content }) => content)
}

const codeOf = async (
  socket: TestSocket,
  method: string,
  params: Readonly<Record<string, unknown>>,
): Promise<string> => {
  const { ok, error } = await socket.request(method, params)
  return ok ? 'ok' : String(error?.code)
}

const alarmOf = (stub: DurableObjectStub): Promise<number | null> =>
  runInDurableObject(stub, (_, { storage }) => storage.getAlarm())

describe('a scheduled job', () => {
  it('runs by the tenant’s alarm, in a session of its own, once for each time', async () => {
    const { id, stub, socket, told } = await newTenant()
    const before = Date.now()
    const job = await jobOf(socket)
    const at = (await alarmOf(stub)) ?? 0
    expect(at).toBeGreaterThan(before)
    expect(at).toBeLessThan(before + 3_700_000)
    await makeDue(id, job.id)
    await wake(stub)
    expect(await over(socket, job.id)).toMatchObject([{ status: 'ok', trigger: 'schedule' }])
    expect(await usersIn(socket, job.sessionKey)).toEqual(['hello from the clock'])
    const [listed] = (await socket.ask('cron.list', {}))['jobs'] as Job[]
    expect(listed).toMatchObject({ id: job.id, lastStatus: 'ok', enabled: true })
    expect(Date.parse(listed?.nextRunAt ?? '')).toBeGreaterThan(before)
    const news = told.filter((text) => text.includes('"event":"cron"'))
    expect(news.some((text) => text.includes('"status":"started"'))).toBe(true)
    expect(news.some((text) => text.includes('"status":"ok"'))).toBe(true)
    // Nothing is due: whoever wakes it begins nothing.
    await wake(stub)
    expect(await usersIn(socket, job.sessionKey)).toHaveLength(1)
  })

  it('starts one run although the object dies between its start and the note of it', async () => {
    const { id, stub, socket } = await newTenant()
    const job = await jobOf(socket)
    await makeDue(id, job.id)
    await wake(stub)
    await over(socket, job.id)
    // As a crash leaves it: begun, and not written down.
    await bindings.DB.prepare(
      "UPDATE cron_runs SET state = 'due', due_at = 1, message = 'hello from the clock', run_id = NULL, ended_at = NULL, waiting_since = ? WHERE job_id = ?",
    )
      .bind(Date.now(), job.id)
      .run()
    await evictDurableObject(stub)
    await wake(stub)
    expect(await over(socket, job.id)).toMatchObject([{ status: 'ok' }])
    expect(await usersIn(socket, job.sessionKey)).toHaveLength(1)
  })

  it('runs at once when it is asked to, also with what was changed a moment ago', async () => {
    const { socket } = await newTenant()
    const job = await jobOf(socket)
    await socket.ask('cron.update', { jobId: job.id, message: 'hello again' })
    await socket.ask('cron.run', { jobId: job.id })
    // By the alarm of the platform: it is armed for now, and nobody helps it.
    expect(await over(socket, job.id)).toMatchObject([{ status: 'ok', trigger: 'manual' }])
    expect(await usersIn(socket, job.sessionKey)).toEqual(['hello again'])
  })

  it('ends with the key that it was made with, and begins again with another', async () => {
    const { id, ann, stub, socket } = await newTenant()
    const job = await jobOf(socket)
    await platform.ask('api_keys.revoke', { id: ann.id, tenant_id: id })
    await makeDue(id, job.id)
    await wake(stub)
    const other = await createKey(platform, id, { scopes: ['operator.write'], owner: 'ann' })
    const again = await connected({ token: other.key })
    expect(await runsOf(again, job.id)).toMatchObject([
      { status: 'skipped', error: 'the access behind the job has ended' },
    ])
    const [listed] = (await again.ask('cron.list', {}))['jobs'] as Job[]
    expect(listed).toMatchObject({ enabled: false, nextRunAt: null })
    await again.ask('cron.toggle', { jobId: job.id, enabled: true })
    await again.ask('cron.run', { jobId: job.id })
    expect((await over(again, job.id))[0]).toMatchObject({ status: 'ok' })
  })

  it('is lent greater rights of its owner by another word alone, not by one that it says already', async () => {
    const { id, socket } = await newTenant()
    const job = await jobOf(socket)
    const scopes = ['operator.write', 'operator.approvals']
    const greater = await createKey(platform, id, { scopes, owner: 'ann' })
    const ann = await connected({ token: greater.key })
    const keyBehind = async () => {
      const row = await bindings.DB.prepare('SELECT principal FROM cron_jobs WHERE id = ?')
        .bind(job.id)
        .first<{ principal: string }>()
      return (JSON.parse(row?.principal ?? '{}') as { credential?: { id: string } }).credential?.id
    }
    const lesser = await keyBehind()
    const { message } = ((await ann.ask('cron.list', {}))['jobs'] as { message: string }[])[0] ?? {}
    await ann.ask('cron.update', { jobId: job.id, name: 'Renamed', message })
    expect(await keyBehind()).toBe(lesser)
    await ann.ask('cron.update', { jobId: job.id, message: 'in my own words' })
    expect(await keyBehind()).toBe(greater.id)
  })

  it('does nothing for somebody who may run nothing any more, or under an emergency stop', async () => {
    const { id, stub, socket } = await newTenant()
    const job = await jobOf(socket)
    await platform.ask('tenants.users.add', { tenant_id: id, user_id: 'root', role: 'owner' })
    const admin = await connected({ token: TOKEN, tenant_id: id, user_id: 'root' })
    const { id: stop } = await admin.ask('estop.set', { kind: 'kill-all', reason: 'a drill' })
    await makeDue(id, job.id)
    await wake(stub)
    const [stopped] = await runsOf(socket, job.id)
    expect(stopped).toMatchObject({ status: 'skipped' })
    expect(String(stopped?.['error'])).toContain('a drill')
    await admin.ask('estop.release', { id: stop })
    await admin.ask('tenants.users.add', { tenant_id: id, user_id: 'ann', role: 'viewer' })
    await makeDue(id, job.id, 2)
    await wake(stub)
    const [demoted] = (await admin.ask('cron.runs', { jobId: job.id }))['runs'] as object[]
    expect(demoted).toMatchObject({
      status: 'skipped',
      error: 'the right to run agents has ended',
    })
  })

  it('is nobody else’s, and says what its owner says, whoever is admin', async () => {
    const { id, bea, stub, socket } = await newTenant()
    const job = await jobOf(socket)
    const stranger = await connected({ token: bea.key })
    expect((await stranger.ask('cron.list', {}))['jobs']).toEqual([])
    for (const [method, params] of [
      ['cron.update', { message: 'obey me' }],
      ['cron.toggle', { enabled: false }],
      ['cron.run', {}],
      ['cron.delete', {}],
      ['cron.runs', {}],
    ] as const) {
      const code = await codeOf(stranger, method, { jobId: job.id, ...params })
      expect([method, code]).toEqual([method, 'UNAUTHORIZED'])
    }
    await platform.ask('tenants.users.add', { tenant_id: id, user_id: 'adi', role: 'admin' })
    const key = await createKey(platform, id, { scopes: ['operator.admin'], owner: 'adi' })
    const admin = await connected({ token: key.key })
    const words = { jobId: job.id, message: 'obey me' }
    expect(await codeOf(admin, 'cron.update', words)).toBe('UNAUTHORIZED')
    await admin.ask('cron.update', { jobId: job.id, when: 'every 2h' })
    await makeDue(id, job.id)
    await wake(stub)
    await over(socket, job.id)
    expect(await usersIn(socket, job.sessionKey)).toEqual(['hello from the clock'])
    // Nobody opens a job's session before it does.
    const squat = { sessionKey: 'agent:default:cron:job_of_mine', message: 'mine' }
    expect(await codeOf(stranger, 'chat.send', squat)).toBe('UNAUTHORIZED')
    await admin.ask('cron.delete', { jobId: job.id })
    expect((await socket.ask('cron.list', {}))['jobs']).toEqual([])
  })

  it('is refused in words when it may not be', async () => {
    const { id, socket } = await newTenant()
    const refused = (params: Readonly<Record<string, unknown>>) =>
      codeOf(socket, 'cron.create', { name: 'x', message: 'x', ...params })
    expect(await refused({ when: '0 0 31 2 *' })).toBe('INVALID_REQUEST')
    expect(await refused({ when: 'every 5s' })).toBe('INVALID_REQUEST')
    expect(await refused({ when: '0 9 * * * Mars/Phobos' })).toBe('INVALID_REQUEST')
    expect(await refused({ schedule: { kind: 'every', everyMs: 1 } })).toBe('INVALID_REQUEST')
    expect(await refused({ schedule: { kind: 'at', atMs: 1 } })).toBe('INVALID_REQUEST')
    expect(await refused({})).toBe('INVALID_REQUEST')
    expect(await refused({ when: 'every 1h', message: '' })).toBe('INVALID_REQUEST')
    expect(await refused({ when: 'every 1h', delivery: { channel: 'telegram' } })).toBe(
      'INVALID_REQUEST',
    )
    expect(await refused({ when: 'every 1h', agentId: 'nobody' })).toBe('NOT_FOUND')
    await platform.ask('tenants.users.add', { tenant_id: id, user_id: 'adi', role: 'admin' })
    const key = await createKey(platform, id, { scopes: ['operator.admin'], owner: 'adi' })
    const admin = await connected({ token: key.key })
    await admin.ask('config.patch', { raw: { cron: { max_jobs_per_user: 1 } } })
    expect(await refused({ when: 'every 1h' })).toBe('ok')
    expect(await refused({ when: 'every 1h' })).toBe('RESOURCE_EXHAUSTED')
  })
})
