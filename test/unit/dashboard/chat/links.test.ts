import { describe, expect, it } from 'vitest'
import { isMisleading, targetOf } from '../../../../src/dashboard/pages/chat/links.ts'

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

  it('says where it leads when its words name another place', () => {
    const target = targetOf('https://evil.example/')
    expect(isMisleading('bank.example', target)).toBe(true)
    expect(isMisleading('https://bank.example/login', target)).toBe(true)
    expect(isMisleading('evil.example', target)).toBe(false)
    expect(isMisleading('see here', target)).toBe(false)
  })
})
