/**
 * A tool call that waits for somebody, as the gateway shows it. The command is as the gateway spelt it:
 * nothing here shortens, decodes or prettifies it; what a list has cut is marked, and read whole before
 * anybody allows it. Pure.
 */
export interface Approval {
  readonly id: string
  readonly command: string
  /** Only the beginning of what would run: nothing that may be allowed yet. */
  readonly isCut: boolean
  readonly tool: string
  readonly agent: string
  readonly sessionKey: string
  readonly cwd: string
  readonly envNames: readonly string[]
  readonly network: string
  readonly access: string
  readonly channel: string
  readonly reason: string
  readonly rule: Rule
  /** The command as the gateway read it; null for a tool that runs none, and for what is no bash. */
  readonly line: CommandLine | null
  /** Only one plain command with known words can be allowed for always. */
  readonly canAlways: boolean
  /** Whose conversation it is, beside whoever asked. */
  readonly sessionOwner: string
  readonly requestedBy: string
  readonly createdAt: string
  readonly expiresAt: string
}

export interface Rule {
  readonly name: string
  /** In the gateway's words; empty where it gives none. */
  readonly why: string
  /** Settings of the rule, as they stand now. */
  readonly settings: readonly string[]
}

export interface CommandLine {
  readonly commands: readonly Command[]
  readonly writesFile: boolean
  /** There are more than are shown. */
  readonly isCut: boolean
}

export interface Command {
  readonly name: string
  /** Null: known only when it runs. */
  readonly args: readonly (string | null)[]
  /** The command that runs this one in its turn. */
  readonly runBy: string | null
  readonly isReadOnly: boolean
  readonly isAllowlisted: boolean
  readonly isTrusted: boolean
}

type Fields = Readonly<Record<string, unknown>>

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(text).filter((each) => each !== '') : []

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {}

const REASONS: Readonly<Record<string, string>> = {
  autonomy: 'This agent asks before it changes anything.',
  exec_approval: 'Commands of this agent need somebody’s approval.',
}

function ruleOf({ rule, reason }: Fields): Rule {
  const { name, why, ...settings } = fieldsOf(rule)
  const asked = text(reason)
  return {
    name: text(name) || asked,
    why: text(why) || (REASONS[asked] ?? asked),
    settings: Object.entries(settings).map(([setting, value]) => `${setting}: ${String(value)}`),
  }
}

function commandOf(value: unknown, names: readonly string[]): Command {
  const fields = fieldsOf(value)
  const args = Array.isArray(fields['args']) ? fields['args'] : []
  const { wrapper } = fields
  return {
    name: text(fields['name']),
    args: args.map((arg) => (typeof arg === 'string' ? arg : null)),
    runBy: typeof wrapper === 'number' ? (names[wrapper] ?? null) : null,
    isReadOnly: fields['isReadOnly'] === true,
    isAllowlisted: fields['isAllowlisted'] === true,
    isTrusted: fields['isTrusted'] === true,
  }
}

function lineOf(value: unknown): CommandLine | null {
  const { commands, writesFile, isCut } = fieldsOf(value)
  if (!Array.isArray(commands)) return null
  const names = commands.map((command) => text(fieldsOf(command)['name']))
  return {
    commands: commands.map((command) => commandOf(command, names)),
    writesFile: writesFile === true,
    isCut: isCut === true,
  }
}

export function approvalOf(fields: Fields): Approval {
  return {
    id: text(fields['id']),
    command: text(fields['command']),
    isCut: 'isCut' in fields && fields['isCut'] !== false,
    tool: text(fields['tool']),
    agent: text(fields['agentId']),
    sessionKey: text(fields['sessionKey']),
    cwd: text(fields['cwd']),
    envNames: texts(fields['envNames']),
    network: text(fields['network']),
    access: text(fields['access']),
    reason: text(fields['reason']),
    channel: text(fields['channel']),
    rule: ruleOf(fields),
    line: lineOf(fields['line']),
    canAlways: fields['canAlways'] === true,
    sessionOwner: text(fields['sessionOwner']),
    requestedBy: text(fields['requestedBy']),
    createdAt: text(fields['createdAt']),
    expiresAt: text(fields['expiresAt']),
  }
}

/** Of the same call and whole, or the row as it is. */
export const wholeOr = (row: Approval, read: Approval | null): Approval =>
  row.isCut && read !== null && read.id === row.id && !read.isCut ? read : row

/** Whoever has waited longest comes first. */
export const approvalsOf = (pending: readonly Fields[]): readonly Approval[] =>
  pending.map(approvalOf).toSorted((a, b) => a.createdAt.localeCompare(b.createdAt))

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
