/** A job as its row holds it. It asks the database nothing. */
import { type CronJob, cronJobSchema, type Delivery } from '../domain/cron-job.ts'
import { type Schedule, scheduleSchema } from '../domain/schedule.ts'
import type { cronJobs } from './schema/cron-jobs.ts'

type Row = typeof cronJobs.$inferSelect

export type ScheduleColumns = Pick<Row, 'scheduleKind' | 'schedule' | 'timezone' | 'anchorAt'>

export function scheduleColumns(schedule: Schedule): ScheduleColumns {
  const { kind: scheduleKind } = schedule
  switch (schedule.kind) {
    case 'at':
      return { scheduleKind, schedule: `${schedule.atMs}`, timezone: 'UTC', anchorAt: null }
    case 'every': {
      const { everyMs, anchorMs } = schedule
      return { scheduleKind, schedule: `${everyMs}`, timezone: 'UTC', anchorAt: anchorMs }
    }
    case 'cron':
      return { scheduleKind, schedule: schedule.expr, timezone: schedule.tz, anchorAt: null }
  }
}

function parseSchedule({ scheduleKind: kind, schedule, timezone, anchorAt }: ScheduleColumns) {
  return scheduleSchema.safeParse({
    kind,
    atMs: Number(schedule),
    everyMs: Number(schedule),
    anchorMs: anchorAt,
    expr: schedule,
    tz: timezone,
  })
}

const IN_SESSION: Delivery = { channel: 'session' }

/** Null for a row that cannot be read: it is nobody's to act on. */
export function parseCronJob(row: Row): CronJob | null {
  const schedule = parseSchedule(row)
  if (!schedule.success) return null
  const { data } = schedule
  const parsed = cronJobSchema.safeParse({
    ...row,
    schedule: data,
    delivery: row.delivery ?? IN_SESSION,
  })
  return parsed.success ? parsed.data : null
}
