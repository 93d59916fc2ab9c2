/** What a call is judged by. */
import type { AgentRecord } from '../domain/agent-record.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'

/** The tenant and agent as they are at the call. */
export interface CallLive {
  readonly snapshot: TenantSnapshot
  readonly agent: AgentRecord
}
