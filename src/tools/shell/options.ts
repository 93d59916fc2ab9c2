/**
 * Reading of options as getopt does: letters that are bundled or joined with their value, long names
 * that may be cut short, `--` as the end. What it cannot read it says so, it never guesses.
 */
import { type Arg, mayBeOption } from './arg.ts'

export interface OptionTable {
  /** Letters without a value. */
  readonly flags?: string
  /** Letters whose value is joined or the next argument. */
  readonly values?: string
  /** Letters whose value is joined or absent. */
  readonly optional?: string
  /** Long names without dashes; a trailing `=` takes a value, `?` may take one joined. */
  readonly long?: readonly string[]
  /** A dash and a number is an option: `nice -10`. */
  readonly isNumeric?: boolean
}

export interface Option {
  readonly name: string
  readonly value: Arg | null
}

export interface OptionReading {
  readonly options: readonly Option[]
  /** From the first argument that is no option on. */
  readonly rest: readonly Arg[]
}

/** Null for an option that is unknown, or for an argument that could turn out to be one. */
export function readOptions(args: readonly Arg[], table: OptionTable): OptionReading | null {
  const options: Option[] = []
  let at = 0
  for (; at < args.length; at++) {
    const arg = args[at]
    if (arg === undefined || mayBeOption(arg)) return null
    if (arg.value === '--') return { options, rest: args.slice(at + 1) }
    if (!arg.value.startsWith('-') || arg.value === '-') break
    const taken = arg.value.startsWith('--')
      ? readLong(arg, args[at + 1], table, options)
      : readShort(arg, args[at + 1], table, options)
    if (taken === null) return null
    at += taken
  }
  return { options, rest: args.slice(at) }
}

/** How many further arguments were taken as a value. */
function readLong(
  arg: Arg,
  next: Arg | undefined,
  table: OptionTable,
  options: Option[],
): number | null {
  const text = arg.value.slice(2)
  const equals = text.indexOf('=')
  const given = equals < 0 ? text : text.slice(0, equals)
  const known = (table.long ?? []).find((name) => stem(name) === given)
  const found = known ?? (table.long ?? []).find((name) => stem(name).startsWith(given))
  if (found === undefined || given === '') return null
  const name = stem(found)
  if (equals >= 0) {
    if (found === name) return null
    options.push({ name, value: { ...arg, value: text.slice(equals + 1) } })
    return 0
  }
  if (!found.endsWith('=')) {
    options.push({ name, value: null })
    return 0
  }
  options.push({ name, value: next ?? null })
  return 1
}

const stem = (name: string): string => name.replace(/[=?]$/, '')

function readShort(
  arg: Arg,
  next: Arg | undefined,
  table: OptionTable,
  options: Option[],
): number | null {
  if (table.isNumeric === true && /^-\d+$/.test(arg.value)) {
    options.push({ name: 'number', value: { ...arg, value: arg.value.slice(1) } })
    return 0
  }
  for (let at = 1; at < arg.value.length; at++) {
    const letter = arg.value.charAt(at)
    const joined = arg.value.slice(at + 1)
    if (table.flags?.includes(letter)) {
      options.push({ name: letter, value: null })
    } else if (table.optional?.includes(letter)) {
      options.push({ name: letter, value: joined === '' ? null : { ...arg, value: joined } })
      return 0
    } else if (table.values?.includes(letter)) {
      if (joined !== '') {
        options.push({ name: letter, value: { ...arg, value: joined } })
        return 0
      }
      options.push({ name: letter, value: next ?? null })
      return 1
    } else {
      return null
    }
  }
  return 0
}
