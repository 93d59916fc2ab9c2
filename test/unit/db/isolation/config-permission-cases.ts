/** Calls of `db/config-permissions.ts`; see cases.ts. */
import type { UserId } from '../../../../src/domain/ids.ts'
import type { CasesOf, Repositories } from './cases.ts'
import { MEMBER, NOW, OWNER } from './world.ts'

const subject = (userId: string) => ({
  agentId: '*',
  scope: '*',
  configType: 'gateway',
  userId: userId as UserId,
})
const row = (id: string, userId: string) => ({
  ...subject(userId),
  id,
  tenantId: 'ten_a',
  permission: 'allow' as const,
  grantedBy: OWNER,
})

export const CONFIG_PERMISSION_CASES: CasesOf<Repositories['config-permissions']> = {
  listConfigPermissions: [(m, db, t) => m.listConfigPermissions(db, t, 100)],
  permissionsOfSubjects: [
    (m, db, t) => m.permissionsOfSubjects(db, t, [MEMBER, '*']),
    (m, db, t) => m.permissionsOfSubjects(db, t, ['user-elsewhere']),
  ],
  setConfigPermission: [
    (m, db, t) => m.setConfigPermission(db, t, row('cpm_2', 'user-elsewhere'), NOW),
    // Said here already: the neighbours' same rows stay.
    (m, db, t) => m.setConfigPermission(db, t, row('cpm_3', MEMBER), NOW),
  ],
  removeConfigPermission: [
    (m, db, t) => m.removeConfigPermission(db, t, 'cpm_1'),
    (m, db, t) => m.removeConfigPermission(db, t, 'cpm_9'),
  ],
  removeConfigPermissionOf: [
    (m, db, t) => m.removeConfigPermissionOf(db, t, subject(MEMBER)),
    (m, db, t) => m.removeConfigPermissionOf(db, t, subject('user-elsewhere')),
  ],
}
