import { describe, expect, it } from 'vitest'
import { telegramCredentials } from '../../../../src/channels/telegram/credentials.ts'
import { webhookCredentials } from '../../../../src/channels/webhook/credentials.ts'
import { WEBHOOK_PROOFS } from '../../../../src/channels/webhook/verify.ts'
import { whatsappCredentials } from '../../../../src/channels/whatsapp/credentials.ts'
import { hooksOf, readHooks } from '../../../../src/dashboard/pages/channels/channel.ts'
import {
  addressOf,
  newSecret,
  PLATFORMS,
} from '../../../../src/dashboard/pages/channels/platforms.ts'

describe('a secret that is made for somebody', () => {
  it('is taken by every platform that lets one choose', () => {
    const secret = newSecret()
    for (const proof of WEBHOOK_PROOFS)
      expect(webhookCredentials.safeParse({ proof, secret }).success, proof).toBe(true)
    const telegram = telegramCredentials.shape.webhook_secret.safeParse(secret)
    const whatsapp = whatsappCredentials.shape.verify_token.safeParse(secret)
    expect([telegram.success, whatsapp.success]).toEqual([true, true])
  })

  it('is another one each time', () => {
    expect(new Set(Array.from({ length: 20 }, newSecret)).size).toBe(20)
  })
})

describe('the proofs that the wizard offers', () => {
  it('are those that the gateway knows', () => {
    const field = PLATFORMS.find(({ type }) => type === 'webhook')?.fields[0]
    expect([...(field?.choices ?? [])].sort()).toEqual([...WEBHOOK_PROOFS].sort())
  })
})

describe('the address of a hook', () => {
  it('ends with its name; of a chat platform it is the instance’s', () => {
    expect(addressOf('https://g.example/hooks/chn_1/{name}', 'done')).toBe(
      'https://g.example/hooks/chn_1/done',
    )
    expect(addressOf('https://g.example/channels/slack/chn_1', null)).toContain('/slack/chn_1')
  })
})

describe('hooks as JSON', () => {
  it('come back as they went in', () => {
    const hooks = { done: { message: 'Say what failed.' }, other: {} }
    expect(readHooks(JSON.stringify(hooksOf({ config: { hooks } })))).toEqual(hooks)
  })

  it('are refused with what is wrong', () => {
    expect(() => readHooks('{"done": }')).toThrow('not JSON')
    for (const text of ['[]', '3', 'null', '"done"'])
      expect(() => readHooks(text), text).toThrow('an object')
  })

  it('are none where the settings hold another kind', () => {
    expect(hooksOf({ config: { hooks: [] } })).toEqual({})
    expect(hooksOf({ config: {} })).toEqual({})
  })
})
