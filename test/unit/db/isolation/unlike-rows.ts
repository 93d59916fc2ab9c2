/**
 * Keys, pairings, sign-ins and people that are one thing here and another next door under the same id:
 * a query that joins to a neighbour's row, or asks whether one exists, answers as the neighbour would.
 */
import * as schema from '../../../../src/db/schema/index.ts'
import type { TenantId, UserId } from '../../../../src/domain/ids.ts'
import { BEFORE, loginHash, MEMBER, OWNER, type Row, US } from './world.ts'

type Fields = Readonly<Record<string, unknown>>

/** The tenant's rows as the world makes them. */
interface Makers {
  readonly member: (userId: UserId, role: string, status?: string) => Row
  readonly apiKey: (id: string, hash: string, ownerId: UserId) => Row
  readonly pairing: (id: string, status: string, fields: Fields) => Row
  readonly login: (id: string, tokenHash: string, userId: UserId) => Row
}

const ELSEWHERE = 'user-elsewhere' as UserId
const RETURNED = 'user-returned' as UserId
const REMOVED = 'user-removed' as UserId
const RESTING = 'user-resting' as UserId
const AWAY = 'user-away' as UserId

export function unlikeRows(
  tenantId: TenantId,
  { member, apiKey, pairing, login }: Makers,
): readonly Row[] {
  const isUs = tenantId === US
  const key = (id: string, fields: Fields, ownerId = MEMBER): Row => {
    const [table, values] = apiKey(id, `hash-${id}-${tenantId}`, ownerId)
    return [table, { ...values, ...fields }]
  }
  const former = (userId: UserId): Row => [
    schema.formerMembers,
    { tenantId, userId, removedAt: BEFORE },
  ]
  // Let in, and not fetched yet; by somebody who is a member next door only.
  const due = (id: string, decidedByKey: string): Row =>
    pairing(id, 'approved', { userId: MEMBER, decidedBy: ELSEWHERE, decidedByKey })
  return [
    // Here it has ended without a successor; next door it is good, and was rotated.
    key('key_over', {
      createdByKey: 'key_kept',
      ...(isUs ? { expiresAt: BEFORE } : { rotatedTo: 'key_new' }),
    }),
    due('par_over', 'key_over'),
    // Here it is the owner's and good without end; next door another key made it, and it has ended.
    key(
      'key_kept',
      isUs ? {} : { createdByKey: 'key_1', expiresAt: BEFORE, revokedAt: BEFORE },
      isUs ? OWNER : MEMBER,
    ),
    due('par_kept', 'key_kept'),
    // Here suspended; next door not, and the other way round.
    member(RESTING, 'admin', isUs ? 'suspended' : 'active'),
    member(AWAY, 'admin', isUs ? 'active' : 'suspended'),
    key('key_resting', {}, RESTING),
    // Here it comes from no other key; next door from one whose owner is suspended here, who has it there.
    key('key_above', isUs ? {} : { createdByKey: 'key_resting' }, isUs ? AWAY : RESTING),
    key('key_below', { createdByKey: 'key_above' }),
    // Here a stranger; next door somebody who was removed.
    login('lgs_stranger', `${loginHash(tenantId)}-stranger`, REMOVED),
    // Here a member; next door somebody who was removed.
    ...(isUs ? [member(RETURNED, 'viewer')] : [former(RETURNED), former(REMOVED)]),
    // Here somebody who was removed; next door a member.
    ...(isUs ? [former(ELSEWHERE)] : []),
  ]
}
