/** The streams of a command under test: a person at a terminal who types, or a pipe. */
import type { CommandIo, Input } from '../../../src/cli/commands/command.ts'
import { SECTIONS } from '../../../src/cli/commands/table.ts'
import { openTerminal, type Terminal, TOKEN } from './fake-gateway.ts'

export const NOUNS = SECTIONS.flatMap(({ nouns }) => nouns)

interface Typing {
  /** What comes in; chunk by chunk. */
  readonly typed?: readonly string[]
  readonly isTTY?: boolean
  readonly env?: Readonly<Record<string, string>>
}

export interface TestIo extends CommandIo {
  readonly written: Terminal['written']
  /** Each switch of the raw mode. */
  readonly rawModes: readonly boolean[]
}

export function openIo({ typed = [], isTTY = false, env }: Typing = {}): TestIo {
  const terminal = openTerminal(env ?? { EDGECLAW_TOKEN: TOKEN })
  const rawModes: boolean[] = []
  const stdin: Input = {
    isTTY,
    setRawMode: (isRaw) => rawModes.push(isRaw),
    async *[Symbol.asyncIterator]() {
      yield* typed
    },
  }
  return { ...terminal, stdin, nouns: NOUNS, rawModes }
}
