import { expect, it } from 'vitest'
import { FAILED_FETCH_PAUSE_MS } from '../../../../src/crypto/remote-keys.ts'
import { keysOf } from '../../../../src/gateway/identity/jwks.ts'
import { settings } from '../world.ts'
import { openTrusting } from './issuer-world.ts'

it('does not ask a set that could not be had anew because others took its place', async () => {
  const { issuer, row, world, tenantId } = await openTrusting()
  const way = { settings: settings(), tenantId, now: () => world.clock }
  const asked = () => issuer.asked.get('/jwks') ?? 0
  const get = () =>
    keysOf(row, way)
      .current()
      .then(
        () => true,
        () => false,
      )
  issuer.isDown = true
  expect(await get()).toBe(false)
  for (let i = 0; i < 250; i++) {
    keysOf({ jwksUrl: `https://id-${i}.example/jwks`, allowPrivateNetwork: false }, way)
  }
  issuer.isDown = false
  expect(await get()).toBe(false)
  expect(asked()).toBe(1)
  world.clock += FAILED_FETCH_PAUSE_MS
  expect(await get()).toBe(true)
  expect(asked()).toBe(2)
})
