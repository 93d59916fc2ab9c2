import { describe, expect, it } from 'vitest'
import { readXml } from '../../../../src/tools/web/feed.ts'

const BASE = 'https://site.example/feed.xml'

const read = (source: string, maxChars = 10_000): string => {
  const xml = readXml(source, BASE, maxChars)
  return xml.ok ? xml.value.text : `refused: ${xml.error}`
}

describe('feeds', () => {
  it('shows RSS as a list', () => {
    const rss = `<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>
      <description>What is new</description>
      <item><title>One [1]</title><link>/one</link><pubDate>Mon, 02 Nov 2026</pubDate>
        <description>&lt;p&gt;Some &lt;b&gt;words&lt;/b&gt; &amp;amp; more&lt;/p&gt;&lt;script&gt;x&lt;/script&gt;</description></item>
      <item><title><![CDATA[Two <2>]]></title><link>javascript:alert(1)</link></item></channel></rss>`
    expect(readXml(rss, BASE, 1_000)).toMatchObject({ ok: true, value: { title: 'News' } })
    expect(read(rss)).toBe(
      'What is new\n\n1. [One \\[1\\]](https://site.example/one) (Mon, 02 Nov 2026)\n   Some words & more\n2. Two <2>',
    )
  })

  it('shows Atom as a list, with the entry’s own link', () => {
    const atom = `<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title>
      <entry><title>Entry</title><link rel="self" href="/self"/><link href="https://a.example/e"/>
      <updated>2026-11-02</updated><content type="html">&lt;i&gt;Hi&lt;/i&gt;</content></entry></feed>`
    expect(read(atom)).toBe('1. [Entry](https://a.example/e) (2026-11-02)\n   Hi')
  })

  it('shows RDF feeds, whose items stand beside the channel', () => {
    const rdf = `<rdf:RDF><channel><title>R</title></channel><item><title>A</title></item></rdf:RDF>`
    expect(read(rdf)).toBe('1. A')
  })

  it('shows the first hundred entries and says how many more there are', () => {
    const rss = `<rss><channel>${'<item><title>x</title></item>'.repeat(130)}</channel></rss>`
    expect(read(rss)).toContain('\n100. x\n\n30 more entries are not shown.')
  })
})

describe('other XML', () => {
  it('is an outline of names, attributes and text', () => {
    expect(read('<a x="1"><b>one</b><c/>tail</a>')).toBe('- a x="1"\n  - b: one\n  - c\n  - tail')
  })

  it('decodes the five references of XML, and numbers', () => {
    expect(read('<a>&lt;&amp;&gt;&quot;&apos;&#65;&#x42;</a>')).toBe('- a: <&>"\'AB')
  })
})

describe('documents that declare', () => {
  const laughs = `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">${Array.from(
    { length: 9 },
    (_, i) => `<!ENTITY lol${i + 1} "${`&lol${i === 0 ? '' : i};`.repeat(10)}">`,
  ).join('')}]><lolz>&lol9;</lolz>`

  it.each([
    ['a billion laughs', laughs],
    ['an external entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
    ['an external definition', '<!DOCTYPE a SYSTEM "http://127.0.0.1/evil.dtd"><a>hi</a>'],
    ['a parameter entity', '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1/">%p;]><a/>'],
    ['a definition in other case', '<!doctype a><a>hi</a>'],
    ['an entity outside of a definition', '<!ENTITY x "y"><a>&x;</a>'],
    [
      'a feed with one',
      '<!DOCTYPE rss [<!ENTITY x "y">]><rss><channel><title>&x;</title></channel></rss>',
    ],
  ])('are refused: %s', (_, source) => {
    expect(read(source)).toMatch(/^refused: The document was not read: it declares/)
  })

  it('are not those that only speak of it', () => {
    expect(read('<a><!-- <!DOCTYPE x> --><![CDATA[<!ENTITY x "y">]]></a>')).toBe(
      '- a: <!ENTITY x "y">',
    )
  })

  it('leave a reference to what was never declared as it stands', () => {
    expect(read('<a>&secret;</a>')).toBe('- a: &secret;')
  })
})
