/** Markup that was written to keep its reader busy: every kind ends, in a time that grows with its length. */
import { describe, expect, it } from 'vitest'
import {
  MAX_MARKUP_CHARS,
  MAX_MARKUP_DEPTH,
  MAX_MARKUP_ELEMENTS,
  type MarkupElement,
  parseMarkup,
} from '../../../../src/tools/web/markup.ts'
import { readPage } from '../../../../src/tools/web/page.ts'

/** Half a second when nothing else runs; what is quadratic takes minutes. */
const MAX_MS = 5_000
const MB = 1_000_000

const filled = (piece: string, chars = MB): string =>
  piece.repeat(Math.ceil(chars / piece.length)).slice(0, chars)

const HOSTILE: Readonly<Record<string, string>> = {
  '10,000 levels': `${'<div>'.repeat(10_000)}deep`,
  'a megabyte of open links': filled('<a>'),
  'a megabyte of open links with addresses': filled('<a href="/x">y'),
  'end tags of nothing': filled('<i>', MB / 2) + filled('</b>', MB / 2),
  'end tags below many open ones': `${'<i>'.repeat(1_000)}${filled('</b>', 2 * MB)}`,
  'a megabyte in one attribute': `<p title="${'x'.repeat(MB)}">hi`,
  'a megabyte of attributes': `<p ${Array.from({ length: 100_000 }, (_, i) => `a${i}=1`).join(' ')}>hi`,
  'a megabyte of class names': `<div class="${filled('ad ')}"><p>hi`,
  'references in an attribute': `<a href="${filled('&amp;')}">hi</a>`,
  'unfinished references': filled('&lt', 2 * MB),
  'unfinished tags': filled('<', 2 * MB),
  'unfinished comments': filled('<!--', 2 * MB),
  'unfinished scripts': filled('<script>', 2 * MB),
  'quotes in quotes': filled('<blockquote>x'),
  'lists in lists': filled('<ul><li>x'),
  'tables in tables': filled('<table><tr><td>x<td>'),
  'a table of many rows': `<table>${filled('<tr><td>a<td>b')}`,
  'bold in bold': filled('<b>word '),
  'a run of backticks': `<pre>${filled('`', 2 * MB)}`,
  'a run of spaces': `<p>a${filled(' ', 2 * MB)}b`,
  'a run of spaces kept': `<pre>${filled(' ', 2 * MB)}x`,
  'a run of line ends kept': `<pre>${filled('\n', 2 * MB)}x`,
  'styles that nearly hide': filled('<p style="display      :">a'),
  'long addresses': filled(`<a href="/${'x'.repeat(1_500)}">y</a>`, 2 * MB),
  'brackets in a link': `<a href="/x">${filled('[')}</a>`,
  'a title without end': `<title>${filled('t', 2 * MB)}`,
}

const HOSTILE_XML: Readonly<Record<string, string>> = {
  'elements in elements': filled('<a>'),
  'a megabyte of attributes': `<a ${Array.from({ length: 100_000 }, (_, i) => `b${i}="1"`).join(' ')}/>`,
  'many entries': `<rss><channel>${filled('<item><description>&lt;p>hi</description></item>')}`,
  'markup in a description': `<rss><channel><item><description>${filled('&lt;b>')}</description>`,
  'unfinished sections': filled('<![CDATA[', 2 * MB),
}

const read = (source: string, type: string, format: 'markdown' | 'text') =>
  readPage(
    {
      url: 'https://site.example/a/b',
      status: 200,
      headers: [['content-type', type]],
      body: new TextEncoder().encode(source),
      isTruncated: false,
    },
    { format, maxChars: 30_000 },
  )

describe('hostile markup ends in bounded time and size', () => {
  for (const format of ['markdown', 'text'] as const) {
    it.each(Object.entries(HOSTILE))(`as ${format}: %s`, (_, source) => {
      const began = performance.now()
      const page = read(source, 'text/html', format)
      expect(performance.now() - began).toBeLessThan(MAX_MS)
      expect(page.ok && page.value.text.length).toBeLessThanOrEqual(30_000)
    })
  }

  it.each(Object.entries(HOSTILE_XML))('as XML: %s', (_, source) => {
    const began = performance.now()
    const page = read(source, 'application/xml', 'markdown')
    expect(performance.now() - began).toBeLessThan(MAX_MS)
    if (page.ok) expect(page.value.text.length).toBeLessThanOrEqual(30_000)
  })
})

describe('the tree', () => {
  const depthOf = (element: MarkupElement): number =>
    1 +
    Math.max(0, ...element.children.map((node) => (typeof node === 'string' ? 0 : depthOf(node))))
  const countOf = (element: MarkupElement): number =>
    element.children.reduce((sum, node) => sum + (typeof node === 'string' ? 0 : countOf(node)), 1)

  it('is no deeper than its limit, and keeps the text of what is deeper', () => {
    const { root } = parseMarkup(
      `${'<div>'.repeat(10_000)}deep${'</div>'.repeat(10_000)}<p>after`,
      'html',
    )
    expect(depthOf(root)).toBe(MAX_MARKUP_DEPTH + 1)
    expect(JSON.stringify(root)).toContain('deep')
    expect(root.children.at(-1)).toMatchObject({ name: 'p', children: ['after'] })
  })

  it('holds no more elements than its limit, and says so', () => {
    const many = parseMarkup('<br>'.repeat(MAX_MARKUP_ELEMENTS + 5), 'html')
    expect(countOf(many.root)).toBe(MAX_MARKUP_ELEMENTS + 1)
    expect(many.isCut).toBe(true)
    expect(parseMarkup('<br>'.repeat(5), 'html').isCut).toBe(false)
  })

  it('reads no further than its limit, and says so', () => {
    const long = parseMarkup(`${'x'.repeat(MAX_MARKUP_CHARS)}<p>after`, 'html')
    expect(long.isCut).toBe(true)
    expect(long.root.children).toHaveLength(1)
  })

  it('cuts attributes in number and length', () => {
    const attributes = Array.from({ length: 50 }, (_, i) => `a${i}="${'x'.repeat(9_000)}"`)
    const { root } = parseMarkup(`<p ${attributes.join(' ')}>`, 'html')
    const [paragraph] = root.children as MarkupElement[]
    expect(paragraph?.attributes.size).toBe(32)
    expect(paragraph?.attributes.get('a0')).toHaveLength(4_096)
  })
})
