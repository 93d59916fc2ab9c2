/** What the security audit finds, and what it answers. */
export const SEVERITIES = ['critical', 'warn', 'info'] as const
export type Severity = (typeof SEVERITIES)[number]

export interface Finding {
  readonly checkId: string
  readonly severity: Severity
  readonly title: string
  /** What was found: names, ids and counts, never a secret. */
  readonly detail: string
  /** What to do, in the words of a command or a key of the configuration. */
  readonly remediation: string
  /** Whether `fix` takes care of it: nothing is ever rotated or deleted. */
  readonly autoFix: boolean
}

export interface SecurityReport {
  readonly ts: string
  readonly summary: Readonly<Record<Severity, number>>
  readonly findings: readonly Finding[]
  /** Findings that somebody answers for: told apart, and counted in no severity. */
  readonly suppressed: readonly string[]
  /** What was probed, when asked to. */
  readonly deep?: { readonly probed: readonly string[] }
}

/** Somebody answers for a finding, with a reason, and for how long. */
export interface Suppression {
  readonly checkId: string
  readonly reason: string
  readonly createdBy: string
  readonly createdAt: number
  readonly expiresAt: number | null
}

/** Whoever could hide these could hide what they did. */
export const NEVER_SUPPRESSED: ReadonlySet<string> = new Set([
  'audit.chain_broken',
  'security.audit.suppressions.active',
])
