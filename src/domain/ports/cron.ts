/** A run's own schedules: those of whoever it acts for, of the agent that it runs. */
import type { Result } from '../result.ts'

export interface ScheduledTask {
  readonly id: string
  readonly name: string
  /** In words, as they are written. */
  readonly when: string
  readonly message: string
  readonly enabled: boolean
  readonly nextRunAt: number | null
  readonly lastStatus: string | null
}

export interface NewTask {
  readonly name: string
  readonly when: string
  readonly message: string
  readonly deleteAfterRun: boolean
}

/** The errors are sentences for the model. */
export interface CronPort {
  list(): Promise<Result<readonly ScheduledTask[], string>>
  create(task: NewTask): Promise<Result<ScheduledTask, string>>
  toggle(id: string, enabled: boolean): Promise<Result<ScheduledTask, string>>
  remove(id: string): Promise<Result<null, string>>
}
