/** Whose rights a scheduled run has: those of whoever set it, as they are at each firing. */
import { describe, expect, it } from 'vitest'
import type { OperationContext } from '../../../src/api/context.ts'
import { createJob, deleteJob, toggleJob, updateJob } from '../../../src/api/cron-change.ts'
import { loginSessionsRevoke } from '../../../src/api/login-sessions.ts'
import { revokeApiKey } from '../../../src/db/api-keys.ts'
import { findCronJob } from '../../../src/db/cron-jobs.ts'
import { createIssuer, deleteIssuer } from '../../../src/db/jwt-issuers.ts'
import { createLoginSession } from '../../../src/db/login-sessions.ts'
import {
  removeMembership,
  setMembership,
  setMembershipStatus,
} from '../../../src/db/memberships.ts'
import { loadSnapshot, updateTenant } from '../../../src/db/tenants.ts'
import type { CronJob, CronRun } from '../../../src/domain/cron-job.ts'
import { agentIdSchema, type RunId, type TenantId } from '../../../src/domain/ids.ts'
import type { SendRequest, SessionPort } from '../../../src/domain/ports/session.ts'
import type { Principal } from '../../../src/domain/principal.ts'
import { type Refusal, refusal } from '../../../src/domain/refusal.ts'
import { err, ok } from '../../../src/domain/result.ts'
import { parseSessionKey } from '../../../src/domain/session-key.ts'
import { authenticate } from '../../../src/gateway/authenticate.ts'
import { openCron } from '../../../src/gateway/cron-port.ts'
import { createScheduleDoor } from '../../../src/gateway/schedule.ts'
import type { TurnRequest } from '../../../src/gateway/turn-request.ts'
import { ADDRESS, NOW, newKey, newTenant, openWorld, settings, user, type World } from './world.ts'

const HOUR = 3_600_000

interface Setting {
  readonly world: World
  readonly tenantId: TenantId
  readonly sent: SendRequest[]
  readonly services: World['services']
  /** What the session refuses with. */
  refusal: Refusal | null
}

async function openSetting(): Promise<Setting> {
  const world = openWorld()
  const tenantId = await newTenant(world, { ann: 'operator', bea: 'operator', adi: 'admin' })
  const sent: SendRequest[] = []
  const session = {
    send: async (request: SendRequest) => {
      sent.push(request)
      if (setting.refusal) return err(setting.refusal)
      return ok({ kind: 'started' as const, runId: 'run_1' as RunId })
    },
  } as unknown as SessionPort
  const services = { ...world.services, session: () => session }
  const setting: Setting = { world, tenantId, sent, services, refusal: null }
  return setting
}

async function principalOf({ world, tenantId }: Setting, ownerId: string, more = {}) {
  const scopes = ownerId === 'adi' ? (['operator.admin'] as const) : (['operator.write'] as const)
  const key = await newKey(world, tenantId, { ownerId, scopes, ...more })
  const facts = { clientAddress: ADDRESS, isDevelopment: false }
  const proven = await authenticate(key.credential, {}, facts, world.services, settings())
  if (!proven.ok) throw new Error(proven.error.kind)
  return proven.value.principal
}

const askerOf = async ({ world, tenantId, services }: Setting, principal: Principal) => {
  const snapshot = await loadSnapshot(world.db, tenantId)
  if (!snapshot) throw new Error('no tenant')
  return { services, principal, snapshot }
}

async function jobOf(setting: Setting, principal: Principal): Promise<CronJob> {
  const created = await createJob(await askerOf(setting, principal), {
    name: 'hourly',
    schedule: { kind: 'every', everyMs: HOUR },
    message: 'hello',
    delivery: { channel: 'session' },
    deleteAfterRun: false,
    isHeartbeat: false,
  })
  if (!created.ok) throw new Error(created.error.message)
  return created.value
}

const runOf = ({ id, message }: CronJob): CronRun => ({
  jobId: id,
  scheduledAt: NOW + HOUR,
  trigger: 'schedule',
  state: 'due',
  attempt: 1,
  dueAt: NOW,
  waitingSince: NOW,
  message,
  runId: null,
  error: null,
  createdAt: NOW,
  endedAt: null,
})

const fire = ({ services }: Setting, job: CronJob) =>
  createScheduleDoor({ services, settings: settings() }).fire(job, runOf(job))

describe('a firing', () => {
  it('sends what the job says, as a schedule, under a key that names the occurrence', async () => {
    const setting = await openSetting()
    const job = await jobOf(setting, await principalOf(setting, 'ann'))
    expect(await fire(setting, job)).toEqual({ kind: 'started', runId: 'run_1' })
    await fire(setting, job)
    const [first, second] = setting.sent
    expect(first).toMatchObject({
      message: 'hello',
      sessionKey: `agent:default:cron:${job.id}`,
      origin: { kind: 'cron', jobId: job.id, scheduledAt: NOW + HOUR, attempt: 1 },
      principal: { userId: 'ann', credential: { kind: 'api_key' } },
    })
    expect(first?.idempotencyKey).toBe(second?.idempotencyKey)
  })

  it('draws on its owner’s bucket, and waits where that is empty', async () => {
    const setting = await openSetting()
    const job = await jobOf(setting, await principalOf(setting, 'ann'))
    setting.world.verdict = { isAllowed: false, bucket: 'runs', retryAfterMs: 7_000 }
    expect(await fire(setting, job)).toMatchObject({ kind: 'postponed', afterMs: 7_000 })
    expect(setting.sent).toEqual([])
    expect(setting.world.taken.at(-1)).toMatchObject({ requests: [{ bucket: 'runs' }] })
  })

  it.for([
    [{ ...refusal('FAILED_PRECONDITION', 'a run is in progress'), retryable: true }, 'postponed'],
    [refusal('UNAVAILABLE', 'away'), 'postponed'],
    [
      { ...refusal('RESOURCE_EXHAUSTED', 'spent'), retryable: true, retryAfterMs: 9 * HOUR },
      'refused',
    ],
    [refusal('FAILED_PRECONDITION', 'an emergency stop'), 'refused'],
    [refusal('INVALID_REQUEST', 'reads like an injection'), 'refused'],
  ] as const)('that the session answers %j is %s', async ([answer, kind]) => {
    const setting = await openSetting()
    const job = await jobOf(setting, await principalOf(setting, 'ann'))
    setting.refusal = answer
    expect(await fire(setting, job)).toMatchObject({ kind })
  })
})

describe('a job ends', () => {
  const ends = { kind: 'refused', endsJob: true }

  it.for([
    [
      'its key is revoked',
      ({ world, tenantId }: Setting, job: CronJob) =>
        revokeApiKey(world.db, tenantId, job.principal.credential.id, NOW),
    ],
    [
      'its owner is suspended',
      ({ world, tenantId }: Setting) =>
        setMembershipStatus(world.db, tenantId, { userId: user('ann'), status: 'suspended' }, NOW),
    ],
    [
      'its owner is removed',
      ({ world, tenantId }: Setting) => removeMembership(world.db, tenantId, user('ann'), NOW),
    ],
    [
      'its owner may only look',
      ({ world, tenantId }: Setting) =>
        setMembership(world.db, tenantId, { userId: user('ann'), role: 'viewer' }, NOW),
    ],
  ] as const)('when %s', async ([, change]) => {
    const setting = await openSetting()
    const job = await jobOf(setting, await principalOf(setting, 'ann'))
    await change(setting, job)
    expect(await fire(setting, job)).toMatchObject(ends)
    expect(setting.sent).toEqual([])
  })

  it('when its key expires', async () => {
    const setting = await openSetting()
    const job = await jobOf(setting, await principalOf(setting, 'ann', { expiresAt: NOW + 1_000 }))
    setting.world.clock = NOW + 1_000
    expect(await fire(setting, job)).toMatchObject(ends)
  })

  it('not when its tenant is suspended, which passes', async () => {
    const setting = await openSetting()
    const job = await jobOf(setting, await principalOf(setting, 'ann'))
    const { world, tenantId } = setting
    await updateTenant(world.db, tenantId, { status: 'suspended' }, NOW)
    const suspended = { kind: 'refused', reason: 'the tenant is suspended', endsJob: false }
    expect(await fire(setting, job)).toEqual(suspended)
    // To the platform's operator it is open; their schedules wait all the same.
    const principal: Principal = {
      ...job.principal,
      userId: user('system'),
      isMasterScope: true,
      credential: { kind: 'development', id: 'development', expiresAt: null },
    }
    const door = createScheduleDoor({ ...setting, settings: settings({ isDevelopmentMode: true }) })
    expect(await door.fire({ ...job, principal }, runOf(job))).toEqual(suspended)
    expect(setting.sent).toEqual([])
    await updateTenant(world.db, tenantId, { status: 'active' }, NOW)
    expect(await fire(setting, job)).toMatchObject({ kind: 'started' })
    expect(await door.fire({ ...job, principal }, runOf(job))).toMatchObject({ kind: 'started' })
  })

  it('not in a suspended tenant, though the platform’s operator set it, who may look into it', async () => {
    const setting = await openSetting()
    const { world, tenantId } = setting
    const operator = { kind: 'opaque', token: settings().token ?? '' } as const
    const facts = { clientAddress: ADDRESS, isDevelopment: false }
    const claims = { tenant: tenantId }
    const proven = await authenticate(operator, claims, facts, world.services, settings())
    if (!proven.ok) throw new Error(proven.error.kind)
    const job = await jobOf(setting, proven.value.principal)
    expect(await fire(setting, job)).toMatchObject({ kind: 'started' })
    setting.sent.length = 0
    await updateTenant(world.db, tenantId, { status: 'suspended' }, NOW)
    expect(await fire(setting, job)).toEqual({
      kind: 'refused',
      reason: 'the tenant is suspended',
      endsJob: false,
    })
    expect(setting.sent).toEqual([])
  })

  it('not when the agent is out of its key’s reach, but nothing runs', async () => {
    const setting = await openSetting()
    const principal = await principalOf(setting, 'ann')
    const job = await jobOf(setting, principal)
    const allowedAgents = [agentIdSchema.parse('agt_other')]
    const narrow = await principalOf(setting, 'ann', { allowedAgents })
    const refused = await fire(setting, { ...job, principal: narrow })
    expect(refused).toMatchObject({ kind: 'refused', endsJob: false })
  })
})

describe('a job that a person made while signed in', () => {
  async function signedIn(ofMember: boolean) {
    const setting = await openSetting()
    const { world, tenantId } = setting
    const id = `iss_${tenantId.slice(4)}`
    const issuer = {
      id,
      name: 'Staff',
      kind: 'oidc' as const,
      issuer: 'https://id.example',
      audience: tenantId,
      jwksUrl: 'https://id.example/jwks',
      algorithms: ['RS256' as const],
      provisionRole: 'operator' as const,
      roleMapping: null,
      clientId: null,
      sealedClientSecret: null,
      allowPrivateNetwork: false,
      provesOwners: false,
      signInOrigin: null,
      enabled: true,
    }
    await createIssuer(world.db, tenantId, issuer, NOW)
    const principal: Principal = {
      ...(await principalOf(setting, 'ann')),
      userId: user(ofMember ? 'ann' : 'oidc:https://id.example:1'),
      credential: { kind: 'jwt', id, expiresAt: NOW + 1_000, revision: NOW },
    }
    const job = await jobOf(setting, principal)
    world.clock = NOW + HOUR
    return { setting, job, issuerId: id }
  }

  it('goes on after the sign-in, as long as they are a member', async () => {
    const { setting, job } = await signedIn(true)
    expect(await fire(setting, job)).toMatchObject({ kind: 'started' })
    const { world, tenantId } = setting
    const suspended = { userId: user('ann'), status: 'suspended' } as const
    await setMembershipStatus(world.db, tenantId, suspended, NOW)
    expect(await fire(setting, job)).toMatchObject({ kind: 'refused', endsJob: true })
  })

  it('ends with their issuer', async () => {
    const { setting, job, issuerId } = await signedIn(true)
    await deleteIssuer(setting.world.db, setting.tenantId, issuerId)
    expect(await fire(setting, job)).toMatchObject({ kind: 'refused', endsJob: true })
  })

  it('has no more rights than they had then', async () => {
    const { setting, job } = await signedIn(true)
    const { world, tenantId } = setting
    await setMembership(world.db, tenantId, { userId: user('ann'), role: 'admin' }, NOW)
    await fire(setting, job)
    expect(setting.sent[0]?.principal).toMatchObject({ role: 'operator' })
  })

  it('ends with the sign-in itself when that is revoked', async () => {
    const { setting, job, issuerId } = await signedIn(true)
    const { world, tenantId, services } = setting
    const login = {
      id: 'lgs_1',
      tokenHash: 'hash',
      issuerId,
      userId: user('ann'),
      role: 'operator' as const,
      address: ADDRESS,
      userAgent: '',
      expiresAt: NOW + 2 * HOUR,
    }
    await createLoginSession(world.db, tenantId, login, NOW + 1)
    const principal: Principal = {
      ...job.principal,
      credential: { kind: 'login', id: login.id, expiresAt: login.expiresAt },
    }
    const own = await jobOf(setting, principal)
    expect(await fire(setting, own)).toMatchObject({ kind: 'started' })
    const asker = await askerOf(setting, principal)
    const context = { ...asker, services } as unknown as OperationContext
    expect(await loginSessionsRevoke.run(context, { id: login.id })).toMatchObject({ ok: true })
    const [revoked, other] = await Promise.all(
      [own, job].map(({ id }) => findCronJob(world.db, tenantId, id)),
    )
    expect(revoked).toMatchObject({ enabled: false, nextRunAt: null })
    expect(other).toMatchObject({ enabled: true })
  })

  it('ends with the sign-in of somebody who is no member', async () => {
    const { setting, job } = await signedIn(false)
    expect(await fire(setting, job)).toMatchObject({ kind: 'refused', endsJob: true })
  })
})

describe('whoever changes their job', () => {
  it('is whom it acts for from then on', async () => {
    const setting = await openSetting()
    const job = await jobOf(setting, await principalOf(setting, 'ann'))
    const narrow = await principalOf(setting, 'ann')
    await updateJob(await askerOf(setting, narrow), job.id, { message: 'do more' })
    const changed = await findCronJob(setting.world.db, setting.tenantId, job.id)
    expect(changed?.principal.credential.id).toBe(narrow.credential.id)
    expect(changed?.principal.credential.id).not.toBe(job.principal.credential.id)
  })

  it('is not woken up with greater rights than those of whoever said what it does', async () => {
    const setting = await openSetting()
    const lesser = await principalOf(setting, 'adi', { scopes: ['operator.write'] })
    const planted = await jobOf(setting, lesser)
    const whole = await askerOf(setting, await principalOf(setting, 'adi'))
    for (const changed of [
      await toggleJob(whole, planted.id, true),
      await updateJob(whole, planted.id, { name: 'tidy' }),
    ]) {
      expect(changed).toMatchObject({
        ok: true,
        value: { principal: { credential: { id: lesser.credential.id } } },
      })
    }
    expect(await updateJob(whole, planted.id, { message: 'mine now' })).toMatchObject({
      ok: true,
      value: { principal: { credential: { id: whole.principal.credential.id } } },
    })
  })

  it('as an admin of somebody else’s says nothing in it, and lends it nothing', async () => {
    const setting = await openSetting()
    const job = await jobOf(setting, await principalOf(setting, 'ann'))
    const admin = await askerOf(setting, await principalOf(setting, 'adi'))
    for (const change of [{ message: 'x' }, { agentId: 'default' }]) {
      expect(await updateJob(admin, job.id, change)).toMatchObject({
        error: { code: 'UNAUTHORIZED' },
      })
    }
    expect(await toggleJob(admin, job.id, false)).toMatchObject({ ok: true })
    expect(await toggleJob(admin, job.id, true)).toMatchObject({
      value: { principal: { userId: 'ann' } },
    })
  })

  it('is not somebody else', async () => {
    const setting = await openSetting()
    const job = await jobOf(setting, await principalOf(setting, 'ann'))
    const bea = await askerOf(setting, await principalOf(setting, 'bea'))
    const refused = { error: { code: 'UNAUTHORIZED' } }
    expect(await updateJob(bea, job.id, { name: 'x' })).toMatchObject(refused)
    expect(await deleteJob(bea, job.id)).toMatchObject(refused)
  })
})

describe('the schedules of a run', () => {
  const requestOf = (principal: Principal, more: Partial<TurnRequest> = {}): TurnRequest => {
    const sessionKey = parseSessionKey('agent:default:ws:direct:1')
    if (!sessionKey.ok) throw new Error(sessionKey.error)
    return {
      runnerSignKey: null,
      settings: settings(),
      principal,
      sessionKey: sessionKey.value,
      workspaceUser: principal.userId,
      runId: 'run_1' as RunId,
      callerInstructions: '',
      sampling: {},
      invocation: null,
      isCompaction: false,
      hops: 0,
      origin: null,
      startedAt: NOW,
      signal: new AbortController().signal,
      ...more,
    }
  }
  const TASK = { name: 'n', when: 'every 1h', message: 'm', deleteAfterRun: false }

  it('are its person’s own, of its own agent', async () => {
    const setting = await openSetting()
    const ann = await principalOf(setting, 'ann')
    const foreign = await jobOf(setting, await principalOf(setting, 'bea'))
    const port = openCron(requestOf(ann), setting.services)
    const created = await port?.create(TASK)
    expect(created).toMatchObject({ ok: true, value: { when: 'every 1h' } })
    expect(await port?.list()).toMatchObject({ ok: true, value: [{ name: 'n' }] })
    for (const tried of [port?.remove(foreign.id), port?.toggle(foreign.id, false)]) {
      expect(await tried).toMatchObject({
        ok: false,
        error: expect.stringContaining('no schedule'),
      })
    }
    // Nor are they everybody's for an admin's run.
    const admin = openCron(requestOf(await principalOf(setting, 'adi')), setting.services)
    expect(await admin?.list()).toEqual({ ok: true, value: [] })
    expect(await admin?.remove(foreign.id)).toMatchObject({ ok: false })
  })

  it('end with its rights', async () => {
    const setting = await openSetting()
    const ann = await principalOf(setting, 'ann')
    const port = openCron(requestOf(ann), setting.services)
    const { world, tenantId } = setting
    // Her key says write still: it reaches no further than she does.
    await setMembership(world.db, tenantId, { userId: user('ann'), role: 'viewer' }, NOW)
    expect(await port?.create(TASK)).toEqual({
      ok: false,
      error: 'the right to schedule runs has ended',
    })
    await revokeApiKey(world.db, tenantId, ann.credential.id, NOW)
    expect(await port?.list()).toMatchObject({ ok: false })
  })

  it('end with its person’s role, whatever its key says', async () => {
    const setting = await openSetting()
    const ann = await principalOf(setting, 'ann')
    const port = openCron(requestOf(ann), setting.services)
    const created = await port?.create(TASK)
    const { world, tenantId } = setting
    await setMembership(world.db, tenantId, { userId: user('ann'), role: 'viewer' }, NOW)
    const ended = { ok: false, error: 'the right to schedule runs has ended' }
    expect(created).toMatchObject({ ok: true })
    expect([await port?.create(TASK), await port?.list()]).toEqual([ended, ended])
  })

  it('are closed to runs that a schedule or a parent began, and to conversations of others', async () => {
    const setting = await openSetting()
    const ann = await principalOf(setting, 'ann')
    const cron = { kind: 'cron', jobId: 'job_1', scheduledAt: 1, attempt: 1 } as const
    const child = {
      kind: 'subagent',
      parentSessionKey: 'agent:default:ws:direct:1',
      parentRunId: 'run_0' as RunId,
      lineage: ['agent:default:ws:direct:1'],
      hasSeenUntrusted: false,
      owner: user('ann'),
      preset: null,
    } as const
    const channel = parseSessionKey('agent:default:telegram:direct:1')
    if (!channel.ok) throw new Error(channel.error)
    for (const more of [
      { origin: cron },
      { origin: child },
      { workspaceUser: user('bea') },
      { sessionKey: channel.value },
    ]) {
      expect(openCron(requestOf(ann, more), setting.services)).toBeNull()
    }
  })
})
