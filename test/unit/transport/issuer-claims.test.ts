import { describe, expect, it } from 'vitest'
import { sha256Hex } from '../../../src/crypto/digest.ts'
import { toBase64Url, utf8 } from '../../../src/crypto/encoding.ts'
import { ROLES, type Role } from '../../../src/domain/principal.ts'
import {
  boundRole,
  type Claims,
  judgeClaims,
  MAX_TOKEN_LIFETIME_S,
  peekIssuer,
  userIdOf,
} from '../../../src/transport/issuer-claims.ts'

const NOW = 1_700_000_000_000
const SECONDS = NOW / 1_000
const ISSUER = 'https://id.example'
const OIDC = { kind: 'oidc', roleMapping: null } as const

const tokenOf = (payload: unknown): string =>
  `e30.${toBase64Url(utf8(typeof payload === 'string' ? payload : JSON.stringify(payload)))}.c2ln`

describe('peekIssuer', () => {
  it('reads issuer and audiences, in the token’s order', () => {
    expect(peekIssuer(tokenOf({ iss: ISSUER, aud: 'a' }))).toEqual({
      issuer: ISSUER,
      audiences: ['a'],
    })
    expect(peekIssuer(tokenOf({ iss: ISSUER, aud: ['b', 7, '', 'a'] }))).toEqual({
      issuer: ISSUER,
      audiences: ['b', 'a'],
    })
  })

  it('reads nothing else', () => {
    for (const payload of [
      '',
      'null',
      '[]',
      '"text"',
      '{',
      {},
      { iss: ISSUER },
      { aud: 'a' },
      { iss: '', aud: 'a' },
      { iss: [ISSUER], aud: 'a' },
      { iss: ISSUER, aud: [] },
      { iss: ISSUER, aud: { a: 1 } },
      { iss: 'x'.repeat(501), aud: 'a' },
      { iss: ISSUER, aud: 'x'.repeat(501) },
    ]) {
      expect(peekIssuer(tokenOf(payload)), JSON.stringify(payload)).toBeNull()
    }
    for (const text of ['', '.', 'a', 'a.!!.b', 'a.YQ==.b']) expect(peekIssuer(text)).toBeNull()
  })

  it('looks at ten audiences, not at a thousand', () => {
    const aud = Array.from({ length: 1_000 }, (_, i) => `a${i}`)
    expect(peekIssuer(tokenOf({ iss: ISSUER, aud }))?.audiences).toHaveLength(10)
  })
})

describe('judgeClaims', () => {
  const judge = (claims: Claims, issuer: Parameters<typeof judgeClaims>[1] = OIDC) =>
    judgeClaims({ sub: 'anna', iat: SECONDS, exp: SECONDS + 60, ...claims }, issuer, NOW, 5)

  it('allows times within the tolerance, and rejects them one step further', () => {
    expect(judge({ iat: SECONDS + 5 }).ok).toBe(true)
    expect(judge({ iat: SECONDS + 6 })).toEqual({ ok: false, error: 'iat' })
    expect(judge({ exp: SECONDS - 4 }).ok).toBe(true)
    expect(judge({ exp: SECONDS - 5 })).toEqual({ ok: false, error: 'exp' })
  })

  it('bounds a token to a day after its issue', () => {
    const far = { exp: SECONDS + 10 * MAX_TOKEN_LIFETIME_S }
    expect(judge(far)).toMatchObject({ value: { expiresAt: NOW + MAX_TOKEN_LIFETIME_S * 1_000 } })
    expect(judge({ ...far, iat: SECONDS - MAX_TOKEN_LIFETIME_S - 6 })).toEqual({
      ok: false,
      error: 'exp',
    })
  })

  it('rejects claims that are none', () => {
    for (const sub of [undefined, '', 7, null, 'a\ud800']) {
      expect(judge({ sub })).toEqual({ ok: false, error: 'sub' })
    }
    for (const exp of [undefined, '9', Number.NaN, null]) {
      expect(judge({ exp })).toEqual({ ok: false, error: 'exp' })
    }
    for (const iat of [undefined, '9', Number.NaN, null]) {
      expect(judge({ iat })).toEqual({ ok: false, error: 'iat' })
    }
  })

  it('takes an address only when it is verified, and Access’s always', () => {
    const email = 'anna@acme.example'
    const emailOf = (claims: Claims, kind: 'oidc' | 'cloudflare_access' = 'oidc') => {
      const judged = judge(claims, { ...OIDC, kind })
      return judged.ok ? judged.value.email : 'refused'
    }
    expect(emailOf({ email, email_verified: true })).toBe(email)
    for (const claim of [undefined, false, 'true', 1]) {
      expect(emailOf({ email, email_verified: claim })).toBeNull()
    }
    expect(emailOf({ email }, 'cloudflare_access')).toBe(email)
    expect(emailOf({ email: ['x'], email_verified: true })).toBeNull()
  })

  it('reads only own members of claims and mapping', () => {
    const roleMapping = { claim: 'groups', values: { staff: 'operator' } } as const
    const mappedOf = (claims: Claims, claim = 'groups') => {
      const judged = judge(claims, { ...OIDC, roleMapping: { ...roleMapping, claim } })
      return judged.ok ? judged.value.mapped : 'refused'
    }
    expect(mappedOf({ groups: ['staff'] })).toBe('operator')
    for (const groups of [undefined, 'STAFF', 'constructor', ['toString'], { staff: true }]) {
      expect(mappedOf({ groups })).toBeNull()
    }
    expect(mappedOf({}, 'constructor')).toBeNull()
    const many = [...Array.from({ length: 600 }, (_, i) => `g${i}`), 'staff']
    expect(mappedOf({ groups: many })).toBeNull()
  })
})

describe('userIdOf', () => {
  it('is the issuer and the subject', async () => {
    expect(await userIdOf(ISSUER, 'anna', sha256Hex)).toBe(`oidc:${ISSUER}:anna`)
    expect(await userIdOf(ISSUER, 'auth0|42', sha256Hex)).toBe(`oidc:${ISSUER}:auth0|42`)
    expect(await userIdOf(ISSUER, 'urn:a', sha256Hex)).toBe(`oidc:${ISSUER}:urn%3Aa`)
  })

  it('makes no two people one', async () => {
    const people: readonly (readonly [string, string])[] = [
      ['https://a', '8443:x'],
      ['https://a:8443', 'x'],
      ['https://a', '8443%3Ax'],
      ['https://a', 'x'.repeat(300)],
      ['https://a', `${'x'.repeat(299)}y`],
      ['https://b', 'x'.repeat(300)],
    ]
    const ids = await Promise.all(people.map(([iss, sub]) => userIdOf(iss, sub, sha256Hex)))
    expect(new Set(ids).size).toBe(people.length)
    for (const id of ids) expect(id.length).toBeLessThanOrEqual(255)
    expect(await userIdOf('https://a', 'x'.repeat(300), sha256Hex)).toBe(ids[3])
  })
})

describe('boundRole', () => {
  const rank = (role: Role | null): number => (role === null ? -1 : ROLES.indexOf(role))
  const all = [null, ...ROLES]
  const row = (provisionRole: Role | null, provesOwners = true) => ({ provisionRole, provesOwners })

  it('never passes what was vouched for, nor a membership', () => {
    for (const granted of all) {
      for (const provision of all) {
        for (const member of all) {
          const standing = member && { role: member, status: 'active' as const }
          const role = boundRole(granted, row(provision), standing)
          const vouched = granted ?? provision
          // No claim raises a stranger above what the row lets in.
          if (member === null) {
            expect(rank(role)).toBe(Math.min(rank(provision), rank(vouched)))
          } else {
            expect(rank(role)).toBe(Math.min(rank(member), vouched ? rank(vouched) : 9))
          }
        }
      }
    }
  })

  it('is none for whoever is suspended', () => {
    for (const role of ROLES) {
      expect(boundRole(role, row('operator'), { role, status: 'suspended' })).toBeNull()
    }
  })

  it('is none for whoever was removed, though strangers are let in', () => {
    for (const granted of all) {
      expect(boundRole(granted, row('operator'), 'removed')).toBeNull()
    }
    expect(boundRole(null, row('operator'), null)).toBe('operator')
  })

  it('is an owner’s only where the row says so, and an admin’s otherwise', () => {
    const owner = { role: 'owner', status: 'active' } as const
    expect(boundRole(null, row(null, true), owner)).toBe('owner')
    expect(boundRole(null, row(null, false), owner)).toBe('admin')
    expect(boundRole('owner', row(null, false), owner)).toBe('admin')
    expect(boundRole(null, row(null, false), { ...owner, role: 'viewer' })).toBe('viewer')
  })
})
