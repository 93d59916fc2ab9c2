/** API keys, issuers and the people who may act for everybody. */
import { about, type Check, type KeyFacts, when } from './facts.ts'

const DAY_MS = 86_400_000
const UNUSED_DAYS = 90
/** More keys with all rights than this are more than anybody keeps in mind. */
const MANY_ADMIN_KEYS = 3

const isUnused = ({ lastUsedAt, createdAt }: KeyFacts, now: number): boolean =>
  (lastUsedAt ?? createdAt) < now - UNUSED_DAYS * DAY_MS

const ROLES_OF_ADMINS = ['admin', 'owner']

export const keyChecks: Check = ({ now, tenant: { keys, issuers, ownerOrAdminCount } }) => {
  const names = (some: readonly KeyFacts[]): string[] =>
    some.map(({ id, name }) => `${name} (${id})`)
  const admins = keys.filter(({ isAdmin }) => isAdmin)
  return [
    ...about(names(keys.filter(({ expiresAt }) => expiresAt === null)), {
      checkId: 'keys.no_expiry',
      severity: 'warn',
      title: 'API keys never expire',
      detail: (list) => `Without an end: ${list}.`,
      remediation:
        'Create keys with expires_in; the audit’s fix gives these an end when asked with expire_keys_in.',
    }),
    ...about(names(keys.filter((key) => isUnused(key, now))), {
      checkId: 'keys.unused_90d',
      severity: 'info',
      title: 'API keys were not used for long',
      detail: (list) => `Not in ${UNUSED_DAYS} days: ${list}.`,
      remediation: 'Revoke what nobody needs: api_keys.revoke.',
    }),
    ...when(admins.length > MANY_ADMIN_KEYS, {
      checkId: 'keys.admin_scope_count',
      severity: 'warn',
      title: 'Many API keys may do everything',
      detail: `${admins.length} keys carry operator.admin.`,
      remediation: 'Give keys the scope that their work needs.',
    }),
    ...when(ownerOrAdminCount === 1, {
      checkId: 'tenants.single_admin',
      severity: 'info',
      title: 'One person alone administers this tenant',
      detail: 'Who loses that account loses the tenant.',
      remediation: 'Add a second owner or admin: tenants.users.add.',
    }),
    ...about(
      issuers.filter(({ audience }) => audience.trim() === '').map(({ name }) => name),
      {
        checkId: 'gateway.jwt_audience_missing',
        severity: 'critical',
        title: 'Tokens of an issuer are taken whoever they were made for',
        detail: (list) => `Without an audience: ${list}.`,
        remediation: 'Set the issuer’s audience.',
      },
    ),
    ...about(
      issuers
        .filter(({ provisionRole }) => ROLES_OF_ADMINS.includes(provisionRole ?? ''))
        .map(({ name }) => name),
      {
        checkId: 'gateway.sso_autoprovision_admin',
        severity: 'critical',
        title: 'Whoever logs in becomes an admin',
        detail: (list) => `At first sight, through ${list}.`,
        remediation: 'Let the issuer’s provision_role be viewer or none, and map roles by claim.',
      },
    ),
  ]
}
