/**
 * Whether a text calls the bot, told by what Telegram itself marked in it. A name that is written out
 * and not marked, as in code, calls nobody.
 */
import type { TelegramEntity } from './payload.ts'

export interface OwnBot {
  readonly id: string
  /** In lower case; null until Telegram told it. */
  readonly username: string | null
}

export interface Calls {
  /** A mention of the bot, or a command with its name. */
  readonly isCalled: boolean
  /** Whom the command that the text begins with is for; null where it begins with none. */
  readonly command: 'ours' | 'anyone' | 'another' | null
  /** Without the bot's own name. */
  readonly text: string
}

interface Span {
  readonly start: number
  readonly end: number
}

export function readCalls(
  text: string,
  entities: readonly TelegramEntity[],
  { id, username }: OwnBot,
): Calls {
  const own = username === null ? null : `@${username}`
  const ours: Span[] = []
  let command: Calls['command'] = null
  for (const { type, offset, length, user } of entities) {
    const end = offset + length
    const marked = text.slice(offset, end)
    const at = marked.indexOf('@')
    const isNamed = at >= 0 && marked.slice(at).toLowerCase() === own
    if (type === 'mention' && at === 0 && isNamed) ours.push(withSpaces(text, offset, end))
    if (type === 'text_mention' && user && String(user.id) === id) {
      ours.push(withSpaces(text, offset, end))
    }
    if (type !== 'bot_command') continue
    if (isNamed) ours.push({ start: offset + at, end })
    if (offset === 0) command = at < 0 ? 'anyone' : isNamed ? 'ours' : 'another'
  }
  return { isCalled: ours.length > 0, command, text: without(text, ours) }
}

/** The space after a name goes with it. */
function withSpaces(text: string, start: number, nameEnd: number): Span {
  let end = nameEnd
  while (text[end] === ' ' || text[end] === '\t') end += 1
  return { start, end }
}

function without(text: string, spans: readonly Span[]): string {
  let kept = ''
  let from = 0
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    if (start < from) continue
    kept += text.slice(from, start)
    from = end
  }
  return (kept + text.slice(from)).trim()
}
