/**
 * One argument as bash will pass it, as far as that can be known before. Parts that only the run
 * knows are held by two marks; a text that contains the marks itself is judged as if unknown.
 */

/** Anything at all may stand here: judged as the worst case. */
export const UNKNOWN = '\uE000'
/** A name, path or number may stand here; not an option, not several words. */
export const OPAQUE = '\uE001'

const MARKS = /[\uE000\uE001]/

export interface Arg {
  readonly value: string
  /** An unquoted `*`, `?`, `[` or extended glob is in it. */
  readonly isGlob: boolean
  /** Unquoted and unknown: it may turn into any number of words. */
  readonly maySplit: boolean
  /** The direction of a process substitution that is this whole argument. */
  readonly substitution: '<' | '>' | null
}

export const literalArg = (value: string): Arg => ({
  value,
  isGlob: false,
  maySplit: false,
  substitution: null,
})

export const UNKNOWN_ARG: Arg = { ...literalArg(UNKNOWN), maySplit: true }
export const OPAQUE_ARG: Arg = literalArg(OPAQUE)

export const isLiteral = (arg: Arg): boolean => !arg.isGlob && !MARKS.test(arg.value)

/** Whether the argument could be an option that is not seen: it begins with, or splits into, anything. */
export const mayBeOption = (arg: Arg): boolean =>
  arg.value.startsWith(UNKNOWN) || (arg.maySplit && arg.value.includes(UNKNOWN))

export const hasUnknown = (arg: Arg): boolean => arg.value.includes(UNKNOWN)
