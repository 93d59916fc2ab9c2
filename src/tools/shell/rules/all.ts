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

const REASONS = new Map(GROUPS.map(({ group, reason }) => [group, reason]))

export const reasonOf = (group: ShellDenyGroup): string => REASONS.get(group) ?? 'it is not allowed'

export const hasRuleFor = (name: string): boolean => BY_NAME.has(name)

export function groupsOfCommand(command: CommandView): readonly ShellDenyGroup[] {
  const groups: ShellDenyGroup[] = []
  for (const { group, rule } of BY_NAME.get(command.name) ?? []) {
    if (rule === true || rule(command)) groups.push(group)
  }
  for (const { group, isDeniedName } of GROUPS) {
    if (isDeniedName?.(command.name)) groups.push(group)
  }
  return groups
}

const groupsWhere =
  <Check extends keyof GroupRules>(check: Check) =>
  (isDenied: (rules: GroupRules) => boolean | undefined): readonly ShellDenyGroup[] =>
    GROUPS.filter((rules) => rules[check] !== undefined && isDenied(rules) === true).map(
      ({ group }) => group,
    )

const byWord = groupsWhere('isDeniedWord')
const byTarget = groupsWhere('isDeniedTarget')
const byVariable = groupsWhere('isDeniedVariable')
const byReading = groupsWhere('isDeniedReading')

export const groupsOfWord = (word: string) => byWord(({ isDeniedWord }) => isDeniedWord?.(word))
export const groupsOfTarget = (path: string) => byTarget((rules) => rules.isDeniedTarget?.(path))
export const groupsOfVariable = (name: string, value: string) =>
  byVariable((rules) => rules.isDeniedVariable?.(name, value))
export const groupsOfReading = (name: string) =>
  byReading(({ isDeniedReading }) => isDeniedReading?.(name))
