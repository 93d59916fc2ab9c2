/** Commands that try to kill a canary in every way that bash knows, and neighbours that do not. */
import fc from 'fast-check'
import { GRAMMAR, type Layer, QUOTING, WRAPPING } from './shell-layers.ts'
import { spelled } from './shell-words.ts'

/** Each kills `canary/f`, and none does without what makes the guard deny it. */
const KILLING: readonly (readonly string[])[] = [
  ['rm', '-r', 'canary'],
  ['rm', '-rf', 'canary'],
  ['rm', 'canary', '-R'],
  ['rm', '-fr', 'canary'],
  ['rm', '-vfr', '--', 'canary'],
  ['rm', '--recursive', 'canary'],
  ['rm', '--recu', '--fo', 'canary'],
  ['find', 'canary', '-delete'],
  ['find', 'canary', '-type', 'f', '-delete'],
  ['shred', '-u', 'canary/f'],
  ['dd', 'if=/dev/null', 'of=canary/f'],
  // Stand-ins of programs that no image holds: each kills the canary when it is run.
  ['sudo', 'ls'],
  ['nmap', 'host'],
  ['crontab', '-r'],
  ['nc', 'host', '1'],
]

/** One step away: they name the canary or the deed, and do nothing. */
const SPARING: readonly (readonly string[])[] = [
  ['ls', 'canary'],
  ['cat', 'canary/f'],
  ['rm', 'canary'],
  ['echo', 'rm', '-rf', 'canary'],
  ['grep', '-r', 'rm', 'canary'],
  ['find', 'canary', '-name', 'f'],
  ['wc', '-l', 'canary/f'],
  ['printf', '%s', 'sudo'],
  ['test', '-d', 'canary'],
  ['cp', '-r', 'canary', 'copy'],
]

const layer: fc.Arbitrary<Layer> = fc.oneof(
  { arbitrary: fc.constantFrom(...GRAMMAR), weight: 3 },
  { arbitrary: fc.constantFrom(...QUOTING), weight: 3 },
)

const wrapping: fc.Arbitrary<Layer> = fc
  .constantFrom(...WRAPPING)
  .map(
    (words) => (command: string) => `${words} ${command}${words.includes('-exec') ? ' \\;' : ''}`,
  )

const commandOf = (programs: readonly (readonly string[])[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(...programs).chain(spelled),
      fc.array(wrapping, { maxLength: 2 }),
      fc.array(layer, { maxLength: 2 }),
    )
    .map(([command, wrappings, layers]) =>
      [...wrappings, ...layers].reduce((inner, each) => each(inner), command),
    )

/** Deterministic for a seed. */
export function canaryCommands(count: number, seed: number): readonly string[] {
  const command = fc.oneof(
    { arbitrary: commandOf(KILLING), weight: 4 },
    { arbitrary: commandOf(SPARING), weight: 1 },
  )
  return [...new Set(fc.sample(command, { numRuns: count, seed }))]
}
