/** What the parts of the judge share: where a command stands, and how they call each other. */
import type { CommandNode } from 'unbash'
import type { Arg } from './arg.ts'
import type { CaseFile } from './case-file.ts'
import type { Traits } from './collect.ts'
import type { Scope } from './scope.ts'

/** Where standard input comes from. */
export type Input =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'pipe'; readonly stages: readonly CommandNode[] }
  | { readonly kind: 'unknown' }

export const NO_INPUT: Input = { kind: 'none' }
export const UNKNOWN_INPUT: Input = { kind: 'unknown' }

export interface Context {
  readonly scope: Scope
  readonly traits: Traits
  readonly input: Input
  readonly depth: number
}

/** The walk, as seen by what it calls for one program. */
export interface Judge {
  readonly file: CaseFile
  /** Judges shell code that a program is given. */
  readonly script: (
    text: string,
    parent: Scope,
    positional: readonly Arg[] | null,
    input: Input,
    depth: number,
  ) => void
}

/** Code within code within code: nobody honest goes deeper. */
export const MAX_DEPTH = 8
