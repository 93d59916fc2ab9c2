import { describe, expect, it } from 'vitest'
import { isChannelUser, memberIdSchema } from '../../../../src/domain/channel-user.ts'
import { authenticate } from '../../../../src/gateway/authenticate.ts'
import { userIdOf } from '../../../../src/transport/issuer-claims.ts'
import { call } from '../../api/control.ts'
import { ADDRESS, bearer, openWorld, settings, TOKEN } from '../world.ts'
import { openChannels } from './world.ts'

const TAKEN = 'channel:sender:chn_1:42'

describe('the id of a sender of a channel', () => {
  it('is nobody’s that the gateway token speaks for', async () => {
    const world = openWorld()
    const facts = { clientAddress: ADDRESS, isDevelopment: false }
    const claim = (userId: string) =>
      authenticate(bearer(TOKEN), { userId }, facts, world.services, settings())
    expect(await claim(TAKEN)).toMatchObject({ error: { kind: 'credential_malformed' } })
    expect((await claim('sender:chn_1:42')).ok).toBe(true)
  })

  it('is nobody’s in development mode either, nor an owner’s of the gateway', async () => {
    const world = openWorld()
    const facts = { clientAddress: ADDRESS, isDevelopment: true }
    const owned = settings({ ownerIds: [TAKEN], isDevelopmentMode: true, token: null })
    const claimed = { userId: TAKEN }
    const asked = await authenticate({ kind: 'none' }, claimed, facts, world.services, owned)
    expect(asked.ok).toBe(false)
  })

  it.each([
    ['tenants.users.add', 'user_id', {}],
    ['api_keys.create', 'owner_id', { name: 'k', scopes: ['operator.read'] }],
    ['device.pair.approve', 'user_id', { code: 'ABCDEFGH' }],
  ])('is refused by %s', async (name, field, params) => {
    const { world, tenant } = await openChannels()
    const olga = { credential: bearer(TOKEN), claims: { tenant, userId: 'olga' } }
    const answer = await call(world, olga, name, { ...params, [field]: TAKEN })
    expect(answer).toMatchObject({ error: { code: 'INVALID_REQUEST' } })
    expect(JSON.stringify(answer)).toContain('channel:')
    const other = await call(world, olga, name, { ...params, [field]: 'carol' })
    expect(JSON.stringify(other)).not.toContain('belong to senders')
  })

  it('is no issuer’s to give, whatever its subjects are called', async () => {
    for (const subject of [TAKEN, '42', `%63hannel:42`])
      expect(isChannelUser(await userIdOf('https://id.example', subject, async () => 'x'))).toBe(
        false,
      )
  })

  it('differs from what merely looks like it', () => {
    for (const other of ['channel', 'Channel:1', ' channel:1', 'x:channel:1', 'device:channel:1'])
      expect(memberIdSchema.safeParse(other).success).toBe(true)
    expect(memberIdSchema.safeParse('channel:').success).toBe(false)
  })
})
