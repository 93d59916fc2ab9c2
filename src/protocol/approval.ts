/**
 * An approval as whoever answers it is shown it: whole, and spelt so that what is read is what would
 * run. Control, bidirectional and non-ASCII characters are written as escapes: with them a command
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
