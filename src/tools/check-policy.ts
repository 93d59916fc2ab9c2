/**
 * Entries of a tool policy that mean nothing. In a call they are taken for the closed side; a
 * document that holds one is refused where it is written, since a mistyped group would deny
 * everything, or allow nothing, without a word.
 */
import { nearestKey } from '../domain/config/nearest-key.ts'
import type { TenantConfig } from '../domain/config/tenant-config.ts'
import type { ToolPolicyLevel } from '../domain/config/tool-policy.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { TOOL_GROUPS } from './groups.ts'
import { findUnknownEntries } from './policy.ts'

const MAX_TOLD_CHARS = 60
const GROUPS = TOOL_GROUPS.map((group) => `group:${group}`)

type NamedLevel = readonly [path: string, level: ToolPolicyLevel | undefined]

function levelsOf({ tools, agents, channels }: TenantConfig): readonly NamedLevel[] {
  const inRecord = (path: string, record: TenantConfig['tools']['by_owner']): NamedLevel[] =>
    Object.entries(record).map(([name, level]) => [
      `${path}.${name.slice(0, MAX_TOLD_CHARS)}`,
      level,
    ])
  return [
    ['tools', tools],
    ...inRecord('tools.by_credential', tools.by_credential),
    ...inRecord('tools.by_owner', tools.by_owner),
    ['agents.defaults.tools', agents.defaults.tools],
    ['channels.defaults.tools', channels.defaults.tools],
  ]
}

/** @returns the sentence for the first entry that names neither a tool nor a group */
export function checkToolPolicy(
  path: string,
  level: ToolPolicyLevel | undefined,
): Result<null, string> {
  const [unknown] = findUnknownEntries(level ?? {})
  if (unknown === undefined) return ok(null)
  const near = nearestKey(unknown, GROUPS)
  const hint = near === null ? '' : `; did you mean ${near}?`
  const told = JSON.stringify(unknown.slice(0, MAX_TOLD_CHARS))
  return err(`${path}: ${told} names no tool and no group${hint}`)
}

export function checkToolPolicies(config: TenantConfig): Result<null, string> {
  for (const [path, level] of levelsOf(config)) {
    const checked = checkToolPolicy(path, level)
    if (!checked.ok) return checked
  }
  return ok(null)
}
