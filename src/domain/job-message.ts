/** What a job asks its agent: its own words, or those set for heartbeats that have none. */
import { heartbeatPrompt } from './config/effective.ts'
import type { CronJob } from './cron-job.ts'
import { findAgent, type TenantSnapshot } from './tenant-snapshot.ts'

export function messageOfJob(snapshot: TenantSnapshot, { message, agentId }: CronJob): string {
  if (message !== '') return message
  return heartbeatPrompt(snapshot.config, findAgent(snapshot, agentId)?.settings ?? {})
}
