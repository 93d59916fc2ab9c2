/** Skills as every tenant of the world holds them; neighbours have further versions, files and grants. */
import type { Table } from 'drizzle-orm'
import * as schema from '../../../../src/db/schema/index.ts'
import type { TenantId } from '../../../../src/domain/ids.ts'

type Row = readonly [table: Table, values: Readonly<Record<string, unknown>>]

const BEFORE = 1_000_000_000

/** Of each version; the tenant that acts has three. */
export const VERSION_BYTES = 100

const skill = (tenantId: TenantId, id: string, name: string, version: number): Row => [
  schema.skills,
  {
    tenantId,
    id,
    name,
    description: `for ${tenantId}`,
    contentHash: `hash-${tenantId}`,
    ownerId: 'user-owner',
    version,
    enabled: true,
    createdAt: BEFORE,
    updatedAt: BEFORE,
  },
]

const version = (tenantId: TenantId, skillId: string, number: number): readonly Row[] => [
  [
    schema.skillVersions,
    {
      tenantId,
      skillId,
      number,
      description: `version ${number} of ${tenantId}`,
      contentHash: `hash-${tenantId}-${number}`,
      size: VERSION_BYTES,
      fileCount: 1,
      findings: [],
      createdBy: `user-of-${tenantId}`,
      createdAt: BEFORE,
      content: `said by ${tenantId}`,
    },
  ],
  [
    schema.skillFiles,
    { tenantId, skillId, number, path: 'a.txt', content: `file of ${tenantId}, ${number}` },
  ],
]

const grant = (tenantId: TenantId, skillId: string, agentId: string, userId: string): Row => [
  schema.skillGrants,
  { tenantId, skillId, agentId, userId, grantedBy: `user-of-${tenantId}`, createdAt: BEFORE },
]

export const skillRows = (tenantId: TenantId): readonly Row[] => [
  skill(tenantId, 'skl_1', 'review', 2),
  skill(tenantId, 'skl_2', 'deploy', 1),
  ...version(tenantId, 'skl_1', 1),
  ...version(tenantId, 'skl_1', 2),
  ...version(tenantId, 'skl_2', 1),
  grant(tenantId, 'skl_1', 'agt_1', ''),
  grant(tenantId, 'skl_1', 'agt_2', 'user-member'),
]

export const neighbourSkillRows = (tenantId: TenantId): readonly Row[] => [
  skill(tenantId, 'skl_9', 'elsewhere', 1),
  ...version(tenantId, 'skl_9', 1),
  ...version(tenantId, 'skl_1', 3),
  [
    schema.skillFiles,
    { tenantId, skillId: 'skl_1', number: 2, path: 'b.txt', content: `more of ${tenantId}` },
  ],
  grant(tenantId, 'skl_9', 'agt_1', ''),
  grant(tenantId, 'skl_1', 'agt_9', ''),
  grant(tenantId, 'skl_2', 'agt_1', ''),
]
