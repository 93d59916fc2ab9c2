/** Scheduled jobs and their runs, in ways that meet a neighbour's rows of the same ids. */
import type { CronJob } from '../../../../src/domain/cron-job.ts'
import type { AgentId, RunId, TenantId, UserId } from '../../../../src/domain/ids.ts'
import type { CasesOf, Repositories } from './cases.ts'

const NOW = 1_000_000_000 + 3_600_000
const OWNER = 'user-owner' as UserId
const MEMBER = 'user-member' as UserId
const SMUGGLED: object = { tenantId: 'ten_a' }
const ROOM = { perTenant: 9, perOwner: 9 }

const newJob = (tenantId: TenantId, id = 'job_new'): CronJob => ({
  ...SMUGGLED,
  id,
  name: 'new',
  agentId: 'agt_1' as AgentId,
  ownerId: OWNER,
  schedule: { kind: 'cron', expr: '0 9 * * *', tz: 'UTC' },
  message: 'm',
  delivery: { channel: 'session' },
  deleteAfterRun: false,
  isHeartbeat: false,
  enabled: true,
  principal: {
    tenantId,
    userId: OWNER,
    role: 'operator',
    scopes: [],
    isMasterScope: false,
    credential: { kind: 'api_key', id: 'key_1', expiresAt: null },
    authVersion: 1,
    clientAddress: '',
    allowedAgents: null,
    channel: null,
  },
  nextRunAt: NOW,
  lastRunAt: null,
  lastStatus: null,
  lastError: null,
  createdAt: NOW,
  updatedAt: NOW,
})

export const CRON_JOB_CASES: CasesOf<Repositories['cron-jobs']> = {
  createCronJob: [
    (m, db, t) => m.createCronJob(db, t, newJob(t), ROOM),
    // The neighbours' jobs would fill the room.
    (m, db, t) => m.createCronJob(db, t, newJob(t, 'job_new2'), { perTenant: 4, perOwner: 9 }),
    (m, db, t) => m.createCronJob(db, t, newJob(t, 'job_new3'), { perTenant: 9, perOwner: 3 }),
    (m, db, t) => m.createCronJob(db, t, newJob(t, 'job_new4'), { perTenant: 3, perOwner: 9 }),
  ],
  findCronJob: [
    (m, db, t) => m.findCronJob(db, t, 'job_1'),
    (m, db, t) => m.findCronJob(db, t, 'job_9'),
  ],
  listCronJobs: [
    (m, db, t) => m.listCronJobs(db, t, { limit: 200 }),
    (m, db, t) => m.listCronJobs(db, t, { limit: 200, ownerId: OWNER }),
    (m, db, t) =>
      m.listCronJobs(db, t, { limit: 200, after: { createdAt: 1_000_000_000, id: 'job_3' } }),
  ],
  updateCronJob: [
    (m, db, t) => m.updateCronJob(db, t, 'job_1', { ...SMUGGLED, name: 'other' }, NOW),
    (m, db, t) =>
      m.updateCronJob(
        db,
        t,
        'job_1',
        { enabled: true, schedule: newJob(t).schedule, principal: newJob(t).principal },
        NOW,
      ),
    (m, db, t) => m.updateCronJob(db, t, 'job_9', { name: 'other' }, NOW),
  ],
  deleteCronJob: [
    (m, db, t) => m.deleteCronJob(db, t, 'job_1'),
    (m, db, t) => m.deleteCronJob(db, t, 'job_9'),
  ],
  switchOffCronJob: [
    (m, db, t) => m.switchOffCronJob(db, t, 'job_1', 'over', NOW),
    (m, db, t) => m.switchOffCronJob(db, t, 'job_9', 'over', NOW),
  ],
  switchOffJobsOfCredential: [
    (m, db, t) => m.switchOffJobsOfCredential(db, t, 'key_1', 'over', NOW),
  ],
  dueCronJobs: [
    (m, db, t) => m.dueCronJobs(db, t, NOW, 50),
    (m, db, t) => m.dueCronJobs(db, t, NOW, 1),
  ],
  cronTotals: [(m, db, t) => m.cronTotals(db, t, null), (m, db, t) => m.cronTotals(db, t, MEMBER)],
  pruneCronRuns: [
    (m, db, t) => m.pruneCronRuns(db, t, 'job_1', 2),
    (m, db, t) => m.pruneCronRuns(db, t, 'job_1', 3),
    (m, db, t) => m.pruneCronRuns(db, t, 'job_9', 1),
  ],
}

const OPEN = { jobId: 'job_1', scheduledAt: 3, attempt: 1 }
const FOREIGN = { jobId: 'job_9', scheduledAt: 9, attempt: 1 }
const DUE_AT = 1_000_000_000 + 11

export const CRON_RUN_CASES: CasesOf<Repositories['cron-runs']> = {
  claimOccurrence: [
    (m, db, t) =>
      m.claimOccurrence(
        db,
        t,
        { jobId: 'job_2', scheduledAt: DUE_AT, nextRunAt: NOW, message: 'm', skipped: null },
        NOW,
      ),
    (m, db, t) =>
      m.claimOccurrence(
        db,
        t,
        { jobId: 'job_2', scheduledAt: DUE_AT, nextRunAt: null, message: '', skipped: 'why' },
        NOW,
      ),
    (m, db, t) =>
      m.claimOccurrence(
        db,
        t,
        { jobId: 'job_9', scheduledAt: 1, nextRunAt: NOW, message: 'm', skipped: null },
        NOW,
      ),
  ],
  addManualRun: [
    (m, db, t) => m.addManualRun(db, t, { jobId: 'job_1', scheduledAt: NOW }, 'm'),
    (m, db, t) => m.addManualRun(db, t, { jobId: 'job_1', scheduledAt: 9 }, 'm'),
  ],
  openCronRuns: [
    (m, db, t) => m.openCronRuns(db, t, NOW, 50),
    (m, db, t) => m.openCronRuns(db, t, NOW, 1),
  ],
  findOpenCronRun: [
    (m, db, t) => m.findOpenCronRun(db, t, OPEN),
    (m, db, t) => m.findOpenCronRun(db, t, FOREIGN),
  ],
  markCronRunStarted: [
    (m, db, t) => m.markCronRunStarted(db, t, OPEN, { runId: 'run_2' as RunId, dueAt: NOW }),
    (m, db, t) => m.markCronRunStarted(db, t, FOREIGN, { runId: 'run_2' as RunId, dueAt: NOW }),
  ],
  postponeCronRun: [
    (m, db, t) => m.postponeCronRun(db, t, OPEN, { dueAt: NOW, error: 'later' }),
    (m, db, t) => m.postponeCronRun(db, t, FOREIGN, { dueAt: NOW, error: 'later' }),
  ],
  retryCronRun: [
    (m, db, t) => m.retryCronRun(db, t, OPEN, { dueAt: NOW, error: 'again' }),
    (m, db, t) => m.retryCronRun(db, t, FOREIGN, { dueAt: NOW, error: 'again' }),
  ],
  closeCronRun: [
    (m, db, t) => m.closeCronRun(db, t, OPEN, { status: 'ok', error: null }, NOW),
    (m, db, t) => m.closeCronRun(db, t, FOREIGN, { status: 'ok', error: null }, NOW),
    // Open next door, and over or absent here.
    (m, db, t) =>
      m.closeCronRun(
        db,
        t,
        { jobId: 'job_2', scheduledAt: 9, attempt: 1 },
        { status: 'ok', error: null },
        NOW,
      ),
  ],
  nextCronTime: [(m, db, t) => m.nextCronTime(db, t)],
  listCronRuns: [
    (m, db, t) => m.listCronRuns(db, t, 'job_1', { limit: 100 }),
    (m, db, t) => m.listCronRuns(db, t, 'job_1', { limit: 100, before: 3 }),
    (m, db, t) => m.listCronRuns(db, t, 'job_9', { limit: 100 }),
  ],
}
