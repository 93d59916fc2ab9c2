import { describe, expect, it } from 'vitest'
import { allowedLink } from '../../../../src/channels/text/links.ts'

describe('links that a model wrote', () => {
  it.each([
    'https://h.example/a?b=c#d',
    'http://h.example',
    'HTTPS://H.example',
    'mailto:a@b.example',
  ])('keeps %s', (href) => expect(allowedLink(href)).toBe(href))

  it.each([
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,x',
    'slack://open',
    'tg://resolve?domain=x',
    'file:///etc/passwd',
    '//h.example',
    '/relative',
    'h.example',
    '',
    'https://',
    'https://bank.example@evil.example',
    'https://a:b@evil.example',
    'https://h.example/\u202egpj.exe',
    'https://h.example/a b',
  ])('refuses %j', (href) => expect(allowedLink(href)).toBeNull())
})
