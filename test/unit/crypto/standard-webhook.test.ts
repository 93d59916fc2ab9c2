import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  isWebhookSecret,
  newWebhookSecret,
  signWebhook,
} from '../../../src/crypto/standard-webhook.ts'

const secretOf = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`

describe('the signature of a webhook', () => {
  it('is the one that a receiver computes over id, time and body', async () => {
    const secret = newWebhookSecret()
    const body = '{"type":"stop","text":"ü"}'
    const headers = await signWebhook(secret, { id: 'msg_1', seconds: 1_614_265_330, body })
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
    const expected = createHmac('sha256', key).update(`msg_1.1614265330.${body}`).digest('base64')
    expect(headers).toEqual({
      'webhook-id': 'msg_1',
      'webhook-timestamp': '1614265330',
      'webhook-signature': `v1,${expected}`,
    })
  })

  it('is made with a secret of the specified length alone', () => {
    expect(isWebhookSecret(newWebhookSecret())).toBe(true)
    expect([23, 24, 64, 65].map((bytes) => isWebhookSecret(secretOf(bytes)))).toEqual([
      false,
      true,
      true,
      false,
    ])
    expect(isWebhookSecret(secretOf(32).slice('whsec_'.length))).toBe(false)
    expect(isWebhookSecret('whsec_?')).toBe(false)
  })
})
