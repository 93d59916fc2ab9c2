/** How keys are rotated, what ends with them, and how people are invited, as `cases.ts` has it for the rest. */
import { sql } from 'drizzle-orm'
import type { UserId } from '../../../../src/domain/ids.ts'
import type { CasesOf, Repositories } from './cases.ts'
import { loneUser, NOW, OWNER } from './world.ts'

const SMUGGLED_TENANT = { tenantId: 'ten_a' }

const rotation = {
  successor: {
    id: 'key_new',
    ...SMUGGLED_TENANT,
    hash: 'h',
    prefix: 'ec_new',
    createdBy: OWNER,
    createdByKey: null,
  },
  notAfter: null,
  overlapMs: 1_000,
}

export const ROTATION_CASES: CasesOf<Repositories['api-key-rotation']> = {
  rotateApiKey: [
    (m, db, t) => m.rotateApiKey(db, t, 'key_1', rotation, NOW),
    (m, db, t) => m.rotateApiKey(db, t, 'key_9', rotation, NOW),
    (m, db, t) => m.rotateApiKey(db, t, 'key_rotated', rotation, NOW),
    // Over here; next door a key of this id has this successor.
    (m, db, t) => m.rotateApiKey(db, t, 'key_over', rotation, NOW),
  ],
}

/** Every row that there is: what is revoked is the tenant's alone all the same. */
const ALL = sql`1 = 1`

export const KEY_TREE_CASES: CasesOf<Repositories['key-tree']> = {
  revokeKeys: [
    (m, db, t) => m.revokeKeys(db, t, ALL, NOW),
    (m, db, t) => m.revokeKeys(db, t, sql`id in ${m.keysFrom(t, sql`select 'key_1'`)}`, NOW),
  ],
  revokeAdmitted: [(m, db, t) => m.revokeAdmitted(db, t, ALL, NOW)],
  revokeIfMakerIs: [
    (m, db, t) => m.revokeIfMakerIs(db, t, 'key_1', NOW),
    (m, db, t) => m.revokeIfMakerIs(db, t, 'key_9', NOW),
    // Its maker is revoked next door only.
    (m, db, t) => m.revokeIfMakerIs(db, t, 'key_over', NOW),
  ],
}

const accepts = (id: string, userId: string) => ({ id, userId: userId as UserId })

export const INVITATION_CASES: CasesOf<Repositories['invitations']> = {
  createInvitation: [
    (m, db, t) =>
      m.createInvitation(
        db,
        t,
        {
          id: 'inv_9',
          ...SMUGGLED_TENANT,
          tokenHash: 'hash-new',
          role: 'viewer',
          note: 'new',
          createdBy: OWNER,
          expiresAt: NOW + 1,
        },
        NOW,
      ),
  ],
  countOpenInvitations: [(m, db, t) => m.countOpenInvitations(db, t, NOW)],
  listInvitations: [
    (m, db, t) => m.listInvitations(db, t, { limit: 200 }),
    (m, db, t) => m.listInvitations(db, t, { limit: 200, after: 'inv_2' }),
    (m, db, t) => m.listInvitations(db, t, { limit: 200, after: 'inv_9' }),
  ],
  revokeInvitation: [
    (m, db, t) => m.revokeInvitation(db, t, 'inv_1', NOW),
    (m, db, t) => m.revokeInvitation(db, t, 'inv_9', NOW),
  ],
  acceptInvitation: [
    (m, db, t) => m.acceptInvitation(db, t, accepts('inv_1', 'user-new'), NOW),
    (m, db, t) => m.acceptInvitation(db, t, accepts('inv_1', loneUser(t)), NOW),
    (m, db, t) => m.acceptInvitation(db, t, accepts('inv_9', 'user-new'), NOW),
    // Next door the inviter is a member and no owner; above, the invited one is suspended there.
    (m, db, t) => m.acceptInvitation(db, t, accepts('inv_2', 'user-newer'), NOW),
  ],
}
