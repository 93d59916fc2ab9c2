import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  beginSignIn,
  isComingBack,
  issuersOf,
  takeHandedOver,
} from '../../../../src/dashboard/shell/organisation.ts'

afterEach(() => vi.unstubAllGlobals())

/** A gateway that answers so, and what it was asked. */
function gatewayThatSays(body: unknown, status = 200) {
  const asked: [path: string, init: RequestInit][] = []
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => {
    asked.push([path, init])
    return Promise.resolve(Response.json(body, { status }))
  })
  return asked
}

const WHO = { token: 'made-up', user_id: 'oidc:anna', tenant_id: 'tnt_1', tenant_name: 'Acme' }

describe('a sign-in through an organisation', () => {
  it('is begun by POST, with an invitation in its body or none', async () => {
    const asked = gatewayThatSays({ location: 'https://issuer.example/authorize' })
    expect(await beginSignIn('iss/1', null)).toBe('https://issuer.example/authorize')
    await beginSignIn('iss_1', 'secret')
    expect(asked.map(([path, { method, body }]) => [path, method, body])).toEqual([
      ['/v1/login/iss%2F1', 'POST', '{}'],
      ['/v1/login/iss_1', 'POST', '{"invitation":"secret"}'],
    ])
  })

  it('offers the issuers of a tenant, and says so where it cannot', async () => {
    const asked = gatewayThatSays({ issuers: [{ id: 'iss_1', name: 'Acme' }] })
    expect(await issuersOf('a&b')).toEqual([{ id: 'iss_1', name: 'Acme' }])
    expect(asked[0]?.[0]).toBe('/v1/login?tenant=a%26b')
    expect(asked[0]?.[1].method).toBe('GET')
    gatewayThatSays({ error: { code: 'RESOURCE_EXHAUSTED' } }, 429)
    await expect(issuersOf('acme')).rejects.toThrow('failed')
  })

  it('tells who came back, and where, so that they can be asked', async () => {
    gatewayThatSays(WHO)
    expect(await takeHandedOver()).toEqual({
      token: 'made-up',
      userId: 'oidc:anna',
      tenantId: 'tnt_1',
      tenantName: 'Acme',
    })
  })

  it('fails where the gateway does not say who it is', async () => {
    for (const name of ['token', 'user_id', 'tenant_id', 'tenant_name'] as const) {
      gatewayThatSays({ ...WHO, [name]: undefined })
      await expect(takeHandedOver(), name).rejects.toThrow('failed')
    }
    gatewayThatSays({ location: 'https://issuer.example/' }, 403)
    await expect(beginSignIn('iss_1', null)).rejects.toThrow('failed')
  })

  it('comes back once, and leaves nothing of it in the address', () => {
    const here = { hash: '#signed-in', pathname: '/chat' }
    vi.stubGlobal('location', here)
    vi.stubGlobal('history', { replaceState: () => Object.assign(here, { hash: '' }) })
    expect([isComingBack(), isComingBack()]).toEqual([true, false])
  })
})
