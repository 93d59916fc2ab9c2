/** Scheduled jobs of every tenant under the same ids: one due, one that waits, one that is off. */
import * as schema from '../../../../src/db/schema/index.ts'
import type { TenantId } from '../../../../src/domain/ids.ts'
import type { Row } from './world.ts'

const BEFORE = 1_000_000_000
const OWNER = 'user-owner'
const MEMBER = 'user-member'

const principalOf = (tenantId: TenantId, userId: string) => ({
  tenantId,
  userId,
  role: 'operator',
  scopes: ['operator.write'],
  isMasterScope: false,
  credential: { kind: 'api_key', id: 'key_1', expiresAt: null },
  authVersion: 1,
  clientAddress: '',
  allowedAgents: null,
  channel: null,
})

const job = (
  tenantId: TenantId,
  id: string,
  more: Readonly<Record<string, unknown>> = {},
  ownerId = OWNER,
): Row => [
  schema.cronJobs,
  {
    tenantId,
    id,
    name: `job of ${tenantId}`,
    agentId: 'agt_1',
    ownerId,
    scheduleKind: 'every',
    schedule: '60000',
    timezone: 'UTC',
    anchorAt: BEFORE,
    message: `of ${tenantId}`,
    delivery: { channel: 'session' },
    deleteAfterRun: false,
    isHeartbeat: false,
    enabled: true,
    principal: principalOf(tenantId, ownerId),
    credentialId: 'key_1',
    nextRunAt: BEFORE + 10,
    lastRunAt: null,
    lastStatus: null,
    lastError: null,
    createdAt: BEFORE,
    updatedAt: BEFORE,
    ...more,
  },
]

const run = (
  tenantId: TenantId,
  jobId: string,
  scheduledAt: number,
  more: Readonly<Record<string, unknown>> = {},
): Row => [
  schema.cronRuns,
  {
    tenantId,
    jobId,
    scheduledAt,
    trigger: 'schedule',
    state: 'due',
    attempt: 1,
    dueAt: BEFORE + 20,
    waitingSince: BEFORE,
    message: `of ${tenantId}`,
    runId: null,
    error: null,
    createdAt: BEFORE,
    endedAt: null,
    ...more,
  },
]

const OVER = { state: 'ok', dueAt: null, message: null, endedAt: BEFORE }

export const ownCronRows = (tenantId: TenantId): Row[] => [
  job(tenantId, 'job_1'),
  job(tenantId, 'job_2', { nextRunAt: BEFORE + 11 }, MEMBER),
  job(tenantId, 'job_3', { enabled: false, nextRunAt: null, credentialId: 'key_2' }),
  run(tenantId, 'job_1', 1, OVER),
  run(tenantId, 'job_1', 2, OVER),
  run(tenantId, 'job_1', 3),
  run(tenantId, 'job_3', 3, { state: 'running', runId: 'run_1' }),
]

/** What we have not, or have otherwise: earlier, open, and of the same names. */
export const foreignCronRows = (tenantId: TenantId): Row[] => [
  job(tenantId, 'job_9', { nextRunAt: 1 }),
  // Of the name that one gets that was one too many.
  job(tenantId, 'job_new4', { nextRunAt: null }),
  run(tenantId, 'job_2', 9, { dueAt: 1 }),
  run(tenantId, 'job_1', 9, OVER),
  run(tenantId, 'job_1', 10, OVER),
  run(tenantId, 'job_9', 9),
]
