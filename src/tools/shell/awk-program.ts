/** Where awk takes its program from: its first operand, `-e`, a file, or its input. */
import { type Arg, literalArg } from './arg.ts'

export interface AwkSource {
  readonly program: Arg | null
  readonly readsInput: boolean
}

const VALUE_LETTERS = 'Fvfilo'

export function awkProgramOf(args: readonly Arg[]): AwkSource {
  const pieces: string[] = []
  let readsInput = false
  let hasFile = false
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]
    if (arg === undefined) break
    const { value } = arg
    if (value === '--' || !value.startsWith('-') || value === '-') {
      if (pieces.length > 0) return { program: literalArg(pieces.join('\n')), readsInput }
      const program = value === '--' ? args[at + 1] : arg
      return { program: hasFile ? null : (program ?? null), readsInput }
    }
    const joined = value.slice(2)
    const next = args[at + 1]?.value ?? ''
    if (value.startsWith('-e') || value.startsWith('--source')) {
      const text = value.startsWith('--') ? value.slice(9) : joined
      pieces.push(text === '' ? next : text)
      if (text === '') at++
    } else if (value.startsWith('-f') || value.startsWith('-E') || value.startsWith('--file')) {
      const file = value.startsWith('--') ? value.slice(7) : joined
      hasFile = true
      if (/^(?:-|\/dev\/(?:stdin|fd\/).*)$/.test(file === '' ? next : file)) readsInput = true
      if (args[file === '' ? at + 1 : at]?.substitution !== null) readsInput = true
      if (file === '') at++
    } else if (
      /^-[A-Za-z]/.test(value) &&
      VALUE_LETTERS.includes(value.charAt(1)) &&
      joined === ''
    ) {
      at++
    } else if (/^--(?:assign|field-separator|include|load)$/.test(value)) {
      at++
    }
  }
  return { program: pieces.length > 0 ? literalArg(pieces.join('\n')) : null, readsInput }
}
