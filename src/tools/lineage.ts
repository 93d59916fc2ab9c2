/**
 * What a run may do that acts for others: what it may and all of them may. Nothing here looks at a
 * tenant or an agent; settings come in resolved, and go out no wider than any of them.
 */
import { tightest } from '../domain/config/sandbox-policy.ts'
import type { Autonomy } from '../domain/config/tool-policy.ts'
import type { WorkspaceAccess } from './access.ts'
import { policyOfAll, policyOfReader, policyOfSubAgent } from './policy.ts'
import type { ToolSettings } from './settings.ts'

const LEVELS: readonly Autonomy['level'][] = ['readonly', 'supervised', 'full']
const ACCESSES: readonly WorkspaceAccess[] = ['none', 'ro', 'rw']

/** Null: any command, for whoever says so. */
function commonCommands(lists: readonly (readonly string[] | null)[]): readonly string[] | null {
  const said = lists.filter((list) => list !== null)
  const [first] = said
  return first === undefined
    ? null
    : first.filter((name) => said.every((list) => list.includes(name)))
}

/** @param above of whoever it acts for, outermost first */
export function settingsBelow(own: ToolSettings, above: readonly ToolSettings[]): ToolSettings {
  const all = [...above, own]
  return {
    policy: policyOfAll(all.map(({ policy }) => policy)),
    autonomy: tightest(
      LEVELS,
      'readonly',
      all.map(({ autonomy }) => autonomy),
    ),
    access: tightest(
      ACCESSES,
      'none',
      all.map(({ access }) => access),
    ),
    shell: {
      denyGroups: new Set(all.flatMap(({ shell }) => [...shell.denyGroups])),
      allowedCommands: commonCommands(all.map(({ shell }) => shell.allowedCommands)),
      approval: own.shell.approval,
      approvalsAbove: above.flatMap(({ shell }) => [
        shell.approval,
        ...(shell.approvalsAbove ?? []),
      ]),
    },
    limitPerHour: least(all.map(({ limitPerHour }) => limitPerHour)),
  }
}

/** 0 is no limit. */
const least = (limits: readonly number[]): number => {
  const set = limits.filter((limit) => limit > 0)
  return set.length === 0 ? 0 : Math.min(...set)
}

export const settingsOfSubAgent = (settings: ToolSettings): ToolSettings => ({
  ...settings,
  policy: policyOfSubAgent(settings.policy),
})

export const settingsOfReader = (settings: ToolSettings): ToolSettings => ({
  ...settings,
  policy: policyOfReader(settings.policy),
  autonomy: 'readonly',
  access: 'none',
})
