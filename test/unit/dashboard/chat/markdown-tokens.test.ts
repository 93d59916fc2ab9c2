import { describe, expect, it } from 'vitest'
import {
  drawnOf,
  markdownReader,
  tokensOf,
  withoutEntities,
} from '../../../../src/dashboard/pages/chat/markdown-tokens.ts'

const types = (markdown: string) =>
  tokensOf(markdown)?.flatMap(({ type }) => (type === 'space' ? [] : [type]))

describe('markdown of a model', () => {
  it('is read as blocks', () => {
    expect(types('# A\n\ntext\n\n- one\n- two\n\n```js\nx\n```')).toEqual([
      'heading',
      'paragraph',
      'list',
      'code',
    ])
    expect(types('```js\na\n\n# b\n```\n\nend')).toEqual(['code', 'paragraph'])
  })

  it('may hold long code full of marks', () => {
    expect(types(`\`\`\`py\n${'a_b * c_d\n'.repeat(500)}\`\`\``)).toEqual(['code'])
  })

  it.each([
    ['quotes in quotes', `${'>'.repeat(5_000)} x`],
    ['lists in lists', `${'- '.repeat(2_000)}x`],
    ['numbers in numbers', `${'1. '.repeat(2_000)}x`],
    ['a paragraph without end', 'word '.repeat(3_000)],
    ['underlines without end', 'a\n-\n'.repeat(200)],
  ])('is shown as written where it is %s, and read around it', (_, markdown) => {
    expect(types(`# A\n\n${markdown}\n\n# B`)).toEqual(['heading', 'written', 'heading'])
  })

  it.each([
    ['marks', '*a_'.repeat(2_000)],
    ['brackets', '['.repeat(4_000)],
    ['exclamation', `*a* ${'!'.repeat(801)}`],
  ])('leaves a paragraph of %s as it is', (_, markdown) => {
    expect(tokensOf(markdown)).toMatchObject([{ tokens: [{ type: 'text', raw: markdown }] }])
  })

  it('is shown as written as a whole when it is more than anybody reads', () => {
    expect(tokensOf('word '.repeat(30_000))).toBeNull()
  })

  it('has links by addresses, not by bare mail addresses', () => {
    const [paragraph] = tokensOf('at https://a.example, www.b.example or ada@c.example') ?? []
    const found = (paragraph as { tokens?: { type: string; href?: string }[] }).tokens ?? []
    expect(found.flatMap(({ href }) => href ?? [])).toEqual([
      'https://a.example',
      'http://www.b.example',
    ])
    expect(paragraph && drawnOf(paragraph)).toContain('ada@c.example')
  })

  it('keeps names of links that stand in another part', () => {
    expect(JSON.stringify(tokensOf('See [it][1].\n\nMore.\n\n[1]: https://a.example/'))).toContain(
      '"href":"https://a.example/"',
    )
  })

  it('has its entities written out', () => {
    expect(withoutEntities('a &lt;b&gt; &amp;amp; &quot;c&quot; &#39;d&#39; &nosuch;')).toBe(
      'a <b> &amp; "c" \'d\' &nosuch;',
    )
  })
})

describe('a text that comes in', () => {
  it('has only its last part read anew', () => {
    const read = markdownReader()
    const text = '# A\n\nsome *words*\n\n```js\na\n\nb\n```\nthe end'
    const before = read(text) ?? []
    const after = read(`${text} of it`) ?? []
    expect(after.map((piece, index) => piece === before[index])).toEqual([true, true, true, false])
  })

  it('reads as it does whole, wherever it was cut', () => {
    const text =
      '# A\n\n1. one\n\n   more\n\n2. two\n   ```\n   x\n\n   y\n   ```\n\n[n]: https://a.example\n\n> q\n\n[n]\n~~~\nc\n'
    const read = markdownReader()
    for (let end = 0; end <= text.length; end++)
      expect(read(text.slice(0, end))?.flat()).toEqual(tokensOf(text.slice(0, end)))
    expect(types(text)).toEqual(['heading', 'list', 'def', 'blockquote', 'paragraph', 'code'])
  })
})

/** The least of some tries: what the machine does besides is no cost of the text. */
function costOf(markdown: string): number {
  const tries = Array.from({ length: 4 }, () => {
    const begun = performance.now()
    tokensOf(markdown)
    return performance.now() - begun
  })
  return Math.min(...tries)
}

describe('the time that a text takes', () => {
  it.each([
    ['a mail address', (count: number) => `${'a.'.repeat(count)}@`],
    ['underlines', (count: number) => 'a\n-\n'.repeat(count / 2)],
    [
      'mail addresses in paragraphs',
      (count: number) => `${'a.'.repeat(1_900)}@\n\n`.repeat(count / 1_900),
    ],
    ['tables', (count: number) => '|-\n'.repeat(count / 2)],
    ['addresses', (count: number) => `${'www.a.'.repeat(600)}\n\n`.repeat(count / 1_800)],
    ['marks', (count: number) => `${'**a*'.repeat(40)}\n\n`.repeat(count / 80)],
    ['brackets', (count: number) => `${'![a]('.repeat(150)}\n\n`.repeat(count / 375)],
    ['ticks', (count: number) => `${'`a``'.repeat(200)}\n\n`.repeat(count / 400)],
  ])('grows with its length, of %s', (_, text) => {
    costOf(text(4_000))
    // Eight times the text: with its square it would be 64 times.
    expect(costOf(text(48_000))).toBeLessThan(28 * Math.max(costOf(text(6_000)), 1))
  })
})
