import { exportSPKI, importJWK, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { toBase64Url, utf8 } from '../../../../src/crypto/encoding.ts'
import {
  FAILED_FETCH_PAUSE_MS,
  UNKNOWN_KEY_COOLDOWN_MS,
} from '../../../../src/crypto/remote-keys.ts'
import { deleteIssuer, updateIssuer } from '../../../../src/db/jwt-issuers.ts'
import { removeMembership, setMembership } from '../../../../src/db/memberships.ts'
import { updateTenant } from '../../../../src/db/tenants.ts'
import { authenticate, recheckPrincipal } from '../../../../src/gateway/authenticate.ts'
import { parseToken } from '../../../../src/transport/credential.ts'
import { AUDIENCE, newKeyPair } from '../../../support/oidc-issuer.ts'
import { bearer, newTenant, settings, user } from '../world.ts'
import { FACTS, openTrusting, SECONDS, type Trusting, trust } from './issuer-world.ts'

const REJECTED = { ok: false, error: { kind: 'credential_rejected', credentialKind: 'jwt' } }

async function proven({ prove }: Trusting, token: string) {
  const result = await prove(token)
  if (!result.ok) throw new Error(`refused: ${result.error.kind}`)
  return result.value.principal
}

const recheck = async ({ world }: Trusting, principal: Awaited<ReturnType<typeof proven>>) =>
  recheckPrincipal(principal, world.services, settings())

describe('a token of a trusted issuer', () => {
  it('names the tenant of its row, the person, and when it ends', async () => {
    const trusting = await openTrusting()
    const principal = await proven(trusting, await trusting.issuer.mint())
    expect(principal).toMatchObject({
      tenantId: trusting.tenantId,
      userId: `oidc:${trusting.issuer.url}:anna`,
      role: 'viewer',
      scopes: ['operator.read'],
      isMasterScope: false,
      credential: { kind: 'jwt', id: trusting.row.id, expiresAt: (SECONDS + 600) * 1_000 },
    })
  })

  it('is verified warm without the database, in one hop', async () => {
    const trusting = await openTrusting()
    await proven(trusting, await trusting.issuer.mint())
    const hops = trusting.world.asked.length
    const { services } = trusting.world
    const closed = (): never => {
      throw new Error('the database was asked')
    }
    const warm = { ...services, database: closed, directory: closed }
    const presented = bearer(await trusting.issuer.mint({ exp: SECONDS + 60 }))
    const result = await authenticate(presented, {}, FACTS, warm, settings())
    expect(result.ok).toBe(true)
    expect(trusting.world.asked.length - hops).toBe(1)
    expect(trusting.issuer.asked.get('/jwks')).toBe(1)
  })

  it('is bounded to a day after its issue, whatever it says', async () => {
    const trusting = await openTrusting()
    const long = await trusting.issuer.mint({ iat: SECONDS, exp: SECONDS + 400 * 86_400 })
    const { credential } = await proven(trusting, long)
    expect(credential.expiresAt).toBe((SECONDS + 86_400) * 1_000)
    const old = await trusting.issuer.mint({ iat: SECONDS - 86_410, exp: SECONDS + 86_400 })
    expect(await trusting.prove(old)).toEqual(REJECTED)
  })

  it('may be signed with RSA as well', async () => {
    const trusting = await openTrusting()
    const rsa = await newKeyPair('rsa', 'RS256')
    trusting.issuer.keys = [rsa]
    expect((await trusting.prove(await trusting.issuer.mint())).ok).toBe(true)
  })
})

describe('claims', () => {
  it.for<readonly [string, Readonly<Record<string, unknown>>]>([
    ['another issuer', { iss: 'https://elsewhere.example' }],
    ['another audience', { aud: 'somebody-else' }],
    ['an end in the past', { exp: SECONDS - 6 }],
    ['a beginning in the future', { nbf: SECONDS + 6 }],
    ['an issue in the future', { iat: SECONDS + 6 }],
    ['no subject', { sub: '' }],
    ['a subject that is no text', { sub: 7 }],
  ])('rejects %s', async ([, claims]) => {
    const trusting = await openTrusting()
    expect(await trusting.prove(await trusting.issuer.mint(claims))).toEqual(REJECTED)
  })

  it.for<readonly [string, Readonly<Record<string, unknown>>]>([
    ['clocks that differ a little', { exp: SECONDS - 4 }],
    ['a beginning a little ahead', { nbf: SECONDS + 4 }],
    ['an issue a little ahead', { iat: SECONDS + 4 }],
    ['one audience of several', { aud: ['somebody-else', AUDIENCE] }],
  ])('allows %s', async ([, claims]) => {
    const trusting = await openTrusting()
    expect((await trusting.prove(await trusting.issuer.mint(claims))).ok).toBe(true)
  })

  it.for(['exp', 'iat', 'sub', 'iss', 'aud'])('rejects a token without %s', async (claim) => {
    const trusting = await openTrusting()
    const token = await trusting.issuer.mint({}, { without: [claim] })
    expect(await trusting.prove(token)).toEqual(REJECTED)
  })

  it('rejects a token that was made for something else', async () => {
    const trusting = await openTrusting()
    for (const typ of ['logout+jwt', 'dpop+jwt', 'secevent+jwt']) {
      expect(await trusting.prove(await trusting.issuer.mint({}, { typ }))).toEqual(REJECTED)
    }
    expect((await trusting.prove(await trusting.issuer.mint({}, { typ: 'at+jwt' }))).ok).toBe(true)
  })
})

describe('signatures', () => {
  const parts = (header: object, payload: object): string =>
    [header, payload].map((part) => toBase64Url(utf8(JSON.stringify(part)))).join('.')
  const claimsOf = ({ issuer }: Trusting) => ({
    iss: issuer.url,
    aud: AUDIENCE,
    sub: 'anna',
    iat: SECONDS,
    exp: SECONDS + 60,
  })

  it('rejects alg none, with and without a signature', async () => {
    const trusting = await openTrusting()
    for (const alg of ['none', 'None', 'NONE']) {
      const unsigned = parts({ alg, typ: 'JWT' }, claimsOf(trusting))
      const signed = parts({ alg, typ: 'JWT', kid: 'one' }, claimsOf(trusting))
      expect(await trusting.prove(`${signed}.AAAA`)).toEqual(REJECTED)
      // Without a third part it has not even the shape of a token.
      const bare = await trusting.prove(`${unsigned}.`)
      expect(bare).toMatchObject({ error: { credentialKind: 'opaque' } })
    }
  })

  it('rejects the public key taken for a shared secret', async () => {
    const trusting = await openTrusting({ algorithms: ['RS256'] })
    const rsa = await newKeyPair('rsa', 'RS256')
    trusting.issuer.keys = [rsa]
    expect((await trusting.prove(await trusting.issuer.mint())).ok).toBe(true)
    const key = await importJWK({ ...rsa.jwk }, 'RS256', { extractable: true })
    if (key instanceof Uint8Array) throw new Error('no key')
    for (const secret of [await exportSPKI(key), JSON.stringify(rsa.jwk), rsa.jwk.n ?? '']) {
      const forged = await new SignJWT(claimsOf(trusting))
        .setProtectedHeader({ alg: 'HS256', kid: 'rsa', typ: 'JWT' })
        .sign(utf8(secret))
      expect(await trusting.prove(forged)).toEqual(REJECTED)
    }
  })

  it('rejects a known key id on a foreign key, and a key that the token brings', async () => {
    const trusting = await openTrusting()
    const own = await newKeyPair('one')
    expect(await trusting.prove(await trusting.issuer.mint({}, { key: own }))).toEqual(REJECTED)
    const brought = await new SignJWT(claimsOf(trusting))
      .setProtectedHeader({ alg: 'ES256', jwk: own.jwk, jku: 'https://evil.example/keys' })
      .sign(own.privateKey)
    expect(await trusting.prove(brought)).toEqual(REJECTED)
  })

  it('rejects an algorithm that the row does not list, though the key would do', async () => {
    const trusting = await openTrusting({ algorithms: ['RS256'] })
    expect(await trusting.prove(await trusting.issuer.mint())).toEqual(REJECTED)
  })

  it('is not decoded at all when it is oversized', async () => {
    const trusting = await openTrusting()
    const large = await trusting.issuer.mint({ groups: 'x'.repeat(8_192) })
    expect(large.length).toBeGreaterThan(8_192)
    expect(parseToken(large)).toMatchObject({ error: { kind: 'credential_malformed' } })
    const most = await trusting.issuer.mint({ groups: 'x'.repeat(5_500) })
    expect((await trusting.prove(most)).ok).toBe(true)
  })
})

describe('the key set', () => {
  it('is asked anew for an unknown key id, once, and then has the new key', async () => {
    const trusting = await openTrusting()
    await proven(trusting, await trusting.issuer.mint())
    const next = await newKeyPair('two')
    trusting.issuer.keys = [next]
    trusting.world.clock += UNKNOWN_KEY_COOLDOWN_MS
    const fresh = await trusting.issuer.mint()
    const all = await Promise.all([1, 2, 3].map(() => trusting.prove(fresh)))
    expect(all.map(({ ok }) => ok)).toEqual([true, true, true])
    expect(trusting.issuer.asked.get('/jwks')).toBe(2)
  })

  it('is asked once in half a minute under a flood of unknown key ids', async () => {
    const trusting = await openTrusting()
    await proven(trusting, await trusting.issuer.mint())
    trusting.world.clock += UNKNOWN_KEY_COOLDOWN_MS
    const flood = async () => {
      for (let i = 0; i < 20; i++) {
        const token = await trusting.issuer.mint({}, { kid: `made-up-${i}` })
        expect(await trusting.prove(token)).toMatchObject({ ok: false })
      }
    }
    await flood()
    expect(trusting.issuer.asked.get('/jwks')).toBe(2)
    trusting.world.clock += UNKNOWN_KEY_COOLDOWN_MS - 1
    await flood()
    expect(trusting.issuer.asked.get('/jwks')).toBe(2)
    trusting.world.clock += 1
    await flood()
    expect(trusting.issuer.asked.get('/jwks')).toBe(3)
  })

  it('lets nobody in while it cannot be had, and everybody when it is back', async () => {
    const trusting = await openTrusting()
    trusting.issuer.isDown = true
    const token = await trusting.issuer.mint()
    const closed = { ok: false, error: { kind: 'issuer_unavailable' } }
    expect(await trusting.prove(token)).toEqual(closed)
    expect(await trusting.prove(token)).toEqual(closed)
    expect(trusting.issuer.asked.get('/jwks')).toBe(1)
    trusting.issuer.isDown = false
    trusting.world.clock += FAILED_FETCH_PAUSE_MS
    expect((await trusting.prove(token)).ok).toBe(true)
  })

  it('is not believed for longer than its age when the issuer stays down', async () => {
    const trusting = await openTrusting()
    await proven(trusting, await trusting.issuer.mint())
    trusting.issuer.isDown = true
    trusting.world.clock += 9 * 60_000
    expect((await trusting.prove(await trusting.issuer.mint())).ok).toBe(true)
    trusting.world.clock += 60_000
    expect(await trusting.prove(await trusting.issuer.mint())).toMatchObject({
      error: { kind: 'issuer_unavailable' },
    })
  })

  it('is not fetched from a private network that nobody opened', async () => {
    const trusting = await openTrusting({ allowPrivateNetwork: false })
    expect(await trusting.prove(await trusting.issuer.mint())).toMatchObject({
      error: { kind: 'issuer_unavailable' },
    })
    expect(trusting.issuer.asked.size).toBe(0)
  })

  it('that came over an opened network serves no tenant for whom it is closed', async () => {
    const trusting = await openTrusting()
    const { world, issuer } = trusting
    expect((await trusting.prove(await issuer.mint())).ok).toBe(true)
    const fields = { audience: 'closed', allowPrivateNetwork: false }
    await trust(world, await newTenant(world), issuer, fields)
    expect(await trusting.prove(await issuer.mint({ aud: 'closed' }))).toMatchObject({
      error: { kind: 'issuer_unavailable' },
    })
  })
})

describe('roles', () => {
  const mapping = { claim: 'groups', values: { staff: 'operator', chiefs: 'admin' } } as const

  it('come from the mapping, the highest of what is held', async () => {
    const trusting = await openTrusting({ roleMapping: mapping }, { anna: 'owner' })
    const as = async (groups: unknown) =>
      (await proven(trusting, await trusting.issuer.mint({ groups }))).role
    expect(await as(['staff'])).toBe('operator')
    expect(await as('staff')).toBe('operator')
    expect(await as(['x', 'chiefs', 'staff'])).toBe('admin')
    expect(await as(['x'])).toBe('viewer')
    for (const odd of [null, 7, {}, ['constructor', '__proto__', 'toString'], [['chiefs']]]) {
      expect(await as(odd)).toBe('viewer')
    }
  })

  it('are for a stranger never above what the row lets in: removing a member raises nobody', async () => {
    const trusting = await openTrusting({ roleMapping: mapping })
    const chief = await trusting.issuer.mint({ groups: 'chiefs' })
    expect((await proven(trusting, chief)).role).toBe('viewer')
  })

  it('are never owner, whatever the row says', async () => {
    const trusting = await openTrusting()
    const { sqlite } = trusting.world
    await sqlite.d1
      .prepare('update jwt_issuers set provision_role = ? where tenant_id = ?')
      .bind('owner', trusting.tenantId)
      .run()
    await updateTenant(trusting.world.db, trusting.tenantId, { name: 'x' }, trusting.world.clock)
    expect(await trusting.prove(await trusting.issuer.mint())).toEqual(REJECTED)
  })

  it('are bounded by the membership, and not raised by it', async () => {
    const low = await openTrusting({ roleMapping: mapping }, { anna: 'viewer' })
    const chief = await low.issuer.mint({ groups: 'chiefs' })
    expect((await proven(low, chief)).role).toBe('viewer')
    const high = await openTrusting({ roleMapping: mapping }, { anna: 'owner' })
    const staff = await high.issuer.mint({ groups: 'staff' })
    expect((await proven(high, staff)).role).toBe('operator')
  })

  it('are a member’s own where nobody else is let in, and a stranger has none', async () => {
    const fields = { provisionRole: null, roleMapping: mapping }
    const trusting = await openTrusting(fields, { anna: 'admin' })
    expect((await proven(trusting, await trusting.issuer.mint())).role).toBe('admin')
    const stranger = await trusting.issuer.mint({ sub: 'eve', groups: 'chiefs' })
    expect(await trusting.prove(stranger)).toEqual(REJECTED)
  })

  it('are none for a suspended member', async () => {
    const trusting = await openTrusting({}, { anna: 'operator' })
    const token = await trusting.issuer.mint()
    const principal = await proven(trusting, token)
    await trusting.world.sqlite.d1.batch([
      trusting.world.sqlite.d1
        .prepare("update memberships set status = 'suspended' where tenant_id = ? and user_id = ?")
        .bind(trusting.tenantId, principal.userId),
      trusting.world.sqlite.d1
        .prepare('update tenants set auth_version = auth_version + 1 where id = ?')
        .bind(trusting.tenantId),
    ])
    expect(await trusting.prove(token)).toEqual(REJECTED)
    expect(await recheck(trusting, principal)).toMatchObject({
      error: { code: 'TENANT_ACCESS_REVOKED' },
    })
  })
})

describe('tenants', () => {
  it('of another issuer or audience are not opened by it', async () => {
    const trusting = await openTrusting()
    const { world, issuer } = trusting
    const other = await newTenant(world)
    await trust(world, other, issuer, { audience: 'the-other' })
    expect((await proven(trusting, await issuer.mint())).tenantId).toBe(trusting.tenantId)
    const theirs = await proven(trusting, await issuer.mint({ aud: 'the-other' }))
    expect(theirs.tenantId).toBe(other)
  })

  const proveIn = ({ world }: Trusting, token: string, tenant?: string) =>
    authenticate(bearer(token), { tenant }, FACTS, world.services, settings())

  it('do not capture each other’s people by an audience that all applications share', async () => {
    const trusting = await openTrusting()
    const { world, issuer, tenantId } = trusting
    const shared = await issuer.mint({ aud: ['account', AUDIENCE] })
    expect((await proven(trusting, shared)).tenantId).toBe(tenantId)
    const captor = await newTenant(world)
    await trust(world, captor, issuer, { audience: 'account', provisionRole: 'operator' })
    // As long as the isolate remembers, it opens the first one, and the captor never.
    const all = await issuer.mint({ aud: [AUDIENCE, 'account'] })
    for (const token of [all, await issuer.mint({ aud: ['account', AUDIENCE, 'x'] })]) {
      expect(await proveIn(trusting, token)).toEqual(REJECTED)
      const named = await proveIn(trusting, token, tenantId)
      expect(named).toMatchObject({ value: { principal: { tenantId } } })
      const bySlug = await proveIn(trusting, token, `acme-${tenantId.slice(4)}`)
      expect(bySlug).toMatchObject({ value: { principal: { tenantId } } })
    }
    // A closed row does not hand on: nobody is opened who has not been named.
    await updateIssuer(world.db, tenantId, trusting.row.id, { enabled: false }, world.clock)
    expect(await proveIn(trusting, all)).toEqual(REJECTED)
    expect(await proveIn(trusting, all, tenantId)).toEqual(REJECTED)
  })

  it('are opened under their own name alone', async () => {
    const trusting = await openTrusting()
    const { world, issuer, tenantId } = trusting
    const other = await newTenant(world)
    const token = await issuer.mint()
    expect((await proveIn(trusting, token, tenantId)).ok).toBe(true)
    for (const name of [other, `acme-${other.slice(4)}`, 'nobody', 'ten_nobody']) {
      expect(await proveIn(trusting, token, name), name).toEqual(REJECTED)
    }
    expect((await proveIn(trusting, token, '')).ok).toBe(true)
  })

  it('that share a key set do not share their people', async () => {
    const trusting = await openTrusting()
    const { world, issuer } = trusting
    const impostor = { url: 'https://impostor.example', jwksUrl: issuer.jwksUrl }
    await trust(world, await newTenant(world), impostor)
    const token = await issuer.mint({ iss: impostor.url })
    const principal = await proven(trusting, token)
    expect(principal.tenantId).not.toBe(trusting.tenantId)
    expect(principal.userId).toBe('oidc:https://impostor.example:anna')
  })

  it('that are suspended are closed', async () => {
    const trusting = await openTrusting()
    const token = await trusting.issuer.mint()
    const principal = await proven(trusting, token)
    const { db, clock } = trusting.world
    await updateTenant(db, trusting.tenantId, { status: 'suspended' }, clock)
    expect(await trusting.prove(token)).toEqual(REJECTED)
    expect((await recheck(trusting, principal)).ok).toBe(false)
  })
})

describe('what goes on after its request', () => {
  it('goes on while nothing changed, and ends with the token', async () => {
    const trusting = await openTrusting()
    const principal = await proven(trusting, await trusting.issuer.mint())
    expect((await recheck(trusting, principal)).ok).toBe(true)
    trusting.world.clock += 601_000
    expect((await recheck(trusting, principal)).ok).toBe(false)
  })

  it('ends when the issuer is disabled, changed or deleted', async () => {
    for (const end of ['disable', 'change', 'delete'] as const) {
      const trusting = await openTrusting()
      const { world, tenantId, row } = trusting
      const token = await trusting.issuer.mint()
      const principal = await proven(trusting, token)
      if (end === 'delete') await deleteIssuer(world.db, tenantId, row.id)
      else {
        const patch = end === 'disable' ? { enabled: false } : { algorithms: ['ES256' as const] }
        await updateIssuer(world.db, tenantId, row.id, patch, world.clock)
      }
      expect((await recheck(trusting, principal)).ok, end).toBe(false)
      expect((await trusting.prove(token)).ok, end).toBe(end === 'change')
    }
  })

  it('goes on, no higher, when something else of the tenant changed', async () => {
    const trusting = await openTrusting({}, { anna: 'viewer' })
    const { world, tenantId } = trusting
    const token = await trusting.issuer.mint()
    const principal = await proven(trusting, token)
    const { userId } = principal
    await setMembership(world.db, tenantId, { userId, role: 'admin' }, world.clock)
    expect(await recheck(trusting, principal)).toMatchObject({
      ok: true,
      value: { principal: { role: 'viewer' } },
    })
    await setMembership(world.db, tenantId, { userId: user('bob'), role: 'owner' }, world.clock)
    expect((await recheck(trusting, principal)).ok).toBe(true)
  })

  it('ends for a member who is removed where only members come in', async () => {
    const trusting = await openTrusting({ provisionRole: null }, { anna: 'operator' })
    const { world, tenantId } = trusting
    const token = await trusting.issuer.mint()
    const principal = await proven(trusting, token)
    await removeMembership(world.db, tenantId, principal.userId, world.clock)
    expect((await recheck(trusting, principal)).ok).toBe(false)
    expect(await trusting.prove(token)).toEqual(REJECTED)
  })

  it('ends for a member who is removed though strangers come in, until they are added again', async () => {
    const trusting = await openTrusting({ provisionRole: 'operator' }, { anna: 'operator' })
    const { world, tenantId } = trusting
    const token = await trusting.issuer.mint()
    const { userId } = await proven(trusting, token)
    await removeMembership(world.db, tenantId, userId, world.clock)
    expect(await trusting.prove(token)).toEqual(REJECTED)
    expect((await trusting.prove(await trusting.issuer.mint({ sub: 'eve' }))).ok).toBe(true)
    await setMembership(world.db, tenantId, { userId, role: 'viewer' }, world.clock)
    expect((await proven(trusting, token)).role).toBe('viewer')
  })

  it('makes an owner an admin where the row does not say that it may', async () => {
    const trusting = await openTrusting({ provisionRole: null }, { olga: 'owner' })
    const { world, tenantId, row } = trusting
    const token = await trusting.issuer.mint({ sub: 'olga' })
    expect((await proven(trusting, token)).role).toBe('admin')
    await updateIssuer(world.db, tenantId, row.id, { provesOwners: true }, world.clock)
    expect((await proven(trusting, token)).role).toBe('owner')
  })
})
