/** Which of awk's arguments is the program: its first operand, unless `-e` or `-f` gave one. */
import { type Arg, literalArg } from './arg.ts'

const VALUE_LETTERS = 'Fvilo'

/** Null where the program stands in a file, or nowhere. */
export function awkProgramOf(args: readonly Arg[]): Arg | null {
  const pieces: string[] = []
  let hasFile = false
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]
    if (arg === undefined) break
    const { value } = arg
    if (value === '--' || !value.startsWith('-') || value === '-') {
      if (pieces.length > 0) break
      return hasFile ? null : ((value === '--' ? args[at + 1] : arg) ?? null)
    }
    const isLong = value.startsWith('--')
    const joined = isLong ? value.slice(value.indexOf('=') + 1 || value.length) : value.slice(2)
    if (/^(?:-e|--source)/.test(value)) {
      pieces.push(joined === '' ? (args[at + 1]?.value ?? '') : joined)
      if (joined === '') at++
    } else if (/^(?:-[fE]|--(?:file|exec))/.test(value)) {
      hasFile = true
      if (joined === '') at++
    } else if (isLong) {
      if (/^--(?:assign|field-separator|include|load)$/.test(value)) at++
    } else if (VALUE_LETTERS.includes(value.charAt(1)) && joined === '') {
      at++
    }
  }
  return pieces.length > 0 ? literalArg(pieces.join('\n')) : null
}
