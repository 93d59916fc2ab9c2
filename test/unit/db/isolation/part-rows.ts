/** Rows of the agent's parts: each tenant's own, and what a neighbour has beside them. */
import type { TenantId } from '../../../../src/domain/ids.ts'
import { foreignChannelRows, ownChannelRows } from './channel-rows.ts'
import { foreignCronRows, ownCronRows } from './cron-rows.ts'
import { memoryRows, neighbourMemoryRows } from './memory-rows.ts'
import { neighbourSkillRows, skillRows } from './skill-rows.ts'
import { foreignTraceRows, ownTraceRows } from './trace-cases.ts'

export const ownPartRows = (tenantId: TenantId) => [
  ...ownChannelRows(tenantId),
  ...memoryRows(tenantId),
  ...skillRows(tenantId),
  ...ownCronRows(tenantId),
  ...ownTraceRows(tenantId),
]

export const neighbourPartRows = (tenantId: TenantId) => [
  ...foreignChannelRows(tenantId),
  ...neighbourMemoryRows(tenantId),
  ...neighbourSkillRows(tenantId),
  ...foreignCronRows(tenantId),
  ...foreignTraceRows(tenantId),
]
