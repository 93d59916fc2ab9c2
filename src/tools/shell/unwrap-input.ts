/** `xargs` and `parallel`: programs whose arguments come over standard input. */

import { type Arg, isLiteral, literalArg, OPAQUE, OPAQUE_ARG, UNKNOWN, UNKNOWN_ARG } from './arg.ts'
import { argvOf, HIDDEN, type Inner } from './inner.ts'
import { names } from './names.ts'
import { type Option, type OptionTable, readOptions } from './options.ts'

const INPUT: readonly Inner[] = [{ kind: 'input' }]

const XARGS_OPTIONS: OptionTable = {
  flags: '0optrxh',
  values: 'aEdIJLnPRsS',
  optional: 'eil',
  long: [
    ...names('null arg-file= delimiter= eof? replace? max-lines? max-args='),
    ...names('max-procs= max-chars= interactive no-run-if-empty verbose exit'),
    ...names('open-tty process-slot-var= show-limits help version'),
  ],
}

/** What is known of the input that arguments come from. */
export interface Given {
  /** Names and paths, or anything. */
  readonly isNames: () => boolean
  /** All of it; null where it is not to be seen. */
  readonly text: () => string | null
}

/** So many words of a known input are followed. */
const MAX_GIVEN_WORDS = 128

export function unwrapXargs(args: readonly Arg[], given: Given): readonly Inner[] {
  const inputIsNames = given.isNames()
  const reading = readOptions(args, XARGS_OPTIONS)
  if (reading === null) return HIDDEN
  if (reading.rest.length === 0) return []
  const file = reading.options.find(({ name }) => name === 'a' || name === 'arg-file')?.value
  if (file !== undefined && file !== null && file.substitution !== null) return HIDDEN
  const replace = reading.options.findLast(({ name }) => /^(?:I|i|J|replace)$/.test(name))
  const input = inputIsNames ? OPAQUE_ARG : UNKNOWN_ARG
  if (replace === undefined) {
    const words = file === undefined ? wordsOf(given.text(), reading.options) : null
    if (words === null) return argvOf([...reading.rest, input])
    const size = Number(reading.options.findLast(({ name }) => TAKES_SOME.has(name))?.value?.value)
    return chunksOf(words, size > 0 ? size : 1).flatMap((chunk) =>
      argvOf([...reading.rest, ...chunk]),
    )
  }
  return argvOf(replaced(reading.rest, replace.value?.value ?? '{}', inputIsNames))
}

const TAKES_SOME = new Set(['n', 'max-args', 'L', 'l', 'max-lines'])

/** As one group, and in groups of the size: which it will be is not worth following. */
const chunksOf = (words: readonly Arg[], size: number): readonly (readonly Arg[])[] => [
  words,
  ...Array.from({ length: Math.ceil(words.length / size) }, (_, at) =>
    words.slice(at * size, (at + 1) * size),
  ),
]

/** Words of a plain text; null where quotes or a delimiter make others of them. */
function wordsOf(text: string | null, options: readonly Option[]): readonly Arg[] | null {
  if (text === null) return null
  const delimiter = options.find(({ name }) => name === 'd' || name === 'delimiter')?.value?.value
  const isByNul = options.some(({ name }) => name === '0' || name === 'null')
  const isByLine = delimiter === '\\n'
  if (delimiter !== undefined && !isByLine) return null
  if (!isByNul && !isByLine && /['"\\\0]/.test(text)) return null
  const separator = isByNul ? '\0' : isByLine ? '\n' : /\s+/
  const words = text.split(separator).filter((word) => word !== '')
  return words.length > MAX_GIVEN_WORDS ? null : words.map(literalArg)
}

/** The mark stands where the input will; within shell code it makes that code unknown. */
function replaced(argv: readonly Arg[], mark: string, inputIsNames: boolean): readonly Arg[] {
  if (mark === '') return argv
  return argv.map((arg) => {
    if (!arg.value.includes(mark)) return arg
    const text = inputIsNames ? OPAQUE : UNKNOWN
    return { ...arg, value: arg.value.replaceAll(mark, text) }
  })
}

const PARALLEL_FLAGS =
  /^--?(?:[0kmqrtuvXxz]|bar|eta|dry-?run|keep-order|line-buffer|lb|null|progress|quote|tag|ungroup|verbose|pipe|pipepart|will-cite|xargs|no-notice|silent|files|shuf|citation|colou?r|link|no-run-if-empty|tty)$/
const PARALLEL_VALUES =
  /^--?(?:[aCdDEIiJLlnNPsSjU]|arg-file|arg-sep|block|colsep|delay|halt|jobs|joblog|load|max-args|max-replace-args|max-procs|memfree|nice|recstart|recend|results|retries|rpl|sshlogin|sshloginfile|tagstring|timeout|trim|tmpdir|tempdir|wd|workdir|env|transferfile|return|basefile|profile)$/
const ARGUMENTS = /^:{3,4}\+?$/

/** It joins its words and hands them to a shell, once for each input. */
export function unwrapParallel(args: readonly Arg[], inputIsNames: boolean): readonly Inner[] {
  let at = 0
  for (; at < args.length; at++) {
    const value = args[at]?.value ?? ''
    if (!value.startsWith('-')) break
    if (PARALLEL_VALUES.test(value)) at++
    else if (!PARALLEL_FLAGS.test(value) && !/^-(?:j|N|n|P|S|L)\S+$|^--[a-z-]+=/.test(value)) {
      return [{ kind: 'somewhere', words: args }]
    }
  }
  const end = args.findIndex((arg, index) => index >= at && ARGUMENTS.test(arg.value))
  const command = args.slice(at, end < 0 ? args.length : end)
  const inputs = end < 0 ? [] : args.slice(end + 1)
  if (command.length === 0) {
    if (end < 0 || !inputs.every((arg) => isLiteral(arg))) return INPUT
    return inputs.map((code) => ({ kind: 'shell', code, positional: [] }))
  }
  const text = inputIsNames || end >= 0 ? OPAQUE : UNKNOWN
  const joined = command.map((arg) => arg.value.replace(/\{[^{}\s]{0,8}\}/g, text)).join(' ')
  const code = joined === command.map((arg) => arg.value).join(' ') ? `${joined} ${text}` : joined
  return [{ kind: 'shell', code: literalArg(code), positional: [] }]
}
