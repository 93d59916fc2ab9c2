/** In one line, what there is to attack. */
import { type Check, named } from './facts.ts'

/** What there is none of is not named. */
const counted = (count: number, what: string): readonly string[] =>
  count === 0 ? [] : [`${count} ${what}`]

export const summaryCheck: Check = ({ platform, tenant }) => {
  const { agents, keys, memberCount, issuers, stops } = tenant
  const withExec = agents.filter(({ hasExec }) => hasExec).map(({ key }) => key)
  const parts = [
    `${memberCount} members`,
    `${keys.length} API keys`,
    `${issuers.length} issuers`,
    `${agents.length} agents`,
    withExec.length === 0 ? 'none runs commands' : `commands by ${named(withExec)}`,
    ...counted(tenant.channels.length, 'channels'),
    ...counted(tenant.webhooks.length, 'channels of hooks'),
    ...counted(tenant.runHooks.length, 'run hooks'),
    ...counted(tenant.mcpServers.length, 'MCP servers'),
    ...counted(tenant.customTools.length, 'custom tools'),
    ...counted(tenant.skills.length, 'skills'),
    ...counted(tenant.jobs.length, 'schedules'),
    ...(platform === null ? [] : [`${platform.runnerCount} runners`]),
    ...(stops === 0 ? [] : [`${stops} emergency stops in force`]),
  ]
  return [
    {
      checkId: 'summary.attack_surface',
      severity: 'info',
      title: 'What there is to attack',
      detail: `${parts.join('; ')}.`,
      remediation: 'Take away what nobody needs.',
    },
  ]
}
