import { describe, expect, it } from 'vitest'
import { admit, type RequestFacts, type TransportSettings } from '../../../src/transport/admit.ts'

const SETTINGS: TransportSettings = {
  platform: 'cloudflare',
  allowedOrigins: [],
  trustedProxies: [],
  publicOrigin: null,
  isDevelopmentMode: false,
}
const TOKEN = 'a-gateway-token-of-some-length'

interface Sent {
  readonly method?: string
  readonly url?: string
  readonly headers?: Record<string, string>
  readonly isInternal?: boolean
}

const request = (sent: Sent): RequestFacts => ({
  method: sent.method ?? 'GET',
  url: sent.url ?? 'https://gateway.example/v1/agents',
  headers: new Headers({ 'cf-connecting-ip': '203.0.113.7', ...sent.headers }),
  isInternal: sent.isInternal ?? false,
})

const outcome = (sent: Sent, settings: Partial<TransportSettings> = {}): string => {
  const result = admit(request(sent), { ...SETTINGS, ...settings })
  return result.ok ? 'admitted' : result.error.kind
}

const admitted = (sent: Sent, settings: Partial<TransportSettings> = {}) => {
  const result = admit(request(sent), { ...SETTINGS, ...settings })
  if (!result.ok) throw new Error(`refused: ${result.error.kind}`)
  return result.value
}

describe('admit', () => {
  it('tells who asks from where with what', () => {
    expect(admitted({ headers: { authorization: `Bearer ${TOKEN}` } })).toMatchObject({
      kind: 'http',
      clientAddress: '203.0.113.7',
      credential: { kind: 'opaque', token: TOKEN },
      isOwnOrigin: true,
      isDevelopment: false,
    })
  })

  it('knows upgrades and preflights', () => {
    const upgrade = { upgrade: 'WebSocket', 'sec-websocket-protocol': 'edgeclaw.v3' }
    expect(admitted({ headers: upgrade })).toMatchObject({
      kind: 'upgrade',
      subprotocol: 'edgeclaw.v3',
    })
    expect(admitted({ method: 'POST', headers: upgrade }).kind).toBe('http')
    const preflight = {
      origin: 'https://app.example',
      'access-control-request-method': 'POST',
    }
    const answer = admitted({ method: 'OPTIONS', headers: preflight })
    expect(answer.kind).toBe('preflight')
    expect(answer.responseHeaders).toContainEqual([
      'access-control-allow-origin',
      'https://app.example',
    ])
  })

  it('rejects a foreign origin once a list is set, for requests and upgrades alike', () => {
    const allowedOrigins = ['https://app.example']
    for (const upgrade of [{}, { upgrade: 'websocket' }]) {
      const from = (origin: string) =>
        outcome({ headers: { ...upgrade, origin } }, { allowedOrigins })
      expect(from('https://evil.example')).toBe('origin_not_allowed')
      expect(from('https://app.example')).toBe('admitted')
      expect(from('https://gateway.example')).toBe('admitted')
    }
    expect(outcome({}, { allowedOrigins })).toBe('admitted')
  })

  it('takes the public origin for its own where one is set', () => {
    const behind = { publicOrigin: 'https://claw.example', allowedOrigins: ['https://x.example'] }
    expect(outcome({ headers: { origin: 'https://claw.example' } }, behind)).toBe('admitted')
    expect(outcome({ headers: { origin: 'https://gateway.example' } }, behind)).toBe(
      'origin_not_allowed',
    )
  })

  it('tells a foreign page, so that pairing can refuse it although the list is empty', () => {
    expect(admitted({ headers: { origin: 'https://evil.example' } }).isOwnOrigin).toBe(false)
    expect(admitted({ headers: { origin: 'https://gateway.example' } }).isOwnOrigin).toBe(true)
  })

  it('rejects sizes before anything else', () => {
    const headers = { origin: 'https://evil.example', 'content-length': '1000001' }
    const allowedOrigins = ['https://app.example']
    expect(outcome({ method: 'POST', headers }, { allowedOrigins })).toBe('body_too_large')
    expect(outcome({ url: `https://gateway.example/${'a'.repeat(9_000)}` })).toBe('url_too_long')
    expect(outcome({ headers: { 'x-large': 'v'.repeat(40_000) } })).toBe('headers_too_large')
  })

  it('allows an upload its own cap', () => {
    const facts = request({ method: 'POST', headers: { 'content-length': '5000000' } })
    expect(admit({ ...facts, maxBodyBytes: 10_485_760 }, SETTINGS).ok).toBe(true)
    expect(admit(facts, SETTINGS).ok).toBe(false)
  })

  it('rejects a credential in the URL and a malformed one', () => {
    expect(outcome({ url: `https://gateway.example/ws?token=${TOKEN}` })).toBe('credential_in_url')
    expect(outcome({ headers: { authorization: 'Basic abc' } })).toBe('credential_malformed')
  })

  it('believes the internal address header of the local server alone', () => {
    const headers = { 'x-edgeclaw-client-address': '198.51.100.4' }
    const local = { platform: 'local' } as const
    expect(admitted({ headers, isInternal: true }, local).clientAddress).toBe('198.51.100.4')
    expect(admitted({ headers }, local).clientAddress).toBe('local')
    expect(admitted({ headers, isInternal: true }).clientAddress).toBe('203.0.113.7')
  })
})

describe('development mode', () => {
  const local = { platform: 'local', isDevelopmentMode: true } as const
  const at = (host: string, origin?: string): string =>
    outcome(
      {
        url: 'http://127.0.0.1:8787/v1/agents',
        headers: { host, ...(origin === undefined ? {} : { origin }) },
      },
      local,
    )

  it('allows the names of this machine, with no origin or the own one', () => {
    for (const host of [
      '127.0.0.1:8787',
      'localhost:8787',
      '[::1]:8787',
      'localhost',
      'LOCALHOST',
    ]) {
      expect(at(host), host).toBe('admitted')
      expect(at(host, `http://${host.toLowerCase()}`), host).not.toBe('host_not_allowed')
    }
    expect(at('127.0.0.1:8787', 'http://127.0.0.1:8787')).toBe('admitted')
    expect(admitted({ headers: { host: 'localhost' } }, local).isDevelopment).toBe(true)
  })

  it('rejects a rebound name and look-alikes', () => {
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      'evil.example:8787',
      '127.0.0.2',
      '0.0.0.0',
      'localhost@evil.example',
      'localhost:8787:1',
      '',
    ]) {
      expect(at(host), host).toBe('host_not_allowed')
    }
    expect(outcome({}, local)).toBe('host_not_allowed')
  })

  it('rejects every foreign page, although the list is empty', () => {
    for (const origin of [
      'https://evil.example',
      'null',
      'http://localhost:9999',
      'https://127.0.0.1:8787',
    ]) {
      expect(at('127.0.0.1:8787', origin), origin).toBe('origin_not_allowed')
    }
  })

  it('does not make an admin of one who shows a credential', () => {
    const headers = { host: 'localhost', authorization: `Bearer ${TOKEN}` }
    expect(admitted({ headers }, local).isDevelopment).toBe(false)
  })

  it('is off unless set', () => {
    expect(admitted({ headers: { host: 'localhost' } }, { platform: 'local' }).isDevelopment).toBe(
      false,
    )
  })
})
