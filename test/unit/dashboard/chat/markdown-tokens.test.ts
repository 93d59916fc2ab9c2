import { describe, expect, it } from 'vitest'
import { tokensOf, withoutEntities } from '../../../../src/dashboard/pages/chat/markdown-tokens.ts'

const types = (markdown: string) => tokensOf(markdown)?.map(({ type }) => type)

describe('markdown of a model', () => {
  it('is read as blocks', () => {
    expect(types('# A\n\ntext\n\n- one\n- two\n\n```js\nx\n```')).toEqual([
      'heading',
      'space',
      'paragraph',
      'space',
      'list',
      'space',
      'code',
    ])
  })

  it('may hold long code full of marks', () => {
    expect(types(`\`\`\`py\n${'a_b * c_d\n'.repeat(500)}\`\`\``)).toEqual(['code'])
  })

  it.each([
    ['quotes in quotes', `${'>'.repeat(5_000)} x`],
    ['lists in lists', `${'- '.repeat(2_000)}x`],
    ['numbers in numbers', `${'1. '.repeat(2_000)}x`],
    ['marks without end', '*a_'.repeat(20_000)],
    ['brackets without end', '['.repeat(20_000)],
    ['more than anybody reads', 'word '.repeat(30_000)],
  ])('is shown as written, at once, when it is %s', (_, markdown) => {
    expect(tokensOf(markdown)).toBeNull()
  })

  it('has its entities written out', () => {
    expect(withoutEntities('a &lt;b&gt; &amp;amp; &quot;c&quot; &#39;d&#39; &nosuch;')).toBe(
      'a <b> &amp; "c" \'d\' &nosuch;',
    )
  })
})
