/** How many schedules there may be, how often they run, and how stubbornly. */
import { z } from 'zod'
import { settingsObject } from './settings-object.ts'

const SECONDS_PER_DAY = 86_400

export const cronConfigSchema = settingsObject({
  max_jobs: z
    .number()
    .int()
    .min(0)
    .max(10_000)
    .default(1_000)
    .describe('Scheduled jobs of the tenant; 0: none may be made.'),
  max_jobs_per_user: z
    .number()
    .int()
    .min(0)
    .max(10_000)
    .default(50)
    .describe('Scheduled jobs of one person.'),
  min_period_seconds: z
    .number()
    .int()
    .min(60)
    .max(SECONDS_PER_DAY)
    .default(60)
    .describe('No job is made that runs more often than this.'),
  max_retries: z
    .number()
    .int()
    .min(0)
    .max(10)
    .default(3)
    .describe('How often a scheduled run that failed is tried again.'),
  retry_delay_seconds: z
    .number()
    .int()
    .min(10)
    .max(3_600)
    .default(60)
    .describe('The pause before the first retry; it doubles with each, up to an hour.'),
})
export type CronConfig = Readonly<z.infer<typeof cronConfigSchema>>
