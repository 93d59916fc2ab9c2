/** The client of hooks: it calls back, signed, where a hook says so; there is no platform to ask. */
import { z } from 'zod'
import { err, ok } from '../../domain/result.ts'
import type { ChannelClient, ClientParts } from '../platform.ts'
import { sendCallback } from './callback.ts'
import type { WebhookCredentials } from './credentials.ts'

const addressSchema = z.object({
  hook: z.string(),
  delivery: z.string(),
  callback: z.string().nullable(),
})

export const webhookClient = (
  { callback_secret: secret }: WebhookCredentials,
  { fetch }: Pick<ClientParts, 'fetch'>,
): ChannelClient => ({
  identify: async () => ok({ id: 'webhook', username: null }),
  send: async (address, text) => {
    const { data } = addressSchema.safeParse(address)
    if (data === undefined) return err({ kind: 'refused', reason: 'no hook is known for this' })
    const { hook, delivery, callback: url } = data
    if (url === null) return err({ kind: 'refused', reason: 'the hook has no callback_url' })
    if (secret === undefined) {
      return err({ kind: 'refused', reason: 'without callback_secret nothing is called back' })
    }
    return sendCallback(fetch, { url, secret, hook, delivery, text, nowMs: Date.now() })
  },
})
