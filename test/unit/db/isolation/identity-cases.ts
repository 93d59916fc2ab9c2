/** Issuers, sign-ins and the standing of people, as one tenant calls for them. */

import type { UserId } from '../../../../src/domain/ids.ts'
import type { IssuerRecord } from '../../../../src/domain/issuer.ts'
import type { CasesOf } from './cases.ts'
import { loginHash, MEMBER, NOW, OWNER } from './world.ts'

type Module<Name extends string> = Name extends 'jwt-issuers'
  ? typeof import('../../../../src/db/jwt-issuers.ts')
  : Name extends 'login-sessions'
    ? typeof import('../../../../src/db/login-sessions.ts')
    : typeof import('../../../../src/db/member-standing.ts')

const SMUGGLED: object = { tenantId: 'ten_a', id: 'iss_9' }
const ELSEWHERE = 'user-elsewhere' as UserId

const record: Omit<IssuerRecord, 'createdAt' | 'updatedAt'> = {
  id: 'iss_9',
  name: 'new',
  kind: 'oidc',
  issuer: 'https://new.example',
  audience: 'edgeclaw',
  jwksUrl: 'https://new.example/jwks',
  algorithms: ['ES256'],
  provisionRole: null,
  roleMapping: null,
  provesOwners: false,
  clientId: null,
  signInOrigin: null,
  sealedClientSecret: null,
  allowPrivateNetwork: false,
  enabled: true,
}

export const ISSUER_CASES: CasesOf<Module<'jwt-issuers'>> = {
  findIssuerGrant: [
    (m, db, t) => m.findIssuerGrant(db, t, 'iss_1'),
    (m, db, t) => m.findIssuerGrant(db, t, 'iss_9'),
  ],
  listIssuers: [(m, db, t) => m.listIssuers(db, t)],
  countIssuers: [(m, db, t) => m.countIssuers(db, t)],
  createIssuer: [(m, db, t) => m.createIssuer(db, t, { ...record, ...SMUGGLED }, NOW)],
  updateIssuer: [
    (m, db, t) => m.updateIssuer(db, t, 'iss_1', { enabled: false }, NOW),
    (m, db, t) => m.updateIssuer(db, t, 'iss_1', { issuer: 'https://moved.example' }, NOW),
    (m, db, t) => m.updateIssuer(db, t, 'iss_9', { enabled: false }, NOW),
    (m, db, t) => m.updateIssuer(db, t, 'iss_1', { ...SMUGGLED }, NOW),
  ],
  deleteIssuer: [
    (m, db, t) => m.deleteIssuer(db, t, 'iss_1'),
    (m, db, t) => m.deleteIssuer(db, t, 'iss_9'),
  ],
}

export const LOGIN_CASES: CasesOf<Module<'login-sessions'>> = {
  findLoginByHash: [
    (m, db, t) => m.findLoginByHash(db, t, loginHash(t)),
    (m, db, t) => m.findLoginByHash(db, t, loginHash('ten_a')),
  ],
  findLogin: [
    (m, db, t) => m.findLogin(db, t, 'lgs_1'),
    (m, db, t) => m.findLogin(db, t, 'lgs_9'),
    // Of somebody who was removed next door only.
    (m, db, t) => m.findLogin(db, t, 'lgs_stranger'),
  ],
  createLoginSession: [
    (m, db, t) =>
      m.createLoginSession(
        db,
        t,
        {
          id: 'lgs_9',
          ...SMUGGLED,
          tokenHash: 'hash of a new login',
          issuerId: 'iss_1',
          userId: OWNER,
          role: 'viewer',
          address: '',
          userAgent: '',
          expiresAt: NOW + 1,
        },
        NOW,
      ),
  ],
  extendLoginSession: [
    (m, db, t) => m.extendLoginSession(db, t, 'lgs_1', NOW + 9, NOW),
    (m, db, t) => m.extendLoginSession(db, t, 'lgs_9', NOW + 9, NOW),
  ],
  listLoginSessions: [
    (m, db, t) => m.listLoginSessions(db, t, null, NOW),
    (m, db, t) => m.listLoginSessions(db, t, MEMBER, NOW),
  ],
  revokeLoginSession: [
    (m, db, t) => m.revokeLoginSession(db, t, 'lgs_1', null, NOW),
    (m, db, t) => m.revokeLoginSession(db, t, 'lgs_1', OWNER, NOW),
    (m, db, t) => m.revokeLoginSession(db, t, 'lgs_9', null, NOW),
  ],
}

export const STANDING_CASES: CasesOf<Module<'member-standing'>> = {
  findStanding: [
    (m, db, t) => m.findStanding(db, t, MEMBER),
    (m, db, t) => m.findStanding(db, t, ELSEWHERE),
    (m, db, t) => m.findStanding(db, t, 'user-removed' as UserId),
  ],
}
