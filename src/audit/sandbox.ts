/** The operator's runners: whether they answer, and how they stand. */
import { about, type Check, when } from './facts.ts'

export const sandboxChecks: Check = ({ platform }) => {
  if (platform === null) return []
  const runners = platform.runners ?? []
  return [
    ...when(platform.isRunnerKeyShared, {
      checkId: 'sandbox.runner_key_shared',
      severity: 'critical',
      title: 'The runners’ key is another secret as well',
      detail: 'EDGECLAW_RUNNER_KEY equals the gateway token or a key for secrets at rest.',
      remediation: 'Make a key of its own: edgeclaw runner-key new.',
    }),
    ...about(
      runners.filter(({ isReachable }) => !isReachable).map(({ keyId }) => keyId),
      {
        checkId: 'sandbox.runner_unreachable',
        severity: 'warn',
        title: 'Runners do not answer, or cannot run anything',
        detail: (list) => `Silent or degraded: ${list}.`,
        remediation: 'Look after them, or take them out of EDGECLAW_RUNNERS.',
      },
    ),
    ...about(
      runners
        .filter(({ weaknesses }) => weaknesses.length > 0)
        .map(({ keyId, weaknesses }) => `${keyId}: ${weaknesses.join(', ')}`),
      {
        checkId: 'sandbox.hardening_weakened',
        severity: 'critical',
        title: 'Runners stand weaker than they should',
        detail: (list) => list,
        remediation: 'Set up user namespaces or a sandboxing runtime: docs/runner.md.',
      },
    ),
  ]
}
