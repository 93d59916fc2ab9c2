/** Scheduled jobs that are switched on: whose rights they act with, unwatched, and who is told. */
import { about, type Check } from './facts.ts'
import { isOpenToStrangers } from './strangers.ts'

export const scheduleChecks: Check = ({ tenant: { jobs, agents, channels } }) => {
  const unwatched = new Set(
    agents
      .filter(
        ({ hasExec, autonomy, execSecurity, execAsk }) =>
          hasExec && autonomy === 'full' && execSecurity === 'full' && execAsk === 'off',
      )
      .map(({ key }) => key),
  )
  const open = new Set(channels.filter(isOpenToStrangers).flatMap(({ id, name }) => [id, name]))
  return [
    ...about(
      jobs.filter(({ isOperators }) => isOperators).map(({ name }) => name),
      {
        checkId: 'cron.operator_rights',
        severity: 'warn',
        title: 'Schedules act with the rights of the gateway’s operator',
        detail: (list) => `Set with the gateway token: ${list}.`,
        remediation: 'Set them again as a member, or with a key of the tenant.',
      },
    ),
    ...about(
      jobs.filter(({ isAdmins, isOperators }) => isAdmins && !isOperators).map(({ name }) => name),
      {
        checkId: 'cron.admin_rights',
        severity: 'info',
        title: 'Schedules act with an admin’s rights',
        detail: (list) => `More than most work needs: ${list}.`,
        remediation: 'Let somebody with the role of an operator set them.',
      },
    ),
    ...about(
      jobs.filter(({ agentKey }) => unwatched.has(agentKey)).map(({ name }) => name),
      {
        checkId: 'cron.unattended_exec',
        severity: 'warn',
        title: 'Schedules run commands that nobody looks at',
        detail: (list) => `Their agents act freely and ask nobody: ${list}.`,
        remediation: 'Set execApproval to allowlist for agents with schedules.',
      },
    ),
    ...about(
      jobs.filter(({ channel }) => channel !== null && open.has(channel)).map(({ name }) => name),
      {
        checkId: 'cron.delivers_to_open_channel',
        severity: 'warn',
        title: 'Answers of schedules go where strangers are',
        detail: (list) => `Through a channel that is open: ${list}.`,
        remediation: 'Close the channel, or have the answers sent elsewhere.',
      },
    ),
  ]
}
