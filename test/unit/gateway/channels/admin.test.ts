import { describe, expect, it } from 'vitest'
import { createChannelAdmin } from '../../../../src/gateway/channels/admin.ts'
import { settings, TOKEN, useQuietLog, user } from '../world.ts'
import { HOOKS, openChannels, WHATSAPP } from './world.ts'

useQuietLog()

async function open(token: string | null = TOKEN) {
  const { world, tenant, snapshot } = await openChannels()
  const { checkCredentials } = createChannelAdmin({
    services: world.services,
    settings: settings({ token }),
    tenantId: tenant,
    userId: user('adam'),
    snapshot: await snapshot(),
    ownOrigin: 'https://gateway.example',
  })
  return checkCredentials
}

const OWN = { ok: false, error: 'must differ from the gateway’s own token' }

describe('credentials of a channel', () => {
  it('are taken as the platform wants them', async () => {
    const check = await open()
    expect(await check('whatsapp', WHATSAPP)).toEqual({ ok: true, value: WHATSAPP })
    expect(await check('webhook', HOOKS)).toEqual({ ok: true, value: HOOKS })
  })

  it('are never the gateway’s own token: whoever may call a hook would be its operator', async () => {
    const check = await open()
    for (const proof of ['bearer', 'secret', 'hub', 'timestamped'])
      expect([proof, await check('webhook', { proof, secret: TOKEN })]).toEqual([proof, OWN])
    for (const field of ['access_token', 'app_secret', 'verify_token'])
      expect([field, await check('whatsapp', { ...WHATSAPP, [field]: TOKEN })]).toEqual([
        field,
        OWN,
      ])
  })

  it('may be another secret, however like it, and any where the gateway has none', async () => {
    const check = await open()
    for (const secret of [`${TOKEN}x`, TOKEN.slice(0, -1), TOKEN.toUpperCase()])
      expect((await check('webhook', { proof: 'bearer', secret })).ok).toBe(true)
    const withoutToken = await open(null)
    expect((await withoutToken('webhook', { proof: 'bearer', secret: TOKEN })).ok).toBe(true)
  })

  it('are refused by the name of the field and the rule, and nothing that was given', async () => {
    const check = await open()
    const faults = [
      await check('webhook', { ...HOOKS, secret: 'canary-short' }),
      await check('webhook', { ...HOOKS, more: 'canary' }),
      await check('whatsapp', { access_token: 'canary' }),
      await check('whatsapp', 'canary'),
    ]
    for (const fault of faults) {
      expect(fault).toMatchObject({ ok: false })
      expect(JSON.stringify(fault)).not.toContain('canary')
    }
    expect(faults[0]).toMatchObject({ error: expect.stringMatching(/^secret /) })
    expect(faults[1]).toMatchObject({ error: 'does not know more' })
  })
})
