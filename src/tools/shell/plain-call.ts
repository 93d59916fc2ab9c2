/**
 * Reads a command as the arguments of one program, without a shell: exactly one simple command whose
 * words all stand there as they are. Anything that a shell would have to work out is refused, so that
 * what is judged is what runs, to the byte.
 */
import { type Command, parse, type Word, type WordPart } from 'unbash'

/** Outside of quotes: globs, a tilde where it means a home, braces that may hold alternatives. */
const expands = (text: string): boolean =>
  /[*?[]|(?:^|[=:])~/.test(text) || (text.includes('{') && /,|\.\./.test(text))

/** Null for whatever needs a shell, down to a comment or a closing semicolon. */
export function parsePlainCall(text: string): readonly string[] | null {
  const command = onlyCommand(text)
  if (command?.name === undefined) return null
  if (command.prefix.length > 0 || command.redirects.length > 0) return null
  const argv: string[] = []
  for (const word of [command.name, ...command.args]) {
    const value = word.type === 'Word' ? literalValue(word) : null
    if (value === null) return null
    argv.push(value)
  }
  return argv[0] === '' ? null : argv
}

function onlyCommand(text: string): Command | null {
  // A newline ends a command, also where a parser would forgive it.
  if (/[\n\r\0]/.test(text)) return null
  const script = parse(text)
  const [statement, more] = script.commands
  if (statement === undefined || more !== undefined || (script.errors?.length ?? 0) > 0) return null
  const { command } = statement
  const isAll = text.slice(0, command.pos).trim() === '' && text.slice(command.end).trim() === ''
  return command.type === 'Command' && isAll ? command : null
}

function literalValue({ text, value, parts }: Word): string | null {
  return (parts?.every(isLiteral) ?? true) && !expands(unquotedOf(text)) ? value : null
}

function isLiteral(part: WordPart): boolean {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
      return true
    case 'DoubleQuoted':
      return part.parts.every(({ type }) => type === 'Literal')
    default:
      return false
  }
}

/** What of a word stands outside of quotes and behind no backslash; a quote stays as a boundary. */
const unquotedOf = (text: string): string =>
  text.replace(/\\[\s\S]|'[^']*'|"(?:\\[\s\S]|[^"\\])*"/g, '"')
