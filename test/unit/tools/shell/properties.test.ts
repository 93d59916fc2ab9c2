/** Whatever is put around or into a denied command, it stays denied; and every text gets an answer. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { effectiveDenyGroups } from '../../../../src/tools/shell/deny-groups.ts'
import { judgeCommand, MAX_COMMAND_CHARS } from '../../../../src/tools/shell/judge.ts'
import { DENIED } from '../../../support/shell-denied.ts'
import { GRAMMAR, QUOTING, WRAPPING } from '../../../support/shell-layers.ts'
import { QUOTED } from '../../../support/shell-words.ts'

const denyGroups = effectiveDenyGroups([])
const isDenied = (command: string) => judgeCommand(command, { denyGroups }).decision === 'deny'

const quoting = fc.constantFrom(...QUOTED)

const denied = fc
  .constantFrom(...DENIED)
  .chain((words) =>
    fc
      .tuple(fc.tuple(...words.map(() => quoting)), fc.constantFrom(' ', '\t', '  ', ' \\\n '))
      .map(([quotes, gap]) =>
        words.map((word, at) => quotes[at]?.(word, 'v').text ?? word).join(gap),
      ),
  )

/** They run the words that follow, so they stand directly before the program; `!` is no program. */
const prefix = fc
  .constantFrom(...WRAPPING.filter((words) => words !== '! ' && !words.includes('-exec')))
  .map((words) => (command: string) => `${words} ${command}`)

/** They take any code, of any number of lines, or have it stand within them. */
const layer = fc.oneof(
  fc.constantFrom(...QUOTING.filter((each) => !each('a\nb').includes('a b'))),
  fc.constantFrom(...GRAMMAR),
)

/** Marks that change nothing where a command ends or begins. */
const mark = fc.constantFrom<(command: string) => string>(
  (command) => command,
  (command) => `\\\n \t${command}`,
  (command) => `# rm --help\n${command} # --help`,
  (command) => `${command} ;`,
  (command) => `${command} 2>&1 > /dev/null`,
  (command) => `< /dev/null ${command}`,
  (command) => `A=1 B='2 3' ${command}`,
)

describe('a denied command', () => {
  it('stays denied under quoting, blanks and continuations', () => {
    fc.assert(
      fc.property(denied, (command) => {
        expect(isDenied(command)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('stays denied behind wrappers and within other commands', () => {
    fc.assert(
      fc.property(
        denied,
        fc.array(prefix, { maxLength: 2 }),
        mark,
        fc.array(layer, { maxLength: 3 }),
        (command, prefixes, marked, layers) => {
          const nested = [...prefixes, marked, ...layers].reduce(
            (inner, each) => each(inner),
            command,
          )
          expect(isDenied(nested)).toBe(true)
        },
      ),
      { numRuns: 1_500 },
    )
  })

  it('stays denied beside any number of harmless commands', () => {
    const harmless = fc.constantFrom('ls -la', 'echo "a;b"', 'x=1', 'cat <<E\nrm\nE\n', 'true')
    fc.assert(
      fc.property(
        denied,
        fc.array(harmless, { maxLength: 6 }),
        fc.array(harmless, { maxLength: 6 }),
        (command, before, after) => {
          expect(isDenied([...before, command, ...after].join('\n'))).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('the judge', () => {
  it('answers any text, and the same text the same', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom(
        '$(',
        '`',
        '"',
        "'",
        '${',
        '((',
        '[[',
        '<<E\n',
        '{',
        '}',
        '|',
        ';',
        '\\',
        '\0',
      ),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('')
        expect(judgeCommand(text, { denyGroups })).toEqual(judgeCommand(text, { denyGroups }))
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['words', 'word '],
    ['commands', 'ls -l; '],
    ['pipes', 'a | '],
    ['variables', '$x '],
    ['assignments', 'a=$b; b=$a; '],
    ['globs', '/pr?c/*/e* '],
    ['braces', '{a,b} '],
    ['open braces', '{'],
    ['substitutions', '$(ls) '],
    ['open substitutions', '$('],
    ['parameters', '$' + '{x:-'],
    ['backticks', '`'],
    ['quotes', '"'],
    ['here-documents', 'cat <<E\nx\nE\n'],
    ['redirects', '>f '],
    ['functions', 'f() { :; }; '],
    ['wrappers', 'env '],
    ['stars', '*'],
    ['line breaks', '\n'],
    ['marks', '\uE000\uE001 '],
  ])('takes no time worth telling for %s', (_name, unit) => {
    const timeOf = (length: number): number => {
      const text = `echo ${unit.repeat(length / unit.length)}`
      const times = Array.from({ length: 2 }, () => {
        const start = performance.now()
        judgeCommand(text, { denyGroups })
        return performance.now() - start
      })
      return Math.min(...times)
    }
    // Of the most that is read; a judge that looked back for every part would take minutes.
    expect(timeOf(MAX_COMMAND_CHARS - 64)).toBeLessThan(2_000)
  })

  it('refuses a megabyte at once', () => {
    for (const unit of ['a', '[', '$(', 'x ', '\u{1F600}']) {
      const start = performance.now()
      expect(isDenied(unit.repeat(1_048_576 / unit.length))).toBe(true)
      expect(performance.now() - start).toBeLessThan(500)
    }
  })
})
