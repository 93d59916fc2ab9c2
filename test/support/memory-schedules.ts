/**
 * A tenant's schedule rows in memory, and a gateway around them that may be killed between any two steps:
 * from then on everything throws, until it is started again over the same rows.
 */
import type { CronJob, CronRun } from '../../src/domain/cron-job.ts'
import { type AgentId, type TenantId, userIdSchema } from '../../src/domain/ids.ts'
import type { ScheduleStore } from '../../src/domain/ports/schedule.ts'
import type { Principal } from '../../src/domain/principal.ts'
import type { Schedule } from '../../src/domain/schedule.ts'

export class Killed extends Error {
  override readonly name = 'Killed'
}

export class KillSwitch {
  readonly #isTime: () => boolean
  kills = 0
  #isDead = false

  constructor(isTime: () => boolean = () => false) {
    this.#isTime = isTime
  }

  /** Between any two durable steps. */
  pass(): void {
    if (!this.#isDead && this.#isTime()) {
      this.#isDead = true
      this.kills++
    }
    if (this.#isDead) throw new Killed('killed')
  }

  revive(): boolean {
    const wasDead = this.#isDead
    this.#isDead = false
    return wasDead
  }

  /** Each step is done or not done; what comes after it may not be reached. */
  around<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get: (target, name, receiver) => {
        const member: unknown = Reflect.get(target, name, receiver)
        if (typeof member !== 'function') return member
        return async (...args: unknown[]) => {
          this.pass()
          const answer: unknown = await member.apply(target, args)
          this.pass()
          return answer
        }
      },
    })
  }
}

const OWNER = userIdSchema.parse('ann')

export const PRINCIPAL: Principal = {
  tenantId: 'ten_acme' as TenantId,
  userId: OWNER,
  role: 'operator',
  scopes: ['operator.write'],
  isMasterScope: false,
  credential: { kind: 'api_key', id: 'key_1', expiresAt: null },
  authVersion: 1,
  clientAddress: '127.0.0.1',
  allowedAgents: null,
  channel: null,
}

export const jobOf = (
  id: string,
  schedule: Schedule,
  nextRunAt: number | null,
  more: Partial<CronJob> = {},
): CronJob => ({
  id,
  name: id,
  agentId: 'agt_1' as AgentId,
  ownerId: OWNER,
  schedule,
  message: `do ${id}`,
  delivery: { channel: 'session' },
  deleteAfterRun: false,
  isHeartbeat: false,
  enabled: true,
  principal: PRINCIPAL,
  nextRunAt,
  lastRunAt: null,
  lastStatus: null,
  lastError: null,
  createdAt: 0,
  updatedAt: 0,
  ...more,
})

type Key = Pick<CronRun, 'jobId' | 'scheduledAt'>

export class MemorySchedules implements ScheduleStore {
  readonly jobs = new Map<string, CronJob>()
  /** Every occurrence that there was. */
  readonly runs = new Map<string, CronRun>()
  readonly #open = new Map<string, CronRun>()

  #keyOf = ({ jobId, scheduledAt }: Key): string => `${jobId} ${scheduledAt}`

  #put(run: CronRun): void {
    const key = this.#keyOf(run)
    this.runs.set(key, run)
    if (run.dueAt === null) this.#open.delete(key)
    else this.#open.set(key, run)
  }

  #change(attempt: Key & { attempt: number }, change: Partial<CronRun>): boolean {
    const run = this.#open.get(this.#keyOf(attempt))
    if (run?.attempt !== attempt.attempt) return false
    this.#put({ ...run, ...change })
    return true
  }

  #changeJob(id: string, change: Partial<CronJob>): void {
    const job = this.jobs.get(id)
    if (job) this.jobs.set(id, { ...job, ...change })
  }

  /** As `cron.run` does. */
  addManual(jobId: string, now: number): void {
    const job = this.jobs.get(jobId)
    if (job) this.#add(job, now, now, 'manual', null)
  }

  #add(
    { id: jobId, message }: CronJob,
    scheduledAt: number,
    now: number,
    trigger: CronRun['trigger'],
    skipped: string | null,
  ): void {
    if (this.runs.has(this.#keyOf({ jobId, scheduledAt }))) return
    this.#put({
      jobId,
      scheduledAt,
      trigger,
      state: skipped === null ? 'due' : 'skipped',
      attempt: 1,
      dueAt: skipped === null ? now : null,
      waitingSince: now,
      message: skipped === null ? message : null,
      runId: null,
      error: skipped,
      createdAt: now,
      endedAt: skipped === null ? null : now,
    })
  }

  dueJobs: ScheduleStore['dueJobs'] = async (now, limit) =>
    [...this.jobs.values()]
      .filter(({ nextRunAt }) => nextRunAt !== null && nextRunAt <= now)
      .sort((a, b) => (a.nextRunAt ?? 0) - (b.nextRunAt ?? 0))
      .slice(0, limit)
      .map((job) => ({
        id: job.id,
        job,
        hasOpenRun: [...this.#open.values()].some(({ jobId }) => jobId === job.id),
      }))

  claim: ScheduleStore['claim'] = async ({ jobId, scheduledAt, nextRunAt, skipped }, now) => {
    const job = this.jobs.get(jobId)
    if (job?.nextRunAt !== scheduledAt) return
    this.#add(job, scheduledAt, now, 'schedule', skipped)
    this.#changeJob(jobId, { nextRunAt })
  }

  openRuns: ScheduleStore['openRuns'] = async (now, limit) =>
    [...this.#open.values()]
      .filter(({ dueAt }) => dueAt !== null && dueAt <= now)
      .sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0))
      .slice(0, limit)
      .map((run) => ({ run, job: this.jobs.get(run.jobId) ?? null }))

  findOpenRun: ScheduleStore['findOpenRun'] = async (occurrence) => {
    const run = this.#open.get(this.#keyOf(occurrence))
    return run ? { run, job: this.jobs.get(run.jobId) ?? null } : null
  }

  started: ScheduleStore['started'] = async (attempt, began) => {
    this.#change(attempt, { ...began, state: 'running', error: null })
  }

  postpone: ScheduleStore['postpone'] = async (attempt, until) => {
    this.#change(attempt, until)
  }

  retry: ScheduleStore['retry'] = async (attempt, { dueAt, error }) => {
    const next = { state: 'due', attempt: attempt.attempt + 1, dueAt, waitingSince: dueAt } as const
    this.#change(attempt, { ...next, error })
  }

  close: ScheduleStore['close'] = async (attempt, { status, error }, now) => {
    const isClosed = this.#change(attempt, { state: status, error, dueAt: null, endedAt: now })
    if (isClosed) {
      this.#changeJob(attempt.jobId, { lastRunAt: now, lastStatus: status, lastError: error })
    }
    return isClosed
  }

  switchOff: ScheduleStore['switchOff'] = async (jobId, lastError) =>
    this.#changeJob(jobId, { enabled: false, nextRunAt: null, lastError })

  remove: ScheduleStore['remove'] = async (jobId) => {
    this.jobs.delete(jobId)
    for (const run of this.#open.values()) {
      if (run.jobId === jobId) this.#open.delete(this.#keyOf(run))
    }
  }

  prune: ScheduleStore['prune'] = async () => undefined

  nextTime: ScheduleStore['nextTime'] = async () => {
    let next: number | null = null
    const look = (at: number | null): void => {
      if (at !== null && (next === null || at < next)) next = at
    }
    for (const { nextRunAt } of this.jobs.values()) look(nextRunAt)
    for (const { dueAt } of this.#open.values()) look(dueAt)
    return next
  }
}
