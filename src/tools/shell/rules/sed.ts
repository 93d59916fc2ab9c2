/** Reads sed scripts as far as needed to find `e`, `s///e` and files that are written. */
import { hasUnknown } from '../arg.ts'
import type { CommandView } from '../view.ts'

export function sedRunsProgram(command: CommandView): boolean {
  if (command.args.some(({ value }) => value === '--sandbox')) return false
  return scriptsOf(command).some((script) =>
    [true, false].some((brackets) => readSedScript(script, brackets).runsProgram),
  )
}

/** Files that a script's `w` writes. */
export const filesWrittenBySed = (command: CommandView): readonly string[] =>
  scriptsOf(command).flatMap((script) => readSedScript(script, true).files)

function scriptsOf({ args }: CommandView): readonly string[] {
  const scripts: string[] = []
  let first: string | null = null
  let isEnded = false
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]
    if (arg === undefined) break
    const { value } = arg
    if (isEnded || !value.startsWith('-') || value === '-') {
      first ??= hasUnknown(arg) && value.length === 1 ? '' : value
    } else if (value === '--') {
      isEnded = true
    } else if (value.startsWith('--')) {
      const [name = '', joined] = value.slice(2).split(/=([\s\S]*)/, 2)
      if (name !== '' && 'expression'.startsWith(name))
        scripts.push(joined ?? args[++at]?.value ?? '')
      else if (name !== '' && 'file'.startsWith(name)) {
        if (joined === undefined) at++
        scripts.push('')
      } else if (name === 'line-length' && joined === undefined) at++
    } else {
      for (let i = 1; i < value.length; i++) {
        const letter = value[i]
        if (letter === 'i') break
        if (letter !== 'e' && letter !== 'f' && letter !== 'l') continue
        const given = value.slice(i + 1) || (args[++at]?.value ?? '')
        if (letter === 'e') scripts.push(given)
        if (letter === 'f') scripts.push('')
        break
      }
    }
  }
  // Pieces of several -e options are lines of one script: `-e 'i\' -e text`.
  return scripts.length > 0 ? [scripts.join('\n')] : first === null ? [] : [first]
}

export interface SedReading {
  readonly runsProgram: boolean
  readonly files: readonly string[]
}

/**
 * A script that sed itself would refuse reads as harmless: it does nothing. Whether a delimiter
 * inside `[…]` ends the pattern differs between versions of sed; the caller asks for both.
 */
function readSedScript(script: string, brackets: boolean): SedReading {
  const files: string[] = []
  let at = 0
  let runsProgram = false
  while (at < script.length && !runsProgram) {
    at = skip(script, at, /[\s;{}]/)
    const afterAddress = skipAddresses(script, at, brackets)
    if (afterAddress === null) break
    at = skip(script, afterAddress, /[\s!]/)
    const command = script[at++]
    if (command === undefined) break
    if (command === 'e') runsProgram = true
    else if (command === '{' || command === '}') continue
    else if (command === 's' || command === 'y') {
      const end = skipReplacement(script, at, brackets)
      if (end === null) break
      at = end
      if (command === 'y') continue
      const flags = /^[gpiImMe0-9\s]*/.exec(script.slice(at, at + 64))?.[0] ?? ''
      if (flags.includes('e')) runsProgram = true
      at += flags.length
      if (script[at] === 'w') {
        const line = lineFrom(script, at + 1)
        files.push(line.trim())
        at += line.length + 1
      }
    } else if (command === 'w' || command === 'W') {
      const line = lineFrom(script, at)
      files.push(line.trim())
      at += line.length
    } else if (/[aic]/.test(command)) at = skipText(script, at)
    else if (/[#rR]/.test(command)) at += lineFrom(script, at).length
    else if (/[btT:v]/.test(command)) at = skip(script, at, /[^;\n}]/)
    else if (/[lLqQ]/.test(command)) at = skip(script, at, /[\s0-9]/)
    else if (!/[=dDgGhHnNpPxzF]/.test(command)) break
  }
  return { runsProgram, files }
}

function skip(text: string, from: number, chars: RegExp): number {
  let at = from
  while (at < text.length && chars.test(text[at] ?? '')) at++
  return at
}

function lineFrom(text: string, from: number): string {
  const end = text.indexOf('\n', from)
  return text.slice(from, end < 0 ? undefined : end)
}

/** Past one or two addresses; null when one does not end. */
function skipAddresses(script: string, from: number, brackets: boolean): number | null {
  let at = from
  for (let count = 0; count < 2; count++) {
    const end = skipAddress(script, at, brackets)
    if (end === null) return null
    at = skip(script, end, /\s/)
    if (script[at] !== ',') return at
    at = skip(script, at + 1, /[\s~+]/)
  }
  return at
}

function skipAddress(script: string, from: number, brackets: boolean): number | null {
  const char = script[from] ?? ''
  if (/[0-9]/.test(char)) return skip(script, from, /[0-9~]/)
  if (char === '$') return from + 1
  if (char !== '/' && char !== '\\') return from
  const isPlain = char === '/'
  const delimiter = isPlain ? '/' : (script[from + 1] ?? '')
  const end = skipDelimited(script, from + (isPlain ? 1 : 2), delimiter, brackets)
  return end === null ? null : skip(script, end, /[IM]/)
}

/** Past the closing delimiter; a bracket expression may hold the delimiter in a pattern. */
function skipDelimited(
  script: string,
  from: number,
  delimiter: string,
  brackets: boolean,
): number | null {
  if (delimiter === '') return null
  let mayBracket = brackets
  for (let at = from; at < script.length; at++) {
    if (script[at] === '\\') at++
    else if (script[at] === delimiter) return at + 1
    else if (mayBracket && script[at] === '[') {
      const end = endOfBracket(script, at)
      // Without a further `]` there is nothing to look for again.
      if (end === at) mayBracket = false
      at = end
    }
  }
  return null
}

/** A `]` that comes first, or behind `^`, is a member. */
function endOfBracket(script: string, from: number): number {
  let at = from + 1
  if (script[at] === '^') at++
  if (script[at] === ']') at++
  const end = script.indexOf(']', at)
  const line = script.indexOf('\n', from)
  return end < 0 || (line >= 0 && line < end) ? from : end
}

function skipReplacement(script: string, from: number, brackets: boolean): number | null {
  const delimiter = script[from] ?? ''
  const middle = skipDelimited(script, from + 1, delimiter, brackets)
  return middle === null ? null : skipDelimited(script, middle, delimiter, false)
}

/** Text of `a`, `i`, `c` goes on over lines that end in a backslash. */
function skipText(script: string, from: number): number {
  let at = from
  while (at < script.length && script[at] !== '\n') at += script[at] === '\\' ? 2 : 1
  return at
}
