/** Texts made to hurt the judge: each gets its answer, and none takes more than a moment. */
import { describe, expect, it } from 'vitest'
import { effectiveDenyGroups } from '../../../../src/tools/shell/deny-groups.ts'
import { judgeCommand, MAX_COMMAND_CHARS } from '../../../../src/tools/shell/judge.ts'

const denyGroups = effectiveDenyGroups([])
const judge = (command: string) => judgeCommand(command, { denyGroups })
const decide = (command: string) => judge(command).decision

const MEGABYTE = 1_048_576
/** Far above what any of them takes, and far below what a text that explodes would. */
const CEILING_MS = 3_000

const filled = (unit: string, chars: number): string => unit.repeat(Math.ceil(chars / unit.length))
const nested = (open: string, close: string, levels: number): string =>
  `${open.repeat(levels)}ls${close.repeat(levels)}`

const DENIED: Readonly<Record<string, string>> = {
  'a NUL': 'ls\0',
  'a NUL in quotes': "echo 'a\0b'",
  'a line of a megabyte': `echo ${filled('a', MEGABYTE)}`,
  'a here-document of a megabyte': `cat <<E\n${filled('line\n', MEGABYTE)}E\n`,
  'a hundred thousand words': filled('word ', 500_000),
  'a hundred thousand commands': filled('ls;', 300_000),
  'ten thousand open brackets': '['.repeat(10_000).concat('; rm -rf x'),
  'ten thousand open substitutions': '$('.repeat(10_000),
  'ten thousand closed substitutions': nested('$(', ')', 10_000),
  'ten thousand subshells': nested('(', ')', 10_000),
  'ten thousand groups': nested('{ ', ';}', 10_000),
  'ten thousand defaults': nested('$' + '{x:-', '}', 8_000),
  'ten thousand loops': nested('while ', ';do :;done', 3_000),
  'thousands of here-documents': `${'cat <<E '.repeat(5_000)}\n${'E\n'.repeat(5_000)}`,
  'thousands of backticks': filled('`', 20_000),
  'quotes within quotes': Array.from({ length: 12 }).reduce<string>(
    (inner) => `bash -c ${JSON.stringify(inner)}`,
    'ls',
  ),
  'a ring of evals': Array.from({ length: 10 }).reduce<string>(
    (inner) => `eval '${inner.replaceAll("'", "'\\''")}'`,
    'ls',
  ),
  'a script that runs itself': `${"echo 'bash s; bash s; sudo ls' > s; bash s; ".repeat(200)}`,
  'wrappers whose options are unknown': `${'nice -Z '.repeat(23)}sudo ls`,
  'wrappers beyond number': `${'env '.repeat(15_000)}sudo ls`,
  'braces that explode behind a denied name': `rm ${'{a,-rf}'.repeat(40)}`,
}

const ALLOWED: Readonly<Record<string, string>> = {
  'lone surrogates': 'echo \ud800 \udc00x; ls "\udfff"',
  'the marks of the judge itself': 'echo \uE000 \uE001',
  'braces that explode': `echo ${'{a,b}'.repeat(40)}`,
  'thousands of braces that explode': filled(`echo ${'{a,b}'.repeat(8)}; `, 60_000),
  'a sequence without end': 'echo {1..999999999}{1..999999999}',
  'a glob of stars': `cat ${filled('*a', 60_000)}`,
  'a long here-document': `cat <<'E'\n${filled('rm -rf x\n', 60_000)}E\n`,
  'a long quoted word': `echo '${filled('$(rm -rf x) ', 60_000)}'`,
  'a sed script of brackets': `sed '${filled('s/[/b/;', 60_000)}' f`,
  'an awk program of slashes': `awk '${filled('a/b ', 60_000)}' f`,
  'code that looks for kills': `perl -e '${filled('kill open ', 60_000)}'`,
  'many functions': filled('f() { g; }; g() { ls; }; ', 30_000),
  'many files': filled('echo ls > s; bash s; ', 30_000),
  'many assignments': filled('a=$b; b=$a; ', 40_000),
}

describe('hostile input', () => {
  it.each(Object.entries(DENIED))('%s is denied at once', (_, text) => {
    const start = performance.now()
    expect(decide(text)).toBe('deny')
    expect(performance.now() - start).toBeLessThan(CEILING_MS)
  })

  it.each(Object.entries(ALLOWED))('%s is read at once', (_, text) => {
    const start = performance.now()
    const decision = decide(text)
    expect(performance.now() - start).toBeLessThan(CEILING_MS)
    expect(decision).toBe('allow')
    // Whatever came before, what follows is read as ever.
    if (text.length < MAX_COMMAND_CHARS - 16) expect(decide(`${text}\nsudo ls`)).toBe('deny')
  })

  it('reads a long honest script to its end', () => {
    const script = filled('echo "$(date)" >> log\nmake -C sub test || exit 1\n', 30_000)
    expect(decide(script)).toBe('allow')
    expect(decide(`${script}sudo ls`)).toBe('deny')
    const text = `cat > notes.md <<'E'\n${filled('a `b` (c) $(d)\n', 20_000)}E\n`
    expect(decide(text)).toBe('allow')
  })

  it('makes no more commands of a text than it can hold', () => {
    const judged = judge(filled('ls; ', 12_000))
    expect(judged.decision === 'allow' && judged.commands.length).toBe(3_000)
    expect(decide(filled('ls; ', 20_000))).toBe('deny')
  })
})
