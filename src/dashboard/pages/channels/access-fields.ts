/** A channel's settings of access as a form has them, and back: what a form does not show stays as it was. */
import { type JsonObject, textOf } from '../../client/json.ts'

export interface AccessFields {
  /** Empty: as the tenant's settings say. */
  readonly dmPolicy: string
  readonly groupPolicy: string
  /** `yes`, `no` or empty. */
  readonly mention: string
  readonly allowFrom: readonly string[]
  readonly groupAllowFrom: readonly string[]
}

const list = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : []

export const accessOf = (config: JsonObject): AccessFields => ({
  dmPolicy: textOf(config['dm_policy']),
  groupPolicy: textOf(config['group_policy']),
  mention: config['require_mention'] === undefined ? '' : config['require_mention'] ? 'yes' : 'no',
  allowFrom: list(config['allow_from']),
  groupAllowFrom: list(config['group_allow_from']),
})

export function withAccess(config: JsonObject, chosen: AccessFields): JsonObject {
  const {
    dm_policy: _dm,
    group_policy: _group,
    require_mention: _mention,
    allow_from: hadSenders,
    group_allow_from: hadGroups,
    ...rest
  } = config
  // An empty list is not the same as none: none leaves it to the tenant's settings.
  const senders = chosen.allowFrom.length > 0 || hadSenders !== undefined
  const groups = chosen.groupAllowFrom.length > 0 || hadGroups !== undefined
  return {
    ...rest,
    ...(chosen.dmPolicy === '' ? {} : { dm_policy: chosen.dmPolicy }),
    ...(chosen.groupPolicy === '' ? {} : { group_policy: chosen.groupPolicy }),
    ...(chosen.mention === '' ? {} : { require_mention: chosen.mention === 'yes' }),
    ...(senders ? { allow_from: chosen.allowFrom } : {}),
    ...(groups ? { group_allow_from: chosen.groupAllowFrom } : {}),
  }
}
