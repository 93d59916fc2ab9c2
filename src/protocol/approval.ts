/**
 * An approval as whoever answers it is shown it: whole, or in a list cut to a bound that says so, and
 * spelt so that what is read is what would run. Control, bidirectional and non-ASCII characters are written as escapes: with them a command
 * can be made to look like another one.
 */
import type { Approval, StandingApproval } from '../domain/approval.ts'

/** A backslash that would read like one of ours is spelt out, too: each text is shown as no other is. */
const NOT_PLAIN = /[^\u0020-\u007e]|\\(?=[nt]|u\{)/gu

/** `\u{202e}` for what is no printable ASCII; line breaks and tabs as `\n` and `\t`. */
export const spellOut = (text: string): string =>
  text.replace(NOT_PLAIN, (char) => {
    if (char === '\n') return '\\n'
    if (char === '\t') return '\\t'
    return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`
  })

/** The command of an exec; the arguments of any other tool. */
function commandOf(approval: Approval): string {
  // Of another tool a `command` may be the least of what it is told.
  if (approval.tool !== 'exec') return `${approval.tool} ${approval.arguments}`
  const parsed: unknown = JSON.parse(approval.arguments)
  const command =
    typeof parsed === 'object' && parsed !== null && 'command' in parsed ? parsed.command : null
  return typeof command === 'string' ? command : `${approval.tool} ${approval.arguments}`
}

export const toWireApproval = (approval: Approval) => ({
  id: approval.id,
  command: spellOut(commandOf(approval)),
  tool: approval.tool,
  arguments: spellOut(approval.arguments),
  agentId: approval.agentKey,
  sessionKey: approval.sessionKey,
  runId: approval.runId,
  cwd: spellOut(approval.cwd),
  envNames: [...approval.envNames],
  access: approval.access,
  network: approval.network,
  reason: approval.reason,
  requestedBy: spellOut(approval.requestedBy),
  createdAt: new Date(approval.createdAt).toISOString(),
  expiresAt: new Date(approval.expiresAt).toISOString(),
})

/** Of one text in a list and in an event: a page of them stays far below what one message may have. */
const MAX_LISTED_CHARS = 1_000

const ESCAPE = /^\\(?:[nt]|u\{[0-9a-f]{1,6}\})/
const MAX_ESCAPE_CHARS = '\\u{10ffff}'.length

/** The beginning of a spelt-out text. Half an escape would read as other characters than it stands for. */
export function cutSpelt(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text
  const begins = text.lastIndexOf('\\', maxChars - 1)
  if (begins < 0) return text.slice(0, maxChars)
  const [sequence = ''] = ESCAPE.exec(text.slice(begins, begins + MAX_ESCAPE_CHARS)) ?? []
  return text.slice(0, begins + sequence.length > maxChars ? begins : maxChars)
}

function cutNames(names: readonly string[]): string[] {
  const kept: string[] = []
  let left = MAX_LISTED_CHARS
  for (const name of names) {
    left -= name.length
    if (left < 0) break
    kept.push(name)
  }
  return kept
}

/** In a list or an event; whoever answers one with `isCut` asks for the whole of it before. */
export function toListedApproval(approval: Approval) {
  const whole = toWireApproval(approval)
  const { command, arguments: args, cwd, envNames } = whole
  const cut = {
    command: cutSpelt(command, MAX_LISTED_CHARS),
    arguments: cutSpelt(args, MAX_LISTED_CHARS),
    cwd: cutSpelt(cwd, MAX_LISTED_CHARS),
    envNames: cutNames(envNames),
  }
  const isCut =
    cut.command !== command ||
    cut.arguments !== args ||
    cut.cwd !== cwd ||
    cut.envNames.length < envNames.length
  return { ...whole, ...cut, isCut }
}

export const toWireStandingApproval = (approval: StandingApproval) => ({
  id: approval.id,
  command: approval.argv.map(spellOut),
  tool: approval.tool,
  agentId: approval.agentKey,
  cwd: spellOut(approval.cwd),
  createdBy: spellOut(approval.createdBy),
  createdAt: new Date(approval.createdAt).toISOString(),
  expiresAt: new Date(approval.expiresAt).toISOString(),
})
