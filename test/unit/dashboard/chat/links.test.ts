import { describe, expect, it } from 'vitest'
import { isAddressItself, targetOf as read } from '../../../../src/dashboard/pages/chat/links.ts'
import { drawnOf, tokensOf } from '../../../../src/dashboard/pages/chat/markdown-tokens.ts'

const OWN = ['https://gateway.example', 'http://127.0.0.1:8787']
const targetOf = (href: string) => read(href, OWN)

describe('a link of somebody’s text', () => {
  it.each(['https://example.com/a?b=c', 'http://example.com', 'mailto:ada@example.com'])(
    'leads to the web or to mail: %s',
    (href) => expect(targetOf(href)).toMatchObject({ kind: 'address' }),
  )

  it.each([
    'javascript:alert(1)',
    ' JaVaScRiPt:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'file:///etc/passwd',
    'blob:https://example.com/1',
    'https://bank.example@evil.example/',
    '//evil.example/x',
    '/v1/agents',
    '../secret.txt',
    'a/../../b',
    '%2e%2e/secret.txt',
    '%',
    '#place',
    '?query',
    '',
    'x'.repeat(3_000),
  ])('leads nowhere: %j', (href) => expect(targetOf(href)).toEqual({ kind: 'nowhere' }))

  it('leads to a file of the workspace', () => {
    expect(targetOf('report.pdf')).toEqual({ kind: 'file', path: 'report.pdf' })
    expect(targetOf('./out/my%20table.csv')).toEqual({ kind: 'file', path: 'out/my table.csv' })
  })

  it.each([
    'https://gateway.example/v1/login/iss_1',
    'https://gateway.example',
    'HTTPS://GATEWAY.example:443/#signed-in',
    'http://gateway.example/x',
    'https://gateway.example./x',
    'https://gateway。example/x',
    'https:gateway.example/x',
    'http://127.0.0.1:8787/v1/agents',
    'http://2130706433:8787/',
    'http://127.0.0.1/v1/agents',
  ])('does not lead to the gateway itself: %s', (href) =>
    expect(targetOf(href)).toEqual({ kind: 'nowhere' }),
  )

  it.each([
    'https://gateway.example.evil.example/',
    'https://other.gateway.example/',
    'http://127.0.0.1:3000/',
  ])('may lead to what only resembles the gateway: %s', (href) =>
    expect(targetOf(href)).toMatchObject({ kind: 'address' }),
  )
})

/** Of the first link of a text: whether its drawn words are its address. */
function saysItself(markdown: string): boolean {
  const [paragraph] = tokensOf(markdown) ?? []
  const link = (paragraph as { tokens?: { type: string }[] }).tokens?.find(
    ({ type }) => type === 'link',
  ) as Parameters<typeof drawnOf>[0] & { href: string }
  const target = targetOf(link.href)
  if (target.kind !== 'address') throw new Error('no address')
  return isAddressItself(drawnOf(link), target)
}

describe('the place behind a link', () => {
  it.each([
    'https://evil.example/a?b=c&d',
    'see https://evil.example',
    'www.evil.example/x',
    '<https://evil.example/>',
    '[evil.example](https://evil.example/)',
    '[https://evil.example](https://evil.example/)',
    '[**evil.example**](https://evil.example/)',
    '[ada@evil.example](mailto:ada@evil.example)',
  ])('is not said twice: %s', (markdown) => expect(saysItself(markdown)).toBe(true))

  it.each([
    'here',
    'https://bank.example/',
    '**https://bank.example/**',
    '`https://bank.example/`',
    '~~bank.example~~',
    'https://bank.example/\u200b',
    '\u2060bank.example',
    'https://bank.example/ (official)',
    'https://evil.example@bank.example',
    'https://evil.example/ https://bank.example/',
    'https://evil.example/\u202e',
    'https&#58;//bank.example',
    'evil.example/other',
  ])('is said beside other words: %s', (label) =>
    expect(saysItself(`[${label}](https://evil.example/)`)).toBe(false),
  )

  it('is said of a name in other letters, as the network knows it', () => {
    expect(saysItself('[https://bаnk.example/](https://bаnk.example/)')).toBe(false)
    expect(targetOf('https://bаnk.example/')).toMatchObject({ host: 'xn--bnk-6cd.example' })
  })
})
