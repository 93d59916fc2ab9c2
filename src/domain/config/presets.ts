/**
 * Named sets of settings that an admin takes over in one step. A preset is data, and what makes a
 * patch of it only tightens: a setting that is stricter already stays as it is. It reads and writes
 * nothing.
 */
import { isJsonObject, type JsonObject } from '../json-object.ts'
import type { AgentSettings } from './agent-settings.ts'
import type { TenantConfigDocument } from './tenant-config.ts'

export interface Preset {
  readonly summary: string
  readonly settings: TenantConfigDocument
}

export const PRESETS = {
  hardened: {
    summary: 'the strict baseline for agents that meet strangers',
    settings: {
      gateway: { injection_action: 'block' },
      tools: {
        profile: 'messaging',
        deny: ['group:runtime', 'group:fs', 'group:automation'],
        execApproval: { security: 'deny', ask: 'always' },
        scrub_credentials: true,
      },
      autonomy: { level: 'supervised' },
      sandbox: { workspace_access: 'ro' },
    },
  },
} as const satisfies Readonly<Record<string, Preset>>

export type PresetName = keyof typeof PRESETS

/** Values of a setting, each stricter than the one before it; an unset one is the first. */
const STRICTNESS: Readonly<Record<string, readonly string[]>> = {
  'gateway.injection_action': ['off', 'log', 'warn', 'block'],
  'tools.profile': ['full', 'coding', 'messaging', 'minimal'],
  'tools.execApproval.security': ['full', 'allowlist', 'deny'],
  'tools.execApproval.ask': ['off', 'on-miss', 'always'],
  'autonomy.level': ['full', 'supervised', 'readonly'],
  'sandbox.workspace_access': ['rw', 'ro', 'none'],
}

/** Where an agent may set over its tenant what a preset sets for it. */
const AGENT_PATHS: Readonly<Record<string, string>> = {
  'tools.execApproval.security': 'exec_approval.security',
  'tools.execApproval.ask': 'exec_approval.ask',
  'autonomy.level': 'autonomy.level',
}
const DEFAULTS_OF_AGENTS = 'agents.defaults'

type Leaf = readonly [path: string, value: unknown]

/** `gateway.injection_action` → its value; a list is a leaf. */
export const leavesOf = (tree: JsonObject, prefix = ''): readonly Leaf[] =>
  Object.entries(tree).flatMap(([name, value]) =>
    isJsonObject(value) && Object.keys(value).length > 0
      ? leavesOf(value, `${prefix}${name}.`)
      : [[`${prefix}${name}`, value] as const],
  )

export const valueAt = (tree: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (node, name) => (isJsonObject(node) && Object.hasOwn(node, name) ? node[name] : undefined),
      tree,
    )

const treeOf = ([path, value]: Leaf): JsonObject =>
  path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as JsonObject

const merge = (a: JsonObject, b: JsonObject): JsonObject => {
  const merged: Record<string, unknown> = { ...a }
  for (const [name, value] of Object.entries(b)) {
    const known = merged[name]
    merged[name] = isJsonObject(known) && isJsonObject(value) ? merge(known, value) : value
  }
  return merged
}

function isAsStrict(path: string, current: unknown, wanted: unknown): boolean {
  const order = STRICTNESS[path]
  if (!order) return current === wanted
  // What is not set, or not known, counts as the loosest.
  return order.indexOf(String(current)) >= order.indexOf(String(wanted))
}

function tightened(path: string, current: unknown, wanted: unknown): unknown {
  if (Array.isArray(wanted)) {
    const kept: readonly unknown[] = Array.isArray(current) ? current : []
    const added = wanted.filter((entry) => !kept.includes(entry))
    return added.length === 0 ? undefined : [...kept, ...added]
  }
  return isAsStrict(path, current, wanted) ? undefined : wanted
}

/** The merge patch (RFC 7396) that brings `config` up to the preset; empty when it is there already. */
export function presetPatch({ settings }: Preset, config: JsonObject): JsonObject {
  const changes: Leaf[] = []
  for (const [path, wanted] of leavesOf(settings)) {
    const value = tightened(path, valueAt(config, path), wanted)
    if (value !== undefined) changes.push([path, value])
    const overridden = AGENT_PATHS[path] && `${DEFAULTS_OF_AGENTS}.${AGENT_PATHS[path]}`
    const override = overridden ? valueAt(config, overridden) : undefined
    if (overridden && override !== undefined && !isAsStrict(path, override, wanted)) {
      changes.push([overridden, wanted])
    }
  }
  return changes.map(treeOf).reduce(merge, {})
}

/** What one agent's own settings loosen again, as `autonomy.level: full`. */
export function loosenedBy({ settings }: Preset, agent: AgentSettings): readonly string[] {
  return leavesOf(settings).flatMap(([path, wanted]) => {
    const own = AGENT_PATHS[path]
    const value = own === undefined ? undefined : valueAt(agent, own)
    return value === undefined || isAsStrict(path, value, wanted) ? [] : [`${own}: ${value}`]
  })
}
