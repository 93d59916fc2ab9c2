/** A tenant's rows as a whole, walked and erased beside neighbours that hold the same. */

import { parseKeyRing } from '../../../../src/crypto/keys.ts'
import type { Database } from '../../../../src/db/database.ts'
import { TENANT_TABLES } from '../../../../src/db/schema-walk.ts'
import type { TenantId } from '../../../../src/domain/ids.ts'
import type { CasesOf, Repositories } from './cases.ts'
import { NOW } from './world.ts'

function ringOf() {
  const ring = parseKeyRing({ current: 'a1'.repeat(32) })
  if (!ring.ok) throw new Error(ring.error)
  return ring.value
}

export const TENANT_ROW_CASES: CasesOf<Repositories['tenant-rows']> = {
  listTenantRows: [
    ...TENANT_TABLES.map(
      ({ name }) =>
        (m: Repositories['tenant-rows'], db: Database, t: TenantId) =>
          m.listTenantRows(db, t, name, null, 100),
    ),
    (m, db, t) => m.listTenantRows(db, t, 'memberships', ['user-member'], 100),
    (m, db, t) => m.listTenantRows(db, t, 'config_versions', [1], 1),
  ],
  eraseTenantRows: [
    (m, db, t) => m.eraseTenantRows(db, t, 1),
    (m, db, t) => m.eraseTenantRows(db, t, 500),
  ],
  closeTenant: [(m, db, t) => m.closeTenant(db, t, NOW)],
  removeTenant: [
    (m, db, t) => m.removeTenant(db, t),
    async (m, db, t) => {
      await m.closeTenant(db, t, NOW)
      await m.removeTenant(db, t)
    },
  ],
}

export const SEALED_VALUE_CASES: CasesOf<Repositories['sealed-values']> = {
  countByKey: [(m, db, t) => m.countByKey(db, t, ringOf())],
}
