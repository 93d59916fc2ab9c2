// Written by `npm run operations` from the registry.

export interface CronOperations {
  /** Schedules a message to an agent, once or again and again, with the caller’s rights */
  'cron.create': {
    params: {
      name: string
      schedule?: { kind: "at"; atMs: number } | { kind: "every"; everyMs: number } | { kind: "cron"; expr: string; tz?: string }
      when?: string
      message?: string
      agentId?: string
      delivery?: { channel: string; to?: string }
      deleteAfterRun?: boolean
      heartbeat?: boolean
    }
    result: {
      job: {
        id: string
        name: string
        agentId: string
        userId: string
        schedule: Readonly<Record<string, unknown>>
        when: string
        message: string
        delivery: { channel: string; to?: string }
        deleteAfterRun: boolean
        heartbeat: boolean
        enabled: boolean
        sessionKey: string
        nextRunAt: string | null
        lastRunAt: string | null
        lastStatus: string | null
        lastError: string | null
        createdAt: string
        updatedAt: string
      }
    }
  }
  /** Deletes a scheduled job with its history; its conversation stays */
  'cron.delete': {
    params: { jobId: string }
    result: { ok: true; jobId: string }
  }
  /** Scheduled jobs: one’s own, or for admins everybody’s */
  'cron.list': {
    params: { limit?: number; after?: string }
    result: {
      jobs: readonly ({
        id: string
        name: string
        agentId: string
        userId: string
        schedule: Readonly<Record<string, unknown>>
        when: string
        message: string
        delivery: { channel: string; to?: string }
        deleteAfterRun: boolean
        heartbeat: boolean
        enabled: boolean
        sessionKey: string
        nextRunAt: string | null
        lastRunAt: string | null
        lastStatus: string | null
        lastError: string | null
        createdAt: string
        updatedAt: string
      })[]
      next: string | null
    }
  }
  /** Begins a run of a scheduled job now, with the job’s own rights */
  'cron.run': {
    params: { jobId: string }
    result: { ok: true; jobId: string; scheduledAt: string }
  }
  /** What came of a job’s runs, newest first */
  'cron.runs': {
    params: { jobId: string; limit?: number; before?: number }
    result: {
      runs: readonly ({
        scheduledAt: string
        trigger: string
        status: string
        attempt: number
        runId: string | null
        error: string | null
        startedAt: string
        endedAt: string | null
      })[]
      nextBefore: number | null
    }
  }
  /** How many scheduled jobs there are, and when the next is due */
  'cron.status': {
    params: Record<string, unknown>
    result: {
      jobs: number
      enabled: number
      nextRunAt: string | null
      limits: { jobs: number; perUser: number }
    }
  }
  /** Switches a scheduled job on or off */
  'cron.toggle': {
    params: { jobId: string; enabled: boolean }
    result: {
      job: {
        id: string
        name: string
        agentId: string
        userId: string
        schedule: Readonly<Record<string, unknown>>
        when: string
        message: string
        delivery: { channel: string; to?: string }
        deleteAfterRun: boolean
        heartbeat: boolean
        enabled: boolean
        sessionKey: string
        nextRunAt: string | null
        lastRunAt: string | null
        lastStatus: string | null
        lastError: string | null
        createdAt: string
        updatedAt: string
      }
    }
  }
  /** Changes a scheduled job; what it says is set by its owner alone */
  'cron.update': {
    params: {
      jobId: string
      name?: string
      schedule?: { kind: "at"; atMs: number } | { kind: "every"; everyMs: number } | { kind: "cron"; expr: string; tz?: string }
      when?: string
      message?: string
      agentId?: string
      delivery?: { channel: string; to?: string }
      deleteAfterRun?: boolean
    }
    result: {
      job: {
        id: string
        name: string
        agentId: string
        userId: string
        schedule: Readonly<Record<string, unknown>>
        when: string
        message: string
        delivery: { channel: string; to?: string }
        deleteAfterRun: boolean
        heartbeat: boolean
        enabled: boolean
        sessionKey: string
        nextRunAt: string | null
        lastRunAt: string | null
        lastStatus: string | null
        lastError: string | null
        createdAt: string
        updatedAt: string
      }
    }
  }
}
