/** What agents may do: commands, files, groups, scrubbing; and what reaches them. */
import { type AgentFacts, about, type Check, when } from './facts.ts'
import { areStrangersLetIn } from './strangers.ts'

/** Whoever may call one of these may call anything. */
const INTERPRETERS = new Set(
  'sh bash dash zsh ksh env python python3 node perl ruby php lua awk gawk xargs find make'.split(
    ' ',
  ),
)

const firstWord = (glob: string): string =>
  (glob.trim().split(/\s+/)[0] ?? '').split('/').at(-1) ?? ''

const namesInterpreter = (glob: string): boolean => {
  const word = firstWord(glob)
  return word === '*' || INTERPRETERS.has(word)
}

const keysOf = (agents: readonly AgentFacts[]): string[] => agents.map(({ key }) => key)

const execChecks: Check = ({ tenant: { agents } }) => {
  const running = agents.filter(({ hasExec }) => hasExec)
  return [
    ...about(
      keysOf(running.filter((one) => one.execSecurity === 'full' && one.execAsk === 'off')),
      {
        checkId: 'tools.exec.security_full',
        severity: 'warn',
        title: 'Agents run commands that nobody looks at',
        detail: (list) => `execApproval is full without asking for: ${list}.`,
        remediation: 'Set tools.execApproval to {"security":"allowlist","ask":"on-miss"}.',
      },
    ),
    ...about(
      keysOf(
        running.filter(
          (one) => one.execSecurity !== 'deny' && one.execAllowlist.some(namesInterpreter),
        ),
      ),
      {
        checkId: 'tools.exec.allowlist_interpreter',
        severity: 'warn',
        title: 'An allowlist holds an interpreter',
        detail: (list) => `Whatever it is handed runs unasked: ${list}.`,
        remediation: 'Take interpreters out of execApproval.allowlist.',
      },
    ),
    ...about(keysOf(running.filter(({ hasFiles }) => !hasFiles)), {
      checkId: 'tools.exec.fs_denied_but_exec_allowed',
      severity: 'warn',
      title: 'File tools are denied, and commands do the same',
      detail: (list) => `Agents: ${list}.`,
      remediation: 'Deny group:runtime too, or allow group:fs.',
    }),
    ...about(
      running
        .filter(({ relaxedGroups }) => relaxedGroups.length > 0)
        .map(({ key, relaxedGroups }) => `${key}: ${relaxedGroups.join(' ')}`),
      {
        checkId: 'tools.deny_groups_relaxed',
        severity: 'warn',
        title: 'Groups of dangerous commands are not denied',
        detail: (list) => `Switched off for ${list}.`,
        remediation: 'Remove the groups from shellDenyGroups.',
      },
    ),
    ...about(keysOf(running.filter(({ sandboxMode }) => sandboxMode === 'off')), {
      checkId: 'sandbox.off_with_exec',
      severity: 'critical',
      title: 'Commands are offered without a sandbox',
      detail: (list) => `sandbox.mode is off for ${list}: no command can run there safely.`,
      remediation: 'Set sandbox.mode to all, or deny group:runtime.',
    }),
  ]
}

export const toolChecks: Check = (facts) => {
  const { tenant } = facts
  const { agents, toolProfile, ineffectiveDenyRules } = tenant
  return [
    ...execChecks(facts),
    ...about(ineffectiveDenyRules, {
      checkId: 'tools.deny_rule_ineffective',
      severity: 'warn',
      title: 'Deny rules name nothing',
      detail: (list) => `No tool or group: ${list}.`,
      remediation: 'Correct the names in tools.deny: see tools.list.',
    }),
    ...about(
      toolProfile === 'minimal'
        ? keysOf(agents.filter(({ profile }) => profile !== null && profile !== 'minimal'))
        : [],
      {
        checkId: 'tools.profile_minimal_overridden',
        severity: 'warn',
        title: 'Agents name a wider profile than the tenant’s minimal one',
        detail: (list) => `It widens nothing, and says otherwise: ${list}.`,
        remediation: 'Remove the agents’ profile, or set the tenant’s to what is meant.',
      },
    ),
    ...when(!tenant.scrubsCredentials, {
      checkId: 'tools.scrub_off',
      severity: 'critical',
      title: 'Secrets are not taken out of what leaves',
      detail: 'tools.scrub_credentials is false.',
      remediation: 'Set tools.scrub_credentials to true.',
      autoFix: true,
    }),
    ...when(tenant.injectionAction === 'off', {
      checkId: 'input.injection_action_off',
      severity: 'warn',
      title: 'Nobody looks for injected instructions',
      detail: 'gateway.injection_action is off.',
      remediation: 'Set gateway.injection_action to warn or block.',
    }),
    ...when(areStrangersLetIn(tenant) && tenant.injectionAction !== 'block', {
      checkId: 'input.injection_not_block_public',
      severity: 'warn',
      title: 'Strangers’ injected instructions are passed on',
      detail: `People whom nobody named are let in, and gateway.injection_action is ${tenant.injectionAction}.`,
      remediation: 'Set gateway.injection_action to block.',
    }),
    ...about(
      areStrangersLetIn(tenant)
        ? keysOf(agents.filter(({ hasExec, autonomy }) => hasExec && autonomy === 'full'))
        : [],
      {
        checkId: 'agents.full_autonomy_exposed',
        severity: 'warn',
        title: 'Strangers reach agents that ask nobody',
        detail: (list) => `Autonomy is full for ${list}.`,
        remediation: 'Set autonomy.level to supervised for what strangers reach.',
      },
    ),
  ]
}
