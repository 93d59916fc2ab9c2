/**
 * What the gateway itself says in a conversation, in markdown: no word of a model's, and nothing of
 * what anybody else wrote.
 */
import { PAIRING_MINUTES } from '../domain/channel-pairing.ts'

const EVERYWHERE = [
  '`/stop` – stop what I am doing here',
  '`/reset` – forget this conversation and begin anew',
  '`/status` – how things stand here',
  '`/help` – this list',
]
const DIRECT = [
  '`/reasoning on|off` – show how I got to an answer',
  '`/verbose on|off` – show which tools I use',
]
const OWNERS = [
  '`/approve <id> allow-once|allow-always|deny` – answer a question of mine',
  '`/stopall` – stop everything I am doing anywhere',
]

export function helpText({ isGroup, isOwner }: { isGroup: boolean; isOwner: boolean }): string {
  const lines = [...EVERYWHERE, ...(isGroup ? [] : DIRECT), ...(isOwner ? OWNERS : [])]
  return ['Just write to me. I also understand:', '', ...lines.map((line) => `- ${line}`)].join(
    '\n',
  )
}

/** To a stranger: the code, and nothing of who or what is behind it. */
export const pairingText = (code: string): string =>
  [
    'Hello! I do not know you yet.',
    '',
    `Please give this code to whoever runs this assistant: \`${code}\``,
    '',
    `It holds for ${PAIRING_MINUTES} minutes. Once they have let you in, I tell you here.`,
  ].join('\n')

export const NO_FILES_TEXT =
  'A file belongs to this answer, and this channel takes none from me: it cannot be sent here.'
