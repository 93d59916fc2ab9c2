/**
 * A tool call that waits for somebody, as the gateway shows it. The command is as the gateway spelt it:
 * nothing here shortens, decodes or prettifies it. Pure.
 */
export interface Approval {
  readonly id: string
  readonly command: string
  readonly tool: string
  readonly agent: string
  readonly sessionKey: string
  readonly cwd: string
  readonly envNames: readonly string[]
  readonly network: string
  readonly access: string
  readonly reason: string
  /** The rule that asked, where the gateway names one. */
  readonly rule: string | null
  /** The command as the gateway read it, part by part. */
  readonly parts: readonly CommandPart[]
  readonly requestedBy: string
  readonly createdAt: string
  readonly expiresAt: string
}

export interface CommandPart {
  readonly argv: readonly string[]
  readonly note: string | null
}

type Fields = Readonly<Record<string, unknown>>

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(text).filter((each) => each !== '') : []

export function approvalOf(fields: Fields): Approval {
  return {
    id: text(fields['id']),
    command: text(fields['command']),
    tool: text(fields['tool']),
    agent: text(fields['agentId']),
    sessionKey: text(fields['sessionKey']),
    cwd: text(fields['cwd']),
    envNames: texts(fields['envNames']),
    network: text(fields['network']),
    access: text(fields['access']),
    reason: text(fields['reason']),
    rule: text(fields['rule']) || null,
    parts: [],
    requestedBy: text(fields['requestedBy']),
    createdAt: text(fields['createdAt']),
    expiresAt: text(fields['expiresAt']),
  }
}

/** Whoever has waited longest comes first. */
export const approvalsOf = (pending: readonly Fields[]): readonly Approval[] =>
  pending.map(approvalOf).toSorted((a, b) => a.createdAt.localeCompare(b.createdAt))

const REASONS: Readonly<Record<string, string>> = {
  autonomy: 'This agent asks before it changes anything.',
  exec_approval: 'Commands of this agent need somebody’s approval.',
}

export const reasonOf = ({ reason }: Approval): string => REASONS[reason] ?? reason

const SECOND_MS = 1_000
const MINUTE_S = 60

/** `3:07`, or null when the time is over. */
export function timeLeft({ expiresAt }: Approval, now: number): string | null {
  const left = Math.floor((Date.parse(expiresAt) - now) / SECOND_MS)
  if (Number.isNaN(left) || left <= 0) return null
  return `${Math.floor(left / MINUTE_S)}:${String(left % MINUTE_S).padStart(2, '0')}`
}

export interface StandingApproval {
  readonly id: string
  /** Word by word: where one ends is part of what was allowed. */
  readonly argv: readonly string[]
  readonly agent: string
  readonly cwd: string
  readonly createdBy: string
  readonly createdAt: string
  readonly expiresAt: string
}

export const standingOf = (fields: Fields): StandingApproval => ({
  id: text(fields['id']),
  argv: Array.isArray(fields['command']) ? fields['command'].map(text) : [],
  agent: text(fields['agentId']),
  cwd: text(fields['cwd']),
  createdBy: text(fields['createdBy']),
  createdAt: text(fields['createdAt']),
  expiresAt: text(fields['expiresAt']),
})
