/**
 * Which tools a call may name: five levels, of which each can only narrow what the ones above it
 * left. Deny wins at every level. Nothing here looks at arguments; that is the tool's own guard.
 */
import type { ToolPolicyLevel, ToolProfile } from '../domain/config/tool-policy.ts'
import { TOOL_GROUPS, type ToolGroup } from './groups.ts'

/** From the outermost to the innermost. */
export const POLICY_LEVELS = ['credential', 'tenant', 'agent', 'channel', 'owner'] as const
export type PolicyLevelName = (typeof POLICY_LEVELS)[number]
/** A level may be said in several places; each of them narrows. */
export type ToolPolicyLevels = Readonly<
  Partial<Record<PolicyLevelName, ToolPolicyLevel | readonly ToolPolicyLevel[]>>
>

interface PolicyStep {
  readonly level: PolicyLevelName | 'subagent' | 'reader'
  readonly isAllowed: (tool: PolicySubject) => boolean
}

/** Opaque to its holders; ask `isToolAllowed`. */
export interface EffectiveToolPolicy {
  readonly steps: readonly PolicyStep[]
}

/** What policy knows of a tool. */
export interface PolicySubject {
  readonly name: string
  readonly group: ToolGroup
}

/** A profile is a set of entries as `allow` holds them; `minimal` leaves an agent with words only. */
const PROFILES: Readonly<Record<ToolProfile, readonly string[]>> = {
  minimal: [],
  messaging: ['group:messaging', 'group:sessions', 'group:memory', 'group:ui'],
  coding: ['group:fs', 'group:runtime', 'group:web', 'group:memory', 'group:sessions', 'group:ui'],
  full: ['*'],
}

/** A sub-agent acts for its parent; it may not multiply, schedule or speak in its own name. */
const SUBAGENT_DENIED: readonly string[] = [
  'gateway',
  'cron',
  'sessions_send',
  'send_file',
  'spawn',
]

const GROUP_PREFIX = 'group:'
const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,127}\*?$/

type Matcher = (tool: PolicySubject) => boolean

/** A tool's name, a name ending in `*`, `*` alone, or `group:…`; null for anything else. */
function parseEntry(entry: string): Matcher | null {
  if (entry === '*') return () => true
  if (entry.startsWith(GROUP_PREFIX)) {
    const group = TOOL_GROUPS.find((known) => known === entry.slice(GROUP_PREFIX.length))
    return group === undefined ? null : (tool) => tool.group === group
  }
  if (!NAME.test(entry)) return null
  if (!entry.endsWith('*')) return (tool) => tool.name === entry
  const prefix = entry.slice(0, -1)
  return (tool) => tool.name.startsWith(prefix)
}

/** An entry that is not understood allows nothing. */
function allowedBy(entries: readonly string[]): Matcher {
  const matchers = entries.map(parseEntry).filter((matcher) => matcher !== null)
  return (tool) => matchers.some((matches) => matches(tool))
}

/** An entry that is not understood denies everything: a mistyped group must not leave a gap. */
function deniedBy(entries: readonly string[]): Matcher {
  const matchers = entries.map((entry) => parseEntry(entry) ?? (() => true))
  return (tool) => matchers.some((matches) => matches(tool))
}

function stepOf(name: PolicyStep['level'], level: ToolPolicyLevel): PolicyStep {
  const inProfile = allowedBy(PROFILES[level.profile ?? 'full'])
  const isListed = level.allow === undefined ? () => true : allowedBy(level.allow)
  const isDenied = deniedBy(level.deny ?? [])
  return { level: name, isAllowed: (tool) => inProfile(tool) && isListed(tool) && !isDenied(tool) }
}

/** A level that says nothing narrows nothing. */
export function effectivePolicy(levels: ToolPolicyLevels): EffectiveToolPolicy {
  const steps: PolicyStep[] = []
  for (const name of POLICY_LEVELS) {
    for (const level of [levels[name] ?? []].flat()) steps.push(stepOf(name, level))
  }
  return { steps }
}

/** What a sub-agent inherits: its parent's policy without the tools that reach beyond it. */
export const policyOfSubAgent = (parent: EffectiveToolPolicy): EffectiveToolPolicy => ({
  steps: [...parent.steps, stepOf('subagent', { deny: [...SUBAGENT_DENIED] })],
})

/** What all of them allow, from the outermost. */
export const policyOfAll = (policies: readonly EffectiveToolPolicy[]): EffectiveToolPolicy => ({
  steps: policies.flatMap(({ steps }) => steps),
})

/** A reader is handed text from outside and nothing that it could be talked into using. */
export const policyOfReader = (policy: EffectiveToolPolicy): EffectiveToolPolicy => ({
  steps: [...policy.steps, stepOf('reader', { deny: ['*'] })],
})

/** The outermost level that refuses the tool; null when all allow it. */
export const denyingLevel = (
  tool: PolicySubject,
  policy: EffectiveToolPolicy,
): PolicyStep['level'] | null => policy.steps.find((step) => !step.isAllowed(tool))?.level ?? null

export const isToolAllowed = (tool: PolicySubject, policy: EffectiveToolPolicy): boolean =>
  denyingLevel(tool, policy) === null

/** Entries that name no group and cannot be a tool's name; for the check of a configuration. */
export const findUnknownEntries = (level: ToolPolicyLevel): readonly string[] =>
  [...(level.allow ?? []), ...(level.deny ?? [])].filter((entry) => parseEntry(entry) === null)
