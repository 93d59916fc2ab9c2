import { describe, expect, it } from 'vitest'
import {
  type CredentialFacts,
  parseCredential,
  parseToken,
} from '../../../src/transport/credential.ts'

const SECRET = 'A'.repeat(43)
const API_KEY = `ec_acme_${SECRET}`
const LOGIN = `els_acme_${SECRET}`
const JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl'
const TOKEN = 'a-gateway-token-of-some-length'

const base64Url = (text: string): string => Buffer.from(text).toString('base64url')

interface Presented {
  readonly isUpgrade?: boolean
  readonly authorization?: string
  readonly subprotocols?: string
  readonly query?: string
}

const parse = (presented: Presented) => {
  const facts: CredentialFacts = {
    isUpgrade: presented.isUpgrade ?? true,
    authorization: presented.authorization ?? null,
    subprotocols: presented.subprotocols ?? null,
    query: new URLSearchParams(presented.query ?? ''),
  }
  return parseCredential(facts)
}

const kindOf = (presented: Presented): string => {
  const result = parse(presented)
  return result.ok ? result.value.credential.kind : result.error.kind
}

describe('Authorization header', () => {
  it('tells the kinds of credentials apart by their shape', () => {
    expect(kindOf({ authorization: `Bearer ${API_KEY}` })).toBe('api_key')
    expect(kindOf({ authorization: `Bearer ${JWT}` })).toBe('jwt')
    expect(kindOf({ authorization: `Bearer ${LOGIN}` })).toBe('login')
    expect(kindOf({ authorization: `Bearer ${TOKEN}` })).toBe('opaque')
    expect(kindOf({})).toBe('none')
  })

  it('reads the tenant that an API key claims', () => {
    const result = parse({ authorization: `Bearer ${API_KEY}` })
    const credential = result.ok ? result.value.credential : null
    expect(credential).toMatchObject({ kind: 'api_key', apiKey: { tenantId: 'ten_acme' } })
  })

  it('allows any case of the scheme', () => {
    expect(kindOf({ authorization: `bearer ${TOKEN}` })).toBe('opaque')
    expect(kindOf({ authorization: `BEARER  ${TOKEN}` })).toBe('opaque')
  })

  it('rejects other schemes and malformed tokens', () => {
    for (const authorization of [
      '',
      'Bearer',
      'Bearer ',
      TOKEN,
      `Basic ${TOKEN}`,
      `Bearer ${TOKEN}, Bearer ${API_KEY}`,
      `Bearer two tokens`,
      `Bearer tökén`,
      `Bearer a\tb`,
      `Bearer ${'x'.repeat(8_193)}`,
    ]) {
      expect(kindOf({ authorization }), authorization.slice(0, 40)).toBe('credential_malformed')
    }
  })
})

describe('subprotocols', () => {
  it('carry the token for pages, and the answer names only the protocol', () => {
    const result = parse({ subprotocols: `edgeclaw.v3, bearer.${base64Url(API_KEY)}` })
    expect(result).toMatchObject({
      ok: true,
      value: { credential: { kind: 'api_key', token: API_KEY }, subprotocol: 'edgeclaw.v3' },
    })
  })

  it('may come without a token, as for /ws', () => {
    const result = parse({ subprotocols: 'edgeclaw.v3' })
    expect(result).toEqual({
      ok: true,
      value: { credential: { kind: 'none' }, subprotocol: 'edgeclaw.v3' },
    })
  })

  it('are answered with nothing when ours was not offered', () => {
    const result = parse({ subprotocols: `chat, bearer.${base64Url(TOKEN)}` })
    expect(result).toMatchObject({
      ok: true,
      value: { credential: { kind: 'opaque' }, subprotocol: null },
    })
  })

  it('reject a token that is not base64url of one', () => {
    for (const text of ['', '!!!!', 'YWJj=', 'YWJ', base64Url('two words'), base64Url('\xff')]) {
      expect(kindOf({ subprotocols: `edgeclaw.v3, bearer.${text}` }), text).toBe(
        'credential_malformed',
      )
    }
  })

  it('reject two tokens and floods', () => {
    const bearer = `bearer.${base64Url(TOKEN)}`
    expect(kindOf({ subprotocols: `${bearer}, ${bearer}` })).toBe('credential_malformed')
    expect(kindOf({ subprotocols: 'x,'.repeat(1_000) })).toBe('credential_malformed')
  })

  it('count for upgrades alone', () => {
    const subprotocols = `edgeclaw.v3, bearer.${base64Url(TOKEN)}`
    expect(kindOf({ subprotocols, isUpgrade: false })).toBe('none')
  })
})

describe('the URL', () => {
  const ticket = 'tkt_0123456789abcdef0123'

  it('may carry a ticket, and only for an upgrade', () => {
    expect(kindOf({ query: `ticket=${ticket}` })).toBe('ticket')
    expect(kindOf({ query: `ticket=${ticket}`, isUpgrade: false })).toBe('none')
  })

  it('rejects long-lived credentials, whatever the parameter is called', () => {
    for (const query of [
      `token=${TOKEN}`,
      `access_token=${JWT}`,
      `API_KEY=${TOKEN}`,
      'apikey=',
      `authorization=Bearer%20${TOKEN}`,
      `innocent=${API_KEY}`,
      `innocent=${LOGIN}`,
      `ticket=${LOGIN}`,
      `ticket=${API_KEY}`,
      `ticket=${JWT}`,
      `a=1&b=2&%74oken=${TOKEN}`,
    ]) {
      for (const isUpgrade of [true, false]) {
        const result = kindOf({ query, isUpgrade })
        if (query === `ticket=${JWT}` && !isUpgrade) continue
        expect(result, query).toBe('credential_in_url')
      }
    }
  })

  it('allows ordinary parameters and signed file links', () => {
    for (const query of [
      'limit=20&offset=0',
      'agentId=main',
      'ft=abc.def',
      'hub.verify_token=chosen-by-the-operator',
      'tokens=5',
      'sessionKey=agent:main:ws:direct:1',
    ]) {
      expect(kindOf({ query }), query).toBe('none')
    }
  })

  it('rejects malformed and repeated tickets', () => {
    expect(kindOf({ query: 'ticket=' })).toBe('credential_malformed')
    expect(kindOf({ query: 'ticket=../../etc' })).toBe('credential_malformed')
    expect(kindOf({ query: `ticket=${ticket}&ticket=${ticket}` })).toBe('credential_malformed')
  })

  it('does not tell the value in its refusal', () => {
    const result = parse({ query: `token=${TOKEN}` })
    expect(JSON.stringify(result)).not.toContain(TOKEN)
  })
})

describe('several credentials', () => {
  it('are refused, even when they are equal', () => {
    const authorization = `Bearer ${TOKEN}`
    expect(kindOf({ authorization, query: 'ticket=tkt_0123456789abcdef0123' })).toBe(
      'credential_malformed',
    )
    expect(kindOf({ authorization, subprotocols: `bearer.${base64Url(TOKEN)}` })).toBe(
      'credential_malformed',
    )
  })
})

describe('parseToken', () => {
  it('takes what is nearly an API key for an opaque secret', () => {
    for (const token of [
      `ec_acme_${SECRET}x`,
      `ec_acme_${SECRET.slice(1)}`,
      `ec_ACME_${SECRET}`,
      `ec__${SECRET}`,
      `EC_acme_${SECRET}`,
    ]) {
      const result = parseToken(token)
      expect(result.ok && result.value.kind, token).toBe('opaque')
    }
  })

  it('rejects an empty token', () => {
    expect(parseToken('').ok).toBe(false)
  })
})
