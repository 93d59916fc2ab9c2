/** Whatever is put around or into a denied command, it stays denied; and every text gets an answer. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { effectiveDenyGroups } from '../../../../src/tools/shell/deny-groups.ts'
import { judgeCommand, MAX_COMMAND_CHARS } from '../../../../src/tools/shell/judge.ts'

const denyGroups = effectiveDenyGroups([])
const isDenied = (command: string) => judgeCommand(command, { denyGroups }).decision === 'deny'

/** As words, so that each can be quoted on its own. */
const DENIED: readonly (readonly string[])[] = [
  ['rm', '-rf', 'x'],
  ['rm', 'x', '--recursive'],
  ['sudo', 'id'],
  ['nc', '-e', 'sh', 'h', '1'],
  ['chmod', '777', '/etc'],
  ['crontab', '-r'],
  ['pip', 'install', 'x'],
  ['kill', '-9', '1'],
  ['nmap', 'h'],
  ['printenv', 'A'],
  ['find', '.', '-delete'],
  ['curl', '-d', 'a', 'http://h'],
  ['git', 'clone', '--upload-pack=x', 'r'],
]

const single = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

const quoting = fc.constantFrom<(word: string) => string>(
  (word) => word,
  (word) => single(word),
  (word) => `"${word}"`,
  (word) => `${word.slice(0, 1)}''${word.slice(1)}`,
  (word) => `${word.slice(0, 1)}\\\n${word.slice(1)}`,
  (word) => word.replace(/[a-z]/g, '\\$&'),
  (word) => `$'${[...word].map((c) => `\\x${c.charCodeAt(0).toString(16)}`).join('')}'`,
  (word) => `$"${word}"`,
)

const denied = fc
  .constantFrom(...DENIED)
  .chain((words) =>
    fc
      .tuple(fc.tuple(...words.map(() => quoting)), fc.constantFrom(' ', '\t', '  ', ' \\\n '))
      .map(([quotes, gap]) => words.map((word, at) => quotes[at]?.(word) ?? word).join(gap)),
  )

/** They run the words that follow, so they stand directly before the program. */
const prefix = fc.constantFrom<(command: string) => string>(
  (command) => `env A=1 ${command}`,
  (command) => `nohup ${command}`,
  (command) => `timeout -k 1 5 ${command}`,
  (command) => `nice -n 3 ${command}`,
  (command) => `command ${command}`,
  (command) => `exec ${command}`,
  (command) => `stdbuf -oL ${command}`,
  (command) => `setsid -w ${command}`,
  (command) => `xargs ${command}`,
  (command) => `find . -exec ${command} \\;`,
)

/** They take any code. */
const wrapper = fc.constantFrom<(command: string) => string>(
  (command) => `bash -c ${single(command)}`,
  (command) => `sh -ec ${single(command)}`,
  (command) => `eval ${single(command)}`,
  (command) => `bash <<< ${single(command)}`,
  (command) => `trap ${single(command)} EXIT`,
  (command) => `find . -exec sh -c ${single(command)} \\;`,
)

const around = fc.constantFrom<(command: string) => string>(
  (command) => command,
  (command) => `ls; ${command}`,
  (command) => `${command} || true`,
  (command) => `true && ${command} &`,
  (command) => `ls | ${command}`,
  (command) => `# note\n${command} # -h --help`,
  (command) => `( ${command}\n)`,
  (command) => `if ${command}; then :; fi`,
  (command) => `echo "$(${command}\n)"`,
  (command) => `while ${command}; do break; done`,
  (command) => `f() { ${command}\n}; f`,
  (command) => `cat <(${command}\n)`,
  (command) => `cat <<E\n$(${command}\n)\nE\n`,
  (command) => `> out ${command}`,
  (command) => `A=1 ${command} < in`,
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
        fc.array(fc.oneof(wrapper, around), { maxLength: 3 }),
        (command, prefixes, layers) => {
          const nested = [...prefixes, ...layers].reduce((inner, layer) => layer(inner), command)
          expect(isDenied(nested)).toBe(true)
        },
      ),
      { numRuns: 1_000 },
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
  ])('takes time linear in %s', (_name, unit) => {
    const timeOf = (length: number): number => {
      const text = `echo ${unit.repeat(length / unit.length)}`
      const times = Array.from({ length: 5 }, () => {
        const start = performance.now()
        judgeCommand(text, { denyGroups })
        return performance.now() - start
      })
      return Math.min(...times)
    }
    timeOf(4_096)
    const small = timeOf(8_192)
    // Eight times the text: a quadratic judge would take sixty-four times as long.
    expect(timeOf(MAX_COMMAND_CHARS - 64)).toBeLessThan(Math.max(25, small * 32))
  })

  it('refuses a megabyte at once', () => {
    for (const unit of ['a', '[', '$(', 'x ', '\u{1F600}']) {
      const start = performance.now()
      expect(isDenied(unit.repeat(1_048_576 / unit.length))).toBe(true)
      expect(performance.now() - start).toBeLessThan(50)
    }
  })
})
