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

/** What of a level decided; `allow` without an entry: the list is there, and has not got the tool. */
export interface PolicyRule {
  readonly level: PolicyLevelName | 'subagent' | 'reader'
  /** Which of the level's places, from the outermost: an agent's defaults come before its own. */
  readonly place: number
  readonly rule: 'profile' | 'allow' | 'deny'
  /** As the document says it; null where it is what the document does not say. */
  readonly entry: string | null
}

interface PolicyStep {
  readonly level: PolicyRule['level']
  readonly place: number
  readonly said: ToolPolicyLevel
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

function stepOf(name: PolicyStep['level'], level: ToolPolicyLevel, place = 0): PolicyStep {
  const inProfile = allowedBy(PROFILES[level.profile ?? 'full'])
  const isListed = level.allow === undefined ? () => true : allowedBy(level.allow)
  const isDenied = deniedBy(level.deny ?? [])
  return {
    level: name,
    place,
    said: level,
    isAllowed: (tool) => inProfile(tool) && isListed(tool) && !isDenied(tool),
  }
}

/** A level that says nothing narrows nothing. */
export function effectivePolicy(levels: ToolPolicyLevels): EffectiveToolPolicy {
  const steps: PolicyStep[] = []
  for (const name of POLICY_LEVELS) {
    for (const [place, level] of [levels[name] ?? []].flat().entries())
      steps.push(stepOf(name, level, place))
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

/**
 * Which rule decides on the tool: the outermost that refuses it, else the innermost that names it, else
 * the innermost profile. Null where no level says anything of it: then it is allowed.
 */
export function decidingRule(
  tool: PolicySubject,
  { steps }: EffectiveToolPolicy,
): (PolicyRule & { readonly isAllowed: boolean }) | null {
  const refusing = steps.find((step) => !step.isAllowed(tool))
  if (refusing !== undefined) return { ...refusalOf(refusing, tool), isAllowed: false }
  const naming = steps.findLast(({ said }) => said.allow !== undefined)
  const narrowing = naming ?? steps.findLast(({ said }) => said.profile !== undefined)
  if (narrowing === undefined) return null
  const { level, place, said } = narrowing
  const entry = said.allow?.find((each) => parseEntry(each)?.(tool)) ?? null
  return said.allow === undefined
    ? { level, place, rule: 'profile', entry: said.profile ?? null, isAllowed: true }
    : { level, place, rule: 'allow', entry, isAllowed: true }
}

function refusalOf({ level, place, said }: PolicyStep, tool: PolicySubject): PolicyRule {
  const denying = said.deny?.find((entry) => (parseEntry(entry) ?? (() => true))(tool))
  if (denying !== undefined) return { level, place, rule: 'deny', entry: denying }
  const isListed = said.allow === undefined || allowedBy(said.allow)(tool)
  return isListed
    ? { level, place, rule: 'profile', entry: said.profile ?? null }
    : { level, place, rule: 'allow', entry: null }
}

/** What each level says, from the outermost; levels that say nothing are left out. */
export const levelsOf = ({
  steps,
}: EffectiveToolPolicy): readonly (Pick<PolicyRule, 'level' | 'place'> & ToolPolicyLevel)[] =>
  steps
    .filter(({ said }) => Object.values(said).some((value) => value !== undefined))
    .map(({ level, place, said: { profile, allow, deny } }) => ({
      level,
      place,
      ...(profile === undefined ? {} : { profile }),
      ...(allow === undefined ? {} : { allow }),
      ...(deny === undefined ? {} : { deny }),
    }))

export const isToolAllowed = (tool: PolicySubject, policy: EffectiveToolPolicy): boolean =>
  denyingLevel(tool, policy) === null

/** Entries that name no group and cannot be a tool's name; for the check of a configuration. */
export const findUnknownEntries = (level: ToolPolicyLevel): readonly string[] =>
  [...(level.allow ?? []), ...(level.deny ?? [])].filter((entry) => parseEntry(entry) === null)
