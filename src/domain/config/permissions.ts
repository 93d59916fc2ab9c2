/**
 * Who may change which part of the configuration without being an admin. Pure: rows and a question
 * in, the rule that decided out. Nothing said is a denial, and a denial of somebody by name is
 * outweighed by nothing.
 */
import { CONFIG_SECTIONS } from './tenant-config.ts'

/** The sections of the document, and the settings of an agent. */
export const AGENT_SETTINGS = 'agent_settings'
export const CONFIG_TYPES = [AGENT_SETTINGS, ...CONFIG_SECTIONS] as const
export type ConfigType = (typeof CONFIG_TYPES)[number]

/** Every agent, every scope, everybody. */
export const ANY = '*'
const GROUP_PREFIX = 'group:'

export const PERMISSIONS = ['allow', 'deny'] as const
export type Permission = (typeof PERMISSIONS)[number]

export interface PermissionRow {
  /** `*` for every agent. */
  readonly agentId: string
  /** `*`, or the group in which it holds: `group:{channel}:{chatId}`. */
  readonly scope: string
  readonly configType: string
  /** A person, a group (`group:{channel}:{chatId}`), or `*` for everybody. */
  readonly userId: string
  readonly permission: Permission
}

export interface PermissionQuestion {
  /** Null where no single agent is meant: only rows for every agent count. */
  readonly agentId: string | null
  readonly scope: string
  readonly configType: ConfigType
  readonly userId: string
  /** The groups that the person speaks in, as far as the gateway itself knows. */
  readonly groups: readonly string[]
}

export const PERMISSION_RULES = [
  'individual deny',
  'individual allow',
  'group deny',
  'group allow',
  'no permission',
] as const
export type PermissionRule = (typeof PERMISSION_RULES)[number]

export interface PermissionVerdict {
  readonly isAllowed: boolean
  readonly rule: PermissionRule
}

export const isGroup = (userId: string): boolean =>
  userId === ANY || userId.startsWith(GROUP_PREFIX)

/** The ids of rows that may concern somebody. */
export const subjectsOf = (
  userId: string,
  groups: readonly string[],
): readonly [string, ...string[]] => [userId, ...groups.filter(isGroup), ANY]

export function judgePermission(
  rows: readonly PermissionRow[],
  question: PermissionQuestion,
): PermissionVerdict {
  const { agentId, scope, configType, userId, groups } = question
  const meant = rows.filter(
    (row) =>
      row.configType === configType &&
      (row.agentId === ANY || row.agentId === agentId) &&
      (row.scope === ANY || row.scope === scope),
  )
  const says = (isMeant: (row: PermissionRow) => boolean, permission: Permission): boolean =>
    meant.some((row) => row.permission === permission && isMeant(row))
  // Somebody who is called like a group is one of it, and no more.
  const isIndividual = (row: PermissionRow): boolean =>
    row.userId === userId && !isGroup(row.userId)
  const isOfGroup = (row: PermissionRow): boolean =>
    isGroup(row.userId) && (row.userId === ANY || groups.includes(row.userId))
  if (says(isIndividual, 'deny')) return { isAllowed: false, rule: 'individual deny' }
  if (says(isIndividual, 'allow')) return { isAllowed: true, rule: 'individual allow' }
  if (says(isOfGroup, 'deny')) return { isAllowed: false, rule: 'group deny' }
  if (says(isOfGroup, 'allow')) return { isAllowed: true, rule: 'group allow' }
  return { isAllowed: false, rule: 'no permission' }
}

/**
 * What stays an admin's whatever section somebody holds: it says what other people may do, and who
 * answers for them.
 */
export const ADMIN_ONLY_PATHS = [
  'tools.by_credential',
  'tools.by_owner',
  'tools.approvals',
  'channels.commands',
] as const

/** What stays an owner's: who may do everything else must not make the record of it run out. */
export const OWNER_ONLY_PATHS = ['retention.audit_days'] as const
