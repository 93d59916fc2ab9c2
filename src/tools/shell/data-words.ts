/** Which arguments are mere text to a program: mentioning a dangerous name there does nothing. */

import type { Arg } from './arg.ts'
import { names } from './names.ts'

const ALL_TEXT = new Set([
  ...names('echo printf man tldr which whereis type whatis apropos info'),
  ...names('figlet cowsay say notify-send logger help expr yes seq'),
])
const PATTERN_FIRST = new Set([
  'grep',
  'egrep',
  'fgrep',
  'zgrep',
  'rg',
  'ag',
  'ack',
  'pgrep',
  'sed',
  'jq',
  'yq',
])
const GIT_TEXT = new Set(['commit', 'tag', 'log', 'notes', 'stash', 'grep', 'shortlog'])

/** The arguments that name something: files, hosts, variables, programs. */
export function namingWords(name: string, args: readonly Arg[]): readonly Arg[] {
  if (ALL_TEXT.has(name)) return []
  if (PATTERN_FIRST.has(name)) return withoutPattern(args)
  if (name === 'git' && args.some(({ value }) => GIT_TEXT.has(value))) {
    return args.filter(
      ({ value }, at) =>
        !/\s/.test(value) && !/^-\w*m$|^--(?:message|grep|author)$/.test(args[at - 1]?.value ?? ''),
    )
  }
  return args
}

/** The first operand is the pattern, unless `-e` or `-f` gave it already. */
function withoutPattern(args: readonly Arg[]): readonly Arg[] {
  const given = args.some(({ value }) =>
    /^-[a-zA-Z]*[ef]$|^--(?:regexp|file|expression)/.test(value),
  )
  let isSkipped = given
  return args.filter(({ value }, at) => {
    if (/^-[a-zA-Z]*e$|^--(?:regexp|expression)$/.test(args[at - 1]?.value ?? '')) return false
    if (isSkipped || (value.startsWith('-') && value.length > 1)) return true
    isSkipped = true
    return false
  })
}
