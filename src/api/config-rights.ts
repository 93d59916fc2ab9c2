/**
 * Who may change which part of the configuration. Admins may, with the admin's scope; everybody else
 * only what a permission names, and never what says what other people may do. Rows are read for
 * every change: there is no copy that a revocation would have to reach.
 */
import { canonicalJson } from '../crypto/canonical-json.ts'
import { permissionsOfSubjects } from '../db/config-permissions.ts'
import {
  ADMIN_ONLY_PATHS,
  ANY,
  CONFIG_TYPES,
  type ConfigType,
  judgePermission,
  OWNER_ONLY_PATHS,
  subjectsOf,
} from '../domain/config/permissions.ts'
import { valueAt } from '../domain/config/presets.ts'
import { actsForTenant, hasRole, type Principal } from '../domain/principal.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { OperationContext } from './context.ts'

/** The role alone is not enough: an admin's key may be made for less, or for some agents only. */
export const actsAsAdmin = (principal: Principal): boolean =>
  actsForTenant(principal) && principal.scopes.includes('operator.admin')

const MAX_TOLD_CHARS = 60

export const needsAdmin = (what: string): Refusal =>
  refusal('UNAUTHORIZED', `changing ${what} needs the role admin`)

const notPermitted = (what: string): Refusal =>
  refusal(
    'UNAUTHORIZED',
    `changing ${what.slice(0, MAX_TOLD_CHARS)} needs the role admin, or a permission for it`,
  )

const isConfigType = (name: string): name is ConfigType =>
  (CONFIG_TYPES as readonly string[]).includes(name)

export interface WantedChange {
  /** Sections of the document, or `agent_settings`; a name that is none is permitted to nobody. */
  readonly types: readonly string[]
  /** Null for the tenant's document. */
  readonly agentId: string | null
}

export async function checkMayChange(
  { services, principal }: OperationContext,
  { types, agentId }: WantedChange,
): Promise<Result<null, Refusal>> {
  // What a tenant goes by concerns agents beyond the list that such a key is for.
  if (principal.allowedAgents !== null) return err(needsAdmin('the configuration'))
  if (actsAsAdmin(principal)) return ok(null)
  // A change of nothing is still a write.
  if (types.length === 0) return err(notPermitted('the configuration'))
  const { tenantId, userId } = principal
  const rows = await permissionsOfSubjects(
    services.database(tenantId),
    tenantId,
    subjectsOf(userId, []),
  )
  for (const type of types) {
    if (!isConfigType(type)) return err(notPermitted(JSON.stringify(type)))
    const question = { agentId, scope: ANY, configType: type, userId, groups: [] }
    if (!judgePermission(rows, question).isAllowed) return err(notPermitted(type))
  }
  return ok(null)
}

/** Judged by what would be stored, so that it does not matter how a patch spells it. */
export function checkReserved(
  principal: Principal,
  before: unknown,
  after: unknown,
): Result<null, Refusal> {
  const textAt = (document: unknown, path: string): string =>
    canonicalJson(valueAt(document, path) ?? null)
  const touched = (paths: readonly string[]): string | undefined =>
    paths.find((path) => textAt(before, path) !== textAt(after, path))
  const isAdmin = actsAsAdmin(principal)
  const ofOwner = isAdmin && hasRole(principal, 'owner') ? undefined : touched(OWNER_ONLY_PATHS)
  if (ofOwner !== undefined)
    return err(refusal('UNAUTHORIZED', `changing ${ofOwner} needs the role owner`))
  const ofAdmin = isAdmin ? undefined : touched(ADMIN_ONLY_PATHS)
  return ofAdmin === undefined ? ok(null) : err(needsAdmin(ofAdmin))
}
