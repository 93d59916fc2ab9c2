import { describe, expect, it } from 'vitest'
import { corsHeaders, isPreflight, preflightHeaders } from '../../../src/transport/cors.ts'
import { checkOrigin, isOwnOrigin } from '../../../src/transport/origin.ts'

const OWN = 'https://gateway.example'
const rule = { ownOrigin: OWN }
const LIST = ['https://app.example', 'http://localhost:5173']

describe('checkOrigin', () => {
  it('allows any origin while the list is empty', () => {
    expect(checkOrigin('https://anything.example', [], rule).ok).toBe(true)
    expect(checkOrigin('null', [], rule).ok).toBe(true)
  })

  it('allows any origin under *', () => {
    expect(checkOrigin('https://anything.example', ['*'], rule).ok).toBe(true)
  })

  it('allows a listed origin, the own one and none at all', () => {
    for (const origin of [...LIST, OWN, null]) {
      expect(checkOrigin(origin, LIST, rule).ok, String(origin)).toBe(true)
    }
  })

  it('rejects whatever is not exactly listed', () => {
    const others = [
      'https://evil.example',
      'https://app.example.evil.example',
      'https://evilapp.example',
      'https://sub.app.example',
      'http://app.example',
      'https://app.example:8443',
      'https://app.example/',
      'HTTPS://APP.EXAMPLE',
      'http://localhost',
      'null',
      '',
    ]
    for (const origin of others) expect(checkOrigin(origin, LIST, rule).ok, origin).toBe(false)
  })

  it('rejects the opaque origin even when it is listed by name', () => {
    expect(checkOrigin('null', ['null'], rule).ok).toBe(false)
  })

  it('rejects every foreign origin where the own one is required, whatever the list says', () => {
    const own = { ownOrigin: OWN, isOwnRequired: true }
    for (const list of [[], ['*'], LIST]) {
      expect(checkOrigin('https://app.example', list, own).ok).toBe(false)
      expect(checkOrigin(OWN, list, own).ok).toBe(true)
      expect(checkOrigin(null, list, own).ok).toBe(true)
    }
  })

  it('names the origin in its refusal', () => {
    expect(checkOrigin('https://evil.example', LIST, rule)).toEqual({
      ok: false,
      error: { kind: 'origin_not_allowed', origin: 'https://evil.example' },
    })
  })
})

describe('isOwnOrigin', () => {
  it('takes no page for its own when it does not know its own origin', () => {
    expect(isOwnOrigin('https://gateway.example', null)).toBe(false)
    expect(isOwnOrigin('null', 'null')).toBe(true)
    expect(isOwnOrigin(null, null)).toBe(true)
  })
})

describe('CORS headers', () => {
  it('name the exact origin, never *, and never allow credentials', () => {
    for (const headers of [
      corsHeaders('https://app.example', OWN),
      preflightHeaders('https://app.example', OWN),
    ]) {
      const answer = new Headers(headers.map(([name, value]) => [name, value]))
      expect(answer.get('access-control-allow-origin')).toBe('https://app.example')
      expect(answer.has('access-control-allow-credentials')).toBe(false)
      expect(headers.some(([, value]) => value.includes('*'))).toBe(false)
    }
  })

  it('vary by origin in every answer, also in one to no page', () => {
    expect(corsHeaders(null, OWN)).toEqual([['vary', 'origin']])
    expect(corsHeaders(OWN, OWN)).toEqual([['vary', 'origin']])
    expect(corsHeaders('https://app.example', OWN)).toContainEqual(['vary', 'origin'])
  })

  it('tell a preflight from a plain OPTIONS request', () => {
    const asked = new Headers({ 'access-control-request-method': 'POST' })
    expect(isPreflight('OPTIONS', asked)).toBe(true)
    expect(isPreflight('OPTIONS', new Headers())).toBe(false)
    expect(isPreflight('POST', asked)).toBe(false)
  })
})
