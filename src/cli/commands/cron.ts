/** `edgeclaw cron`: messages to agents that come by themselves. */
import type { Noun } from './command.ts'

const COLUMNS = ['id', 'name', 'agentId', 'when', 'enabled', 'nextRunAt', 'lastStatus'] as const

export const CRON: Noun = {
  name: 'cron',
  summary: 'messages to agents that come by themselves',
  notes: `  edgeclaw cron create "morning" "0 9 * * 1-5 Europe/Berlin" "What is new?"
  edgeclaw cron create "check" "every 30m" --heartbeat
  edgeclaw cron create "once" "at 2026-12-01T09:00:00Z" "Say hello." --delete-after-run

A job runs with the rights of whoever made it, as they are then.`,
  commands: [
    {
      verb: 'list',
      operation: 'cron.list',
      rows: 'jobs',
      columns: [...COLUMNS, 'userId', 'lastError'],
      none: 'Nothing is scheduled.',
    },
    { verb: 'status', operation: 'cron.status' },
    {
      verb: 'runs',
      operation: 'cron.runs',
      positional: ['jobId'],
      rows: 'runs',
      columns: ['scheduledAt', 'trigger', 'status', 'attempt', 'runId', 'error', 'endedAt'],
      none: 'It has not run yet.',
    },
    {
      verb: 'create',
      operation: 'cron.create',
      positional: ['name', 'when', 'message'],
      optional: ['message'],
      hidden: ['schedule', 'delivery'],
      part: 'job',
    },
    {
      verb: 'update',
      operation: 'cron.update',
      positional: ['jobId'],
      hidden: ['schedule', 'delivery'],
      part: 'job',
    },
    {
      verb: 'enable',
      operation: 'cron.toggle',
      summary: 'Switches a scheduled job on',
      positional: ['jobId'],
      fixed: { enabled: true },
      part: 'job',
    },
    {
      verb: 'disable',
      operation: 'cron.toggle',
      summary: 'Switches a scheduled job off',
      positional: ['jobId'],
      fixed: { enabled: false },
      done: 'switched off {jobId}',
    },
    {
      verb: 'run',
      operation: 'cron.run',
      positional: ['jobId'],
      done: 'begun {jobId}',
    },
    {
      verb: 'delete',
      operation: 'cron.delete',
      positional: ['jobId'],
      confirm: 'This deletes {jobId} with its history; its conversation stays.',
      done: 'deleted {jobId}',
    },
  ],
}
