/** Secrets at rest: whether there is a key, and whether everything stands under it. */
import { type Check, when } from './facts.ts'

export const secretChecks: Check = ({ platform, tenant: { secrets } }) => [
  ...when(platform !== null && !platform.hasEncryptionKey, {
    checkId: 'secrets.encryption_key_missing',
    severity: 'critical',
    title: 'There is no key for secrets at rest',
    detail: 'EDGECLAW_ENCRYPTION_KEY is not set.',
    remediation: 'Set EDGECLAW_ENCRYPTION_KEY to 64 random hex digits, as a secret.',
  }),
  ...when(secrets.plaintext > 0, {
    checkId: 'secrets.plaintext_rows',
    severity: 'critical',
    title: 'Secrets stand in the database as they are',
    detail: `${secrets.plaintext} values are not sealed; ${secrets.sealable} of them can be sealed here.`,
    remediation:
      secrets.sealable > 0
        ? 'Run the audit with fix, or set the secrets again.'
        : 'Set the secrets again: nobody can tell who wrote what stands there.',
    ...(secrets.sealable > 0 ? { autoFix: true } : {}),
  }),
  ...when(secrets.underPreviousKey > 0, {
    checkId: 'secrets.old_key_rows',
    severity: 'warn',
    title: 'Secrets stand under the key that was replaced',
    detail: `${secrets.underPreviousKey} values need EDGECLAW_ENCRYPTION_KEY_PREVIOUS still.`,
    remediation: 'Finish the rotation: edgeclaw keys rotate --encryption.',
  }),
]
