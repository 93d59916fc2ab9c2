/** What commands print, where the text shows it: a file that they write is judged by it when it runs. */
import type { Command, CommandNode, Statement } from 'unbash'
import { isLiteral, UNKNOWN_ARG } from './arg.ts'
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
  return texts.some((text) => text === null) ? null : texts.join('\n')
}

/** Redirects alone make an empty file. */
function printedByCommand(node: Command, scope: Scope): string | null {
  if (node.name === undefined) return ''
  const name = canonicalName(expandSingle(node.name, scope).value)
  if (name === 'cat' && node.args.length === 0) return givenText(node, scope)
  if (name === 'true' || name === ':') return ''
  if (name !== 'echo' && name !== 'printf') return null
  const args = node.args.flatMap((arg) =>
    arg.type === 'Word' ? expandWord(arg, scope) : [UNKNOWN_ARG],
  )
  if (!args.every(isLiteral)) return null
  const values = args.map(({ value }) => value)
  return name === 'echo' ? echoed(values) : formatted(values)
}

function echoed(values: readonly string[]): string | null {
  const start = values.findIndex((value) => !/^-[neE]+$/.test(value))
  const text = values.slice(start < 0 ? values.length : start).join(' ')
  return values.slice(0, start).some((value) => value.includes('e')) ? withBreaks(text) : text
}

/** Directives but `%s`, which takes one argument after the other, are not followed. */
function formatted([format = '', ...values]: readonly string[]): string | null {
  const shown = withBreaks(format)
  if (shown === null || format.startsWith('-') || /%(?!s)/.test(shown)) return null
  const pieces = shown.split('%s')
  if (pieces.length === 1) return shown
  let text = ''
  for (let at = 0; at < Math.max(values.length, 1); ) {
    pieces.forEach((piece, index) => {
      text += piece
      if (index < pieces.length - 1) text += values[at++] ?? ''
    })
  }
  return text
}

/** Escapes but the line break are not followed: null. */
function withBreaks(text: string): string | null {
  const shown = text.replace(/\\[n0]/g, '\n')
  return shown.includes('\\') ? null : shown
}

function givenText(node: Command, scope: Scope): string | null {
  for (const redirect of node.redirects) {
    if (redirect.type === 'HereDoc') return redirect.body.text
    if (redirect.type === 'HereString' && redirect.target !== undefined) {
      const text = expandSingle(redirect.target, scope)
      return isLiteral(text) ? text.value : null
    }
  }
  return null
}
