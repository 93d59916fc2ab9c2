import { describe, expect, it } from 'vitest'
import { forwardsOf, isListed, parseTarget } from '../../../sandbox-runner/src/front/egress-list.ts'
import { EGRESS_PROXY_PORT, egressHostSchema } from '../../../src/isolation/contract.ts'

const allows = (hosts: readonly string[], text: string): boolean => {
  const target = parseTarget(text)
  return target !== null && isListed(hosts, target)
}

describe('a list of hosts', () => {
  it('allows a host at the TLS port, and a port that it names', () => {
    expect(allows(['api.example.org'], 'api.example.org:443')).toBe(true)
    expect(allows(['api.example.org'], 'API.example.ORG:443')).toBe(true)
    expect(allows(['db.example.org:5432'], 'db.example.org:5432')).toBe(true)
  })

  it.each([
    'api.example.org:80',
    'api.example.org:4430',
    'api.example.org:443:443',
    'api.example.org.:443',
    'api.example.org',
    'api.example.org:',
    'api.example.org:0443',
    'api.example.org:65979',
    'x.api.example.org:443',
    'example.org:443',
    'user@api.example.org:443',
    'https://api.example.org:443',
    'api.example.org:443/x',
    'api.example.org\u0000:443',
    'api\u212aexample.org:443',
    'api.example.org:443\n',
    '[::1]:443',
    'db.example.org:443',
  ])('does not allow %j', (text) => {
    expect(allows(['api.example.org', 'db.example.org:5432'], text)).toBe(false)
  })

  it('offers a named port to programs that know no proxy', () => {
    expect(forwardsOf(['api.example.org', 'db.example.org:5432'])).toEqual(
      new Map([[5432, { host: 'db.example.org', port: 5432 }]]),
    )
    expect(forwardsOf(['api.example.org', 'api.example.org:443'])?.size).toBe(0)
    expect(forwardsOf(['a.b:5432', 'a.b:5432'])?.size).toBe(1)
  })

  it.each([[['a.b:5432', 'c.d:5432']], [['a.b:22']], [[`a.b:${EGRESS_PROXY_PORT}`]]])(
    'cannot offer %j',
    (hosts) => {
      expect(forwardsOf(hosts)).toBeNull()
    },
  )

  it('holds plain names only', () => {
    for (const host of ['a.b', 'a.b:5432', 'localhost', '93.184.215.14']) {
      expect(egressHostSchema.safeParse(host).success).toBe(true)
    }
    const odd = [
      '*.a.b',
      'A.b',
      'a.b.',
      '.a',
      'a..b',
      '-a.b',
      'a_b',
      'a b',
      '[::1]',
      'a:0',
      'a:',
      '',
    ]
    for (const host of odd) expect(egressHostSchema.safeParse(host).success).toBe(false)
  })
})
