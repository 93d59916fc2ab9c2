import { describe, expect, it } from 'vitest'
import { allowedLink, isMisleadingLabel } from '../../../../src/channels/text/links.ts'

describe('links that a model wrote', () => {
  it.each([
    'https://h.example/a?b=c#d',
    'http://h.example',
    'HTTPS://H.example',
    'mailto:a@b.example',
  ])('keeps %s', (href) => expect(allowedLink(href)).toBe(new URL(href).href))

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

describe('words that stand before an address', () => {
  const EVIL = 'https://evil.example/login'
  it.each([
    'https://bank.example',
    'bank.example',
    'bank.example/login',
    'http://evil.example.bank.example/',
    'https://bank.example@evil.example',
    'mailto:a@bank.example',
  ])('may not be another one: %s', (label) => expect(isMisleadingLabel(label, EVIL)).toBe(true))

  it.each([
    'sign in',
    'evil.example',
    'HTTPS://EVIL.example/other',
    'e.g. this',
    'version 1.2',
    '',
  ])('may be %j', (label) => expect(isMisleadingLabel(label, EVIL)).toBe(false))
})
