/**
 * A tool call that waits for somebody, as the gateway shows it. The command is as the gateway spelt it:
 * nothing here shortens, decodes or prettifies it; what a list has cut is marked, and read whole before
 * anybody allows it. Pure.
 */
import { type JsonObject, objectOf, textOf } from '../../client/json.ts'

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

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(textOf).filter((each) => each !== '') : []

const REASONS: Readonly<Record<string, string>> = {
  autonomy: 'This agent asks before it changes anything.',
  exec_approval: 'Commands of this agent need somebody’s approval.',
}

function ruleOf({ rule, reason }: JsonObject): Rule {
  const { name, why, ...settings } = objectOf(rule)
  const asked = textOf(reason)
  return {
    name: textOf(name) || asked,
    why: textOf(why) || (REASONS[asked] ?? asked),
    settings: Object.entries(settings).map(([setting, value]) => `${setting}: ${String(value)}`),
  }
}

function commandOf(value: unknown, names: readonly string[]): Command {
  const fields = objectOf(value)
  const args = Array.isArray(fields['args']) ? fields['args'] : []
  const { wrapper } = fields
  return {
    name: textOf(fields['name']),
    args: args.map((arg) => (typeof arg === 'string' ? arg : null)),
    runBy: typeof wrapper === 'number' ? (names[wrapper] ?? null) : null,
    isReadOnly: fields['isReadOnly'] === true,
    isAllowlisted: fields['isAllowlisted'] === true,
    isTrusted: fields['isTrusted'] === true,
  }
}

function lineOf(value: unknown): CommandLine | null {
  const { commands, writesFile, isCut } = objectOf(value)
  if (!Array.isArray(commands)) return null
  const names = commands.map((command) => textOf(objectOf(command)['name']))
  return {
    commands: commands.map((command) => commandOf(command, names)),
    writesFile: writesFile === true,
    isCut: isCut === true,
  }
}

export function approvalOf(fields: JsonObject): Approval {
  return {
    id: textOf(fields['id']),
    command: textOf(fields['command']),
    isCut: 'isCut' in fields && fields['isCut'] !== false,
    tool: textOf(fields['tool']),
    agent: textOf(fields['agentId']),
    sessionKey: textOf(fields['sessionKey']),
    cwd: textOf(fields['cwd']),
    envNames: texts(fields['envNames']),
    network: textOf(fields['network']),
    access: textOf(fields['access']),
    reason: textOf(fields['reason']),
    channel: textOf(fields['channel']),
    rule: ruleOf(fields),
    line: lineOf(fields['line']),
    canAlways: fields['canAlways'] === true,
    sessionOwner: textOf(fields['sessionOwner']),
    requestedBy: textOf(fields['requestedBy']),
    createdAt: textOf(fields['createdAt']),
    expiresAt: textOf(fields['expiresAt']),
  }
}

/** Of the same call and whole, or the row as it is. */
export const wholeOr = (row: Approval, read: Approval | null): Approval =>
  row.isCut && read !== null && read.id === row.id && !read.isCut ? read : row

/** Whoever has waited longest comes first. */
export const approvalsOf = (pending: readonly JsonObject[]): readonly Approval[] =>
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

export const standingOf = (fields: JsonObject): StandingApproval => ({
  id: textOf(fields['id']),
  argv: Array.isArray(fields['command']) ? fields['command'].map(textOf) : [],
  agent: textOf(fields['agentId']),
  cwd: textOf(fields['cwd']),
  createdBy: textOf(fields['createdBy']),
  createdAt: textOf(fields['createdAt']),
  expiresAt: textOf(fields['expiresAt']),
})
