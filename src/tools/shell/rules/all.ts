/** The fifteen groups, indexed for one look-up per command. */
import type { ShellDenyGroup } from '../../../domain/config/tool-policy.ts'
import type { CommandView, GroupRules, Rule } from '../view.ts'
import { codeInjection } from './code-injection.ts'
import { containerEscape } from './container-escape.ts'
import { cryptoMining } from './crypto-mining.ts'
import { dangerousPaths } from './dangerous-paths.ts'
import { dataExfiltration } from './data-exfiltration.ts'
import { destructiveOps } from './destructive-ops.ts'
import { envDump } from './env-dump.ts'
import { envInjection } from './env-injection.ts'
import { filterBypass } from './filter-bypass.ts'
import { networkRecon } from './network-recon.ts'
import { packageInstall } from './package-install.ts'
import { persistence } from './persistence.ts'
import { privilegeEscalation } from './privilege-escalation.ts'
import { processControl } from './process-control.ts'
import { reverseShell } from './reverse-shell.ts'

const GROUPS: readonly GroupRules[] = [
  destructiveOps,
  dataExfiltration,
  reverseShell,
  codeInjection,
  privilegeEscalation,
  dangerousPaths,
  envInjection,
  containerEscape,
  cryptoMining,
  filterBypass,
  networkRecon,
  packageInstall,
  persistence,
  processControl,
  envDump,
]

interface NamedRule {
  readonly group: ShellDenyGroup
  readonly rule: Rule | true
}

const BY_NAME: ReadonlyMap<string, readonly NamedRule[]> = (() => {
  const index = new Map<string, NamedRule[]>()
  for (const { group, commands } of GROUPS) {
    for (const [name, rule] of Object.entries(commands)) {
      const rules = index.get(name) ?? []
      rules.push({ group, rule })
      index.set(name, rules)
    }
  }
  return index
})()

/** Whether the arguments of a program matter to any group. */
export const isRuled = (name: string): boolean => BY_NAME.has(name)

const REASONS = new Map(GROUPS.map(({ group, reason }) => [group, reason]))

export const reasonOf = (group: ShellDenyGroup): string => REASONS.get(group) ?? 'it is not allowed'

const NAME_CHECKS = GROUPS.flatMap(({ group, isDeniedName }) =>
  isDeniedName === undefined ? [] : [{ group, isDeniedName }],
)

/** No rule about names looks for anything within these. */
const PLAIN_NAME = /^(?!xmrig|cpuminer|mkfs)[a-z_-]*$/
const NONE: readonly ShellDenyGroup[] = []

export function groupsOfCommand(command: CommandView): readonly ShellDenyGroup[] {
  const rules = BY_NAME.get(command.name)
  if (rules === undefined && PLAIN_NAME.test(command.name)) return NONE
  const groups: ShellDenyGroup[] = []
  if (rules !== undefined) {
    for (const { group, rule } of rules) {
      if (rule === true || rule(command)) groups.push(group)
    }
  }
  for (const { group, isDeniedName } of NAME_CHECKS) {
    if (isDeniedName(command.name)) groups.push(group)
  }
  return groups
}

type Check<Args extends readonly string[]> = (...args: Args) => boolean

/** The groups that have this kind of rule, found once. */
function checkWith<Args extends readonly string[]>(
  pick: (rules: GroupRules) => Check<Args> | undefined,
): (...args: Args) => readonly ShellDenyGroup[] {
  const checks = GROUPS.flatMap((rules) => {
    const isDenied = pick(rules)
    return isDenied === undefined ? [] : [{ group: rules.group, isDenied }]
  })
  return (...args) => {
    let groups: ShellDenyGroup[] | null = null
    for (const { group, isDenied } of checks) {
      if (isDenied(...args)) groups = [...(groups ?? NONE), group]
    }
    return groups ?? NONE
  }
}

export const groupsOfWord = checkWith<[word: string]>((rules) => rules.isDeniedWord)
export const groupsOfTarget = checkWith<[path: string]>((rules) => rules.isDeniedTarget)
export const groupsOfVariable = checkWith<[name: string, value: string]>(
  (rules) => rules.isDeniedVariable,
)
export const groupsOfReading = checkWith<[name: string]>((rules) => rules.isDeniedReading)

/** A quick look that spares most words the rules; whatever a word rule can match must pass it. */
export const isWorthChecking = (word: string): boolean => WORTH_CHECKING.test(word)

const WORTH_CHECKING =
  /[*?[\uE000\uE001]|\/(?:proc|sys|dev|etc|inet)|environ|\.sock|edgeclaw|claw_|release|core_pattern|uevent_helper|cgroup\.procs|register|stratum|moneroocean|mine[rd]|mine[x.]|xmr|nanopool|2miners|f2pool|ethermine|hashvault|nicehash|c3pool|unmineable|kinsing|kdevtmp/i
