/** Browsers that ask and that were let in, as one tenant beside neighbours that hold the same. */
import type { CasesOf, Repositories } from './cases.ts'
import { MEMBER, NOW, OWNER } from './world.ts'

const SMUGGLED_TENANT = { tenantId: 'ten_a' }
const CODE_MS = 3_600_000

const newPairing = (senderId: string) => ({
  id: 'par_new',
  ...SMUGGLED_TENANT,
  senderId,
  code: 'NEWCODE',
  secretHash: 'secret-new',
  address: '203.0.113.7',
  userAgent: 'new',
  createdAt: NOW,
  expiresAt: NOW + CODE_MS,
})

const approval = {
  userId: MEMBER,
  role: 'operator',
  decidedBy: OWNER,
  decidedByKey: 'key_1',
  expiresAt: NOW + CODE_MS,
} as const

const token = { hash: 'token-new', expiresAt: NOW + 1 }

export const PAIRING_CASES: CasesOf<Repositories['pairings']> = {
  createPairing: [
    // One asks already from this address; the neighbours' would fill the room.
    (m, db, t) =>
      m.createPairing(db, t, newPairing('sender-new'), {
        account: 'address',
        perAccount: 2,
        perTenant: 2,
      }),
    (m, db, t) =>
      m.createPairing(
        db,
        t,
        { ...newPairing('sender-new'), id: 'par_too', code: 'TOO' },
        {
          account: 'sender',
          perAccount: 1,
          perTenant: 9,
        },
      ),
    (m, db, t) =>
      m.createPairing(
        db,
        t,
        { ...newPairing('sender-new'), id: 'par_third', code: 'THIRD' },
        {
          account: 'address',
          perAccount: 1,
          perTenant: 9,
        },
      ),
    // The id of a neighbour's: taken back, it must take none of theirs with it.
    (m, db, t) =>
      m.createPairing(
        db,
        t,
        { ...newPairing('sender-new'), id: 'par_9', code: 'TAKEN' },
        {
          account: 'address',
          perAccount: 0,
          perTenant: 0,
        },
      ),
    (m, db, t) =>
      m.createPairing(
        db,
        t,
        { ...newPairing('sender-new'), id: 'par_9', code: 'TAKEN' },
        {
          account: 'sender',
          perAccount: 0,
          perTenant: 9,
        },
      ),
  ],
  findPairingOfSecret: [
    (m, db, t) => m.findPairingOfSecret(db, t, 'sender-par_1', 'secret'),
    (m, db, t) => m.findPairingOfSecret(db, t, 'sender-par_9', 'secret'),
  ],
  findPendingPairing: [
    (m, db, t) => m.findPendingPairing(db, t, 'CODE', NOW),
    (m, db, t) => m.findPendingPairing(db, t, 'CODE9', NOW),
    (m, db, t) => m.findPendingPairing(db, t, 'GONE', NOW),
  ],
  approvePairing: [
    (m, db, t) => m.approvePairing(db, t, { id: 'par_1', senderId: 'sender-par_1' }, approval, NOW),
    (m, db, t) => m.approvePairing(db, t, { id: 'par_9', senderId: 'sender-par_9' }, approval, NOW),
  ],
  denyPairing: [
    (m, db, t) => m.denyPairing(db, t, 'par_1', OWNER, NOW),
    (m, db, t) => m.denyPairing(db, t, 'par_9', OWNER, NOW),
  ],
  listPendingPairings: [(m, db, t) => m.listPendingPairings(db, t, NOW)],
}

export const DEVICE_CASES: CasesOf<Repositories['devices']> = {
  findDeviceGrant: [
    (m, db, t) => m.findDeviceGrant(db, t, { id: 'dev_1' }),
    (m, db, t) => m.findDeviceGrant(db, t, { id: 'dev_9' }),
    // Whoever let it in is a member next door only.
    (m, db, t) => m.findDeviceGrant(db, t, { id: 'par_kept' }),
    (m, db, t) => m.findDeviceGrant(db, t, { tokenHash: `token-dev_1-${t}` }),
    (m, db, t) => m.findDeviceGrant(db, t, { tokenHash: 'token-dev_1-ten_a' }),
  ],
  deliverDeviceToken: [
    (m, db, t) => m.deliverDeviceToken(db, t, 'par_due', token, NOW),
    (m, db, t) => m.deliverDeviceToken(db, t, 'dev_9', token, NOW),
    // The key that let it in is over here, and next door in turn.
    (m, db, t) => m.deliverDeviceToken(db, t, 'par_over', token, NOW),
    (m, db, t) => m.deliverDeviceToken(db, t, 'par_kept', token, NOW),
  ],
  listDevices: [(m, db, t) => m.listDevices(db, t, NOW)],
  findDevice: [
    (m, db, t) => m.findDevice(db, t, { channel: 'browser', senderId: 'sender-dev_1' }, NOW),
    (m, db, t) => m.findDevice(db, t, { channel: 'browser', senderId: 'sender-dev_9' }, NOW),
  ],
  revokeDevice: [
    (m, db, t) => m.revokeDevice(db, t, 'dev_1', OWNER, NOW),
    (m, db, t) => m.revokeDevice(db, t, 'dev_9', OWNER, NOW),
  ],
  countCredentials: [(m, db, t) => m.countCredentials(db, t)],
}
