/** What commands print, where the text shows it: a file that they write is judged by it when it runs. */
import type { Command, CommandNode, Statement } from 'unbash'
import { isLiteral, UNKNOWN_ARG } from './arg.ts'
import { isPrinter, printedBy } from './printed.ts'
import type { Scope } from './scope.ts'
import { canonicalName } from './view.ts'
import { expandSingle, expandWord } from './word.ts'

/** Null where it is not to be seen. */
export function textPrintedBy(node: CommandNode, scope: Scope): string | null {
  switch (node.type) {
    case 'Command':
      return printedByCommand(node, scope)
    case 'BraceGroup':
    case 'Subshell':
      return joined(node.body.commands, scope)
    default:
      return null
  }
}

/** What arrives behind a pipe whose further stages change nothing. */
export function handedOn(stages: readonly CommandNode[], scope: Scope): string | null {
  const [first, ...rest] = stages
  const isUnchanged = rest.every(
    (stage) => stage.type === 'Command' && /^(?:cat|tee)$/.test(stage.name?.value ?? ''),
  )
  return first === undefined || !isUnchanged ? null : textPrintedBy(first, scope)
}

function joined(statements: readonly Statement[], scope: Scope): string | null {
  const texts = statements.map(({ command }) =>
    command.type === 'Command' ? printedByCommand(command, scope) : null,
  )
  return texts.some((text) => text === null) ? null : texts.join('')
}

/** Redirects alone make an empty file. */
function printedByCommand(node: Command, scope: Scope): string | null {
  if (node.name === undefined) return ''
  const name = canonicalName(expandSingle(node.name, scope).value)
  if (name === 'cat' && node.args.length === 0) return givenText(node, scope)
  if (name === 'true' || name === ':') return ''
  if (!isPrinter(name)) return null
  const args = node.args.flatMap((arg) =>
    arg.type === 'Word' ? expandWord(arg, scope) : [UNKNOWN_ARG],
  )
  if (!args.every(isLiteral)) return null
  const values = args.map(({ value }) => value)
  return printedBy(name, values)
}

function givenText(node: Command, scope: Scope): string | null {
  for (const redirect of node.redirects) {
    if (redirect.type === 'HereDoc') return redirect.body.text
    if (redirect.type === 'HereString' && redirect.target !== undefined) {
      const text = expandSingle(redirect.target, scope)
      return isLiteral(text) ? `${text.value}\n` : null
    }
  }
  return null
}
