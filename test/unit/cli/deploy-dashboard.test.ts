import { describe, expect, it } from 'vitest'
import { gatewayOriginOf, headersFile } from '../../../src/cli/deploy-dashboard.ts'
import { cacheControlOf, dashboardHeaders } from '../../../src/protocol/dashboard-headers.ts'
import { isDashboardPath } from '../../../src/protocol/dashboard-paths.ts'

describe('the gateway of pages that are hosted elsewhere', () => {
  it('is an origin over TLS, or one of this machine', () => {
    expect(gatewayOriginOf('https://gateway.example/')).toBe('https://gateway.example')
    expect(gatewayOriginOf('http://127.0.0.1:8787')).toBe('http://127.0.0.1:8787')
  })

  it.each([
    undefined,
    '',
    'gateway.example',
    'http://gateway.example',
    'https://gateway.example/path',
    'https://gateway.example/?x=1',
    'https://user:pass@gateway.example',
    'javascript:alert(1)',
    'https://gateway.example"><script>',
  ])('is not %j', (text) => {
    expect(() => gatewayOriginOf(text)).toThrow('--gateway')
  })
})

describe('the headers of the dashboard', () => {
  const policyOf = (gateway: string | null) =>
    new Map(
      (new Map(dashboardHeaders(gateway)).get('content-security-policy') ?? '')
        .split('; ')
        .map((directive) => [directive.split(' ')[0], directive.split(' ').slice(1)] as const),
    )

  it('let it load and run nothing but its own files, here and elsewhere', () => {
    for (const gateway of [null, 'https://gateway.example']) {
      const policy = policyOf(gateway)
      expect(policy.get('default-src')).toEqual(["'none'"])
      expect(policy.get('script-src')).toEqual(["'self'"])
      expect(policy.get('style-src')).toEqual(["'self'"])
      expect(policy.get('frame-ancestors')).toEqual(["'none'"])
      expect([...policy.values()].flat().join(' ')).not.toMatch(/unsafe|\*/)
    }
  })

  it('let it speak to its gateway alone', () => {
    expect(policyOf(null).get('connect-src')).toEqual(["'self'"])
    expect(policyOf('https://gateway.example').get('connect-src')).toEqual([
      'https://gateway.example',
      'wss://gateway.example',
    ])
  })

  it('let only files be kept whose names hold their hash', () => {
    expect(cacheControlOf('/assets/index-Ab12.js')).toContain('immutable')
    for (const path of ['/index.html', '/favicon.svg', '/', '/agents/assets/'])
      expect(cacheControlOf(path)).toBe('no-cache')
  })
})

it('tells its host the same headers, and which files may be kept', () => {
  const lines = headersFile('https://gateway.example').split('\n')
  const said = dashboardHeaders('https://gateway.example').map(
    ([name, value]) => `  ${name}: ${value}`,
  )
  expect(lines.slice(0, said.length + 1)).toEqual(['/*', ...said])
  expect(lines.slice(said.length + 1)).toEqual([
    '',
    '/assets/*',
    `  cache-control: ${cacheControlOf('/assets/index-Ab12.js')}`,
    '',
  ])
})

describe('the addresses of the dashboard', () => {
  it('are pages, however deep, and nothing else is', () => {
    for (const path of ['/chat', '/chat/agent%3Amain', '/agents/helper.v2', '/security?tab=events'])
      expect(isDashboardPath(path.split('?')[0] ?? '')).toBe(true)
    for (const path of ['/', '/chatter', '/v1/agents', '/favicon.svg', '/assets/chat', '//chat'])
      expect(isDashboardPath(path)).toBe(false)
  })
})
