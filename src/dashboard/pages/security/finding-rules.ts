/** Findings in the order in which they are worth reading, and which of them nobody may take out of sight. */

const ORDER = ['critical', 'warn', 'info'] as const
type Severity = (typeof ORDER)[number]

export function bySeverity<Finding extends { readonly severity: Severity }>(
  findings: readonly Finding[],
): Finding[] {
  return findings.toSorted((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity))
}

/** The gateway refuses these anyway; `summary.` tells what there is and asks for nothing. */
const STAYS = ['audit.chain_broken', 'security.audit.suppressions.active']
export const mayBeSuppressed = (checkId: string): boolean => !STAYS.includes(checkId)

/** Keys without an end get one only when somebody says which. */
export const KEYS_WITHOUT_END = 'keys.no_expiry'

export const MIN_REASON_CHARS = 10
const DAY_S = 24 * 3_600
export const daysInSeconds = (days: number): number => days * DAY_S
