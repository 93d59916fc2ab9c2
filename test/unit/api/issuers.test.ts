import { describe, expect, it } from 'vitest'
import { isBeneathIssuer } from '../../../src/api/issuers.ts'
import { bearer, newKey, newTenant, openWorld, TOKEN } from '../gateway/world.ts'
import { type Answer, asked, type Caller, call } from './control.ts'

const code = (answer: Answer): string => (answer.ok ? 'ok' : answer.error.code)

async function open() {
  const world = openWorld()
  const tenant = await newTenant(world, { olga: 'owner', adam: 'admin' })
  const keyOf = async (ownerId: string, lists: object = {}): Promise<Caller> => {
    const { credential } = await newKey(world, tenant, {
      ownerId,
      scopes: ['operator.admin'],
      ...lists,
    })
    return { credential }
  }
  const person = (userId: string): Caller => ({
    credential: bearer(TOKEN),
    claims: { tenant, userId },
  })
  return { world, tenant, keyOf, person }
}

const wanted = {
  name: 'Staff',
  issuer: 'https://id.example/realms/acme',
  audience: 'edgeclaw',
  jwks_url: 'https://id.example/realms/acme/keys',
}

describe('a row of an issuer', () => {
  it('is written by owners in person, and by no admin and no key', async () => {
    const { world, keyOf, person } = await open()
    const adam = person('adam')
    const networks = { allowedNetworks: ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'] }
    const others = [adam, await keyOf('adam'), await keyOf('olga'), await keyOf('olga', networks)]
    for (const caller of others) {
      expect(code(await call(world, caller, 'issuers.create', wanted))).toBe('UNAUTHORIZED')
    }
    const { id } = await asked(world, person('olga'), 'issuers.create', wanted)
    for (const caller of others) {
      for (const patch of [{ name: 'x' }, { provision_role: 'operator' }, { enabled: true }]) {
        const answer = await call(world, caller, 'issuers.update', { id, ...patch })
        expect(code(answer), JSON.stringify(patch)).toBe('UNAUTHORIZED')
      }
    }
    expect(await asked(world, adam, 'issuers.update', { id, enabled: false })).toMatchObject({
      enabled: false,
    })
    expect(code(await call(world, adam, 'issuers.update', { id, enabled: true }))).toBe(
      'UNAUTHORIZED',
    )
    const opened = await asked(world, person('olga'), 'issuers.update', { id, enabled: true })
    expect(opened).toMatchObject({ enabled: true })
  })

  it('lets owners in as such only when it is told to, and people at its own origin', async () => {
    const { world, person } = await open()
    const olga = person('olga')
    const made = await asked(world, olga, 'issuers.create', wanted)
    expect(made).toMatchObject({ proves_owners: false, sign_in_origin: null })
    const patch = { proves_owners: true, sign_in_origin: 'https://auth.example' }
    const changed = await asked(world, olga, 'issuers.update', { id: made['id'], ...patch })
    expect(changed).toMatchObject(patch)
    for (const sign_in_origin of ['https://auth.example/', 'auth.example', 'null', 'javascript:']) {
      const answer = await call(world, olga, 'issuers.update', { id: made['id'], sign_in_origin })
      expect(code(answer), sign_in_origin).toBe('INVALID_REQUEST')
    }
  })

  it('takes no keys that somebody put beside the issuer', async () => {
    const { world, person } = await open()
    const issuer = 'https://git.example'
    const row = { ...wanted, issuer, jwks_url: `${issuer}/eve/repo/-/raw/main/jwks.json` }
    expect(code(await call(world, person('olga'), 'issuers.create', row))).toBe('INVALID_REQUEST')
    const own = { ...row, jwks_url: `${issuer}/.well-known/jwks.json` }
    expect(code(await call(world, person('olga'), 'issuers.create', own))).toBe('ok')
  })
})

describe('isBeneathIssuer', () => {
  it.for([
    ['https://id.example', 'https://id.example/.well-known/jwks.json'],
    ['https://id.example/', 'https://id.example/.well-known/openid/keys'],
    ['https://id.example/realms/acme', 'https://id.example/realms/acme/keys'],
    ['https://id.example/realms/acme/', 'https://id.example/realms/acme/v1/keys'],
    ['https://id.example/realms/acme//', 'https://id.example/realms/acme/v1/keys'],
  ] as const)('allows for %s the keys at %s', ([issuer, keys]) => {
    expect(isBeneathIssuer(keys, issuer)).toBe(true)
  })

  it.for([
    ['https://id.example', 'https://id.example/jwks'],
    ['https://id.example', 'https://id.example/eve/.well-known/jwks.json'],
    ['https://id.example', 'https://id.example/.well-known/../eve/jwks'],
    ['https://id.example', 'https://id.example/.well-known/..%2feve/jwks'],
    ['https://id.example', 'https://id.example/.well-known/jwks?ref=eve'],
    ['https://id.example', 'https://eve@id.example/.well-known/jwks'],
    ['https://id.example', 'https://id.example:8443/.well-known/jwks'],
    ['https://id.example', 'http://id.example/.well-known/jwks'],
    ['https://id.example', 'https://eve.example/.well-known/jwks'],
    ['https://id.example/realms/acme', 'https://id.example/realms/acme-eve/keys'],
    ['https://id.example/realms/acme', 'https://id.example/realms/eve/keys'],
    ['https://id.example/realms/acme', 'https://id.example/.well-known/jwks'],
    ['https://id.example/realms/acme', 'https://id.example/realms/acme'],
  ] as const)('rejects for %s the keys at %s', ([issuer, keys]) => {
    expect(isBeneathIssuer(keys, issuer)).toBe(false)
  })
})
