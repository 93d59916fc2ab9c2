/** `bash -c CODE name args`, `sh FILE`, `bash` reading its input: where a shell takes its code from. */

import { type Arg, literalArg, mayBeOption } from './arg.ts'
import { HIDDEN, type Inner, NOTHING } from './inner.ts'
import { names } from './names.ts'

/** Letters of `set` and of the invocation; `c` and `s` say where the code is. */
const LETTERS = /^[-+][abefhiklmnprstuvxBCDEHPTcOo]+$/
const LONG = new Set([
  ...names('--norc --noprofile --login --posix --verbose --noediting --restricted'),
  ...names('--debugger --dump-strings --dump-po-strings --pretty-print'),
])
const LONG_WITH_FILE = new Set(['--rcfile', '--init-file'])
const LONG_QUESTIONS = new Set(['--help', '--version'])

export function unwrapShell(args: readonly Arg[]): readonly Inner[] {
  const inner: Inner[] = []
  let takesCode = false
  let readsInput = false
  let at = 0
  for (; at < args.length; at++) {
    const arg = args[at]
    if (arg === undefined || mayBeOption(arg)) return HIDDEN
    const { value } = arg
    if (value === '--' || value === '-') {
      at++
      break
    }
    if (!/^[-+]./.test(value)) break
    if (value.startsWith('--')) {
      if (LONG_QUESTIONS.has(value)) return NOTHING
      const file = LONG_WITH_FILE.has(value) ? args[++at] : undefined
      if (file !== undefined) inner.push({ kind: 'shell_file', file })
      else if (!LONG.has(value)) return HIDDEN
      continue
    }
    if (!LETTERS.test(value)) return HIDDEN
    if (value.startsWith('-') && value.includes('c')) takesCode = true
    if (value.startsWith('-') && value.includes('s')) readsInput = true
    // `-o pipefail`, `-O extglob`: each letter takes a word of its own.
    at += (value.match(/[oO]/g) ?? []).length
  }
  const rest = args.slice(at)
  const [first] = rest
  if (takesCode) {
    if (first === undefined) return inner
    const name = rest[1] ?? literalArg('bash')
    return [...inner, { kind: 'shell', code: first, positional: [name, ...rest.slice(2)] }]
  }
  if (readsInput || first === undefined) {
    const positional = [literalArg('bash'), ...(readsInput ? rest : [])]
    return [...inner, { kind: 'shell_stdin', positional }]
  }
  return [...inner, { kind: 'shell_file', file: first }]
}
