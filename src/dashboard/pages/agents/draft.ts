/**
 * What was changed of an agent and not saved yet: edits laid over what the gateway says, so that what
 * others save meanwhile is seen where it was not edited. Only what differs is sent.
 */
import type { ParamsOf, ResultOf } from '../../client/gateway.ts'
import { isJsonObject, isSameJson } from '../../client/json.ts'

export type Agent = ResultOf<'agents.get'>

/** Members that are being taken back say `undefined` until they are sent. */
type Draft<Value> = Value extends readonly unknown[]
  ? Value
  : Value extends object
    ? { readonly [Name in keyof Value]?: Draft<Value[Name]> | undefined }
    : Value
type Settings = Draft<Agent['settings']>

/** What may be changed of an agent, each field sent whole. */
export interface AgentFields extends Settings {
  readonly display_name: string
  readonly provider: string
  readonly model: string
  readonly status: string
  readonly system_prompt: string
}
export type AgentEdits = { readonly [Name in keyof AgentFields]?: AgentFields[Name] | undefined }
export type Edit = (edits: AgentEdits) => void

export const fieldsOf = (agent: Agent): AgentFields => ({
  display_name: agent.display_name,
  provider: agent.provider,
  model: agent.model,
  status: agent.status,
  system_prompt: agent.system_prompt,
  ...agent.settings,
})

/** What every tab is given. */
export interface TabProps {
  readonly agent: Agent
  readonly fields: AgentFields
  readonly edit: Edit
  /** May change the settings; `isAdmin`: all of the agent. */
  readonly mayEdit: boolean
  readonly isAdmin: boolean
}

/** Without what says nothing: members that are undefined, and objects that have none. */
export function compact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(compact)
  if (!isJsonObject(value)) return value
  const members = Object.entries(value)
    .map(([name, member]) => [name, compact(member)] as const)
    .filter(([, member]) => member !== undefined)
  return members.length === 0 ? undefined : Object.fromEntries(members)
}

export const isSame = (a: unknown, b: unknown): boolean => isSameJson(compact(a), compact(b))

/** The edits that say something else than what is saved. */
export function changedFields<Fields extends object>(
  saved: Fields,
  edits: { readonly [Name in keyof Fields]?: Fields[Name] | undefined },
): readonly (keyof Fields & string)[] {
  const names = Object.keys(edits) as (keyof Fields & string)[]
  return names.filter((name) => !isSame(saved[name], edits[name]))
}

/** A section that is taken back is sent empty; a value is named as taken back. */
const IS_SECTION: ReadonlySet<string> = new Set([
  'tools',
  'autonomy',
  'exec_approval',
  'shell_deny_groups',
  'sandbox',
])

export type AgentUpdate = ParamsOf<'agents.update'>

export function updateOf(agent: Agent, edits: AgentEdits): AgentUpdate {
  const changed = changedFields(fieldsOf(agent), edits)
  const taken = changed.filter((name) => compact(edits[name]) === undefined)
  const unset = taken.filter((name) => !IS_SECTION.has(name))
  const sent = changed
    .filter((name) => !unset.includes(name))
    .map((name) => [name, compact(edits[name]) ?? {}] as const)
  return {
    agentId: agent.id,
    ...Object.fromEntries(sent),
    ...(unset.length === 0 ? {} : { unset: unset as NonNullable<AgentUpdate['unset']> }),
  }
}

const WORDS: Readonly<Record<string, string>> = {
  display_name: 'Name',
  provider: 'Provider',
  model: 'Model',
  status: 'Status',
  system_prompt: 'Instructions',
  tools: 'Tools',
  autonomy: 'Autonomy',
  exec_approval: 'Approval of commands',
  shell_deny_groups: 'Denied shell groups',
  sandbox: 'Sandbox',
  fallbacks: 'Fallbacks',
  temperature: 'Temperature',
  max_output_tokens: 'Longest answer',
  context_window_tokens: 'Context window',
  heartbeat_prompt: 'Heartbeat prompt',
}

export const inWords = (name: string): string => WORDS[name] ?? name

export const TABS = [
  { value: 'general', title: 'General' },
  { value: 'files', title: 'Prompt files' },
  { value: 'tools', title: 'Tools' },
  { value: 'autonomy', title: 'Autonomy' },
  { value: 'sandbox', title: 'Sandbox' },
  { value: 'budgets', title: 'Budgets' },
] as const
export type TabName = (typeof TABS)[number]['value']

const TAB_OF: Readonly<Record<string, TabName>> = {
  tools: 'tools',
  shell_deny_groups: 'tools',
  autonomy: 'autonomy',
  exec_approval: 'autonomy',
  sandbox: 'sandbox',
}

export const tabOf = (field: string): TabName => TAB_OF[field] ?? 'general'
