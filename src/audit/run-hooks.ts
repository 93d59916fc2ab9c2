/** Whom runs ask on their way: whether they can be asked, and what a silence means. */
import { about, aboutAddresses, type Check } from './facts.ts'

export const runHookChecks: Check = ({ tenant: { runHooks } }) => {
  const enabled = runHooks.filter(({ isEnabled }) => isEnabled)
  return [
    ...about(
      enabled.filter(({ hasSecret }) => !hasSecret).map(({ name }) => name),
      {
        checkId: 'run_hooks.no_secret',
        severity: 'warn',
        title: 'Run hooks cannot be asked',
        detail: (list) => `Without a secret none is called, which counts as a failure: ${list}.`,
        remediation: 'Give each a secret: edgeclaw hooks update ID --renew.',
      },
    ),
    ...about(
      enabled.filter(({ letsThroughOnFailure }) => letsThroughOnFailure).map(({ name }) => name),
      {
        checkId: 'run_hooks.fail_open',
        severity: 'warn',
        title: 'What run hooks guard goes on without them',
        detail: (list) => `failure is open ahead of messages or tool calls: ${list}.`,
        remediation: 'Set failure to default or closed.',
      },
    ),
    ...aboutAddresses(
      'run_hooks',
      { one: 'A run hook', what: 'Messages and arguments of tool calls' },
      runHooks,
    ),
  ]
}
