/** Tools that a tenant defined itself: who has them, and where they go. */
import { about, aboutAddresses, type Check } from './facts.ts'

export const customToolChecks: Check = ({ tenant: { customTools } }) => [
  ...about(
    customTools
      .filter(({ isEnabled, isUnrestricted }) => isEnabled && isUnrestricted)
      .map(({ name }) => name),
    {
      checkId: 'custom_tools.unrestricted',
      severity: 'warn',
      title: 'A custom tool is open to every agent',
      detail: (list) => `Granted with *: ${list}.`,
      remediation: 'Name the agents that need it.',
    },
  ),
  ...aboutAddresses(
    'custom_tools',
    { one: 'The address of a custom tool', what: 'Arguments and keys of custom tools' },
    customTools,
  ),
]
