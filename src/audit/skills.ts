/** Skills: who can have them loaded. */
import { about, type Check } from './facts.ts'
import { isOpenToStrangers } from './strangers.ts'

export const skillChecks: Check = ({ tenant: { skills, channels } }) => {
  const enabled = skills.filter(({ isEnabled }) => isEnabled)
  const met = new Set(channels.filter(isOpenToStrangers).flatMap(({ agents }) => agents))
  return [
    ...about(
      enabled
        .filter(({ openAgents }) => openAgents.some((key) => met.has(key)))
        .map(({ name }) => name),
      {
        checkId: 'skills.exposed',
        severity: 'warn',
        title: 'Strangers can have skills loaded',
        detail: (list) => `Granted to whoever talks to an agent that strangers reach: ${list}.`,
        remediation: 'Grant them to single people, or close the channel.',
      },
    ),
    ...about(
      enabled.filter(({ grants }) => grants === 0).map(({ name }) => name),
      {
        checkId: 'skills.ungranted',
        severity: 'info',
        title: 'Skills are granted to nobody',
        detail: (list) => `Nobody has ${list}.`,
        remediation: 'Grant them, or delete them.',
      },
    ),
  ]
}
