import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkUrl, type UrlPolicy } from '../../../src/egress/url.ts'

const kindOf = (text: string, policy?: UrlPolicy): string => {
  const checked = checkUrl(text, policy)
  return checked.ok ? 'ok' : checked.error.kind
}

describe('checkUrl', () => {
  test.each([
    ['https://example.com/a?b=c#d', 'https://example.com/a?b=c#d'],
    ['http://example.com:8080', 'http://example.com:8080/'],
    ['  https://example.com/\n', 'https://example.com/'],
    ['https://ⓔⓧⓐⓜⓟⓛⓔ.com/', 'https://example.com/'],
    ['https://bücher.example/', 'https://xn--bcher-kva.example/'],
    ['https://1.1.1.1/', 'https://1.1.1.1/'],
    ['https://[2606:4700:4700::1111]:8443/', 'https://[2606:4700:4700::1111]:8443/'],
    ['https://example.com./', 'https://example.com./'],
    ['https://example.com/with space', 'https://example.com/with%20space'],
    ['https://example.com/\u200c', 'https://example.com/%E2%80%8C'],
  ])('allows %j as %s', (text, href) => {
    const checked = checkUrl(text)
    expect(checked.ok && checked.value.href).toBe(href)
  })

  test('takes a URL object as well as a text', () => {
    expect(checkUrl(new URL('https://example.com/')).ok).toBe(true)
    expect(checkUrl(new URL('https://127.0.0.1/')).ok).toBe(false)
  })

  test.each([
    'ftp://example.com',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:,x',
    'ws://example.com',
    'gopher://example.com',
  ])('refuses the scheme of %s', (text) => {
    expect(kindOf(text)).toBe('scheme')
  })

  test.each([
    'https://user@example.com/',
    'https://user:pass@example.com/',
    'https://:pass@example.com',
    'https://example.com@evil.example/',
  ])('refuses the credentials in %s', (text) => {
    expect(kindOf(text)).toBe('credentials')
  })

  test.each([
    'localhost',
    'LOCALHOST',
    'localhost.',
    'app.localhost',
    'app.localhost.',
    'printer.local',
    'db.internal',
    'metadata.google.internal',
    'METADATA.google.internal.',
    'metadata.goog',
    'router.home.arpa',
    'ｌｏｃａｌｈｏｓｔ',
    'local\u00adhost',
    '%6cocalhost',
    'intranet',
    'metadata',
  ])('refuses the private name %j', (host) => {
    expect(kindOf(`http://${host}/`)).toBe('private_name')
  })

  test.each([
    'localhost.example.com',
    'mylocalhost.com',
    'internal.example.com',
    'thelocal.se',
    'local.example',
    'metadata.google.internal.example.com',
    '127.0.0.1.example.com',
  ])('allows the public name %s', (host) => {
    expect(kindOf(`https://${host}/`)).toBe('ok')
  })

  test.each([
    '127.0.0.1',
    '127.1',
    '127.0.0.1.',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '0177.0.0.1',
    '017700000001',
    '0x7f.0x0.0x0.0x1',
    '１２７.０.０.１',
    '①②⑦.0.0.1',
    '127。0。0。1',
    '%31%32%37.0.0.1',
    '0',
    '0x0',
    '10.0.0.1',
    '169.254.169.254',
    '0xa9fea9fe',
    '2852039166',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[0:0:0:0:0:ffff:a9fe:a9fe]',
    '[64:ff9b::a9fe:a9fe]',
    '[2002:a9fe:a9fe::]',
    '[fd00:ec2::254]',
    '[fe80::1]',
  ])('refuses the address %s in whatever spelling', (host) => {
    expect(kindOf(`http://${host}/`)).toBe('private_address')
  })

  test.each(['134744072', '0x08080808', '010.8.8.8', '8.8.2056', '1.1'])(
    'allows the public address %s, as the address it is',
    (host) => {
      const checked = checkUrl(`http://${host}/`)
      expect(checked.ok && checked.value.hostname).toMatch(/^\d+\.\d+\.\d+\.\d+$/)
    },
  )

  test.each([
    '',
    'example.com',
    '//example.com',
    'https://',
    'http:///',
    'http://exa mple.com/',
    'http://example.com:99999/',
    'http://[::1/',
    'http://[fe80::1%25eth0]/',
    'http://999.1.1.1/',
    'http://1.2.3.4.5/',
    'http://a..example.com/',
    'http://127.0.0.1../',
    'http://example.com/\tx',
    'http://exam\nple.com/',
    'http://example.com/\u2028x',
    'http://exa\u0000mple.com/',
    `https://example.com/${'x'.repeat(10_000)}`,
  ])('refuses %j as malformed', (text) => {
    expect(kindOf(text)).toBe('malformed')
  })

  test('asks for https where a secret is sent', () => {
    const policy = { requireHttps: true }
    expect(kindOf('http://example.com/', policy)).toBe('plain_http')
    expect(kindOf('https://example.com/', policy)).toBe('ok')
    expect(kindOf('http://example.com/')).toBe('ok')
    expect(kindOf('http://example.com/', { ...policy, allowPrivateNetwork: true })).toBe('ok')
  })

  test.each([
    'http://localhost:11434/',
    'http://127.0.0.1/',
    'http://192.168.1.5/',
    'http://gpu.internal/',
    'http://nas/',
    'http://[::1]/',
  ])('opens %s only with the private network', (text) => {
    expect(kindOf(text)).not.toBe('ok')
    expect(kindOf(text, { allowPrivateNetwork: true })).toBe('ok')
  })

  test.each([
    'http://169.254.169.254/',
    'http://0xa9fea9fe/',
    'http://metadata.google.internal/',
    'http://x.metadata.google.internal./',
    'http://[fd00:ec2::254]/',
    'http://100.100.100.200/',
    'http://0.0.0.0/',
    'http://u:p@localhost/',
    'file://localhost/etc/passwd',
  ])('keeps %s shut even with the private network', (text) => {
    expect(kindOf(text, { allowPrivateNetwork: true })).not.toBe('ok')
  })

  test('refuses every private IPv4 address in every spelling', () => {
    const privateV4 = fc.oneof(
      fc.nat(0xffffff).map((low) => 0x0a000000 + low),
      fc.nat(0xffffff).map((low) => 0x7f000000 + low),
      fc.nat(0xffff).map((low) => 0xc0a80000 + low),
      fc.nat(0xffff).map((low) => 0xa9fe0000 + low),
      fc.nat(0xfffff).map((low) => 0xac100000 + low),
    )
    const number = fc.constantFrom(
      (n: number) => String(n),
      (n: number) => `0x${n.toString(16)}`,
      (n: number) => `0X00${n.toString(16).toUpperCase()}`,
      (n: number) => `0${n.toString(8)}`,
    )
    const spelling = fc.constantFrom(
      (n: number) => [n],
      (n: number) => [n >>> 24, n & 0xffffff],
      (n: number) => [n >>> 24, (n >>> 16) & 255, n & 0xffff],
      (n: number) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255],
    )
    fc.assert(
      fc.property(privateV4, spelling, number, fc.boolean(), (ip, parts, write, hasDot) => {
        const host = parts(ip).map(write).join('.') + (hasDot ? '.' : '')
        return kindOf(`http://${host}:80/x`) === 'private_address'
      }),
      { numRuns: 1_000 },
    )
  })

  test('judges any text without throwing, and never lets a private host pass', () => {
    const host = fc.oneof(fc.webAuthority(), fc.string({ unit: 'binary', maxLength: 30 }))
    fc.assert(
      fc.property(host, fc.string({ maxLength: 10 }), (authority, path) => {
        const checked = checkUrl(`http://${authority}/${path}`)
        if (!checked.ok) return true
        const { hostname, username, protocol } = checked.value
        return !/(^|\.)localhost\.?$/.test(hostname) && username === '' && protocol === 'http:'
      }),
      { numRuns: 1_000 },
    )
  })

  test('names neither the URL nor the address in a refusal', () => {
    const checked = checkUrl('http://user:hunter2@10.1.2.3/')
    expect(JSON.stringify(checked)).not.toMatch(/hunter2|10\.1\.2\.3/)
  })
})
