/** Hooks that are called from outside (`hooks.*`): how callers prove themselves, and what they choose. */
import { about, type Check } from './facts.ts'

/** A shorter one holds hardly any conversation apart. */
const MIN_PREFIX_CHARS = 3

export const webhookChecks: Check = ({ platform, tenant: { webhooks } }) => {
  const enabled = webhooks.filter(({ isEnabled }) => isEnabled)
  const chosen = enabled.flatMap(({ name, chosenSessions }) =>
    chosenSessions.map(({ hook, prefixChars }) => ({ label: `${name}/${hook}`, prefixChars })),
  )
  return [
    ...about(
      enabled.filter(({ hasCredentials }) => !hasCredentials).map(({ name }) => name),
      {
        checkId: 'hooks.credentials_missing',
        severity: 'warn',
        title: 'A channel of hooks has no secret that can be read',
        detail: (list) => `No call can be proven, so that none is taken: ${list}.`,
        remediation: 'Set its credentials again, or switch it off.',
      },
    ),
    ...about(
      // Who is told learns a credential of the platform: nobody but its operator.
      enabled
        .filter(({ hasGatewayToken }) => platform !== null && hasGatewayToken)
        .map(({ name }) => name),
      {
        checkId: 'hooks.token_reuse_gateway_token',
        severity: 'critical',
        title: 'Whoever may call a hook is the operator of the gateway',
        detail: (list) => `Their secret is the gateway’s own token: ${list}.`,
        remediation: 'Give the hooks a secret of their own, and change EDGECLAW_TOKEN.',
      },
    ),
    ...about(
      enabled.filter(({ isUnsigned }) => isUnsigned).map(({ name }) => name),
      {
        checkId: 'hooks.no_hmac',
        severity: 'info',
        title: 'Callers of hooks send their secret and sign nothing',
        detail: (list) => `What was overheard once can be called again: ${list}.`,
        remediation: 'Set proof to standard or timestamped, where the caller can sign.',
      },
    ),
    ...about(
      chosen.map(({ label }) => label),
      {
        checkId: 'hooks.request_session_key_enabled',
        severity: 'warn',
        title: 'Callers of hooks choose the conversation',
        detail: (list) => `allow_session_key is on: ${list}.`,
        remediation: 'Switch allow_session_key off, or suppress this with the reason.',
      },
    ),
    ...about(
      chosen.filter(({ prefixChars }) => prefixChars < MIN_PREFIX_CHARS).map(({ label }) => label),
      {
        checkId: 'hooks.request_session_key_prefixes_missing',
        severity: 'warn',
        title: 'The prefix of chosen conversations says next to nothing',
        detail: (list) => `Shorter than ${MIN_PREFIX_CHARS} characters: ${list}.`,
        remediation: 'Set session_prefix to a word that only these conversations begin with.',
      },
    ),
  ]
}
