/**
 * Chat platforms and their senders, for every tenant of the world. Instances have ids of their own, as
 * the schema demands; whoever was paired, and asks to be, stands next door under the same ids.
 */
import * as schema from '../../../../src/db/schema/index.ts'
import type { TenantId } from '../../../../src/domain/ids.ts'
import type { Row } from './world.ts'

const BEFORE = 1_000_000_000
const LATER = BEFORE + 7_200_000

export const instanceOf = (tenantId: string, number = '1'): string => `chn_${tenantId}_${number}`

/** The instance that senders of all tenants name: a query that trusts it alone meets a neighbour's. */
export const SHARED_INSTANCE = 'chn_shared'

const instance = (tenantId: TenantId, number: string): Row => [
  schema.channelInstances,
  {
    tenantId,
    id: instanceOf(tenantId, number),
    name: `support-${number}`,
    displayName: `of ${tenantId}`,
    channelType: 'whatsapp',
    agentId: 'agt_1',
    sealedCredentials: 'aes-gcm:same',
    config: {},
    bot: null,
    enabled: true,
    revision: 1,
    createdAt: BEFORE,
    updatedAt: BEFORE,
  },
]

const sender = (
  tenantId: TenantId,
  id: string,
  status: string,
  more: Readonly<Record<string, unknown>> = {},
): Row => [
  schema.pairings,
  {
    tenantId,
    id,
    kind: 'channel',
    channel: 'whatsapp',
    instanceId: SHARED_INSTANCE,
    senderId: `sender-${id}`,
    code: null,
    status,
    address: '',
    userAgent: `sender of ${tenantId}`,
    createdAt: BEFORE,
    expiresAt: LATER,
    ...more,
  },
]

export const ownChannelRows = (tenantId: TenantId): Row[] => [
  instance(tenantId, '1'),
  sender(tenantId, 'cpr_1', 'pending', { code: 'ASKS' }),
  sender(tenantId, 'cpr_2', 'approved', { decidedBy: 'user-owner', decidedAt: BEFORE }),
  // Over: a new one sweeps its own tenant's away.
  sender(tenantId, 'cpr_old', 'pending', { code: 'OVER', expiresAt: BEFORE }),
]

/** What we have not: more that wait, and the one who asks here has asked there. */
export const foreignChannelRows = (tenantId: TenantId): Row[] => [
  instance(tenantId, '9'),
  sender(tenantId, 'cpr_7', 'pending', { senderId: 'sender-new', code: 'NEW7' }),
  sender(tenantId, 'cpr_8', 'approved'),
  sender(tenantId, 'cpr_9', 'pending', { code: 'ASKS9' }),
]
