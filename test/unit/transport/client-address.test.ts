import { describe, expect, it } from 'vitest'
import {
  type AddressFacts,
  clientAddress,
  faultOfCallerNetwork,
  isFromNetworks,
  LOCAL_ADDRESS,
  UNKNOWN_ADDRESS,
} from '../../../src/transport/client-address.ts'

const ON_PLATFORM: AddressFacts = {
  platform: 'cloudflare',
  cfConnectingIp: '198.51.100.9',
  internalAddress: null,
  isInternal: false,
  forwardedFor: null,
  trustedProxies: [],
}
const LOCAL: AddressFacts = { ...ON_PLATFORM, platform: 'local', cfConnectingIp: null }

const platform = (facts: Partial<AddressFacts>): string =>
  clientAddress({ ...ON_PLATFORM, ...facts })
const local = (facts: Partial<AddressFacts>): string => clientAddress({ ...LOCAL, ...facts })

describe('on the platform', () => {
  it('counts by CF-Connecting-IP alone', () => {
    expect(platform({})).toBe('198.51.100.9')
    expect(platform({ internalAddress: '203.0.113.7', isInternal: true })).toBe('198.51.100.9')
    expect(platform({ forwardedFor: '203.0.113.7' })).toBe('198.51.100.9')
  })

  it('counts all addresses of one IPv6 network as one', () => {
    const network = '2001:db8:1:2::/64'
    expect(platform({ cfConnectingIp: '2001:db8:1:2::1' })).toBe(network)
    expect(platform({ cfConnectingIp: '2001:0db8:0001:0002:ffff:ffff:ffff:ffff' })).toBe(network)
    expect(platform({ cfConnectingIp: '2001:db8:1:3::1' })).toBe('2001:db8:1:3::/64')
  })

  it('counts an IPv4 address the same in IPv6 clothes', () => {
    expect(platform({ cfConnectingIp: '::ffff:198.51.100.9' })).toBe('198.51.100.9')
    expect(platform({ cfConnectingIp: '::ffff:c633:6409' })).toBe('198.51.100.9')
  })

  it('counts all whose address cannot be read together', () => {
    for (const text of [
      null,
      '',
      'evil',
      '1.2.3',
      '0x7f.1',
      '010.0.0.1',
      '1.2.3.4.5',
      '1:2',
      '%',
    ]) {
      expect(platform({ cfConnectingIp: text }), String(text)).toBe(UNKNOWN_ADDRESS)
    }
  })
})

describe('locally', () => {
  it('believes the internal header only of the server in front', () => {
    expect(local({ internalAddress: '203.0.113.7', isInternal: true })).toBe('203.0.113.7')
    expect(local({ internalAddress: '203.0.113.7', isInternal: false })).toBe(LOCAL_ADDRESS)
  })

  it('believes no CF-Connecting-IP, which any local client can write', () => {
    expect(local({ cfConnectingIp: '203.0.113.7' })).toBe(LOCAL_ADDRESS)
  })

  it('falls back to one local address', () => {
    expect(local({ isInternal: true })).toBe(LOCAL_ADDRESS)
    expect(local({ internalAddress: 'garbage', isInternal: true })).toBe(LOCAL_ADDRESS)
  })
})

describe('behind proxies', () => {
  const behind = (forwardedFor: string, trustedProxies = ['10.0.0.0/8', '198.51.100.9']): string =>
    platform({ forwardedFor, trustedProxies })

  it('takes the address that the last trusted proxy saw', () => {
    expect(behind('203.0.113.7')).toBe('203.0.113.7')
    expect(behind('203.0.113.7, 10.1.2.3')).toBe('203.0.113.7')
  })

  it('ignores what the client itself put in front', () => {
    expect(behind('1.1.1.1, 8.8.8.8, 203.0.113.7, 10.1.2.3')).toBe('203.0.113.7')
  })

  it('ignores the header when the peer is no trusted proxy', () => {
    expect(behind('203.0.113.7', ['10.0.0.0/8'])).toBe('198.51.100.9')
    expect(behind('203.0.113.7', [])).toBe('198.51.100.9')
  })

  it('stops at what is no address', () => {
    expect(behind('203.0.113.7, unknown')).toBe('198.51.100.9')
    expect(behind('203.0.113.7, , 10.1.2.3')).toBe('10.1.2.3')
    expect(behind('')).toBe('198.51.100.9')
  })

  it('knows an IPv6 proxy, and an IPv4 one in IPv6 clothes', () => {
    expect(behind('203.0.113.7, ::ffff:10.1.2.3')).toBe('203.0.113.7')
    expect(
      platform({
        cfConnectingIp: '2001:db8::1',
        trustedProxies: ['2001:db8::/32'],
        forwardedFor: '2001:db9:5:6:7::1',
      }),
    ).toBe('2001:db9:5:6::/64')
  })

  it('walks no endless chain', () => {
    expect(behind(`203.0.113.7${', 10.1.1.1'.repeat(50)}`)).toBe('10.1.1.1')
  })

  it('trusts nobody by a malformed entry', () => {
    expect(behind('203.0.113.7', ['198.51.100', '0.0.0.0/99', '*', ''])).toBe('198.51.100.9')
  })
})

describe('networks that a credential is bound to', () => {
  it('hold the addresses within them, and no neighbour', () => {
    const networks = ['203.0.113.0/24', '198.51.100.7', '2001:db8:1::/48']
    for (const inside of ['203.0.113.255', '198.51.100.7', '2001:db8:1:ffff::/64']) {
      expect(isFromNetworks(inside, networks), inside).toBe(true)
    }
    for (const outside of ['203.0.114.0', '198.51.100.8', '2001:db8:2::/64']) {
      expect(isFromNetworks(outside, networks), outside).toBe(false)
    }
    expect(isFromNetworks('203.0.113.7', [])).toBe(false)
  })

  it('hold nobody who cannot be told apart', () => {
    for (const caller of [LOCAL_ADDRESS, UNKNOWN_ADDRESS, '', '203.0.113.7, 10.0.0.1']) {
      expect(isFromNetworks(caller, ['0.0.0.0/0', '::/0']), caller).toBe(false)
    }
  })

  it('are never wider than they say: a part of an IPv6 caller’s /64 is not met by all of it', () => {
    const caller = platform({ cfConnectingIp: '2001:db8:1:2::1' })
    expect(isFromNetworks(caller, ['2001:db8:1:2::/64'])).toBe(true)
    expect(isFromNetworks(caller, ['2001:db8:1:2::/65'])).toBe(false)
    expect(isFromNetworks(caller, ['2001:db8:1:2::1'])).toBe(false)
  })

  it('are addresses and CIDR ranges that a caller can be told by', () => {
    for (const good of ['203.0.113.7', '10.0.0.0/8', '2001:db8::/32', '2001:db8:1:2::/64']) {
      expect(faultOfCallerNetwork(good), good).toBeNull()
    }
    const bad = [
      '',
      'anywhere',
      '10.0.0.0/33',
      '10.1/16',
      '0x7f.0.0.1',
      '10.0.0.1/',
      '10.0.0.0/8/8',
    ]
    for (const text of [...bad, '2001:db8::1', '2001:db8::/65', '::ffff:10.0.0.0/104']) {
      expect(faultOfCallerNetwork(text), text).not.toBeNull()
    }
  })
})
