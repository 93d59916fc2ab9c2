/**
 * One waiting call on a terminal: the command whole and wrapped, never shortened, since whoever
 * approves it must have read all of it. The gateway has spelt out what a terminal would hide.
 */
import { type Palette, toOneLine, toPlainText } from './terminal.ts'

export interface ApprovalView {
  readonly id: string
  readonly command: string | readonly string[]
  readonly tool: string
  readonly agentId: string
  readonly cwd?: string
  readonly sessionKey?: string
  readonly requestedBy?: string
  readonly createdBy?: string
  readonly reason?: string
  readonly expiresAt: string
  /** The gateway told the beginning alone. */
  readonly isCut?: boolean
}

/** Which rule asked, in words. */
const REASONS: Readonly<Record<string, string>> = {
  autonomy: 'the agent asks before it changes anything',
  exec_approval: 'commands of this agent are approved by a human',
}

/** Where one word ends and the next begins is part of what was approved. */
const quoted = (word: string): string => (/^[\w./=:@%+,-]+$/.test(word) ? word : `'${word}'`)

const INDENT = '  '

function wrap(text: string, width: number): readonly string[] {
  const room = Math.max(20, width - INDENT.length)
  const lines: string[] = []
  for (let at = 0; at < text.length; at += room) lines.push(INDENT + text.slice(at, at + room))
  return lines.length === 0 ? [INDENT] : lines
}

export function toApprovalLines(view: ApprovalView, palette: Palette, width: number): string {
  const { id, command, tool, agentId, cwd, sessionKey, reason } = view
  const who = toOneLine(view.requestedBy ?? view.createdBy ?? '', 255)
  const where = [
    `agent ${agentId}`,
    ...(cwd ? [`in ${cwd}`] : []),
    ...(sessionKey ? [sessionKey] : []),
  ].join(' · ')
  const why = reason === undefined ? [] : [REASONS[reason] ?? reason]
  const text = toPlainText(typeof command === 'string' ? command : command.map(quoted).join(' '))
  const until = `until ${toOneLine(view.expiresAt, 40).slice(0, 19).replace('T', ' ')} UTC`
  return [
    `${palette.bold(toOneLine(id, 64))}  ${toOneLine(tool, 128)}  ${palette.dim(`by ${who}, ${until}`)}`,
    ...wrap(text, width),
    ...(view.isCut === true
      ? [
          palette.bold(
            `${INDENT}This is not the whole call: edgeclaw approvals show ${toOneLine(id, 64)}`,
          ),
        ]
      : []),
    ...[where, ...why].map((line) => palette.dim(`${INDENT}${toPlainText(line)}`)),
  ].join('\n')
}
