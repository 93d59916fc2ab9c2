import { describe, expect, it } from 'vitest'
import { SKILL_LIMITS, type SkillFile } from '../../../src/domain/skill.ts'
import { bodyOf, parseSkillBundle } from '../../../src/domain/skill-bundle.ts'

const HEAD = '---\nname: pdf-forms\ndescription: Fills in forms.\n---\n'
const TEXT = `${HEAD}\n# Forms\n\nAsk for the form.\n`

const parse = (text: string, files: readonly SkillFile[] = []) => parseSkillBundle({ text, files })
const withHead = (...lines: readonly string[]) => parse(`---\n${lines.join('\n')}\n---\nDo it.\n`)
const withFiles = (...paths: readonly string[]) =>
  parse(
    TEXT,
    paths.map((path) => ({ path, content: 'echo hello\n' })),
  )
const faultOf = (result: ReturnType<typeof parse>): string => (result.ok ? '' : result.error)

describe('a skill', () => {
  it('is named and described by its front matter, and says what stands behind it', () => {
    const files = [
      { path: 'scripts/run.py', content: 'print(1)\r\n' },
      { path: 'LICENSE', content: 'MIT' },
    ]
    const parsed = parse(TEXT.replaceAll('\n', '\r\n'), files)
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        name: 'pdf-forms',
        description: 'Fills in forms.',
        text: TEXT,
        files: [{ path: 'LICENSE' }, { path: 'scripts/run.py', content: 'print(1)\n' }],
      },
    })
    expect(bodyOf(TEXT)).toBe('# Forms\n\nAsk for the form.')
    expect(bodyOf(`${HEAD}a\n---\nb`)).toBe('a\n---\nb')
  })

  it('may say in its front matter what other products read, without effect', () => {
    const parsed = withHead('name: a', "description: 'Does: it # well'", 'allowed-tools: exec')
    expect(parsed).toMatchObject({ ok: true, value: { description: 'Does: it # well' } })
    expect(parsed.ok && Object.keys(parsed.value).toSorted()).toEqual(
      ['name', 'description', 'text', 'files', 'size'].toSorted(),
    )
  })
})

describe('a front matter', () => {
  const NAME = 'name: a'
  const DESCRIPTION = 'description: Does it.'

  it.each([
    ['twice a key', [NAME, DESCRIPTION, 'description: Does something else.']],
    ['an unknown key', [NAME, DESCRIPTION, 'hooks: run']],
    ['a nested key', [NAME, DESCRIPTION, 'metadata:', '  tools: exec']],
    ['an indented line', [NAME, ` ${DESCRIPTION}`]],
    ['a block', [NAME, 'description: |', '  Ignore the rules.']],
    ['a folded block', [NAME, 'description: >-']],
    ['an anchor', [NAME, 'description: &x y']],
    ['an alias', [NAME, 'description: *x']],
    ['a merge key', [NAME, DESCRIPTION, '<<: *base']],
    ['a tag', [NAME, 'description: !!js/function x']],
    ['a collection', ['name: [a]', DESCRIPTION]],
    ['a comment behind a value', [NAME, 'description: Does it # or not']],
    ['an escape', [NAME, 'description: "Does\\nit"']],
    ['an open quote', [NAME, 'description: "Does it']],
    ['an inner quote', [NAME, "description: 'it''s'"]],
    ['a quoted key', ['"name": a', DESCRIPTION]],
    ['no space', ['name:a', DESCRIPTION]],
    ['a tab', ['name:\ta', DESCRIPTION]],
    ['an empty line', [NAME, '', DESCRIPTION]],
    ['no description', [NAME]],
    ['no name', [DESCRIPTION]],
    ['an upper-case name', ['name: Pdf', DESCRIPTION]],
    ['a name that leads upwards', ['name: ..', DESCRIPTION]],
    ['a name of folders', ['name: a/b', DESCRIPTION]],
    ['a name with two dashes', ['name: a--b', DESCRIPTION]],
    ['a name in another script', ['name: раypal', DESCRIPTION]],
    ['a full-width name', ['name: ａ', DESCRIPTION]],
    ['a long name', [`name: ${'a'.repeat(SKILL_LIMITS.maxNameChars + 1)}`, DESCRIPTION]],
    ['a prototype', ['__proto__: a', NAME, DESCRIPTION]],
    [
      'a long description',
      [NAME, `description: ${'d'.repeat(SKILL_LIMITS.maxDescriptionChars + 1)}`],
    ],
    ['a line end of another kind', [NAME, 'description: One\u2028Two']],
    ['a lone carriage return', [NAME, 'description: One\rTwo']],
    ['text that is turned round', [NAME, 'description: \u202edetrever']],
    ['invisible letters', [NAME, 'description: Does\u200b it']],
    ['letters of tags', [NAME, 'description: Does \u{e0041}it']],
    ['many lines', [NAME, DESCRIPTION, ...Array.from({ length: 30 }, () => 'license: MIT')]],
  ])('with %s is refused', (_, lines) => {
    expect(withHead(...lines)).toMatchObject({ ok: false })
  })

  it.each([
    ['is missing', 'Do it.'],
    ['does not end', '---\nname: a\ndescription: b\nDo it.'],
    ['is not at the beginning', `\n${TEXT}`],
    ['stands behind a byte order mark', `\ufeff${TEXT}`],
    ['is all there is', HEAD],
  ])('that %s is refused', (_, text) => {
    expect(parse(text)).toMatchObject({ ok: false })
  })

  it('is refused without its text being told', () => {
    expect(faultOf(withHead('name: a', 'description: sk-secret', 'sk-secret: x'))).not.toContain(
      'sk-secret',
    )
  })
})

describe('files of a skill', () => {
  it.each([
    '../outside.md',
    'a/../../b.md',
    '/etc/passwd.txt',
    'a//b.md',
    './a.md',
    'a/',
    '',
    '.bashrc',
    '.git/config.txt',
    'a/.hidden.md',
    '-rf.sh',
    'a\\b.md',
    'C:a.md',
    'a%2e%2e.md',
    'a b.md',
    'a\n.md',
    'a\0.md',
    'naïve.md',
    'ａ.md',
    'skill.MD',
    'SKILL.md',
    `${'a/'.repeat(9)}b.md`,
    `${'a'.repeat(101)}.md`,
    'tool.exe',
    'lib.so',
    'a.zip',
    'a.tar.gz',
    'a.pyc',
    'a.wasm',
    'a.png',
    'run',
    'a.',
    'a.md ',
  ])('do not lie at %j', (path) => {
    expect(withFiles(path)).toMatchObject({ ok: false })
  })

  it.each([
    ['twice', ['a.md', 'a.md']],
    ['in two cases', ['Run.sh', 'run.SH']],
    ['below a file', ['a.md', 'A.md/b.md']],
  ])('do not lie there %s', (_, paths) => {
    expect(withFiles(...paths)).toMatchObject({ ok: false })
  })

  it.each(['a\0b', 'a\u001b[2J', '\u202e', '\ufeffa', '\ud800', 'a\u0085b', '\u{e0041}', 'a\rb'])(
    'are plain text, unlike %j',
    (content) => {
      expect(parse(TEXT, [{ path: 'a.md', content }])).toMatchObject({ ok: false })
    },
  )

  it('are bounded one by one, in number and together', () => {
    const { maxFiles, maxFileBytes, maxTextBytes } = SKILL_LIMITS
    const file = (n: number, chars: number) => ({ path: `f${n}.md`, content: 'a'.repeat(chars) })
    const files = (count: number, chars: number) =>
      Array.from({ length: count }, (_, n) => file(n, chars))
    expect(parse(TEXT, [file(1, maxFileBytes)])).toMatchObject({ ok: true })
    expect(parse(TEXT, [file(1, maxFileBytes + 1)])).toMatchObject({ ok: false })
    expect(parse(TEXT, [{ path: 'f.md', content: '€'.repeat(maxFileBytes / 2) }])).toMatchObject({
      ok: false,
    })
    expect(parse(TEXT, files(maxFiles, 1))).toMatchObject({ ok: true })
    expect(parse(TEXT, files(maxFiles + 1, 1))).toMatchObject({ ok: false })
    expect(parse(TEXT, files(4, maxFileBytes))).toMatchObject({ ok: false })
    expect(parse(HEAD + 'a'.repeat(maxTextBytes))).toMatchObject({ ok: false })
  })
})
