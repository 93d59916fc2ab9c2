import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePlainCall } from '../../../../src/tools/shell/plain-call.ts'

describe('parsePlainCall', () => {
  it.each<[string, readonly string[]]>([
    ['gh pr list', ['gh', 'pr', 'list']],
    ['  gh   pr  ', ['gh', 'pr']],
    [`gh issue create --title 'a | b; $(c)'`, ['gh', 'issue', 'create', '--title', 'a | b; $(c)']],
    ['gh api --jq ".[] | .name"', ['gh', 'api', '--jq', '.[] | .name']],
    ['gh "a\\"b" a\\ b \\$x', ['gh', 'a"b', 'a b', '$x']],
    ["gh --x='y z' ''", ['gh', '--x=y z', '']],
    ['git log HEAD~1 HEAD^ @{u} a=b', ['git', 'log', 'HEAD~1', 'HEAD^', '@{u}', 'a=b']],
    ["gh 'it'\\''s' '*' \"~\"", ['gh', "it's", '*', '~']],
    ['gh a#b', ['gh', 'a#b']],
  ])('reads %s', (text, argv) => {
    expect(parsePlainCall(text)).toEqual(argv)
  })

  it.each([
    'gh pr list; id',
    'gh pr list;',
    'gh pr list | cat',
    'gh pr list || id',
    'gh pr list && id',
    'gh pr list &',
    'gh pr list > x',
    'gh pr list < x',
    'gh pr list 2>&1',
    'gh pr list <<< x',
    'gh $(id)',
    'gh "$(id)"',
    'gh `id`',
    'gh "`id`"',
    'gh $HOME',
    `gh "\${HOME}"`,
    "gh $'x'",
    'gh $"x"',
    'gh pr\nid',
    'gh pr \\\nlist',
    'gh pr\rid',
    'gh *.ts',
    'gh a?c',
    'gh [ab]',
    'gh {a,b}',
    'gh a{1..3}',
    'gh ~/x',
    'gh --file=~/x',
    'gh @(a|b)',
    'GH_TOKEN=x gh pr list',
    '! gh pr list',
    'time gh pr list',
    '(gh pr list)',
    '{ gh pr list; }',
    'gh pr list # all',
    'gh() { id; }',
    'gh "unclosed',
    'gh <(id)',
    "'' gh",
    'gh pr\0list',
    '',
    '   ',
  ])('refuses %j', (text) => {
    expect(parsePlainCall(text)).toBeNull()
  })

  it('takes linear time', () => {
    const started = performance.now()
    for (const text of ['{', '"a" ', "'a' ", '\\a', '"', '$(', '~', '=~']) {
      parsePlainCall(`gh ${text.repeat(60_000 / text.length)}`)
    }
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  it('gives back any words that were quoted for a shell', () => {
    const word = fc
      .string({ unit: 'binary' })
      .filter((text) => !/[\n\r\0]/.test(text) && text.isWellFormed())
    fc.assert(
      fc.property(fc.array(word, { maxLength: 5 }), (words) => {
        const quoted = words.map((each) => `'${each.replaceAll("'", "'\\''")}'`).join(' ')
        expect(parsePlainCall(`gh ${quoted}`)).toEqual(['gh', ...words])
      }),
    )
  })
})
