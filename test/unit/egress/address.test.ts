import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  isMetadataAddress,
  isPrivateNetworkAddress,
  isPublicAddress,
  isReachableAddress,
} from '../../../src/egress/address.ts'

/** First and last address of a range that is not public, and their public neighbours where there are any. */
const EDGES: readonly (readonly [inside: readonly string[], outside: readonly string[]])[] = [
  [['0.0.0.0', '0.255.255.255'], ['1.0.0.0']],
  [
    ['10.0.0.0', '10.255.255.255'],
    ['9.255.255.255', '11.0.0.0'],
  ],
  [
    ['100.64.0.0', '100.100.100.200', '100.127.255.255'],
    ['100.63.255.255', '100.128.0.0'],
  ],
  [
    ['127.0.0.0', '127.0.0.1', '127.255.255.255'],
    ['126.255.255.255', '128.0.0.0'],
  ],
  [['168.63.129.16'], ['168.63.129.15', '168.63.129.17']],
  [
    ['169.254.0.0', '169.254.169.254', '169.254.255.255'],
    ['169.253.255.255', '169.255.0.0'],
  ],
  [
    ['172.16.0.0', '172.31.255.255'],
    ['172.15.255.255', '172.32.0.0'],
  ],
  [
    ['192.0.0.0', '192.0.0.192', '192.0.0.255'],
    ['191.255.255.255', '192.0.1.0'],
  ],
  [['192.0.2.0', '192.0.2.255'], ['192.0.3.0']],
  [
    ['192.88.99.0', '192.88.99.255'],
    ['192.88.98.255', '192.88.100.0'],
  ],
  [
    ['192.168.0.0', '192.168.255.255'],
    ['192.167.255.255', '192.169.0.0'],
  ],
  [
    ['198.18.0.0', '198.19.255.255'],
    ['198.17.255.255', '198.20.0.0'],
  ],
  [
    ['198.51.100.0', '198.51.100.255'],
    ['198.51.99.255', '198.51.101.0'],
  ],
  [
    ['203.0.113.0', '203.0.113.255'],
    ['203.0.112.255', '203.0.114.0'],
  ],
  [['224.0.0.0', '239.255.255.255', '240.0.0.0', '255.255.255.255'], ['223.255.255.255']],
  [['::', '::1', '::2', '::7f00:1', '::127.0.0.1'], []],
  [['::ffff:10.0.0.1', '::ffff:8.8.8.8', '::ffff:7f00:1', '::ffff:0:127.0.0.1'], []],
  [['64:ff9b::7f00:1', '64:ff9b::8.8.8.8', '64:ff9b:1::1'], []],
  [
    ['100::1', '1fff:ffff::1', '4000::1', '5f00::1'],
    ['2400::1', '3ffe:ffff::1'],
  ],
  [
    ['2001::1', '2001:2::1', '2001:20::1', '2001:1ff:ffff::1'],
    ['2001:200::1', '2001:4860:4860::8888'],
  ],
  [
    ['2001:db8::1', '2001:db8:ffff::1'],
    ['2001:db7:ffff::1', '2001:db9::1'],
  ],
  [['2002:7f00:1::', '2002:808:808::1'], ['2003::1']],
  [
    ['3fff::1', '3fff:fff::1'],
    ['3fff:1000::1', '2606:4700:4700::1111'],
  ],
  [['fc00::1', 'fd00:ec2::254', 'fdff:ffff::1', 'fe80::1', 'febf::1', 'fec0::1', 'ff02::1'], []],
]

const v6 = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 })
  .map((groups) => groups.map((group) => group.toString(16)).join(':'))

describe('isPublicAddress', () => {
  test.each(EDGES.flatMap(([inside]) => inside))('refuses %s', (ip) => {
    expect(isPublicAddress(ip)).toBe(false)
  })

  test.each(EDGES.flatMap(([, outside]) => outside))('allows %s', (ip) => {
    expect(isPublicAddress(ip)).toBe(true)
  })

  test.each([
    '',
    'localhost',
    'example.com',
    '8.8.8',
    '8.8.8.8.8',
    '256.1.1.1',
    '134744072',
    '0x08080808',
    '010.8.8.8',
    '08.8.8.8',
    ' 8.8.8.8',
    '8.8.8.8\n',
    '8.8.8.8%eth0',
    '２.8.8.8',
    '[2606:4700::1]',
    '2606:4700::1%eth0',
    '2606:4700::1::2',
    '2606:4700:::1',
    ':::',
    '2606:4700',
  ])('refuses %j, which not every stack reads alike', (ip) => {
    expect(isPublicAddress(ip)).toBe(false)
  })

  test('refuses every private IPv4 address however IPv6 wraps it', () => {
    fc.assert(
      fc.property(fc.nat(0xffffff), (low) => {
        const ip = `10.${low >> 16}.${(low >> 8) & 255}.${low & 255}`
        const forms = [ip, `::${ip}`, `::ffff:${ip}`, `::ffff:0:${ip}`, `64:ff9b::${ip}`]
        return forms.every((form) => !isPublicAddress(form))
      }),
    )
  })

  test('opens nothing outside 2000::/3', () => {
    fc.assert(
      fc.property(v6, (ip) => !isPublicAddress(ip) || /^[23][0-9a-f]{3}:/.test(ip)),
      { numRuns: 2_000 },
    )
  })

  test('judges any text without throwing', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        (text) => typeof isPublicAddress(text) === 'boolean',
      ),
    )
  })
})

describe('the private network', () => {
  test.each(['127.0.0.1', '10.1.2.3', '172.20.0.1', '192.168.1.1', '100.64.0.1', '::1', 'fd12::1'])(
    'opens %s only when it is allowed',
    (ip) => {
      expect(isPrivateNetworkAddress(ip)).toBe(true)
      expect(isReachableAddress(ip, false)).toBe(false)
      expect(isReachableAddress(ip, true)).toBe(true)
    },
  )

  test.each([
    '169.254.169.254',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    'fd00:ec2::254',
    'fd00:c1::a9fe:a9fe',
    'fd20:ce::254',
    'fe80::1',
    '0.0.0.0',
    '::',
    '224.0.0.1',
    '::ffff:127.0.0.1',
    '64:ff9b::10.0.0.1',
  ])('never opens %s', (ip) => {
    expect(isReachableAddress(ip, true)).toBe(false)
  })

  test('does not close what is public', () => {
    expect(isReachableAddress('1.1.1.1', true)).toBe(true)
  })
})

describe('an address that an operator’s own host may never have', () => {
  test.each([
    '169.254.169.254',
    '169.254.0.1',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    'fd00:ec2::254',
    'fe80::1',
    '::ffff:169.254.169.254',
    '::ffff:10.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '0251.0376.0251.0376',
    'metadata',
    '',
  ])('%s', (ip) => {
    expect(isMetadataAddress(ip)).toBe(true)
  })

  test.each(['10.0.0.1', '127.0.0.1', '::1', 'fd12::1', '203.0.113.9', '8.8.8.8', '2606:4700::1'])(
    'but %s',
    (ip) => {
      expect(isMetadataAddress(ip)).toBe(false)
    },
  )
})
