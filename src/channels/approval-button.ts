/** What a button under a question sends back: which question, and what was chosen. */
import { APPROVAL_CHOICES, type ApprovalChoice } from './platform.ts'

export const BUTTON_LABELS: Readonly<Record<ApprovalChoice, string>> = {
  'allow-once': 'Allow once',
  'allow-always': 'Allow always',
  deny: 'Deny',
}

const VALUE = /^approval:([a-z-]+):([A-Za-z0-9_-]{1,64})$/

export const buttonValue = (choice: ApprovalChoice, approvalId: string): string =>
  `approval:${choice}:${approvalId}`

/** Null for a button of somebody else. */
export function parseButtonValue(
  value: string,
): { readonly approvalId: string; readonly decision: ApprovalChoice } | null {
  const [, choice, approvalId] = VALUE.exec(value) ?? []
  const decision = APPROVAL_CHOICES.find((known) => known === choice)
  return decision === undefined || approvalId === undefined ? null : { approvalId, decision }
}
