/** What a command runs in its turn, once its wrapper is taken off. */
import type { Arg } from './arg.ts'

export type Inner =
  /** Another program with its arguments. */
  | { readonly kind: 'argv'; readonly argv: readonly Arg[] }
  /** Shell code; `positional` is `$0 $1 …`, null where the caller's own stay. */
  | { readonly kind: 'shell'; readonly code: Arg; readonly positional: readonly Arg[] | null }
  /** Shell code that comes over standard input. */
  | { readonly kind: 'shell_stdin'; readonly positional: readonly Arg[] }
  /** A file of shell code. */
  | { readonly kind: 'shell_file'; readonly file: Arg }
  | { readonly kind: 'assignment'; readonly name: string; readonly value: Arg }
  /** The command begins at one of these words, after options that are not known. */
  | { readonly kind: 'somewhere'; readonly words: readonly Arg[] }
  /** What runs cannot be read from the arguments. */
  | { readonly kind: 'hidden' }
  /** What runs are the lines or words that come over standard input. */
  | { readonly kind: 'input' }

export const HIDDEN: readonly Inner[] = [{ kind: 'hidden' }]
export const NOTHING: readonly Inner[] = []

export const argvOf = (argv: readonly Arg[]): readonly Inner[] =>
  argv.length === 0 ? NOTHING : [{ kind: 'argv', argv }]
