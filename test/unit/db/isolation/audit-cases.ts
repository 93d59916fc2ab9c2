/** The audit chain's copy, emergency stops and the security audit, as one tenant beside its neighbours. */
import type { CasesOf, Repositories } from './cases.ts'
import { NOW, OWNER } from './world.ts'

const SMUGGLED_TENANT = { tenantId: 'ten_a' }
const row = (sequence: number) => ({
  ...SMUGGLED_TENANT,
  sequence,
  record: `{"sequence":${sequence}}`,
  previousMac: 'before',
  mac: 'after',
  createdAt: NOW,
})

export const AUDIT_CASES: CasesOf<Repositories['audit-records']> = {
  copyAuditRows: [
    (m, db, t) => m.copyAuditRows(db, t, [row(3)]),
    // What stands in the place of a record is replaced by it.
    (m, db, t) => m.copyAuditRows(db, t, [row(2)]),
  ],
  listAuditRows: [
    (m, db, t) => m.listAuditRows(db, t, { limit: 10 }),
    (m, db, t) => m.listAuditRows(db, t, { limit: 10, after: 1 }),
    (m, db, t) => m.listAuditRows(db, t, { limit: 10, before: 9, kind: 'event' }),
  ],
  pruneAuditRows: [(m, db, t) => m.pruneAuditRows(db, t, { sequence: 1, mac: 'x' }, NOW)],
}

const stop = (id: string) => ({
  ...SMUGGLED_TENANT,
  id,
  kind: 'kill-all' as const,
  tools: [],
  reason: 'a test',
  isPlatform: false,
  createdBy: OWNER,
  createdAt: NOW,
})

export const STOP_CASES: CasesOf<Repositories['emergency-stops']> = {
  selectStops: [(m, db, t) => m.selectStops(db, t)],
  listStops: [(m, db, t) => m.listStops(db, t)],
  createStop: [(m, db, t) => m.createStop(db, t, stop('stp_new'))],
  removeStop: [
    (m, db, t) => m.removeStop(db, t, 'stp_1', false),
    (m, db, t) => m.removeStop(db, t, 'stp_2', false),
    (m, db, t) => m.removeStop(db, t, 'stp_2', true),
    (m, db, t) => m.removeStop(db, t, 'stp_9', true),
  ],
}

const secret = (
  table: 'llm_providers' | 'search_providers' | 'secure_cli_binaries' | 'jwt_issuers',
) =>
  ({
    llm_providers: { table, column: 'sealed_api_key', row: 'prv_1', value: 'aes-gcm:same' },
    search_providers: { table, column: 'sealed_api_key', row: 'sea_1', value: 'aes-gcm:same' },
    secure_cli_binaries: { table, column: 'sealed_env', row: 'bin_1', value: 'aes-gcm:same' },
    jwt_issuers: { table, column: 'sealed_client_secret', row: 'iss_1', value: 'aes-gcm:same' },
  })[table]

const suppression = (checkId: string) => ({
  ...SMUGGLED_TENANT,
  checkId,
  reason: 'a reason that can be read',
  createdBy: OWNER,
  createdAt: NOW,
  expiresAt: null,
})

export const SECURITY_AUDIT_CASES: CasesOf<Repositories['security-audit']> = {
  listAuditedIssuers: [(m, db, t) => m.listAuditedIssuers(db, t)],
  listStoredSecrets: [(m, db, t) => m.listStoredSecrets(db, t)],
  sealStoredSecret: [
    (m, db, t) => m.sealStoredSecret(db, t, secret('llm_providers'), 'aes-gcm:new'),
    (m, db, t) => m.sealStoredSecret(db, t, secret('search_providers'), 'aes-gcm:new'),
    (m, db, t) => m.sealStoredSecret(db, t, secret('secure_cli_binaries'), 'aes-gcm:new'),
    (m, db, t) => m.sealStoredSecret(db, t, secret('jwt_issuers'), 'aes-gcm:new'),
  ],
  expireEndlessKeys: [(m, db, t) => m.expireEndlessKeys(db, t, NOW)],
  listSuppressions: [(m, db, t) => m.listSuppressions(db, t)],
  setSuppression: [
    (m, db, t) => m.setSuppression(db, t, suppression('tools.scrub_off')),
    (m, db, t) => m.setSuppression(db, t, suppression('budgets.none')),
  ],
  removeSuppression: [
    (m, db, t) => m.removeSuppression(db, t, 'budgets.none'),
    (m, db, t) => m.removeSuppression(db, t, 'keys.no_expiry'),
  ],
}
